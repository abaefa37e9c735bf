"""The MCP front: transports, pipeline, meta-tools, federation of upstream MCP servers, audit."""
