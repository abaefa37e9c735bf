"""The state of things, as the API tells it."""

from tests.admin.api.test_audit import log, made, settled
from tests.admin.house import House
from trunkline.gateway.audit import AuditLog

__all__ = ["log"]  # a fixture


async def test_it_tells_the_organizations_traffic_and_every_category_server(site: House, log: AuditLog) -> None:
    await made(log, 1)
    await made(log, 2, code="upstream_failed")
    await settled(log)
    seen = await site.get("acme-admin", "/overview")
    assert (seen["traffic"]["calls"], seen["traffic"]["failed"]) == (2, 1)
    assert {server["category"] for server in seen["servers"]} >= {"code", "payment"}
    assert seen["connections"] == []
    assert seen["memory"] > 1
    assert (await site.get("other-admin", "/overview"))["traffic"]["calls"] == 0
