"""Manifests: what is accepted, and how a mistake is reported."""

from pathlib import Path

import pytest

from trunkline.catalog.family import MODULES, Paths
from trunkline.catalog.lock import Lock
from trunkline.catalog.manifest import OWN, PYTHON, Manifest, parse_manifest
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.contract import CATEGORIES, AuthKind, AuthScheme, Effect, InvalidManifest, KeyPlace

GOOD = """
format: 1
id: acme
title: Acme
summary: Things.
source: {openapi: "npm:acme-api:openapi.json"}
hosts: [api.acme.test]
auth: [{oauth2: acme, scopes: [all]}, bearer, {header: X-Key, prefix: "Key "}, {keys: [{query: key}, {query: token}]}]
verify: {get: /me}
tools:
  things/create: {effect: write, keep: [id]}
  "DELETE /things": {skip: true}
"""


def parse(text: str) -> Manifest:
    return parse_manifest(text.encode(), "code/acme.yaml", "acme", "code")


def test_a_good_manifest_is_read() -> None:
    manifest = parse(GOOD)
    assert manifest.base_url == "https://api.acme.test"
    assert (manifest.kind, manifest.sources) == ("openapi", ("npm:acme-api:openapi.json",))
    assert manifest.tools["things/create"].effect is Effect.WRITE
    assert manifest.auth == (
        AuthScheme(AuthKind.BEARER, oauth2="acme", scopes=("all",)),
        AuthScheme(AuthKind.BEARER),
        AuthScheme(AuthKind.API_KEY, keys=(KeyPlace("x_key", "header", "X-Key"),), prefix="Key "),
        AuthScheme(AuthKind.API_KEY, keys=(KeyPlace("key", "query", "key"), KeyPlace("token", "query", "token"))),
    )


def test_a_credential_may_be_a_hole_of_the_base_url() -> None:
    text = GOOD.replace("auth: [", "base_url: https://api.acme.test/bot{token}\nauth: [{path: token}, ")
    assert parse(text).auth[0].keys == (KeyPlace("token", "path", "token"),)


MISTAKES = {
    "an unknown key": (GOOD + "colour: blue\n", "colour"),
    "a missing key": (GOOD.replace("title: Acme\n", ""), "title"),
    "a wrong type": (GOOD.replace("hosts: [api.acme.test]", "hosts: 7"), "hosts"),
    "a bad effect": (GOOD.replace("effect: write", "effect: rwite"), "tools"),
    "an id that is not the file's name": (GOOD.replace("id: acme", "id: other"), "id:"),
    "an id with an underscore": (GOOD.replace("id: acme", "id: ac_me"), "id:"),
    "a future format": (GOOD.replace("format: 1", "format: 2"), "format"),
    "a URL as host": (GOOD.replace("[api.acme.test]", "['https://api.acme.test']"), "hosts"),
    "no host": (GOOD.replace("[api.acme.test]", "[]"), "hosts"),
    "a base URL off the allow-list": (GOOD + "base_url: https://elsewhere.test\n", "base_url"),
    "an undeclared variable": (GOOD.replace("[api.acme.test]", "['{shop}.acme.test']"), "variables"),
    "a bad pattern": (GOOD + "variables: {shop: {pattern: '['}}\n", "variables.shop"),
    "two places for one key": (GOOD.replace("{header: X-Key,", "{header: X-Key, query: k,"), "auth"),
    "an unknown auth": (GOOD.replace(" bearer,", " beaver,"), "auth"),
    "two kinds of verify": (GOOD.replace("{get: /me}", "{get: /me, post: /me}"), "verify"),
    "a description of ours elsewhere": (GOOD.replace("npm:acme-api:openapi.json", "own:../x.yaml"), "source"),
    "a bad tool name": (GOOD.replace("{skip: true}", "{name: Do-It}"), "tools"),
    "a key given twice": (GOOD + "title: Again\n", "title"),
    "two kinds of source": (GOOD.replace('{openapi: "npm', '{aws: "npm:a:b", openapi: "npm'), "source"),
    "no source": (GOOD.replace('{openapi: "npm:acme-api:openapi.json"}', "{}"), "source"),
    "broken YAML": (GOOD + "tools: [", "YAML"),
    "an empty file": ("", "object"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_names_file_and_field(mistake: str) -> None:
    text, field = MISTAKES[mistake]
    with pytest.raises(InvalidManifest) as caught:
        parse(text)
    assert "code/acme.yaml" in caught.value.message
    assert field in caught.value.message


def test_one_bad_manifest_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "acme.yaml").write_text(GOOD)
    (tmp_path / "code" / "bad.yaml").write_text("format: 1\n")
    manifests = Manifests.load(tmp_path)
    assert list(manifests.by_id) == ["acme"]
    assert "code/bad.yaml" in manifests.problems[0].message
    with pytest.raises(InvalidManifest):
        manifests.require()


def test_every_manifest_we_ship_is_good_and_its_sources_are_pinned() -> None:
    manifests = Manifests.load().require()
    lock = Lock.load()
    assert {manifest.category for manifest in manifests.by_id.values()} == set(CATEGORIES)
    for manifest in manifests.by_id.values():
        for source in manifest.sources:
            beside = source.startswith((OWN, PYTHON))
            assert Sources(MODULES).locate(source).is_file() if beside else lock.pin(source).sha256


def test_a_manifest_may_have_a_folder_with_a_description_of_ours(tmp_path: Path) -> None:
    folder = tmp_path / "code" / "acme"
    folder.mkdir(parents=True)
    (folder / "manifest.yaml").write_text(GOOD.replace("npm:acme-api:openapi.json", "own:openapi.yaml"))
    assert Manifests.load(tmp_path).by_id["acme"].sources == ("own:code/acme/openapi.yaml",)


def test_a_family_fills_in_what_its_products_share(tmp_path: Path) -> None:
    shared = "vendor: acme-corp\nhosts: [api.acme.com]\nauth: [bearer]\n"
    own = 'format: 1\nid: acme-mail\ntitle: A\nsummary: A.\nfamily: acme\nsource: {openapi: "npm:a:b"}\nauth: [basic]\n'
    for name, text in (("families/acme.yaml", shared), ("comms/acme-mail.yaml", own)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    manifest = Manifests.load(tmp_path).require().by_id["acme-mail"]
    assert (manifest.vendor, manifest.hosts) == ("acme-corp", ("api.acme.com",))
    assert [scheme.kind for scheme in manifest.auth] == ["basic"]


def test_a_family_that_says_what_is_each_products_own_is_refused(tmp_path: Path) -> None:
    text = 'format: 1\nid: acme\ntitle: A\nsummary: A.\nfamily: acme\nsource: {openapi: "npm:a:b"}\nhosts: [a.com]\n'
    (tmp_path / "families").mkdir()
    (tmp_path / "families" / "acme.yaml").write_text("title: A\n")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "acme.yaml").write_text(text)
    (problem,) = Manifests.load(tmp_path).problems
    assert "families/acme.yaml" in problem.message


@pytest.mark.parametrize(
    ("path", "admitted"),
    [
        ("/me/mail", True),
        ("/me/mail/{id}", True),
        ("/me/mail(x)", True),
        ("/me/mailbox", False),
        ("/me/mail/rules/{id}", False),
    ],
)
def test_a_part_of_a_description_is_told_by_its_paths(path: str, admitted: bool) -> None:
    assert Paths(include=("/me/mail",), exclude=("/me/mail/rules",)).admit(path) is admitted


def test_what_was_read_is_remembered_until_anything_it_was_read_from_changes(tmp_path: Path) -> None:
    own = 'format: 1\nid: acme\ntitle: A\nsummary: A.\nfamily: acme\nsource: {openapi: "npm:a:b"}\nauth: [basic]\n'
    for name, text in (("families/acme.yaml", "hosts: [api.acme.com]\n"), ("comms/acme.yaml", own)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    kept = tmp_path / "kept" / "manifests"
    read = Manifests.load(tmp_path, kept).require()
    remembered = kept.read_bytes()
    assert read.changed
    assert Manifests.load(tmp_path, kept) == Manifests(read.by_id)
    assert kept.read_bytes() == remembered
    (tmp_path / "families" / "acme.yaml").write_text("hosts: [eu.acme.com]\n")
    assert Manifests.load(tmp_path, kept).by_id["acme"].hosts == ("eu.acme.com",)
    (tmp_path / "comms" / "acme.yaml").write_text(own.replace("title: A", "title: B"))
    assert Manifests.load(tmp_path, kept).by_id["acme"].title == "B"


@pytest.mark.parametrize("damaged", [b"", b"\xff\x00"])
def test_a_damaged_memory_is_as_good_as_none(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "acme.yaml").write_text(GOOD)
    kept = tmp_path / "kept"
    kept.write_bytes(damaged)
    assert list(Manifests.load(tmp_path, kept).by_id) == ["acme"]
    (tmp_path / "code" / "acme.yaml").unlink()
    assert not Manifests.load(tmp_path, kept).by_id


def test_every_manifest_we_ship_is_remembered_as_it_was_read(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert Manifests.load(kept=kept).by_id == Manifests.load(kept=kept).by_id
