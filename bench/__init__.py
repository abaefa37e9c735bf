"""What a call costs: through Trunkline, through a bare proxy, and with nothing in between. `make bench` runs it."""
