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
from handlers import coaching
from storage import bookings, coaches, people
from tests.chat import START, Chat
from tests.coaching import THURSDAY, booked, coach, founders
from tests.house import House


def entries(raw: bytes) -> list[Any]:
    return [part for part in Calendar.from_ical(raw).walk() if part.name == "VEVENT"]


async def test_the_confirmation_brings_an_entry_in_utc_that_a_move_replaces(chat: Chat) -> None:
    programme, tongue = chat.core.programme, chat.core.tongues["ar"]
    async with chat.core.database.transaction() as db:
        salma = await coach(db, "salma", START)
        (founder,) = await founders(db, 1, START)
        session = await booked(db, programme, founder, salma, THURSDAY, START)
        raw = coaching.calendar_file(programme, tongue, [session])
        (entry,) = entries(raw)
        assert b"DTSTART:20261126T100000Z" in raw
        assert b"DTEND:20261126T104500Z" in raw
        assert b"VTIMEZONE" not in raw
        assert all(len(line) <= 75 for line in raw.split(b"\r\n")), "long Arabic lines are folded"
        assert str(entry["SUMMARY"]) == "الجوانب القانونية · Salma"
        await bookings.move(db, session.id, salma, "site", coaching_at(chat, 1), START, actor=founder)
        (moved,) = entries(coaching.calendar_file(programme, tongue, [await bookings.one(db, session.id)]))
        assert moved["UID"] == entry["UID"]
        assert moved["SEQUENCE"] > entry["SEQUENCE"]
        await bookings.end(db, session.id, "cancelled", START, actor=founder)
        (gone,) = entries(coaching.calendar_file(programme, tongue, [await bookings.one(db, session.id)]))
        assert (gone["STATUS"], gone["UID"]) == ("CANCELLED", entry["UID"])


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
        feed = (await coaches.one(db, salma)).feed
        await people.erase(db, first, now)
    assert len(feed) >= 32
    async with httpx2.AsyncClient(base_url=house.url) as http:
        answer = await http.get(f"/calendar/{feed}.ics")
        assert answer.headers["content-type"].startswith("text/calendar")
        (entry,) = entries(answer.content)
        assert entry["DTSTART"].dt.astimezone(UTC) == soon
        assert entry["STATUS"] == "CANCELLED", "the founder has been erased"
        assert (await http.get(f"/calendar/{feed[:-1]}.ics")).status_code == 404
        assert (await http.get("/calendar/.ics")).status_code == 404
