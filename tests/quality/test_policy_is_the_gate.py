"""Nothing is called that policy did not allow: an AllowedCall is built in `policy`, and only decoded elsewhere."""

import ast

from tests.quality import tree


def test_only_policy_builds_an_allowed_call() -> None:
    builders = {
        tree.name_of(path)
        for path in tree.python_files(tree.SOURCE)
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Call) and tree.called(node).split(".")[-1] == "AllowedCall"
    }
    outside = {name for name in builders if not name.startswith("src/trunkline/policy/")}
    assert not outside, f"only trunkline.policy decides what may be called: {outside}"
    assert builders, "policy builds no AllowedCall: this check looks for the wrong thing"


def test_an_allowed_call_is_never_changed_on_its_way() -> None:
    """`msgspec.structs.replace` and `dataclasses.replace` would widen what was allowed without asking policy."""
    changers = {
        f"{tree.name_of(path)}:{node.lineno}"
        for path in tree.python_files(tree.SOURCE)
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Call)
        and tree.called(node).split(".")[-1] == "replace"
        and node.args
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in {"allowed", "allowed_call"}
    }
    assert not changers
