"""`trunkline demo`: the main job, for real and offline.

A gateway with child category servers and a sandbox are started as processes on free ports; an MCP client (the official
SDK's) finds two tools, reads their schemas and calls them. Nothing leaves the machine.
"""

from trunkline.cli.demo.command import register

__all__ = ["register"]
