"""Other engines. Each is a program in an environment of its own (`make rivals`): nothing of ours is imported there."""
