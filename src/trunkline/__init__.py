"""Trunkline: one MCP endpoint for every service you use."""

__version__ = "0.1.0"
