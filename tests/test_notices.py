"""Every notice is written once, in a function of its room, and stands in the room's list: so WhatsApp is asked to approve it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from handlers.catalogue import NOTICES

HOME = Path(__file__).parent.parent
MODULES = {
    path.relative_to(HOME).as_posix(): ast.parse(path.read_text("utf-8"))
    for folder in ("handlers", "bot")
    for path in sorted((HOME / folder).rglob("*.py"))
}
LISTS = {f"{notices.__module__.replace('.', '/')}.py" for notices in NOTICES}


def _written(tree: ast.Module) -> set[str]:
    """The functions of a module that write a notice."""
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and _returns_notice(node)}


def _returns_notice(node: ast.FunctionDef) -> bool:
    return node.returns is not None and ast.unparse(node.returns) == "Notice"


@pytest.mark.parametrize("path", [path for path, tree in MODULES.items() if _written(tree)])
def test_every_notice_stands_in_the_list_of_its_room(path: str) -> None:
    assert path in LISTS, "its notices() is not in the catalogue"
    (listed,) = [node for node in MODULES[path].body if isinstance(node, ast.FunctionDef) and node.name == "notices"]
    named = {node.id for node in ast.walk(listed) if isinstance(node, ast.Name)}
    assert _written(MODULES[path]) <= named, "never said as a sample"


@pytest.mark.parametrize("path", MODULES)
def test_a_notice_is_made_only_where_it_is_written(path: str) -> None:
    written = [node for node in MODULES[path].body if isinstance(node, ast.FunctionDef) and _returns_notice(node)]
    within = {id(node) for function in written for node in ast.walk(function)}
    made = [node for node in ast.walk(MODULES[path]) if isinstance(node, ast.Call) and _called(node) == "Notice"]
    bare = [node.lineno for node in made if id(node) not in within]
    assert (path in NOT_YET) if bare else True, bare


@pytest.mark.parametrize("path", [path for path in MODULES if path != "handlers/notices/tell.py"])
def test_nobody_is_told_anything_but_a_notice(path: str) -> None:
    told = [node for node in ast.walk(MODULES[path]) if isinstance(node, ast.Call) and _called(node) in TELLS]
    bare = [node.lineno for node in told if not any(isinstance(argument, ast.Starred) for argument in node.args)]
    assert (path in NOT_YET) if bare else True, bare


TELLS = ("tell", "tell_team", "spoken")
NOT_YET = {
    "handlers/catalogue.py",
    "handlers/coaching/actions.py",
    "handlers/coaching/words.py",
}  # rooms whose sentences are still in the middle of their deeds


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
