"""An HTTP/1.1 server for one ASGI callable: an answer that is whole leaves in one write, with no timer a request."""
