"""Lock files: every package pinned and hashed, no registry named, in step with pyproject.toml."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.quality import tree

REQUIREMENTS = tree.ROOT / "requirements"
PROJECT = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def wanted(name: str) -> list[str]:
    """The requirements in `name`.in."""
    lines = (REQUIREMENTS / f"{name}.in").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


DECLARED = {
    "runtime": PROJECT["project"]["dependencies"],
    "dev": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"],
    "npm": PROJECT["project"]["optional-dependencies"]["npm"],
    "vault": PROJECT["project"]["optional-dependencies"]["vault"],
    "bench-selection": wanted("bench-selection"),
    "train": wanted("train"),
}
PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[^\s;\\]+)")


def locked(name: str) -> dict[str, tuple[str, str]]:
    """Package -> version and the rest of its entry, of one lock file."""
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[\w])", text, flags=re.MULTILINE)
    pins = ((PIN.match(entry), entry) for entry in entries if entry.strip() and not entry.startswith("#"))
    found: dict[str, tuple[str, str]] = {}
    for pin, entry in pins:
        assert pin, f"not pinned: {entry[:60]}"
        found[canonicalize_name(pin["name"])] = (pin["version"], entry)
    return found


@pytest.mark.parametrize("name", DECLARED)
def test_every_declared_dependency_is_locked_at_a_version_it_allows(name: str) -> None:
    pins = locked(name)
    for text in DECLARED[name]:
        wanted = Requirement(text)
        version, _ = pins.get(canonicalize_name(wanted.name), ("", ""))
        assert version, f"{wanted.name} is declared, but {name}.txt does not lock it"
        assert wanted.specifier.contains(version, prereleases=True), (
            f"{name}.txt: {wanted.name} {version}, not {wanted}"
        )


@pytest.mark.parametrize("name", DECLARED)
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    bare = {package for package, (_, entry) in locked(name).items() if "--hash=sha256:" not in entry}
    assert not bare
    assert "://" not in (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")


def test_developers_run_the_versions_that_users_run() -> None:
    dev = {package: version for package, (version, _) in locked("dev").items()}
    other = {
        f"{package} {version}"
        for name in ("runtime", "npm", "vault")
        for package, (version, _) in locked(name).items()
        if dev.get(package) != version
    }
    assert not other


def package_locks() -> list[Path]:
    return [path for path in tree.files() if path.name == "package-lock.json"]


def test_every_npm_package_has_its_hash_and_no_address() -> None:
    for path in package_locks():
        packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
        third_party = {name: entry for name, entry in packages.items() if name}
        assert third_party, f"{tree.name_of(path)} locks nothing"
        assert not {name for name, entry in third_party.items() if not entry.get("integrity")}
        assert not {name for name, entry in third_party.items() if "resolved" in entry}


def test_every_npm_dependency_is_declared_at_one_version() -> None:
    for path in package_locks():
        declared = json.loads(path.with_name("package.json").read_text(encoding="utf-8"))
        wanted = declared.get("dependencies", {}) | declared.get("devDependencies", {})
        root = json.loads(path.read_text(encoding="utf-8"))["packages"][""]
        assert wanted == root.get("dependencies", {}) | root.get("devDependencies", {})
        assert not {name for name, version in wanted.items() if not re.fullmatch(r"npm:.+@[\d.]+.*|\d[\w.-]*", version)}
