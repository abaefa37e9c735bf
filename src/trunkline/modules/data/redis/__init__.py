"""Redis, a hand-written module."""
