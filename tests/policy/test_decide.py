"""What may be called, and what the refusal says."""

import msgspec
import pytest

from trunkline.contract import (
    AllowedCall,
    AuthKind,
    AuthScheme,
    ConnectionRef,
    Effect,
    NeedsConnection,
    Plan,
    PolicyDenied,
    Principal,
    Service,
    ToolSpec,
    Variable,
)
from trunkline.policy import Asked, Rules, decide

REF = ConnectionRef("c1", 3, "shop")
BEARER = AuthScheme(AuthKind.BEARER)


def service(**more: object) -> Service:
    plain = Service("shop", "Shop", "A shop.", "payment", "https://shop.example", ("shop.example",))
    return msgspec.structs.replace(plain, **more)


def asked(service: Service, effect: Effect = Effect.READ, *, read_only: bool = False, anonymous: bool = False) -> Asked:
    spec = ToolSpec(
        name="shop_get_order",
        service="shop",
        category="payment",
        operation="getOrder",
        title="Order",
        description="An order.",
        effect=effect,
        idempotent=effect is Effect.READ,
        input_schema=b"{}",
        signature="",
        signature_tokens=0,
        listing_tokens=0,
        plan=Plan("GET", "/"),
        anonymous=anonymous,
    )
    return Asked("id-1", Principal("ann", "acme"), spec, service, b'{"id":1}', 1000.0, read_only)


def test_an_allowed_call_says_everything_that_was_decided() -> None:
    allowed = decide(asked(service(auth=(BEARER,))), REF, {}, Rules())
    assert allowed == AllowedCall(
        "id-1",
        "shop_get_order",
        "shop",
        "payment",
        Effect.READ,
        True,
        b'{"id":1}',
        "ann",
        "acme",
        ("shop.example",),
        1000.0,
        REF,
        {},
    )


def test_a_service_with_credentials_needs_a_connection() -> None:
    with pytest.raises(NeedsConnection, match="Shop is not connected"):
        decide(asked(service(auth=(BEARER,))), None, {}, Rules())


def test_an_anonymous_tool_needs_no_connection() -> None:
    assert decide(asked(service(auth=(BEARER,)), anonymous=True), None, {}, Rules()).connection is None
    assert decide(asked(service()), None, {}, Rules()).connection is None


@pytest.mark.parametrize("effect", [Effect.WRITE, Effect.DELETE])
def test_who_promised_to_read_only_changes_nothing(effect: Effect) -> None:
    with pytest.raises(PolicyDenied, match="only reading") as refusal:
        decide(asked(service(), effect, read_only=True), None, {}, Rules())
    assert refusal.value.hint == "Use call_tool."
    with pytest.raises(PolicyDenied, match="only reading"):
        decide(asked(service(), effect), None, {}, Rules(read_only=True))
    assert decide(asked(service(), read_only=True), None, {}, Rules(read_only=True))


@pytest.mark.parametrize("denied", ["shop", "shop_get_order"])
def test_a_denied_service_or_tool_is_not_called(denied: str) -> None:
    with pytest.raises(PolicyDenied, match="denied"):
        decide(asked(service()), None, {}, Rules(denied=frozenset({denied})))
    assert decide(asked(service()), None, {}, Rules(denied=frozenset({"shop_get"})))


def test_tenant_variables_fill_the_hosts_and_nothing_more_is_allowed() -> None:
    tenant = service(
        hosts=("{shop}.example", "api.example"), variables={"shop": Variable(), "zone": Variable(default="eu")}
    )
    allowed = decide(asked(tenant), REF, {"shop": "acme", "other": "x"}, Rules())
    assert allowed.hosts == ("acme.example", "api.example")
    assert allowed.variables == {"shop": "acme", "zone": "eu"}


def test_a_missing_tenant_variable_asks_for_a_connection() -> None:
    with pytest.raises(NeedsConnection, match="which shop of Shop"):
        decide(asked(service(hosts=("{shop}.example",), variables={"shop": Variable()})), None, {}, Rules())


def test_a_variable_of_another_way_to_sign_in_need_not_be_known_and_its_host_is_not_allowed() -> None:
    ways = (AuthScheme(AuthKind.BASIC), AuthScheme(AuthKind.BEARER, base_url="https://api.example/{cloud}"))
    hosts = ("{site}.example", "api.example")
    shop = service(
        base_url="https://{site}.example",
        hosts=hosts,
        auth=ways,
        variables={"site": Variable(), "cloud": Variable()},
    )
    assert decide(asked(shop), REF, {"site": "acme"}, Rules()).hosts == ("acme.example", "api.example")
    assert decide(asked(shop), REF, {"cloud": "c1"}, Rules()).hosts == ("api.example",)


def test_an_example_is_never_called() -> None:
    shop = service(hosts=("{shop}.example",), auth=(BEARER,), variables={"shop": Variable(example="acme")})
    with pytest.raises(NeedsConnection, match="shop"):
        decide(asked(shop), REF, {}, Rules())
