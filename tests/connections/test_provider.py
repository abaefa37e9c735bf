"""Provider files: each is right, each is needed, and none leads anywhere else."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from trunkline.catalog.family import MODULES
from trunkline.catalog.manifests import Manifests
from trunkline.connections.provider import FOLDER, Providers, at, parsed
from trunkline.contract import InvalidArguments, InvalidManifest, NotFound

IDS = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def named() -> set[str]:
    """Every provider that a manifest or a family names."""
    found: set[str] = set()
    for path in MODULES.rglob("*.yaml"):
        raw: Any = yaml.load(path.read_bytes(), yaml.CSafeLoader)
        entries: Any = raw.get("auth") if hasattr(raw, "get") else None
        found |= {entry["oauth2"] for entry in entries or () if "oauth2" in entry and hasattr(entry, "get")}
    return found


@pytest.mark.parametrize("id", IDS)
def test_a_provider_file_is_right(id: str) -> None:
    provider = Providers().find(id)
    assert provider.title
    assert provider.refresh in ("none", "reusable", "rotating")
    for name, variable in provider.variables.items():
        if variable.default:
            assert provider.filled(f"{{{name}}}", {}) == variable.default


def test_every_service_with_oauth_has_a_provider() -> None:
    assert named() <= set(IDS), named() - set(IDS)


def test_every_provider_has_a_service() -> None:
    assert set(IDS) <= named(), set(IDS) - named()


def test_every_service_of_a_manifest_finds_its_provider() -> None:
    providers = Providers()
    manifests = Manifests.load().by_id.values()
    schemes = [scheme for manifest in manifests for scheme in manifest.auth if scheme.oauth2]
    assert len(schemes) > 300
    assert all(providers.find(scheme.oauth2).title for scheme in schemes)


@pytest.mark.parametrize("value", ["evil.com/", "evil.com#", "a.b.evil.com?", "shop@evil.com", "", "UPPER", "a\r\nb"])
def test_a_variable_cannot_lead_to_another_host(value: str) -> None:
    with pytest.raises(InvalidArguments):
        Providers().find("shopify").filled("https://{shop}.myshopify.com/x", {"shop": value})


@pytest.mark.parametrize("value", ["evil.com", "login.salesforce.com.evil.com", "x.lightning.force.com"])
def test_a_tenant_host_ends_as_the_provider_s_do(value: str) -> None:
    with pytest.raises(InvalidArguments):
        Providers().find("salesforce").filled("https://{login}/services/oauth2/token", {"login": value})


@pytest.mark.parametrize("id", ["nobody", "../provider", "", "GitHub"])
def test_an_unknown_provider_is_not_found(id: str) -> None:
    with pytest.raises(NotFound):
        Providers().find(id)


@pytest.mark.parametrize(
    "text",
    [
        "title: X\ntoken: http://x.example/token\nauthorize: https://x.example/a",
        "title: X\ntoken: 'https://{host}/token'\nauthorize: https://x.example/a",
        "title: X\ntoken: https://x.example/token",
        "title: X\ntoken: https://x.example/token\nauthorize: https://x.example/a\ntypo: 1",
        "title: X\ntoken: https://x.example/token\nauthorize: https://x.example/a\nvariables: {a: {pattern: '('}}",
        "[]",
        "{",
    ],
)
def test_a_file_that_is_not_right_is_refused(text: str) -> None:
    with pytest.raises(InvalidManifest):
        parsed("x", text.encode())


def test_files_of_a_folder_of_one_s_own_come_first(tmp_path: Path) -> None:
    (tmp_path / "github.yaml").write_text("title: Ours\ntoken: https://g.example/t\nauthorize: https://g.example/a\n")
    assert Providers(tmp_path).find("github").title == "Ours"
    assert Providers(tmp_path).find("slack").title == "Slack"


def test_a_pointer_leads_into_an_answer() -> None:
    answer = {"a": [{"b": 1}], "c": None}
    assert at(answer, "/a/0/b") == 1
    assert at(answer, "/a/1/b") is None
    assert at(answer, "/c/d") is None
    assert at(answer, "") == answer
