"""Organizations with members, made through the site's own functions."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.identity import site
from tests.identity.signin.providers import OpenIdFake
from tests.identity.site import START, World
from tests.support.browser import Browser
from trunkline.identity.accounts import Person
from trunkline.identity.ports import SignedIn

ISSUER = "https://idp.example"


@dataclass
class Town:
    """Two organizations of the same kind: `acme` and `other`, each with an owner, an admin, a member and a viewer."""

    world: World
    idp: OpenIdFake

    async def sign_in(self, subject: str, invitation: str = "") -> Browser:
        """A browser that `subject` has signed in with; with an invitation, they accept it."""
        self.idp.claims = {"sub": subject, "name": subject.title(), "email": f"{subject}@acme.example"}
        self.idp.now = self.world.clock.at
        browser = self.world.browser()
        query = f"?invitation={invitation}" if invitation else ""
        page = await browser.get(f"/auth/idp/start{query}")
        page = await browser.get(f"/auth/idp/callback?{self.idp.approve(page.location)}")
        assert page.status == 303, page.text
        return browser

    async def who(self, browser: Browser) -> SignedIn:
        return await self.world.signed_in(browser)

    async def invited(self, by: SignedIn, role: str, subject: str) -> Browser:
        return await self.sign_in(subject, await self.world.identity.invitations.create(by, role))

    async def organization(self, name: str) -> dict[str, Browser]:
        """A new organization; a browser by role. Subjects are called `<name>-<role>`."""
        accounts = self.world.identity.accounts
        person = Person(ISSUER, f"{name}-owner", "idp", f"{name}-owner", "", f"{name}-owner")
        user = await self.world.identity.invitations.admit(person, "local", "viewer")
        organization = await accounts.found(user, name)
        owner = await self.sign_in(f"{name}-owner")
        await owner.submit(await owner.get("/account"), "/account/organization", organization=organization)
        by = await self.who(owner)
        assert by.organization == organization
        others = {role: await self.invited(by, role, f"{name}-{role}") for role in ("admin", "member", "viewer")}
        return {"owner": owner, **others}


async def town(engine: AsyncEngine) -> Town:
    idp = OpenIdFake(ISSUER, START)
    provider = site.provider(kind="oidc", id="idp", url=ISSUER)
    return Town(await site.opened(engine, idp, (provider,)), idp)
