"""A question to the few right tools, under a token budget. Pure functions over an immutable index."""
