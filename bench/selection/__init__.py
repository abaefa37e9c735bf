"""Is the right tool found: this project's search and its rivals, over the same tools, for the same requests."""
