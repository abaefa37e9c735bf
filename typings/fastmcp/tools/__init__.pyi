"""What the benchmark uses of FastMCP."""
