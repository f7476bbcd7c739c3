"""What is done with sessions, lines and hours, without any conversation: by whoever may, and refused to whoever may not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from handlers.actor import Actor
from handlers.coaching import actions, offers, slots
from handlers.coaching.actions import NotTheirs, TooLate, TooMany
from handlers.coaching.slots import Slot
from handlers.rights import Refused
from handlers.talk.message import File
from storage import Conflict, coaches, outbox, people, reminders, sessions, waits
from storage.database import Db
from storage.sessions import Session
from storage.tables import BookingRow, CoachRow, WaitRow
from tests import coaching
from tests.chat import START, Chat
from tests.coaching import THURSDAY, hours, planned, told

NINE, TEN, ELEVEN = THURSDAY - hours(1), THURSDAY, THURSDAY + hours(1)


def by(chat: Chat, person: int, *roles: str, later: timedelta = timedelta()) -> Actor:
    """Somebody who acts, not by chat."""
    name = f"person {person}"
    return Actor(person, frozenset({"founder", *roles}), chat.core.languages, START + later, "office", name)


async def hub(db: Db) -> tuple[int, list[int]]:
    """A coach who receives on Thursday mornings, and founders."""
    return await coaching.coach(db, "salma", START), await coaching.founders(db, 3, START)


async def book(db: Db, chat: Chat, founder: int, slot: Slot, goal: str = "") -> Session:
    return await actions.book(db, by(chat, founder), chat.core.programme, "legal", slot, "site", goal=goal)


async def test_a_founder_books_moves_confirms_and_cancels_and_the_coach_hears_each_time(chat: Chat) -> None:
    programme = chat.core.programme
    async with chat.core.database.transaction() as db:
        salma, (founder, *_others) = await hub(db)
        session = await book(db, chat, founder, Slot(salma, TEN, "site"), "To know who pays")
        assert (session.state, session.coach_id, session.starts_at) == ("confirmed", salma, TEN)
        later = [by(chat, founder, later=timedelta(minutes=n)) for n in range(6)]
        moved = await actions.move(db, later[1], programme, session.id, Slot(salma, ELEVEN, "site"))
        assert (moved.id, moved.starts_at, moved.changes) == (session.id, ELEVEN, 1)
        await actions.confirm(db, later[2], programme, session.id)
        await actions.run_late(db, later[3], programme, session.id)
        assert (await sessions.get(db, session.id)).sure
    assert (await planned(chat.core.database))["hour"] == ("waiting", TEN)
    async with chat.core.database.transaction() as db:
        gone = await actions.cancel(db, later[4], programme, session.id)
        assert gone.state == "cancelled"
        await actions.explain(db, later[5], programme, session.id, "An exam")
        assert (await sessions.get(db, session.id)).reason == "An exam"
        with pytest.raises(Conflict):
            await actions.explain(db, later[5], programme, session.id, "Another reason")
        assert slots.Slot(salma, ELEVEN, "site") in (await slots.calendar(db, programme, founder, START)).slots
    heard = [text.split("\n") for person, text in await told(chat.core.database) if person == salma]
    assert [text[0].rstrip(" :\u00a0") for text in heard] == [
        "Une nouvelle séance",
        "Une séance est déplacée ; elle était prévue le jeudi 26 novembre à 10:00",
        "Venue confirmée",
        "Un peu de retard annoncé",
        "Cette séance est annulée",
        "Cette séance est annulée",
    ]
    assert "To know who pays" in heard[0][-1]
    assert "An exam" in heard[-1][-1]
    assert (await planned(chat.core.database))["hour"][0] == "cancelled"


async def test_of_a_move_to_another_coach_both_coaches_hear(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        salma, (founder, *_others) = await hub(db)
        karim = await coaching.coach(db, "karim", START)
        session = await book(db, chat, founder, Slot(salma, TEN, "site"))
        later = by(chat, founder, later=hours(1))
        await actions.move(db, later, chat.core.programme, session.id, Slot(karim, TEN, "site"))
    assert [person for person, _text in await told(chat.core.database)] == [salma, salma, karim]


async def test_only_what_is_free_can_be_booked_and_only_so_many(chat: Chat) -> None:
    programme = chat.core.programme
    async with chat.core.database.transaction() as db:
        salma, (founder, other, third) = await hub(db)
        await book(db, chat, founder, Slot(salma, TEN, "site"))
        for never in (TEN, TEN + timedelta(minutes=30), TEN + hours(3), START, TEN + timedelta(days=70)):
            with pytest.raises(Conflict):  # taken, across a pause, past her hours, without notice, too far ahead
                await book(db, chat, other, Slot(salma, never, "site"))
        with pytest.raises(Conflict):  # she does not coach it
            await actions.book(db, by(chat, other), programme, "pitch", Slot(salma, NINE, "site"), "site")
        session = await book(db, chat, other, Slot(salma, NINE, "site"))
        with pytest.raises(Conflict):
            await actions.move(db, by(chat, other), programme, session.id, Slot(salma, TEN, "site"))
        await book(db, chat, founder, Slot(salma, TEN + timedelta(days=7), "site"))
        with pytest.raises(TooMany):
            await book(db, chat, founder, Slot(salma, TEN + timedelta(days=14), "site"))
        with pytest.raises(TooLate):
            await actions.cancel(db, by(chat, other, later=NINE - START - hours(3)), programme, session.id)
        for act in (actions.cancel, actions.confirm, actions.run_late):
            with pytest.raises(NotTheirs):
                await act(db, by(chat, third), programme, session.id)
        assert await coaching.live(chat.core.database) == 0, "not before the commit"
    assert await coaching.live(chat.core.database) == 3


async def test_documents_reach_the_coach_up_to_five_and_what_a_founder_thinks_is_kept_once_it_began(
    chat: Chat,
) -> None:
    programme = chat.core.programme
    papers = [File(f"paper-{n}", f"page{n}.pdf", "application/pdf", 100) for n in range(6)]
    async with chat.core.database.transaction() as db:
        salma, (founder, other, _third) = await hub(db)
        session = await book(db, chat, founder, Slot(salma, TEN, "site"))
        await actions.send_documents(db, by(chat, founder), programme, session.id, papers[:4])
        with pytest.raises(TooMany):
            await actions.send_documents(db, by(chat, founder), programme, session.id, papers[4:])
        assert (await sessions.get(db, session.id)).files == [file.id for file in papers[:4]]
        with pytest.raises(NotTheirs):
            await actions.rate(db, by(chat, founder), programme, session.id, 4)
        after = by(chat, founder, later=TEN - START + hours(1))
        await actions.rate(db, after, programme, session.id, 4)
        await actions.comment(db, after, programme, session.id, "Clear and kind")
        with pytest.raises(NotTheirs):
            await actions.rate(db, replace(after, person=other), programme, session.id, 1)
        kept = (await db.execute(select(BookingRow.rating, BookingRow.feedback))).one()
        assert tuple(kept) == (4, "Clear and kind")
    assert len([person for person, _text in await told(chat.core.database) if person == salma]) == 1 + 4


async def test_a_line_gives_what_comes_free_to_the_first_and_takes_one_answer(chat: Chat) -> None:
    programme = chat.core.programme
    async with chat.core.database.transaction() as db:
        salma = await coaching.coach(db, "salma", START, hours=())
        first, second, third = await coaching.founders(db, 3, START)
        for position, founder in enumerate((first, second, third), 1):
            actor = by(chat, founder, later=timedelta(minutes=position))
            assert await actions.join_line(db, actor, programme, "legal") == position
        await coaches.set_day(db, salma, THURSDAY.date(), 600, 660, "site")
        clock = replace(by(chat, 0), roles=frozenset({"system"}), now=START + hours(1))
        done = await offers.offer(db, clock, programme)
        (mine,), (next_,) = await waits.of_person(db, first), await waits.of_person(db, second)
        assert done.offered == [mine.id]
        assert set(done.skipped.values()) == {"nothing is free for them"}
        assert len(done.skipped) == 2
        with pytest.raises(Conflict):  # it is held
            await book(db, chat, second, Slot(salma, TEN, "site"))
        with pytest.raises(NotTheirs):
            await actions.refuse_offer(db, by(chat, second), programme, mine.id)
        assert await actions.refuse_offer(db, by(chat, first, later=hours(1)), programme, mine.id)
        assert not await actions.refuse_offer(db, by(chat, first, later=hours(1)), programme, mine.id)
        assert (await offers.offer(db, clock, programme)).offered == [next_.id]
        held = slots.held_for((await waits.of_person(db, second))[0], clock.now)
        assert held == Slot(salma, TEN, "site")
        await actions.leave_line(db, by(chat, third), programme, (await waits.of_person(db, third))[0].id)
        taken = await book(db, chat, second, held)
        assert taken.starts_at == TEN
        assert [wait.person for wait in await waits.next_in_line(db, waits.COACHING)] == [first]


async def test_the_coach_answers_and_the_founder_hears_with_the_entry_for_their_calendar(chat: Chat) -> None:
    programme = chat.core.programme
    async with chat.core.database.transaction() as db:
        salma, (founder, *_others) = await hub(db)
        karim = await coaching.coach(db, "karim", START)
        session = await book(db, chat, founder, Slot(salma, TEN, "site"))
        await coaching.ask_again(db, session.id)
        coach, stranger = by(chat, salma, "coach"), by(chat, karim, "coach")
        for act in (actions.accept, actions.call_off, actions.warn_of_delay, actions.ask_for_another_time):
            with pytest.raises(NotTheirs):
                await act(db, stranger, programme, session.id)
        accepted = await actions.accept(db, coach, programme, session.id)
        assert accepted.reached
        assert (accepted.documents[0].person, accepted.documents[0].file.name) == (founder, "mouwakib.ics")
        assert b"STATUS:CONFIRMED" in accepted.documents[0].content
        with pytest.raises(Conflict):
            await actions.accept(db, coach, programme, session.id)
        with pytest.raises(Conflict):  # it has not begun
            await actions.note_absence(db, coach, programme, session.id)
        after = replace(coach, now=TEN + hours(1))
        assert await actions.write_notes(db, after, programme, session.id, "Good", "Talk to five shopkeepers")
        assert await actions.write_notes(db, after, programme, session.id, "Very", "Talk to five shopkeepers") is None
        assert (await sessions.get(db, session.id)).state == "done"
        await actions.note_absence(db, after, programme, session.id)
        assert (await sessions.get(db, session.id)).state == "no_show"
        with pytest.raises(Conflict):
            await actions.call_off(db, after, programme, session.id)
        assert not [row for row in await reminders.waiting(db, founder) if row.kind == "feedback"]


async def test_the_team_calls_off_a_session_and_hears_that_its_founder_cannot_be_reached(chat: Chat) -> None:
    programme = chat.core.programme
    async with chat.core.database.transaction() as db:
        salma, (founder, *_others) = await hub(db)
        nadia = await people.add(db, "paper", "nadia", START)
        await people.grant(db, nadia, "staff", START)
        session = await book(db, chat, founder, Slot(salma, TEN, "site"))
        await outbox.gone(db, "paper", "founder0", "blocked")
        called_off = await actions.call_off(db, by(chat, nadia, "staff"), programme, session.id, reason="Closed")
        assert not called_off.reached
        assert (await sessions.get(db, session.id)).state == "cancelled"
        assert b"METHOD:CANCEL" in called_off.documents[0].content
    assert nadia in [person for person, _text in await told(chat.core.database)]


async def test_a_coach_keeps_profile_and_hours_and_closing_names_what_is_booked(chat: Chat) -> None:
    programme = chat.core.programme
    async with chat.core.database.transaction() as db:
        karim, founder = await people.add(db, "paper", "karim", START), (await coaching.founders(db, 1, START))[0]
        coach, team = by(chat, karim, "coach"), by(chat, founder, "staff")
        with pytest.raises(NotTheirs):  # hours are somebody's who offers something
            await actions.open_weekly(db, coach, programme, 3, 540, 720, "site")
        await actions.make_coach(db, team, programme, karim)
        name, topics, languages = "Karim Alaoui", ["legal"], ["fr"]
        await actions.keep_profile(
            db, coach, programme, name=name, topics=topics, languages=languages, link="", per_week=3
        )
        await actions.open_weekly(db, coach, programme, 3, 540, 720, "site")
        await actions.open_day(db, coach, programme, date(2026, 11, 28), 540, 600, "online")
        session = await book(db, chat, founder, Slot(karim, TEN, "site"))
        await actions.pause(db, coach, programme, away=True)
        assert not (await slots.calendar(db, programme, founder, START)).slots
        await actions.pause(db, coach, programme, away=False)
        assert [one.id for one in await actions.close_day(db, coach, programme, TEN.date())] == [session.id]
        assert [one.id for one in await actions.close_weekday(db, coach, programme, 3)] == [session.id]
        free = (await slots.calendar(db, programme, founder, START)).slots
        assert [slot.starts_at.date() for slot in free] == [date(2026, 11, 28)]
        (row,) = (await db.execute(select(CoachRow.name, CoachRow.per_week, CoachRow.away))).all()
        assert tuple(row) == ("Karim Alaoui", 3, False)


FOUNDERS: list[Callable[[Db, Actor, Chat], Awaitable[object]]] = [
    lambda db, actor, chat: actions.book(db, actor, chat.core.programme, "legal", Slot(1, TEN, "site"), "site"),
    lambda db, actor, chat: actions.move(db, actor, chat.core.programme, 1, Slot(1, NINE, "site")),
    lambda db, actor, chat: actions.join_line(db, actor, chat.core.programme, "legal"),
    lambda db, actor, chat: actions.leave_line(db, actor, chat.core.programme, 1),
    lambda db, actor, chat: actions.refuse_offer(db, actor, chat.core.programme, 1),
    lambda db, actor, chat: actions.send_documents(db, actor, chat.core.programme, 1, []),
    lambda db, actor, chat: actions.rate(db, actor, chat.core.programme, 1, 5),
    lambda db, actor, chat: actions.comment(db, actor, chat.core.programme, 1, "Kind"),
    *(
        lambda db, actor, chat, act=act: act(db, actor, chat.core.programme, 1)
        for act in (actions.cancel, actions.confirm, actions.run_late)
    ),
]
COACHES: list[Callable[[Db, Actor, Chat], Awaitable[object]]] = [
    *(
        lambda db, actor, chat, act=act: act(db, actor, chat.core.programme, 1)
        for act in (
            actions.accept,
            actions.call_off,
            actions.warn_of_delay,
            actions.ask_for_another_time,
            actions.note_absence,
            actions.make_coach,
            actions.close_hours,
        )
    ),
    lambda db, actor, chat: actions.write_notes(db, actor, chat.core.programme, 1, "", ""),
    lambda db, actor, chat: actions.pause(db, actor, chat.core.programme, away=True),
    lambda db, actor, chat: actions.open_weekly(db, actor, chat.core.programme, 0, 540, 600, "site"),
    lambda db, actor, chat: actions.open_day(db, actor, chat.core.programme, TEN.date(), 540, 600, "site"),
    lambda db, actor, chat: actions.close_day(db, actor, chat.core.programme, TEN.date()),
    lambda db, actor, chat: actions.close_weekday(db, actor, chat.core.programme, 3),
    lambda db, actor, chat: actions.keep_profile(
        db, actor, chat.core.programme, name="X", topics=[], languages=[], link="", per_week=0
    ),
]


async def test_nothing_is_done_by_somebody_without_the_role(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        await hub(db)
        nobody = replace(by(chat, 1), roles=frozenset({"system"}))
        for deed in FOUNDERS:
            with pytest.raises(Refused):
                await deed(db, nobody, chat)
        for deed in COACHES:
            with pytest.raises(Refused):
                await deed(db, by(chat, 1), chat)
        assert await db.scalar(select(func.count()).select_from(BookingRow)) == 0
        assert await db.scalar(select(func.count()).select_from(WaitRow)) == 0
        assert await db.scalar(select(CoachRow.away)) is False


async def test_a_rating_is_kept_before_its_comment_comes_and_what_it_interrupted_goes_on(chat: Chat) -> None:
    for words in ("bonjour", "Français", "j'accepte"):
        await chat.say(words, "youssef")
    async with chat.core.database.transaction() as db:
        salma = await coaching.coach(db, "salma", START)
        youssef = await people.at(db, "paper", "youssef") or 0
        session = await book(db, chat, youssef, Slot(salma, TEN, "site"))
    chat.clock.time = TEN + hours(2)
    await chat.settle()
    (asked,) = await chat.say("/eligibility", "youssef")
    (said,) = await chat.say(f"/feedback {session.id} 4", "youssef")
    assert said["text"].startswith("Merci"), "a comment may follow"
    async with chat.core.database.reading() as db:
        assert (await sessions.get(db, session.id)).rating == 4
    (said,) = await chat.say("passer", "youssef")
    assert said["text"].endswith(asked["text"].split("\n")[-1])
    async with chat.core.database.reading() as db:
        assert (await sessions.get(db, session.id)).rating == 4
