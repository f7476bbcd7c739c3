"""What must hold of every conversation, whatever it is about."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.commands.map import walk_all
from handlers.talk.message import Incoming, Person
from handlers.talk.state import State
from handlers.talk.talk import Asked, Run, Talk
from storage.tables import ApplicationRow, DocumentRow, PersonRow, TalkRow
from tests.chat import FOUNDER, START, Chat
from tests.phones import OnWhatsApp, keeps_to
from tests.postgres import tool
from tests.test_transcripts import SCRIPTS

HERE = Path(__file__).resolve().parent
HANDLERS = HERE.parent / "handlers"
PAST = sorted((HERE / "past").glob("*.json"))


def in_language(code: str) -> list[Path]:
    """Every talk once: in this language where it is written in it, else in the one it has."""
    talks: dict[str, Path] = {}
    for script in SCRIPTS:
        name = str(script.relative_to(script.parent.parent)).partition(".")[0]
        if name not in talks or script.name.endswith(f".{code}.txt"):
            talks[name] = script
    return list(talks.values())


# what the laws say does not depend on the language: each is tried in one, and all talks are tried
@pytest.mark.parametrize("script", in_language("fr"), ids=lambda path: path.stem)
async def test_a_restart_between_any_two_turns_changes_nothing(script: Path, sqlite_chat: Chat) -> None:
    sqlite_chat.reborn = True
    assert await sqlite_chat.play(script.read_text("utf-8")) == script.read_text("utf-8")


@pytest.mark.parametrize("script", in_language("ar"), ids=lambda path: path.stem)
async def test_every_message_delivered_twice_changes_nothing(script: Path, sqlite_chat: Chat) -> None:
    sqlite_chat.twice = True
    assert await sqlite_chat.play(script.read_text("utf-8")) == script.read_text("utf-8")


@pytest.mark.parametrize("script", in_language("en"), ids=lambda path: path.stem)
async def test_on_whatsapp_neither_a_restart_nor_a_second_delivery_changes_anything(
    script: Path, sqlite_url: str, tmp_path: Path
) -> None:
    async with OnWhatsApp.on(sqlite_url, tmp_path) as chat:
        chat.reborn = chat.twice = True
        await keeps_to(chat, script)


async def test_a_backup_taken_while_people_write_goes_on_on_another_machine(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    written = (HERE / "transcripts" / "application" / "project_holder.ar.txt").read_text("utf-8")
    before, paper, after = written.partition("> {deck.pdf}\n")  # half way through the documents: one is there
    here, there = tmp_path / "here", tmp_path / "there"
    async with Chat.on(database_url, here) as chat:
        assert await chat.play(before) == before
        dump = tmp_path / "dump"
        async with asyncio.TaskGroup() as meanwhile:
            meanwhile.create_task(asyncio.to_thread(back_up, database_url, dump))
            for n in range(20):
                await chat.say("salam", f"passer-by-{n}")
        shutil.copytree(here / "files", there / "files")
    restored = f"sqlite:///{dump}"
    if database_url.startswith("postgresql"):
        server = request.getfixturevalue("postgresql")
        request.addfinalizer(lambda: server.drop(f"restored_{os.getpid()}"))
        restored = await asyncio.to_thread(server.restore, f"restored_{os.getpid()}", dump)
    async with Chat.on(restored, there) as other:
        other.clock.time, other.buttons, other.numbered = chat.clock.now(), chat.buttons, chat.numbered
        assert await other.play(paper + after) == paper + after
        kept = {part["file"][0] for _to, part in other.paper.sent if "file" in part}
        async with other.core.database.reading() as db:
            kept |= set(await db.scalars(select(DocumentRow.file_id)))
        assert len(kept) == 2
        assert kept <= set(other.core.store.names()), "what was handed in before and after can be read"


def back_up(url: str, to: Path) -> None:
    """What docs/operations.md says: sqlite3's .backup, or pg_dump."""
    if url.startswith("postgresql"):
        subprocess.run([tool("pg_dump"), "-Fc", "-f", to, url], check=True)
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as running, closing(sqlite3.connect(to)) as copy:
        running.backup(copy)


class WaveringChat(Chat):
    """A founder who goes back after every answer and gives the same one again."""

    async def give(self, incoming: Incoming, who: str = FOUNDER) -> list[Any]:
        before = await self._answers(who)
        said = await super().give(incoming, who)
        after = await self._answers(who)
        if before and after and before[0] == after[0] and len(after[1]) == len(before[1]) + 1:
            await super().give(self.incoming(who, text="/back"), who)
            assert len((await self._answers(who) or after)[1]) == len(before[1]), "back takes one answer back"
            press = incoming.press.replace("=~done", "=~keep")  # what was picked one by one is kept as a whole
            again = replace(self.incoming(who), kind=incoming.kind, text=incoming.text, press=press, file=incoming.file)
            said = await super().give(again, who)
        return said

    async def _answers(self, who: str) -> tuple[int, list[str]] | None:
        """The number of the talk in front, and the names of the answers it has."""
        person = await self.person(who)
        async with self.core.database.reading() as db:
            front = await db.scalar(select(PersonRow.front).where(PersonRow.id == person))
            state = await db.scalar(select(TalkRow.state).where(TalkRow.person_id == person, TalkRow.number == front))
        return (
            (front, [name for name in state.get("answers", {}) if not name.startswith("~")])
            if front and state
            else None
        )


async def outcome(chat: Chat) -> dict[str, Any]:
    """What a talk left behind."""
    person = await chat.person()
    async with chat.core.database.reading() as db:
        profile = await db.scalar(select(PersonRow.profile).where(PersonRow.id == person))
        agreed = await db.scalar(select(PersonRow.agreed).where(PersonRow.id == person))
        sent = (await db.execute(select(ApplicationRow.answers, ApplicationRow.status, ApplicationRow.reference))).all()
    return {"profile": profile, "agreed": agreed, "applications": [tuple(row) for row in sent]}


@pytest.mark.parametrize(
    "script",
    [s for s in in_language("en") if s.parent.name in ("application", "eligibility")],
    ids=lambda path: path.stem,
)
async def test_back_and_the_same_answer_lead_to_the_same_place(
    script: Path, sqlite_url: str, tmp_path: Path, sqlite_template: Path
) -> None:
    async with Chat.on(sqlite_url, tmp_path) as steady:
        await steady.play(script.read_text("utf-8"))
        straight = await outcome(steady)
    again = tmp_path / "again.db"
    again.write_bytes(sqlite_template.read_bytes())
    async with WaveringChat.on(f"sqlite:///{again}", tmp_path) as wavering:
        await wavering.play(script.read_text("utf-8"))
        assert await outcome(wavering) == straight


async def test_the_walker_visits_every_question_and_every_branch_ends(sqlite_chat: Chat) -> None:
    core = sqlite_chat.core
    walked = {one.entry.name: one for one in await walk_all(core)}
    assert set(walked) == set(core.entries)
    check, form = walked["eligibility"], walked["apply"]
    assert {f"{id}" for id in core.programme.eligibility.questions} <= set(check.steps)
    assert set(core.programme.form.fields) <= set(form.steps)
    assert {f"doc_{id}" for id in core.programme.form.documents} <= set(form.steps)
    for one in walked.values():
        for step in one.steps.values():
            assert step.leads, f"/{one.entry.name}: {step.name} leads nowhere"
            for place in (place for places in step.leads.values() for place in places):
                assert place in one.steps or place.startswith(("-> ", "(end)")), (
                    f"/{one.entry.name}: {step.name} -> {place}"
                )
    for id, question in core.programme.eligibility.questions.items():
        assert len(check.steps[id].leads) >= len(question.options), f"an answer of {id} was not walked"


@pytest.mark.parametrize("path", sorted(HANDLERS.rglob("*.py")), ids=lambda path: str(path.relative_to(HANDLERS)))
def test_no_conversation_can_swallow_or_split_the_pause(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            caught = (
                {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)}
                if node.type is not None
                else {"everything"}
            )
            assert not caught & {"everything", "BaseException", "Exception", "Asked"} or path.name == "talk.py", (
                f"line {node.lineno} may swallow it"
            )
        if isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            assert name not in ("gather", "TaskGroup", "create_task", "ensure_future"), (
                f"line {node.lineno} splits the talk"
            )


@pytest.mark.parametrize("path", PAST, ids=lambda path: path.stem)
async def test_answers_of_past_releases_ask_or_end_and_never_fail(path: Path, sqlite_chat: Chat) -> None:
    core = sqlite_chat.core
    for kept in json.loads(path.read_text("utf-8")):
        entry = core.entries.get(kept["name"])
        if entry is None:
            continue
        async with core.database.transaction() as db:
            run = Run(State(kept["name"], 1, kept["answers"], kept["asking"]), None)
            talk = Talk(run, Person(1, "fr"), core.languages, START, core.programme.zone)
            try:
                await entry.flow(talk, db, core.programme)
            except Asked:
                assert run.out, "it asks something"
            await db.rollback()
