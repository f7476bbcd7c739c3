"""docs/add-a-room.md is true: its room is built from its snippets, and its chat is played."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import handlers
from bot.settings import HOME
from handlers import contents
from handlers.contents import Entry
from handlers.programme.model import Programme
from handlers.talk.words import _
from tests.chat import Chat

PAGE = (HOME / "docs" / "add-a-room.md").read_text("utf-8")
FILES = re.findall(r"\*\*(visits/\w+\.py)\*\*\n\n```python\n(.*?)```", PAGE, re.DOTALL)
(CHAT,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The page's room, in a folder beside the others."""
    for name, content in FILES:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, "utf-8")
    (tmp_path / "visits" / "__init__.py").touch()
    monkeypatch.setattr(handlers, "__path__", [*handlers.__path__, str(tmp_path)])
    monkeypatch.setitem(contents.KINDS, "visit", importlib.import_module("handlers.visits.reminders").KINDS["visit"])
    yield
    for name in [name for name in sys.modules if name.startswith("handlers.visits")]:
        del sys.modules[name]


def with_visits(programme: Programme) -> Mapping[str, Entry]:
    visit = importlib.import_module("handlers.visits.visit").visit
    return {**contents.contents(programme), "visit": Entry("visit", _("A visitor comes"), visit, brief=True)}


async def test_the_pages_room_talks_and_reminds_as_the_page_says(room: None, sqlite_url: str, tmp_path: Path) -> None:
    assert [name for name, _content in FILES] == [
        f"visits/{name}.py" for name in ("words", "reminders", "actions", "visit")
    ]
    async with Chat.on(sqlite_url, tmp_path, table=with_visits) as chat:
        told = await chat.play("\n".join(line for line in CHAT.splitlines() if line.startswith(">")))
        for line in CHAT.splitlines():
            if line.startswith(("<", "  ")):
                assert line in told.splitlines(), told
        chat.clock.pass_(days=3, hours=10)
        await chat.settle()
        assert "Tomorrow, Friday" in chat.paper.sent[-1][1]["text"]
