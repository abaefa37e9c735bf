"""Pinned sources: from the cache, from a mirror, and what is said when neither helps."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from trunkline.catalog.lock import Lock, Pin, SourceId
from trunkline.catalog.relock import relock
from trunkline.catalog.sources import Sources
from trunkline.contract import Fault, InvalidManifest, NotFound, UpstreamFailed

TEXT = b'{"openapi": "3.0.0"}'
SHA = hashlib.sha256(TEXT).hexdigest()
SOURCE = "github:acme/specs:api/acme v1.json"
LOCK = Lock({SOURCE: Pin("abc123", SHA)})


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror"
    folder.mkdir()
    (folder / "acme.json.gz").write_bytes(gzip.compress(TEXT))
    entry = {"id": "acme", "file": "acme.json.gz", "source": "github:acme/specs@abc123:api/acme v1.json", "bytes": 1}
    (folder / "index.json").write_text(json.dumps([entry]))
    return folder


def test_a_mirrored_description_is_read_as_published_and_reported(tmp_path: Path, mirror: Path) -> None:
    said: list[str] = []
    assert Sources(tmp_path, mirror, lock=LOCK, progress=said.append).fetch(SOURCE) == TEXT
    assert "acme/specs" in said[0]


def test_what_is_cached_needs_no_mirror_and_no_network(tmp_path: Path, mirror: Path) -> None:
    Sources(tmp_path, mirror, lock=LOCK).fetch(SOURCE)
    offline = Sources(tmp_path, tmp_path / "nowhere", lock=LOCK)
    assert offline.cached(SOURCE)
    assert offline.fetch(SOURCE) == TEXT


def test_a_changed_description_is_refused_and_not_cached(tmp_path: Path, mirror: Path) -> None:
    (mirror / "acme.json.gz").write_bytes(gzip.compress(TEXT + b" "))
    sources = Sources(tmp_path, mirror, lock=LOCK)
    with pytest.raises(InvalidManifest, match="sha256"):
        sources.fetch(SOURCE)
    assert not sources.cached(SOURCE)


def test_an_unpinned_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"sources\.lock|pinned"):
        Sources(tmp_path, lock=LOCK).fetch("npm:acme:openapi.json")


def test_a_description_of_ours_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="modules folder"):
        Sources(tmp_path, lock=LOCK).fetch("own:code/nothing/openapi.yaml")


@pytest.mark.parametrize("damage", ["missing", "not json", "without the entry"])
def test_a_bad_mirror_is_an_error_that_names_the_setting(tmp_path: Path, mirror: Path, damage: str) -> None:
    index = mirror / "index.json"
    if damage == "missing":
        index.unlink()
    else:
        index.write_text("no" if damage == "not json" else "[]")
    with pytest.raises((UpstreamFailed, NotFound)) as caught:
        Sources(tmp_path, mirror, lock=LOCK).fetch(SOURCE)
    fault = caught.value
    assert isinstance(fault, Fault)
    assert "TRUNKLINE_SPEC_MIRROR" in fault.hint


@pytest.mark.parametrize("text", ["", "npm", "npm:x", "ftp:a:b", "npm::x"])
def test_a_malformed_source_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidManifest):
        SourceId.parse(text)


def test_a_source_id_is_taken_apart_and_put_together() -> None:
    assert SourceId.parse("npm:@scope/pkg:a/b:c.json") == SourceId("npm", "@scope/pkg", "a/b:c.json")
    assert str(SourceId.parse("pypi:acme:acme/a.json.gz")) == "pypi:acme:acme/a.json.gz"


def test_of_a_package_what_is_pinned_at_its_version_is_known() -> None:
    pins = {"pypi:acme:a": Pin("1", SHA), "pypi:acme:b": Pin("2", SHA), "npm:acme:c": Pin("1", SHA)}
    assert Lock(pins).paths(SourceId("pypi", "acme", "a"), "1") == {"a"}


def test_pinning_anew_reads_what_is_published_whatever_was_pinned(tmp_path: Path, mirror: Path) -> None:
    stale = Lock({SOURCE: Pin("old", "0"), "npm:acme:kept": Pin("1", SHA)})
    fresh = relock(stale, Sources(tmp_path, mirror, lock=stale), {SOURCE: "abc123"})
    assert fresh.pins == {**stale.pins, SOURCE: Pin("abc123", SHA)}


def test_a_source_that_a_version_does_not_have_is_not_pinned(tmp_path: Path, mirror: Path) -> None:
    with pytest.raises(NotFound, match="other"):
        relock(LOCK, Sources(tmp_path, mirror, lock=LOCK), {"github:acme/specs:other.json": "abc123"})


def test_a_lock_is_written_as_it_is_read(tmp_path: Path) -> None:
    LOCK.save(tmp_path / "sources.lock")
    assert Lock.load(tmp_path / "sources.lock") == LOCK
