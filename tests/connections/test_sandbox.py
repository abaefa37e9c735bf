"""The sandbox's connections: every service, a made-up credential each."""

from trunkline.connections.sandbox import SandboxConnections
from trunkline.contract import AuthKind, AuthScheme, KeyPlace, Principal, Service, Variable

ANN, BOB = Principal("ann", "acme"), Principal("bob", "acme")
TRELLO = Service(
    "trello",
    "Trello",
    "",
    "pm",
    "https://{site}.trello.example",
    ("{site}.trello.example",),
    auth=(AuthScheme(AuthKind.API_KEY, keys=(KeyPlace("key", "query", "key"), KeyPlace("token", "query", "token"))),),
    variables={"site": Variable("[a-z]{4}"), "zone": Variable(enum=("eu1", "us1"))},
)
OPEN = Service("open", "Open", "", "data", "https://open.example", ("open.example",))


async def test_every_service_is_connected_with_values_for_its_first_scheme() -> None:
    made_up = SandboxConnections({"trello": TRELLO, "open": OPEN})
    ref = await made_up.find(ANN, TRELLO)
    assert ref is not None
    credential = await made_up.credential(ref)
    assert credential is not None
    assert set(credential.values) == {"key", "token"}
    assert all(value.startswith("sandbox-") for value in credential.values.values())
    assert await made_up.connected(ANN) == {"trello", "open"}


async def test_the_same_caller_gets_the_same_and_another_caller_gets_other_values() -> None:
    refs = [
        await SandboxConnections({"trello": TRELLO}).find(ANN, TRELLO),
        await SandboxConnections({"trello": TRELLO}).find(ANN, TRELLO),
        await SandboxConnections({"trello": TRELLO}).find(BOB, TRELLO),
    ]
    assert refs[0] == refs[1] != refs[2]


async def test_tenant_variables_get_values_that_fit() -> None:
    made_up = SandboxConnections({"trello": TRELLO})
    ref = await made_up.find(ANN, TRELLO)
    assert ref is not None
    assert await made_up.variables(ref) == {"site": "acme", "zone": "eu1"}


async def test_a_service_that_needs_no_credential_has_no_connection() -> None:
    assert await SandboxConnections({"open": OPEN}).find(ANN, OPEN) is None
