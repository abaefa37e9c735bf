"""The composition roots: what constructs and connects everything else."""
