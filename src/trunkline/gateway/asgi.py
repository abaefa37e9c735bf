"""ASGI 3.0 as types, for the rooms of the gateway."""

from trunkline.infra.http.asgi import App, Event, Pair, Receive, Scope, Send

__all__ = ["App", "Event", "Pair", "Receive", "Scope", "Send"]
