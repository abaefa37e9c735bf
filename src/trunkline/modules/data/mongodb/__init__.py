"""MongoDB, a hand-written module."""
