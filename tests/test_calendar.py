"""Calendar files and a coach's feed, read back by a calendar library."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from icalendar import Calendar

from bot.clock import Clock
from handlers.coaching import calendar_entry
from storage import coaches, people, privacy, sessions
from tests.chat import START, Chat
from tests.coaching import THURSDAY, ask_again, booked, coach, founders
from tests.house import House


def entries(raw: bytes) -> list[Any]:
    return [part for part in Calendar.from_ical(raw).walk() if part.name == "VEVENT"]


async def test_the_confirmation_brings_an_entry_in_utc_that_a_move_replaces(chat: Chat) -> None:
    programme, tongue = chat.core.programme, chat.core.languages["ar"]
    async with chat.core.database.transaction() as db:
        salma = await coach(db, "salma", START)
        (founder,) = await founders(db, 1, START)
        session = await booked(db, programme, founder, salma, THURSDAY, START)
        raw = calendar_entry.calendar_file(programme, tongue, [session])
        (entry,) = entries(raw)
        assert b"DTSTART:20261126T100000Z" in raw
        assert b"DTEND:20261126T104500Z" in raw
        assert b"VTIMEZONE" not in raw
        assert all(len(line) <= 75 for line in raw.split(b"\r\n")), "long Arabic lines are folded"
        assert str(entry["SUMMARY"]) == "الجوانب القانونية · Salma"
        await sessions.move(db, session.id, salma, "site", coaching_at(chat, 1), START, actor=founder)
        (moved,) = entries(calendar_entry.calendar_file(programme, tongue, [await sessions.get(db, session.id)]))
        assert moved["UID"] == entry["UID"]
        assert moved["SEQUENCE"] > entry["SEQUENCE"]
        await sessions.end(db, session.id, "cancelled", START, actor=founder)
        (gone,) = entries(calendar_entry.calendar_file(programme, tongue, [await sessions.get(db, session.id)]))
        assert (gone["STATUS"], gone["UID"]) == ("CANCELLED", entry["UID"])


async def enter(chat: Chat, who: str) -> None:
    await chat.say("bonjour", who)
    await chat.press("Français", who)
    await chat.press("J'accepte", who)


async def with_session(chat: Chat, *, asked: bool = False) -> tuple[int, list[Any]]:
    """A founder and a coach who have met the bot, and their session: its number, and the entry the founder has."""
    for who in ("karim", "salma"):
        await enter(chat, who)
    async with chat.core.database.transaction() as db:
        coach_ = await people.at(db, "paper", "karim") or 0
        await people.grant(db, coach_, "coach", START)
        await coaches.keep(db, coach_, START, name="Karim", topics=["legal"])
        founder = await people.at(db, "paper", "salma") or 0
        session = await booked(db, chat.core.programme, founder, coach_, THURSDAY, START)
        if asked:
            await ask_again(db, session.id)
        return session.id, entries(
            calendar_entry.calendar_file(chat.core.programme, chat.core.languages["fr"], [session])
        )


def enclosed(chat: Chat, to: str) -> bytes:
    """The calendar file they got last."""
    file = [part["file"] for address, part in chat.paper.sent if address == to and "file" in part][-1]
    assert file[1:3] == ["mouwakib.ics", "text/calendar"]
    return chat.core.store.path(file[0]).read_bytes()


@pytest.mark.parametrize("by", ["founder", "coach"])
async def test_a_cancelled_session_leaves_the_founders_calendar_whoever_cancels(chat: Chat, by: str) -> None:
    id, (had,) = await with_session(chat)
    if by == "founder":
        for said in (f"/bookings cancel {id}", "oui", "passer"):
            await chat.say(said, "salma")
    else:
        for said in (f"/session {id}", "annuler la séance", "passer"):
            await chat.say(said, "karim")
    raw = enclosed(chat, "salma")
    assert b"METHOD:CANCEL" in raw
    (gone,) = entries(raw)
    assert (gone["UID"], gone["STATUS"]) == (had["UID"], "CANCELLED")
    assert gone["SEQUENCE"] > had["SEQUENCE"], "a calendar takes only what is newer"


async def test_an_accepted_session_comes_with_its_entry_and_a_declined_one_with_none(chat: Chat) -> None:
    id, (had,) = await with_session(chat, asked=True)
    for said in (f"/session {id}", "accepter"):
        await chat.say(said, "karim")
    raw = enclosed(chat, "salma")
    assert b"METHOD:PUBLISH" in raw
    (entry,) = entries(raw)
    assert (entry["UID"], entry["STATUS"]) == (had["UID"], "CONFIRMED")
    async with chat.core.database.transaction() as db:
        await ask_again(db, id)
    files = len([part for _address, part in chat.paper.sent if "file" in part])
    for said in (f"/session {id}", "refuser", "passer"):
        await chat.say(said, "karim")
    assert "annul" in chat.paper.sent[-1][1]["text"] or "annul" in chat.paper.sent[-2][1]["text"]
    assert len([part for _address, part in chat.paper.sent if "file" in part]) == files, "there is nothing to take back"


def coaching_at(chat: Chat, days: int) -> Any:
    from tests.coaching import at

    return at(chat.core.programme, THURSDAY + timedelta(days=days))


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with House.on(sqlite_url, tmp_path) as found:
        yield found


async def test_a_coach_subscribes_to_their_sessions_and_nobody_else_can_guess_the_address(house: House) -> None:
    now = Clock().now()
    soon = (now + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    async with house.served.core.database.transaction() as db:
        salma, karim = await coach(db, "salma", now), await coach(db, "karim", now)
        first, second = await founders(db, 2, now)
        await booked(db, house.served.core.programme, first, salma, soon, now)
        await booked(db, house.served.core.programme, second, karim, soon, now)
        offers = await coaches.one(db, salma)
        await privacy.erase(db, first, now)
    assert offers is not None
    feed = offers.feed
    assert len(feed) >= 32
    async with httpx2.AsyncClient(base_url=house.url) as http:
        answer = await http.get(f"/calendar/{feed}.ics")
        assert answer.headers["content-type"].startswith("text/calendar")
        (entry,) = entries(answer.content)
        assert entry["DTSTART"].dt.astimezone(UTC) == soon
        assert entry["STATUS"] == "CANCELLED", "the founder has been erased"
        assert (await http.get(f"/calendar/{feed[:-1]}.ics")).status_code == 404
        assert (await http.get("/calendar/.ics")).status_code == 404
