"""What happened: a founder's timeline, and whose the rows of a hub are."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from storage import coaches, event_log, exchanges, people, privacy, reviews
from storage.event_log import Event
from storage.tables import CoachRow, EventRow, OfHub, Table
from tests.chat import START, Chat
from tests.test_team import applied, found, member


async def test_a_founders_timeline_tells_who_did_what_in_order(chat: Chat) -> None:
    nadia = await member(chat, "nadia", "staff")
    salma, reference = await applied(chat)
    async with chat.core.database.transaction() as db:
        row = await found(db, chat.core.programme.programme, reference)
        await reviews.give(db, row.id, nadia, START, scores={"market": 4}, notes="a note for myself")
        await exchanges.begin(db, salma, START)
    async with chat.core.database.reading() as db:
        told = [(event.event, event.actor) for event in await event_log.timeline(db, salma)]
        assert told == [
            (Event.APPLICATION_SUBMITTED, salma),
            (Event.REVIEWED, nadia),
            (Event.EXCHANGE_BEGUN, salma),
        ]
        every = str((await db.execute(select(EventRow.before, EventRow.after))).all())
        assert "a note for myself" not in every, "what somebody notes for themselves is not logged"


async def test_an_erased_person_leaves_events_without_words_and_no_timeline(chat: Chat) -> None:
    salma, _reference = await applied(chat)
    async with chat.core.database.transaction() as db:
        await people.grant(db, salma, "reviewer", START)
        assert any(event.after for event in await event_log.timeline(db, salma))
        await privacy.erase(db, salma, START)
        assert not await event_log.timeline(db, salma)
        rows = (await db.execute(select(EventRow.action, EventRow.before, EventRow.after))).all()
    assert ("application submitted", None, None) in [tuple(row) for row in rows], "that it happened stays"
    assert all(row.before is None and row.after is None for row in rows)


def test_an_event_that_is_not_in_the_list_cannot_be_read_as_one() -> None:
    with pytest.raises(ValueError, match="coffee"):
        Event("coffee drunk")


async def test_rows_of_the_hub_name_its_programme_and_its_site(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        coach = await people.add(db, "paper", "yassine", START)
        await coaches.keep(db, coach, START, name="Yassine", topics=["legal"])
        await db.execute(text("UPDATE coaches SET site = 'nador'"))
        other = await people.add(db, "paper", "nadia", START)
        await coaches.keep(db, other, START, name="Nadia", topics=["legal"])
        rows = (await db.execute(select(CoachRow.programme, CoachRow.site).order_by(CoachRow.person_id))).all()
    assert [tuple(row) for row in rows] == [("technopark-oujda", "nador"), ("technopark-oujda", "oujda")]
    assert {str(row.local_table) for row in Table.registry.mappers if issubclass(row.class_, OfHub)} == {
        "handoffs", "broadcasts", "coaches", "hours", "days", "bookings", "waits", "reminders", "audit",
    }  # fmt: skip
