"""A person at oidc-provider's own pages: login, consent, and back to the client with what the provider sends."""

import re
from urllib.parse import parse_qsl, urljoin, urlsplit

import aiohttp

_FORM = re.compile(r'<form[^>]*action="([^"]+)"')
_PROMPT = re.compile(r'name="prompt" value="(\w+)"')
_STEPS = 12


async def consent(url: str, login: str) -> dict[str, str]:
    """Follows the authorization URL as `login` would, up to the redirect to the client; that redirect's parameters."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        for _ in range(_STEPS):
            if not url.startswith(origin):
                return dict(parse_qsl(urlsplit(url).query))
            async with browser.get(url, allow_redirects=False) as page:
                url = urljoin(url, page.headers["location"]) if "location" in page.headers else ""
                text = await page.text()
            if not url:
                url = await _submit(browser, origin, text, login)
    raise AssertionError("the provider never sent its answer")


async def _submit(browser: aiohttp.ClientSession, origin: str, text: str, login: str) -> str:
    action, prompt = _FORM.search(text), _PROMPT.search(text)
    assert action is not None, text
    assert prompt is not None, text
    fields = {"prompt": prompt[1]} | ({"login": login, "password": "any"} if prompt[1] == "login" else {})
    async with browser.post(urljoin(origin, action[1]), data=fields, allow_redirects=False) as page:
        return urljoin(origin, page.headers["location"])
