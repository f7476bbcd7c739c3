"""The log helps operators and betrays nobody: ids and outcomes, never words, names, numbers or tokens."""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy.exc import ArgumentError

from bot.log import fault, start_logging
from bot.settings import HOME
from handlers.contents import Entry, contents
from handlers.programme.model import Programme
from handlers.talk.kinds.text import text
from handlers.talk.talk import Talk
from handlers.talk.words import _
from storage.database import Db, engine_url
from tests.chat import Chat

WORDS = ("Zerhouni", "0612345678", "212612345678", "salma@example.ma", "secret-pitch")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What `serve` would write to standard error."""
    start_logging(pretty=False)
    out = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(out), cache_logger_on_first_use=False)
    yield out
    structlog.reset_defaults()


async def _breaks(talk: Talk, db: Db, programme: Programme) -> None:
    said = await talk.ask("said", text(_("Please answer in words.")))
    raise ValueError(f"cannot handle {said}")


def with_a_broken_one(programme: Programme) -> dict[str, Entry]:
    return {**contents(programme), "breaks": Entry("breaks", _("Menu"), _breaks)}


async def test_a_whole_talk_leaves_no_word_of_it_in_the_log(chat: Chat, logged: io.StringIO) -> None:
    for line in ("bonjour", "Français", "J'accepte", "/human", *WORDS, "/end", "/apply", *WORDS):
        await chat.say(line)
    await chat.send("cv-Zerhouni.pdf")
    assert [word for word in WORDS if word in logged.getvalue()] == []


async def test_a_failure_is_found_by_its_reference_and_place_without_the_words_that_caused_it(
    sqlite_url: str, tmp_path: Path, logged: io.StringIO
) -> None:
    async with Chat.on(sqlite_url, tmp_path, table=with_a_broken_one) as chat:
        for line in ("bonjour", "Français", "J'accepte", "/breaks"):
            await chat.say(line)
        (apology,) = await chat.say("secret-pitch of Zerhouni")
        failed = [json.loads(line) for line in logged.getvalue().splitlines() if "turn failed" in line]
        assert len(failed) == 1
        assert failed[0]["reference"] in apology["text"]
        assert failed[0]["error"] == "ValueError"
        assert "secret-pitch" not in logged.getvalue()
        assert "Zerhouni" not in logged.getvalue()


def test_an_error_is_told_by_its_kind_and_place_never_by_its_message() -> None:
    with pytest.raises(ValueError, match="Zerhouni") as raised:
        int("Zerhouni")
    assert fault(raised.value)["error"] == "ValueError"
    assert "Zerhouni" not in str(fault(raised.value))


def test_nothing_in_the_code_logs_a_persons_words_or_prints() -> None:
    """Every call of the logger passes only names of things that are no one's words."""
    allowed = {
        "channel",
        "letter",
        "letters",
        "reference",
        "message",
        "work",
        "reason",
        "status",
        "bot",
        "size",
        "sessions",
        "reminder",
        "code",
        "account",
        "chore",
        "count",
        "items",
        "field",
        "fields",
        "language",
        "template",
        "why",
        "state",
    }
    for path in (HOME / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "log"
            ):
                named = {keyword.arg for keyword in node.keywords if keyword.arg is not None}
                assert named <= allowed, f"{path.name}:{node.lineno}: {named - allowed}"
            prints = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            assert not prints or path.name == "inspect.py", f"{path.name} prints"  # a child's answer to its parent


def test_of_an_error_only_our_own_lines_are_logged() -> None:
    """Wherever the libraries lie, a fault that arises in one is told by the line of ours that called it."""
    with pytest.raises(ArgumentError) as raised:
        engine_url("Zerhouni")
    assert re.fullmatch(r"storage/database\.py:\d+", fault(raised.value)["at"])
