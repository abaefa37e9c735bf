"""Where requests may go: public addresses under the service's own names, or the sandbox."""

import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.category.house import call, service
from trunkline.category.dial import DirectDialer, SandboxDialer, is_of_a_network, is_public
from trunkline.category.request import Request
from trunkline.category.upstream import Upstream
from trunkline.contract import HostDenied, UpstreamFailed


class Names(AbstractResolver):
    """A resolver with answers of its own; each look-up takes the next."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.lookups = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.lookups += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [ResolveResult(hostname=host, host=each, port=port, family=0, proto=0, flags=0) for each in found]

    async def close(self) -> None:
        pass


def request(host: str, scheme: str = "https") -> Request:
    return Request("GET", scheme, host, "/x", "", {})


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::", "2001:0:a00:1::",
        "::10.0.0.1", "2001:db8::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_or_hides_another_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "140.82.121.6", "2606:4700::1111"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


async def test_only_the_public_addresses_of_a_name_are_dialed() -> None:
    mixed = DirectDialer(Names(["10.0.0.1", "8.8.8.8", "::ffff:10.0.0.1"]))
    assert [each["host"] for each in await mixed.resolver.resolve("a.example", 443)] == ["8.8.8.8"]
    with pytest.raises(HostDenied):
        await DirectDialer(Names(["10.0.0.1"])).resolver.resolve("a.example", 443)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "8.8.8.8",
        "[::1]",
        "::1",
        "0x7f.1",
        "2130706433",
        "127.1",
        "0",
        "localhost",
        "a.localhost",
        "db.internal",
        "printer.local",
        "a_b.example",
        "A.example",
        "a.example.",
        "",
        "a.example:x",
        "a.example@b.example",
        "intranet",
    ],
)
async def test_what_is_not_the_name_of_a_public_host_is_not_dialed(host: str) -> None:
    with pytest.raises(HostDenied):
        DirectDialer(Names(["8.8.8.8"])).url(request(host))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "8.8.8.8:80", "[::1]", "0x7f.1", "2130706433", "127.1", "0", "", "a@b.c"]
)
def test_the_sandbox_stands_for_names_only(host: str) -> None:
    with pytest.raises(HostDenied):
        SandboxDialer("127.0.0.1", 1).url(request(host))


@pytest.mark.parametrize("host", ["api.acme.example", "localhost:7700", "apache.local"])
def test_the_sandbox_stands_for_every_name(host: str) -> None:
    assert SandboxDialer("127.0.0.1", 1).url(request(host)) == f"http://{host}/x"


async def test_a_service_is_never_called_without_tls() -> None:
    with pytest.raises(HostDenied, match="TLS"):
        DirectDialer(Names(["8.8.8.8"])).url(request("a.example", "http"))


def test_the_sandbox_changes_the_scheme_and_nothing_else_of_the_url() -> None:
    asked = Request("GET", "https", "a.example", "/x%2Fy", "q=https://b", {})
    assert SandboxDialer("127.0.0.1", 1).url(asked) == "http://a.example/x%2Fy?q=https://b"


async def test_a_host_off_the_allow_list_is_refused_before_it_is_looked_up() -> None:
    names = Names(["8.8.8.8"])
    upstream = Upstream(DirectDialer(names))
    with pytest.raises(HostDenied, match="allow-list"):
        await upstream.send(request("evil.example"), call())
    assert names.lookups == 0


async def test_a_name_that_leads_to_a_private_address_is_refused_by_the_call() -> None:
    upstream = Upstream(DirectDialer(Names(["169.254.169.254"])))
    with pytest.raises(HostDenied, match="out of bounds"):
        await upstream.send(request("api.acme.example"), call())
    await upstream.close()


async def test_a_second_look_up_with_another_answer_changes_nothing() -> None:
    """DNS rebinding: the address that was checked is the one that is dialed."""
    reached: list[str] = []

    async def handler(asked: web.BaseRequest) -> web.Response:
        reached.append(asked.path)
        return web.Response()

    async with service(handler) as port:
        # 192.0.2.1 stands for the public address; loopback is where a rebinding attacker would lead us.
        names = Names(["192.0.2.1"], ["127.0.0.1"])
        dialer = DirectDialer(names, lambda address: str(address) == "192.0.2.1")
        assert [each["host"] for each in await dialer.resolver.resolve("api.acme.example", port)] == ["192.0.2.1"]
        with pytest.raises(HostDenied):
            await dialer.resolver.resolve("api.acme.example", port)
    assert not reached


async def test_a_service_that_does_not_prove_its_name_gets_nothing(tmp_path: Path) -> None:
    """A real TLS server, whose certificate nobody trusts."""
    reached: list[str] = []

    async def handler(asked: web.BaseRequest) -> web.Response:
        reached.append(asked.path)
        return web.Response()

    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self_signed("api.acme.example", tmp_path)).start()
    host = f"api.acme.example:{runner.addresses[0][1]}"
    upstream = Upstream(DirectDialer(Names(["127.0.0.1"]), lambda _: True))
    with pytest.raises(UpstreamFailed, match="did not prove its identity"):
        await upstream.send(request(host), call(hosts=(host,)))
    await upstream.close()
    await runner.cleanup()
    assert not reached


def self_signed(name: str, folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@pytest.mark.parametrize("address", ["10.0.0.5", "192.168.1.9", "127.0.0.1", "::1", "fd12::1", "93.184.216.34"])
def test_a_module_may_reach_a_machine_of_a_private_network(address: str) -> None:
    assert is_of_a_network(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "0.0.0.0",
        "224.0.0.1",
        "::ffff:10.0.0.1",
        "2002::1",
    ],
)
def test_a_module_never_reaches_where_clouds_keep_credentials(address: str) -> None:
    assert not is_of_a_network(ipaddress.ip_address(address))
