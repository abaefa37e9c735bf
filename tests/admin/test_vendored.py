"""What stands in the tree of others' is what they published."""

from tests.quality import tree


def test_the_script_of_the_pages_is_htmx_as_its_package_has_it() -> None:
    ours = tree.SOURCE / "admin" / "static" / "htmx.min.js"
    theirs = tree.ROOT / "tools" / "node" / "node_modules" / "htmx.org" / "dist" / "htmx.min.js"
    assert ours.read_bytes() == theirs.read_bytes(), "copy it again: tools/node/package.json names the version"
