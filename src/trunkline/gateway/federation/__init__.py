"""Upstream MCP servers over HTTP: their tools, prompts and resources become the gateway's own.

`Federation` (in `federation.py`) is all that the rest of the gateway uses:

    tools() -> tuple[FederatedTool, ...]          last known tools of every upstream, sorted by name
    find(name) -> FederatedTool | None            by exact wire name; `.spec`, `.service`, `.definition` (JSON text)
    call(allowed, context) -> AsyncIterator[LaneEvent]            one tools/call
    relay(method, params, context) -> AsyncIterator[LaneEvent]    every other method, `Done.result.mcp` is the result
    serves(method) -> bool                        does any upstream serve this method (prompts/list, say)
    notify(session, method, params)               a legacy client's notification (roots/list_changed)
    attach(session), detach(session)              a legacy client's session begins, ends
    listen(filter, subscription) -> AsyncIterator[LaneEvent]      modern subscriptions/listen: acknowledgement first
    states() -> tuple[UpstreamState, ...]         for the status page
    start(), close()
"""
