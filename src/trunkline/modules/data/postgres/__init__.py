"""PostgreSQL, a hand-written module."""
