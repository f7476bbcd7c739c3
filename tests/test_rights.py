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


STORAGE = ROOMS.parent / "storage"
BY_THE_CLOCK = {"announcements/finish.py", "exchanges/overdue.py", "waiting.py"}
HOW_ACTIONS_WRITE = {"notices/tell.py"}  # the outbox
STATEMENTS = {"insert", "update", "delete", "make"}


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _writers() -> set[tuple[str, str]]:
    """The functions of storage that write, themselves or through another one: (module, name)."""
    calls = {
        (path.stem, function.name): {_called(node) for node in ast.walk(function) if isinstance(node, ast.Call)}
        for path in STORAGE.glob("*.py")
        for function in ast.parse(path.read_text("utf-8")).body
        if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef)
    }
    found = {key for key, names in calls.items() if {name.split(".")[-1] for name in names} & STATEMENTS}
    while True:
        more = {
            (module, function)
            for (module, function), names in calls.items()
            if any(tuple(name.split(".")) in found or (module, name) in found for name in names)
        }
        if more <= found:
            return found
        found |= more


WRITERS = _writers()


def test_what_writes_is_recognised() -> None:
    assert {("applications", "submit"), ("reviews", "give"), ("sessions", "book"), ("reminders", "plan")} <= WRITERS
    assert not {("applications", "one"), ("people", "team"), ("sessions", "of_coach")} & WRITERS


@pytest.mark.parametrize("path", sorted(ROOMS.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOMS)))
def test_no_conversation_writes_to_storage_itself(path: Path) -> None:
    if path.name in ("actions.py", "reminders.py") or str(path.relative_to(ROOMS)) in BY_THE_CLOCK | HOW_ACTIONS_WRITE:
        return
    tree = ast.parse(path.read_text("utf-8"))
    modules: dict[str, str] = {}
    functions: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "storage":
            for name in node.names:
                if node.module == "storage":
                    modules[name.asname or name.name] = name.name
                else:
                    functions[name.asname or name.name] = ((node.module or "").split(".")[1], name.name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            module, _dot, function = _called(node).rpartition(".")
            called = (modules.get(module, ""), function) if module else functions.get(function)
            assert called not in WRITERS, f"line {node.lineno}: {_called(node)} belongs into an action"
