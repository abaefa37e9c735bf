"""ASGI 3.0 as types, for the rooms of the gateway."""

from trunkline.infra.http.asgi import RETRY_AFTER, App, Event, Pair, Receive, Scope, Send

__all__ = ["RETRY_AFTER", "App", "Event", "Pair", "Receive", "Scope", "Send"]
