"""A database of release 0.1, in the middle of everything, is upgraded and goes on."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import JSON, Boolean, Connection, Date, MetaData, select, text

from bot.channels.base import Part
from storage import applications, event_log, people, schema
from storage.database import Database, Hub
from storage.event_log import Event
from storage.tables import ApplicationRow, BookingRow, CoachRow, OutboxRow, WaitRow
from tests import postgres
from tests.chat import Chat

PAST = Path(__file__).parent / "past" / "0.1.sql"
HUB = Hub("technopark-oujda", "oujda")


@pytest.fixture(params=["sqlite", "postgresql"])
def past_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The past database as it was, on either database."""
    file = tmp_path / "past.db"
    with sqlite3.connect(file) as past:
        past.executescript(PAST.read_text("utf-8"))
    if request.param == "sqlite":
        yield f"sqlite:///{file}"
        return
    server: postgres.Server = request.getfixturevalue("postgresql")
    name = f"test_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    server.run(f'CREATE DATABASE "{name}"')
    asyncio.run(_copied(file, server.of(name)))
    yield server.of(name)
    server.drop(name)


async def _copied(file: Path, url: str) -> None:
    database = Database(url)
    async with database.transaction() as db:
        await db.run_sync(lambda connection: command.upgrade(schema.config(connection), "0008"))
        await db.run_sync(_copy, file)
    await database.close()


def _copy(connection: Connection, file: Path) -> None:
    past = sqlite3.connect(file)
    past.row_factory = sqlite3.Row
    found = MetaData()
    found.reflect(connection)
    for table in found.sorted_tables:
        if table.name == "alembic_version":
            continue
        rows = [
            {column.name: _value(column.type, row[column.name]) for column in table.columns}
            for row in past.execute(f'SELECT * FROM "{table.name}"')
        ]
        if rows:
            connection.execute(table.insert(), rows)
        if "id" in table.columns and table.c.id.autoincrement is True:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), coalesce(max(id), 1)) FROM {table.name}"
                )
            )
    past.close()


def _value(kind: Any, kept: Any) -> Any:
    if kept is None:
        return None
    if isinstance(kind, JSON):
        return json.loads(kept)
    if isinstance(kind, Boolean):
        return bool(kept)
    if isinstance(kind, Date):
        return date.fromisoformat(kept)
    return datetime.fromisoformat(f"{kept}+00:00") if kind.python_type is datetime else kept


@pytest.fixture
async def upgraded(past_url: str, tmp_path: Path) -> AsyncIterator[Chat]:
    database = Database(past_url, hub=HUB)
    assert await schema.upgrade(database)
    await database.close()
    async with Chat.on(past_url, tmp_path) as chat:
        chat.numbered = 1000
        chat.clock.pass_(hours=1)
        async with chat.core.database.reading() as db:
            written = await db.execute(select(OutboxRow.address, OutboxRow.body).order_by(OutboxRow.id))
            for address, body in written:  # what stands in each person's chat, with its old buttons
                chat.buttons.setdefault(address, []).extend(body.get("buttons", ()))
        yield chat


async def who(chat: Chat, name: str) -> int:
    async with chat.core.database.reading() as db:
        found = await people.at(db, "paper", name)
    assert found is not None
    return found


def read(said: list[Part]) -> str:
    return "\n".join(part["text"] for part in said)


async def test_an_old_button_of_a_half_done_application_is_its_answer(upgraded: Chat) -> None:
    said = await upgraded.press("Green Tech", "amina")
    assert "Choisi : Green Tech" in read(said)
    said = await upgraded.press("Terminer", "amina")
    assert said[-1]["buttons"], "the next question"
    assert "Dans quel domaine" not in read(said)


async def test_a_draft_left_in_the_menu_is_offered_and_keeps_its_answers(upgraded: Chat) -> None:
    said = await upgraded.press("Continuer ma demande", "zineb")
    assert "Dans quel domaine" in read(said)
    said = await upgraded.say("modifier", "zineb")
    assert "Startup ou société" in read(said)


async def test_a_check_begun_in_arabic_goes_on_in_arabic(upgraded: Chat) -> None:
    said = await upgraded.press("تعاونية", "driss")
    assert "Dans" not in read(said)
    assert said[-1]["buttons"]


async def test_an_old_slot_is_booked_by_its_old_button_with_reminders(upgraded: Chat) -> None:
    await upgraded.press("jeu. 26 nov. 09:00", "leila")
    await upgraded.press("Passer", "leila")
    leila = await who(upgraded, "leila")
    async with upgraded.core.database.reading() as db:
        booked = (
            await db.execute(select(BookingRow.state, BookingRow.site).where(BookingRow.founder_id == leila))
        ).all()
    assert [tuple(row) for row in booked] == [("confirmed", "oujda")]


async def test_queued_messages_leave_and_reminders_of_before_are_sent_at_their_time(upgraded: Chat) -> None:
    await upgraded.settle()
    assert ("amina", "Votre dossier attend.") in [(address, part["text"]) for address, part in upgraded.paper.sent]
    upgraded.clock.pass_(days=2)
    await upgraded.settle()
    reminded = [part["text"] for address, part in upgraded.paper.sent if address == "zineb"]
    assert any("rendez-vous" in said or "séance" in said or "session" in said for said in reminded), reminded


async def test_the_team_answers_an_exchange_begun_before(upgraded: Chat) -> None:
    said = await upgraded.press("Répondre", "karim")
    assert "une question sur les bureaux" in read(said)
    await upgraded.say("Nous avons encore des bureaux.", "karim")
    assert any("encore des bureaux" in part["text"] for address, part in upgraded.paper.sent if address == "hind")


async def test_what_was_asked_of_a_founder_can_be_answered(upgraded: Chat) -> None:
    said = await upgraded.say("/changes OUJ-2026-0001", "salma")
    assert "Merci de préciser vos clients." in read(said)


async def test_the_free_text_audit_has_become_a_timeline_and_rows_have_their_site(upgraded: Chat) -> None:
    salma = await who(upgraded, "salma")
    async with upgraded.core.database.reading() as db:
        timeline = await event_log.timeline(db, salma)
        application = await applications.current(db, salma, HUB.programme)
        rows = [
            (await db.execute(select(table.programme, table.site).distinct())).all()
            for table in (CoachRow, BookingRow, WaitRow)
        ]
        sites = set(await db.scalars(select(ApplicationRow.site)))
    assert [event.event for event in timeline] == [
        Event.APPLICATION_SUBMITTED,
        Event.CHANGES_REQUESTED,
        Event.STATUS_CHANGED,
        Event.ANSWER_CHANGED,
    ]
    (changed,) = [event for event in timeline if event.event is Event.ANSWER_CHANGED]
    assert (changed.detail, changed.before, changed.after) == ("project_name", "Solar Souk", "Solar Souk 2")
    assert [[tuple(row) for row in table] for table in rows] == [[tuple(HUB)]] * 3
    assert sites == {HUB.site}
    assert application is not None
    assert application.answers["project_name"] == "Solar Souk 2"
    assert upgraded.clock.now() - timeline[0].at < timedelta(days=1)
