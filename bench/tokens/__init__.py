"""What whole tasks cost in tokens: listing every tool, and finding the few."""
