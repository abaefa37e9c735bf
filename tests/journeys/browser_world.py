"""A fresh Trunkline with people's own browsers: sign-in and the service's consent both at a real OAuth provider."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

from tests.support.gateway import Gateway, environment_of, gateway
from tests.support.oidc.server import Client, oidc_provider
from tests.support.process import free_port

TOOL = "github_list_repos_for_authenticated_user"
_SECRET = "made-up-secret-0123456789-abcdefghijkl"
_SETTINGS = """
port = {port}
providers_dir = "{providers}"
[[sign_in]]
id = "idp"
kind = "oidc"
title = "Acme"
url = "{issuer}"
client_id = "trunkline"
client_secret_env = "IDP_SECRET"
scopes = ["openid"]
join = true
role = "member"
"""
_GITHUB = """
title: GitHub
authorize: {issuer}/auth
token: {issuer}/token
client_auth: basic
refresh: rotating
scopes: [openid, offline_access]
authorize_parameters: {{prompt: consent}}
account: {{get: "{issuer}/me", id: /sub, name: /name}}
"""


@dataclass(frozen=True)
class House:
    """Where Trunkline and the provider are."""

    gateway: Gateway
    issuer: str

    @property
    def home(self) -> str:
        return self.gateway.url.removesuffix("/mcp")


@contextmanager
def house(folder: Path, catalog: Path) -> Generator[House]:
    """Nobody has signed in and nothing is connected; an admin has named the OAuth app of GitHub."""
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    apps = (
        Client("trunkline", _SECRET, (f"{home}/auth/idp/callback",), grant_types=("authorization_code",)),
        Client("github-app", _SECRET, (f"{home}/connect/callback/github",)),
    )
    with oidc_provider(apps) as issuer:
        settings = _SETTINGS.format(port=port, issuer=issuer, providers=provider_folder(folder, issuer))
        with gateway(
            folder / "data", catalog, ["--sandbox-connect"], settings=settings, port=port, IDP_SECRET=_SECRET
        ) as running:
            add_app(running.folder, _SECRET)
            yield House(running, issuer)


def provider_folder(folder: Path, issuer: str) -> Path:
    """A folder of provider files by which `issuer` is GitHub's."""
    providers = folder / "providers"
    providers.mkdir()
    (providers / "github.yaml").write_text(_GITHUB.format(issuer=issuer), encoding="utf-8")
    return providers


def add_app(folder: Path, secret: str, **environment: str) -> None:
    """As an admin: the OAuth app of GitHub."""
    command = [sys.executable, "-m", "trunkline", "apps", "add", "github", "--client-id", "github-app"]
    given = environment_of(folder, environment)
    subprocess.run(command, env=given, input=secret, text=True, timeout=60, check=True, capture_output=True)


async def sign_in(page: Page, login: str) -> None:
    """From our sign-in page through the provider's, back to where one was going."""
    await page.get_by_role("link", name="Acme").click()
    await page.get_by_placeholder("Enter any login").fill(login)
    await page.locator("[name=password]").fill("any")
    await page.get_by_role("button", name="Sign-in").click()
    await page.get_by_role("button", name="Continue").click()


async def connect(page: Page) -> None:
    """From the connect page through the provider's consent, until it says that it is done."""
    await page.get_by_role("button", name="Go on to GitHub").click()
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_text("You can go back to your conversation.").wait_for()
