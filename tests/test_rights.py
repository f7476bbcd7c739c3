"""Who may do what: the table of rights, and that nothing is done without asking it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from handlers.actor import Actor
from handlers.rights import RIGHTS, Act, Refused, may, require
from storage.people import ROLES
from tests.chat import START

ROOMS = Path(__file__).parent.parent / "handlers"
ACTIONS = sorted(ROOMS.glob("*/actions.py"))


def test_every_act_has_its_roles_and_every_role_is_known() -> None:
    assert set(RIGHTS) == set(Act)
    for act, roles in RIGHTS.items():
        assert roles, act
        assert roles <= set(ROLES), act


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("role", ROLES)
def test_an_act_is_refused_to_whoever_has_no_role_for_it(act: Act, role: str) -> None:
    actor = Actor(1, frozenset({role}), {}, START)
    if may({role}, act):
        require(actor, act)
        return
    with pytest.raises(Refused):
        require(actor, act)


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.parent.name)
def test_each_action_asks_for_its_right_before_anything_else_is_awaited(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and not node.name.startswith("_")
    ]
    assert public
    for function in public:
        parameters = {one.arg: ast.unparse(one.annotation) if one.annotation else "" for one in function.args.args}
        assert parameters.get("actor") == "Actor", f"{function.name} does not say who acts"
        asked = [
            node.lineno
            for node in ast.walk(function)
            if isinstance(node, ast.Call)
            and ast.unparse(node).startswith(("require(actor, Act.", "rights.require(actor, "))
        ]
        awaited = [node.lineno for node in ast.walk(function) if isinstance(node, ast.Await)]
        assert asked, f"{function.name} asks for no right"
        assert not awaited or min(asked) < min(awaited), f"{function.name} does something before it asks for its right"
