"""Reminders are never wrong: born, moved and cancelled with their session, sent once whatever dies, late if still useful."""

from __future__ import annotations

import asyncio
import importlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.app import Core
from handlers.coaching.reminders import plan
from handlers.contents import KINDS
from handlers.notices.reminders import Kind
from handlers.notices.tell import Notice
from handlers.programme.model import Programme
from handlers.talk.words import UserText
from storage import coaches, outbox, people, reminders, sessions, waits
from storage.database import Db
from storage.reminders import Claimed, Reminder
from storage.tables import BookingRow, OutboxRow, ReminderRow
from storage.waits import Line
from tests import coaching
from tests.chat import START, Chat
from tests.coaching import THURSDAY, booked, hours, planned, told


async def session(chat: Chat, moment: datetime = THURSDAY) -> tuple[Any, int, int]:
    """A session, its founder and its coach."""
    async with chat.core.database.transaction() as db:
        salma = await coaching.coach(db, "salma", START)
        (founder,) = await coaching.founders(db, 1, START)
        return await booked(db, chat.core.programme, founder, salma, moment, chat.clock.now()), founder, salma


async def go_to(chat: Chat, moment: datetime) -> list[tuple[int, str]]:
    """The clock reaches a moment and ticks; what was queued so far."""
    chat.clock.time = moment
    await chat.core.reminders.remind()
    return await told(chat.core.database)


async def test_a_session_has_its_reminders_from_its_own_transaction_on(chat: Chat) -> None:
    await session(chat)
    assert {kind: due for kind, (_state, due) in (await planned(chat.core.database)).items()} == {
        "day": THURSDAY - hours(24),
        "hour": THURSDAY - hours(1),
        "feedback": THURSDAY + hours(1),
        "agenda": THURSDAY.replace(hour=8),
        "tomorrow": THURSDAY.replace(hour=18) - timedelta(days=1),
    }


async def test_each_is_sent_once_at_its_time(chat: Chat) -> None:
    _session, founder, _salma = await session(chat)
    assert await go_to(chat, THURSDAY - hours(24) - timedelta(seconds=1)) == []
    sent = await go_to(chat, THURSDAY - hours(24))
    assert [person for person, _text in sent] == [founder]
    assert await go_to(chat, THURSDAY - hours(24)) == sent, "a second tick sends nothing more"
    sent = await go_to(chat, THURSDAY + hours(2))
    assert [person for person, _text in sent].count(founder) == 2, "the hour before is over, so it is no longer said"
    assert (await planned(chat.core.database))["hour"][0] == "skipped"


async def test_a_moved_session_moves_its_reminders_and_a_cancelled_one_has_none(chat: Chat) -> None:
    found, founder, salma = await session(chat)
    programme, database = chat.core.programme, chat.core.database
    later = THURSDAY + timedelta(days=7)
    async with database.transaction() as db:
        await sessions.move(db, found.id, salma, "site", coaching.at(programme, later), START, actor=founder)
        await plan(db, programme, await sessions.get(db, found.id), START)
    assert (await planned(database))["day"] == ("waiting", later - hours(24))
    assert founder not in [person for person, _text in await go_to(chat, THURSDAY + hours(5))], (
        "nothing is said at the old time"
    )
    async with database.transaction() as db:
        await sessions.end(db, found.id, "cancelled", START, actor=founder)
    await go_to(chat, later + hours(5))
    assert founder not in [person for person, _text in await told(database)], (
        "even if a reminder were forgotten, it asks the session first"
    )


async def test_a_booking_undone_leaves_no_reminder(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        salma = await coaching.coach(db, "salma", START)
        (founder,) = await coaching.founders(db, 1, START)
    with pytest.raises(RuntimeError):  # noqa: PT012
        async with chat.core.database.transaction() as db:
            await booked(db, chat.core.programme, founder, salma, THURSDAY, START)
            raise RuntimeError("the process dies here")
    assert await planned(chat.core.database) == {}


@pytest.mark.parametrize(
    ("ahead", "kinds"),
    [(30, {"day", "hour"}), (24, {"hour"}), (5, {"hour"}), (1, set()), (0.5, set())],
)
async def test_what_is_booked_late_is_not_reminded_of_what_the_confirmation_just_said(
    chat: Chat, ahead: float, kinds: set[str]
) -> None:
    chat.clock.time = THURSDAY - hours(ahead)
    await session(chat)
    assert set(await planned(chat.core.database)) & {"day", "hour"} == kinds


async def due(chat: Chat, count: int) -> list[int]:
    """So many people to be reminded of something at this very moment."""
    async with chat.core.database.transaction() as db:
        found = await coaching.founders(db, count, START)
        salma = await coaching.coach(db, "salma", START)
        made = await booked(db, chat.core.programme, found[0], salma, THURSDAY, START)
        await reminders.plan(
            db, [Reminder(f"test:{n}", person, "hour", made.id, THURSDAY - hours(1)) for n, person in enumerate(found)]
        )
        await reminders.cancel(db, made.id, ["day"])
    chat.clock.time = THURSDAY - hours(1)
    return found


async def test_several_processes_that_tick_together_send_each_once(chat: Chat) -> None:
    found = await due(chat, 300)
    others = [Core(chat.settings, chat.clock, chat.table, chat.core.programme) for _process in range(3)]
    await asyncio.gather(*(core.reminders.remind() for core in (chat.core, *others) for _tick in range(3)))
    people_ = [person for person, text in await told(chat.core.database) if person in found]
    assert len(people_) == len(set(people_)) + 1 == 301, "the founder of the session has one of their own"
    for core in others:
        await core.stop()


async def test_a_process_that_dies_in_the_middle_of_a_tick_leaves_each_for_the_next(chat: Chat) -> None:
    found = await due(chat, 20)
    with pytest.raises(RuntimeError):  # noqa: PT012
        async with chat.core.database.transaction() as db:
            claimed = await reminders.claim(db, chat.clock.now(), 500)
            assert len(claimed) > 20
            await reminders.settle(db, [row.id for row in claimed], "sent", chat.clock.now())
            raise RuntimeError("killed before the commit")
    await chat.core.reminders.remind()
    assert {person for person, _text in await told(chat.core.database)} >= set(found)


@pytest.mark.parametrize(
    "jumps",
    [[60], [-10, 10, 10], [480], [60, -60, 60]],
    ids=["an hour ahead", "ten minutes back", "asleep for eight hours", "to and fro"],
)
async def test_a_clock_that_jumps_misses_and_doubles_nothing(chat: Chat, jumps: list[int]) -> None:
    _session, founder, _salma = await session(chat)
    chat.clock.time = THURSDAY - hours(24) - timedelta(minutes=5)
    for jump in (*jumps, 5, 5):
        chat.clock.pass_(minutes=jump)
        await chat.core.reminders.remind()
    assert [person for person, _text in await told(chat.core.database)].count(founder) == 1


async def test_what_is_late_but_still_useful_says_what_is_true_now(chat: Chat) -> None:
    _session, founder, _salma = await session(chat)
    sent = dict(await go_to(chat, THURSDAY - hours(1.5)))
    assert "demain" not in sent[founder]
    assert "10:00" in sent[founder]


async def test_what_became_late_in_the_night_waits_for_the_morning(chat: Chat) -> None:
    _session, founder, salma = await session(chat)
    assert await go_to(chat, THURSDAY.replace(hour=3)) == []
    assert {person for person, _text in await go_to(chat, THURSDAY.replace(hour=8))} == {founder, salma}


async def test_somebody_who_cannot_be_reached_is_told_of_to_the_team(chat: Chat) -> None:
    await session(chat)
    async with chat.core.database.transaction() as db:
        karim = await people.add(db, "paper", "karim", START)
        await people.grant(db, karim, "staff", START)
        await outbox.gone(db, "paper", "founder0", "blocked")
    sent = await go_to(chat, THURSDAY - hours(24))
    assert [person for person, _text in sent] == [karim]
    assert (await planned(chat.core.database))["day"][0] == "skipped"


async def test_a_change_of_the_legal_time_keeps_the_wall_time_and_tells_each_side_once(chat: Chat) -> None:
    found, founder, salma = await session(chat)
    async with chat.core.database.transaction() as db:  # as if it had been booked under the rules before
        await db.execute(
            update(BookingRow).values(
                starts_at=THURSDAY - hours(1), ends_at=found.ends_at - hours(1), free_at=found.ends_at - hours(0.75)
            )
        )
    await chat.core.chores.run("legal time")
    await chat.core.chores.run("legal time")
    async with chat.core.database.reading() as db:
        moved = await sessions.get(db, found.id)
    assert (moved.starts_at, moved.wall) == (THURSDAY, "2026-11-26T10:00")
    assert (await planned(chat.core.database))["hour"][1] == THURSDAY - hours(1)
    assert sorted(person for person, _text in await told(chat.core.database)) == sorted([founder, salma])
    async with chat.core.database.reading() as db:
        bodies = {person: body for person, body in await db.execute(select(OutboxRow.person_id, OutboxRow.body))}  # noqa: C416
    entry = chat.core.store.path(bodies[founder]["file"][0]).read_bytes()
    assert b"DTSTART:20261126T100000Z" in entry, "the founder's calendar was an hour wrong"
    assert "file" not in bodies[salma], "a coach has a feed"


async def test_an_offer_to_the_line_goes_to_one_at_a_time_and_not_at_night(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        salma = await coaching.coach(db, "salma", START, hours=())
        first, second = await coaching.founders(db, 2, START)
        await waits.join(db, first, Line(waits.COACHING, "legal"), START)
        await waits.join(db, second, Line(waits.COACHING, "legal"), START + timedelta(minutes=1))
        await coaches.set_day(db, salma, THURSDAY.date(), 600, 660, "site")
    chat.clock.time = datetime(2026, 11, 23, 23, tzinfo=UTC)
    await chat.core.chores.run("offers")
    assert await told(chat.core.database) == []
    chat.clock.time = datetime(2026, 11, 24, 9, tzinfo=UTC)
    for _tick in range(3):
        await chat.core.chores.run("offers")
    assert [person for person, _text in await told(chat.core.database)] == [first]
    chat.clock.pass_(minutes=31)
    await chat.core.chores.run("offers")
    assert [person for person, _text in await told(chat.core.database)] == [first, first, second], (
        "one is told that it passed, the next is offered it"
    )


async def test_a_new_kind_of_reminder_is_declared_in_one_place(chat: Chat) -> None:
    async def render(db: Db, programme: Programme, reminder: Claimed, subject: None, now: datetime) -> Notice | str:
        if reminder.subject > 2:
            raise LookupError(reminder.subject)
        return Notice(UserText(f"Visite {reminder.subject}")) if reminder.subject else "full"

    chat.core.reminders.kinds = {**KINDS, "visit": Kind(UserText("a visit"), render)}
    async with chat.core.database.transaction() as db:
        (founder,) = await coaching.founders(db, 1, START)
        await reminders.plan(
            db, [Reminder(f"visit:{n}", founder, kind, n, START) for n, kind in enumerate(["visit"] * 4 + ["unknown"])]
        )
    assert [text for _person, text in await go_to(chat, START)] == ["Visite 1", "Visite 2"]
    async with chat.core.database.reading() as db:
        became = (await db.execute(select(ReminderRow.state, ReminderRow.reason).order_by(ReminderRow.id))).all()
    assert [tuple(row) for row in became] == [
        ("skipped", "full"),
        ("sent", ""),
        ("sent", ""),
        ("skipped", "fault: LookupError"),  # and held up none of the others
        ("skipped", "unknown kind"),
    ]


def test_no_two_rooms_declare_the_same_kind_and_every_name_fits_its_column() -> None:
    rooms = [
        importlib.import_module(f"handlers.{path.parent.name}.reminders").KINDS
        for path in Path("handlers").glob("*/reminders.py")
        if path.parent.name != "notices"
    ]
    assert sum(map(len, rooms)) == len(KINDS) == len({name for kinds in rooms for name in kinds})
    assert all(len(name) <= 12 for name in KINDS)
