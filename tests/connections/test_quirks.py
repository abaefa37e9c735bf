"""What is peculiar to one provider and could be abused: contract fakes of its documented wire format."""

import hmac
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.connections.desk import ANN, ORIGIN, SECRET, Desk, HandClock, ann
from tests.connections.test_token_endpoint import FakeFetch, answered
from trunkline.connections.flow import Flow, Wish
from trunkline.connections.token_endpoint import App
from trunkline.contract import (
    AuthKind,
    AuthScheme,
    Fault,
    HostDenied,
    InvalidArguments,
    PolicyDenied,
    Service,
    UpstreamUnavailable,
    Variable,
)
from trunkline.infra.fetch import Fetched

HOUR = 3600.0
TOKENS = {"access_token": "a1", "token_type": "bearer"}


def service(id: str, host: str, variable: str = "") -> Service:
    """A service whose OAuth provider has the same name."""
    variables = {variable: Variable()} if variable else {}
    auth = (AuthScheme(AuthKind.BEARER, oauth2=id),)
    return Service(id, id.title(), "", "crm", f"https://{host}", (host,), auth=auth, variables=variables)


SALESFORCE = service("salesforce", "{instance}.my.salesforce.com", "instance")
SHOPIFY = service("shopify", "{shop}.myshopify.com", "shop")
PAYPAL = service("paypal", "api-m.paypal.com")


class Counter:
    """The desk of a gateway in front of a fake of one provider."""

    def __init__(self, engine: AsyncEngine, folder: Path) -> None:
        self.fetch = FakeFetch(answered(TOKENS))
        self.desk = Desk(engine, folder, folder, HandClock(), self.fetch)
        services = {each.id: each for each in (SALESFORCE, SHOPIFY, PAYPAL)}
        self.flow = Flow(self.desk.parts, services, ORIGIN)

    async def begin(self, wanted: Service, **variables: str) -> tuple[str, dict[str, str]]:
        """The host that the browser is sent to, and the parameters it brings there."""
        url = urlsplit(await self.flow.begin(ann(), Wish(wanted, variables=variables)))
        return url.netloc, dict(parse_qsl(url.query))

    async def stored(self, wanted: Service) -> bool:
        return await self.desk.live.find(ANN, wanted) is not None


@pytest.fixture
async def counter(tmp_path: Path, engine: AsyncEngine) -> Counter:
    made = Counter(engine, tmp_path)
    for provider in ("salesforce", "shopify", "paypal"):
        await made.desk.add_app(provider=provider)
    return made


@pytest.mark.parametrize(
    "instance",
    [
        "https://169.254.169.254",
        "https://evil.example",
        "https://acme.my.salesforce.com.evil.example",
        "https://evil.example/.my.salesforce.com",
        "https://evil.example#.my.salesforce.com",
        "https://evil.example\\.my.salesforce.com",
        "https://acme.my.salesforce.com@evil.example",
        "https://acme.my.salesforce.com:8443",
        "https://acme.lightning.force.com",
        "https://evilmy.salesforce.com",
        "https://.my.salesforce.com",
        "http://acme.my.salesforce.com",
        "//acme.my.salesforce.com",
        "",
    ],
)
async def test_d16_an_instance_that_is_none_of_the_provider_s_is_refused_and_nothing_stored(
    counter: Counter, instance: str
) -> None:
    _, sent = await counter.begin(SALESFORCE)
    counter.fetch.answer = answered({**TOKENS, "instance_url": instance})
    with pytest.raises(HostDenied):
        await counter.flow.finish(ann(), "salesforce", {"state": sent["state"], "code": "c"})
    assert not await counter.stored(SALESFORCE)


async def test_d16_the_provider_s_own_instance_becomes_the_host_of_calls(counter: Counter) -> None:
    _, sent = await counter.begin(SALESFORCE)
    counter.fetch.answer = answered({**TOKENS, "instance_url": "https://Acme-EU.my.salesforce.com"})
    await counter.flow.finish(ann(), "salesforce", {"state": sent["state"], "code": "c"})
    ref = await counter.desk.live.find(ANN, SALESFORCE)
    assert ref is not None
    assert await counter.desk.live.variables(ref) == {"instance": "acme-eu"}


@pytest.mark.parametrize(
    "login", ["evil.example", "acme.lightning.force.com", "login.salesforce.com.evil.example", "a/b"]
)
async def test_d16_a_login_host_is_one_of_the_provider_s(counter: Counter, login: str) -> None:
    with pytest.raises(InvalidArguments):
        await counter.begin(SALESFORCE, login=login)


def signed(sent: dict[str, str], secret: str = SECRET, **more: str) -> dict[str, str]:
    """The redirect back, as Shopify signs it: every parameter but `hmac`, in order, with the app's secret."""
    answer = {"code": "c", "state": sent["state"], "shop": "acme.myshopify.com", "timestamp": "1", **more}
    text = "&".join(f"{name}={value}" for name, value in sorted(answer.items()))
    return {**answer, "hmac": hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()}


async def test_shopify_is_asked_at_the_shop_s_own_host_and_its_answer_must_be_signed(counter: Counter) -> None:
    host, sent = await counter.begin(SHOPIFY, shop="acme")
    assert host == "acme.myshopify.com"
    await counter.flow.finish(ann(), "shopify", signed(sent))
    exchange = next(each for each in counter.fetch.sent if each.form)
    assert exchange.url == "https://acme.myshopify.com/admin/oauth/access_token"
    assert exchange.form is not None
    assert exchange.form["expiring"] == "1"
    assert await counter.stored(SHOPIFY)


@pytest.mark.parametrize("spoil", ["unsigned", "other secret", "changed", "added"])
async def test_an_answer_that_shopify_has_not_signed_is_refused_before_anything_is_asked(
    counter: Counter, spoil: str
) -> None:
    _, sent = await counter.begin(SHOPIFY, shop="acme")
    answer = signed(sent, "guess" if spoil == "other secret" else SECRET)
    if spoil == "unsigned":
        del answer["hmac"]
    if spoil == "changed":
        answer["shop"] = "evil.myshopify.com"
    if spoil == "added":
        answer["extra"] = "1"
    with pytest.raises(PolicyDenied):
        await counter.flow.finish(ann(), "shopify", answer)
    assert counter.fetch.sent == []
    assert not await counter.stored(SHOPIFY)


@pytest.mark.parametrize(
    "shop", ["", "acme.evil", "acme/../x", "ACME", "-acme", "acme.myshopify.com", "a@b", "a#", "а"]
)
async def test_a_shop_is_one_label_and_nothing_else(counter: Counter, shop: str) -> None:
    with pytest.raises(InvalidArguments):
        await counter.begin(SHOPIFY, shop=shop)


async def test_client_credentials_connect_without_a_provider_s_page(counter: Counter) -> None:
    counter.fetch.answer = answered({**TOKENS, "expires_in": HOUR})
    back = await counter.flow.begin(ann(), Wish(PAYPAL))
    assert back == f"{ORIGIN}/connect/paypal?done=1"
    (asked,) = counter.fetch.sent
    assert asked.form == {"grant_type": "client_credentials"}
    assert asked.headers["authorization"].startswith("Basic ")
    assert await counter.desk.token(ANN, PAYPAL) == "a1"


async def test_client_credentials_are_renewed_by_asking_again(counter: Counter) -> None:
    counter.fetch.answer = answered({**TOKENS, "expires_in": HOUR})
    await counter.flow.begin(ann(), Wish(PAYPAL))
    counter.desk.clock.at += HOUR
    counter.fetch.answer = answered({**TOKENS, "access_token": "a2", "expires_in": HOUR})
    assert await counter.desk.token(ANN, PAYPAL) == "a2"


@pytest.mark.parametrize(
    "answer", [answered({"error": "invalid_client"}, 401), answered({}, 500), UpstreamUnavailable("down")]
)
async def test_refused_client_credentials_store_nothing_and_show_no_secret(
    counter: Counter, answer: Fetched | Fault
) -> None:
    counter.fetch.answer = answer
    with pytest.raises(Fault) as refused:
        await counter.flow.begin(ann(), Wish(PAYPAL))
    assert SECRET not in str(refused.value)
    assert not await counter.stored(PAYPAL)


async def test_an_app_s_variable_is_not_overruled_by_whoever_connects(counter: Counter) -> None:
    provider = counter.desk.apps.providers.find("shopify")
    await counter.desk.apps.save("acme", App(provider, "trunkline", SECRET, {"shop": "acme"}), 1.0)
    host, _ = await counter.begin(SHOPIFY, shop="evil")
    assert host == "acme.myshopify.com"
