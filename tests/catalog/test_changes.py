"""What two compiled catalogs differ in, and how much one holds."""

from pathlib import Path

import msgspec
import pytest

from tests.catalog.test_catalog import service, spec
from trunkline.catalog.changes import Changes, changes
from trunkline.catalog.stats import Counted, summary
from trunkline.catalog.write import write_catalog
from trunkline.contract import NotFound, ToolSpec


def _tool(name: str, digest: str) -> ToolSpec:
    return msgspec.structs.replace(spec(name), digest=digest)


def test_tools_added_removed_and_changed_are_told_apart(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    same = (service("same"), [_tool("same_get_it", "1")])
    write_catalog(before, [same, (service("acme"), [_tool("acme_get_a", "1"), _tool("acme_get_b", "1")])])
    write_catalog(after, [same, (service("acme"), [_tool("acme_get_b", "2"), _tool("acme_get_c", "1")])])
    assert changes(before, after) == Changes(("acme_get_c",), ("acme_get_a",), ("acme_get_b",))
    assert not changes(before, before)
    assert changes(tmp_path / "none", before).added == ("acme_get_a", "acme_get_b", "same_get_it")


def test_integrations_of_one_vendor_are_one_vendor(tmp_path: Path) -> None:
    mail, files = (msgspec.structs.replace(service(id), vendor="acme") for id in ("mail", "files"))
    write_catalog(tmp_path, [(mail, [spec("mail_get_it")]), (files, [spec("files_get_it"), spec("files_list_them")])])
    found = summary(tmp_path)
    assert (found.integrations, found.vendors, found.tools) == (2, 1, 3)
    assert found.categories["code"] == Counted(2, 3)


def test_nothing_built_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="catalog"):
        summary(tmp_path)
