"""Ten thousand steps at random, some of which die between two statements: nothing is held twice, nobody is passed over
without a reason, and everybody keeps their place in the line but for what they did or let pass."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from handlers import waiting
from handlers.actor import Actor
from handlers.coaching import actions, offers, slots
from handlers.coaching.actions import TooLate, TooMany
from handlers.coaching.slots import Slot
from handlers.coaching.words import rules_of
from handlers.notices.tell import Notice
from handlers.programme.model import Programme
from handlers.waiting import MOST_OFFERS, Offer, Round
from storage import Conflict, outbox, sessions, waits
from storage.database import Db
from storage.tables import OutboxRow
from storage.waits import COACHING, Held, Line, Wait
from tests import coaching
from tests.chat import START, Chat

WALKS, STEPS, DEATHS = 10, 500, 0.1  # on each of two databases; how many steps die
TOPICS = ("legal", "pitch")
LENGTH, TAKES = timedelta(minutes=45), timedelta(minutes=60)  # of a session, without the coach's pause and with it


class Killed(Exception):
    """The process died here."""


@contextmanager
def dying(chat: Chat, statement: int) -> Iterator[None]:
    """Whoever writes dies before their n-th statement; 0: nobody does."""
    left = statement

    def before(*_args: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    engine = chat.core.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", before)


def _nothing() -> None: ...


@dataclass
class World:
    """A hub, what we did in it, and what must have come of it."""

    chat: Chat
    programme: Programme
    dice: random.Random
    coaches: list[int]
    founders: list[int]
    now: datetime = START
    offered: int = 0
    line: dict[int, tuple[datetime, int]] = field(default_factory=dict)  # by wait: since when there, offers let pass

    def by(self, person: int, *roles: str) -> Actor:
        return Actor(person, frozenset({"founder", *roles}), self.chat.core.languages, self.now, "office")

    async def step(self) -> None:
        """One deed of somebody; it is done as a whole or not at all."""
        self.now += timedelta(minutes=self.dice.randint(1, 20))
        deeds = [
            self.join,
            self.leave,
            self.refuse,
            self.take,
            self.book,
            self.cancel,
            self.move,
            self.open,
            self.offer,
        ]
        deed = self.dice.choices(deeds, (6, 1, 2, 4, 4, 2, 2, 2, 8))[0]
        dies = self.dice.random() < DEATHS
        try:
            with dying(self.chat, self.dice.randint(1, 30) if dies else 0):
                async with self.chat.core.database.transaction() as db:
                    note = await deed(db)
                    if dies:
                        raise Killed
            note()
        except (Killed, Conflict, TooMany, TooLate, LookupError):
            pass

    async def join(self, db: Db) -> Callable[[], None]:
        person, topic = self.dice.choice(self.founders), self.dice.choice(TOPICS)
        before = {wait.id for wait in await waits.of_person(db, person)}
        await actions.join_line(db, self.by(person), self.programme, topic)
        new = {wait.id for wait in await waits.of_person(db, person)} - before
        return lambda: self.line.update(dict.fromkeys(new, (self.now, 0)))

    def _booked(self, mine: Sequence[Wait], slot: Slot, topic: str = "") -> None:
        """They leave the line of what they booked; what another line held for them at that time goes to the next."""
        for wait in mine:
            if wait.line.what == topic:
                del self.line[wait.id]
            elif (held := slots.held_by(wait)) is not None and clash(held, slot):
                self.line[wait.id] = self.now, self.line[wait.id][1]

    async def _wait(self, db: Db, *, held: bool = False) -> Wait:
        mine = await waits.of_person(db, self.dice.choice(self.founders))
        fitting = [wait for wait in mine if wait.held is not None or not held]
        if not fitting:
            raise LookupError
        return self.dice.choice(fitting)

    async def leave(self, db: Db) -> Callable[[], None]:
        wait = await self._wait(db)
        await actions.leave_line(db, self.by(wait.person), self.programme, wait.id)
        return lambda: self.line.__delitem__(wait.id)

    async def refuse(self, db: Db) -> Callable[[], None]:
        wait = await self._wait(db)
        refused = await actions.refuse_offer(db, self.by(wait.person), self.programme, wait.id)
        assert refused == (wait.held is not None)
        return lambda: self.line.update({wait.id: (self.now, self.line[wait.id][1])} if refused else {})

    async def take(self, db: Db) -> Callable[[], None]:
        wait = await self._wait(db, held=True)
        slot = slots.held_for(wait, self.now)
        if slot is None:
            raise LookupError
        mine = await waits.of_person(db, wait.person)
        await actions.book(db, self.by(wait.person), self.programme, wait.line.what, slot, "site")
        return lambda: self._booked(mine, slot, wait.line.what)

    async def book(self, db: Db) -> Callable[[], None]:
        person, topic = self.dice.choice(self.founders), self.dice.choice(TOPICS)
        free = (await slots.calendar(db, self.programme, person, self.now)).of(topic)
        if not free:
            raise LookupError
        mine, slot = await waits.of_person(db, person), self.dice.choice(free)
        await actions.book(db, self.by(person), self.programme, topic, slot, "site")
        return lambda: self._booked(mine, slot, topic)

    async def cancel(self, db: Db) -> Callable[[], None]:
        person = self.dice.choice(self.founders)
        for session in (await sessions.of_founder(db, person, self.now))[:1]:
            await actions.cancel(db, self.by(person), self.programme, session.id)
        return _nothing

    async def move(self, db: Db) -> Callable[[], None]:
        person = self.dice.choice(self.founders)
        for session in (await sessions.of_founder(db, person, self.now))[:1]:
            calendar = await slots.calendar(db, self.programme, person, self.now, but=session.id)
            if free := calendar.of(session.topic):
                mine, slot = await waits.of_person(db, person), self.dice.choice(free)
                await actions.move(db, self.by(person), self.programme, session.id, slot)
                return lambda: self._booked(mine, slot)
        return _nothing

    async def open(self, db: Db) -> Callable[[], None]:
        coach, day = self.dice.choice(self.coaches), (self.now + timedelta(days=self.dice.randint(0, 2))).date()
        start = 540 + 15 * self.dice.randint(0, 12)
        if self.dice.random() < 0.7:
            await actions.open_day(db, self.by(coach, "coach"), self.programme, day, start, start + 75, "site")
        else:
            await actions.close_day(db, self.by(coach, "coach"), self.programme, day)
        return _nothing

    async def offer(self, db: Db) -> Callable[[], None]:
        before = {wait.id: wait for wait in await self.everybody(db)}
        clock = self.by(0)
        done = await offers.offer(db, clock, self.programme)
        after = {wait.id: wait for wait in await self.everybody(db)}
        lapsed = {id for id, wait in before.items() if wait.held is not None and wait.held.until <= self.now}
        await self.fair(db, done, after)

        def note() -> None:
            self.offered += len(done.offered)
            for id in lapsed:
                passed = self.line[id][1] + 1
                if passed == MOST_OFFERS:
                    del self.line[id]
                else:
                    self.line[id] = (self.now, passed)

        return note

    async def fair(self, db: Db, done: Round, after: dict[int, Wait]) -> None:
        """Whoever has no offer has a reason, and it is true."""
        if not done.offered and not done.skipped:
            return  # people sleep, or nobody waits
        empty = {id for id, wait in after.items() if wait.held is None}
        assert empty == set(done.skipped), "nobody is passed over in silence"
        assert set(done.skipped.values()) <= {"nothing is free for them"}
        for id in self.dice.sample(sorted(empty), min(2, len(empty))):
            skipped = after[id]
            calendar = await slots.calendar(db, self.programme, skipped.person, self.now, for_offer=True)
            assert not calendar.of(skipped.line.what)
            mine = [session.starts_at for session in await sessions.of_founder(db, skipped.person, self.now)]
            held = {wait.id: slot for wait in after.values() if (slot := slots.held_by(wait)) is not None}
            mine += [slot.starts_at for id, slot in held.items() if after[id].person == skipped.person]
            for other in (after[offered] for offered in done.offered):
                if other.line == skipped.line and (other.at, other.id) > (skipped.at, skipped.id):
                    begins = held[other.id].starts_at
                    assert any(abs(at - begins) < TAKES for at in mine), "somebody behind them got it"

    async def everybody(self, db: Db) -> list[Wait]:
        every = [*await waits.next_in_line(db, COACHING), *await waits.holding(db, START, self.now + timedelta(days=9))]
        return sorted(every, key=lambda wait: (wait.at, wait.id))

    async def check(self) -> None:
        """What must hold whatever was done."""
        async with self.chat.core.database.reading() as db:
            every = await self.everybody(db)
            taken = await sessions.taken(db, START, self.now + timedelta(days=9))
            told_ = select(func.count()).where(OutboxRow.purpose.startswith("offer:"))
            assert await db.scalar(told_) == self.offered, "each offer is told once, and no other"
        assert {wait.id: (wait.at, wait.passed) for wait in every} == self.line
        held = [
            (slot.coach, slot.starts_at, wait.person) for wait in every if (slot := slots.held_by(wait)) is not None
        ]
        for (coach, begins, person), (other_coach, other, other_person) in combinations(held, 2):
            if coach == other_coach:
                assert abs(begins - other) >= TAKES, "held twice"
            if person == other_person:
                assert abs(begins - other) >= LENGTH, "nobody is in two places"
        for coach, begins, _person in held:
            for busy in (busy for busy in taken if busy.coach_id == coach):
                assert abs(begins - busy.starts_at) >= TAKES, "held, and booked"


def clash(slot: Slot, other: Slot) -> bool:
    """Whether one founder can have only one of them."""
    return abs(slot.starts_at - other.starts_at) < (TAKES if slot.coach == other.coach else LENGTH)


async def world(chat: Chat, seed: int) -> World:
    rules = rules_of(chat.core.programme).model_copy(update={"lead": 1, "horizon": 3})
    programme = chat.core.programme.model_copy(update={"coaching": rules})
    async with chat.core.database.transaction() as db:
        salma = await coaching.coach(db, "salma", START, *TOPICS, hours=((1, 600, 720),))
        karim = await coaching.coach(db, "karim", START, "legal", hours=((3, 600, 660),))
        founders = await coaching.founders(db, 6, START)
    return World(chat, programme, random.Random(seed), [salma, karim], founders)


@pytest.mark.parametrize("seed", range(WALKS))
async def test_nothing_is_held_twice_and_nobody_is_passed_over_without_a_reason(chat: Chat, seed: int) -> None:
    hub = await world(chat, seed)
    for _step in range(STEPS):
        await hub.step()
        await hub.check()
    assert hub.offered > STEPS / 50, "the walk went where offers are made"


async def test_a_slot_that_is_offered_and_booked_at_one_moment_goes_to_one(chat: Chat) -> None:
    hub = await world(chat, 0)
    database, salma, day = chat.core.database, hub.coaches[0], START.date() + timedelta(days=2)
    waiting, booking, *_others = hub.founders
    async with database.transaction() as db:
        await actions.open_day(db, hub.by(salma, "coach"), hub.programme, day, 600, 660, "site")
        await actions.join_line(db, hub.by(waiting), hub.programme, "pitch")

    async def book(slot: Slot) -> None:
        async with database.transaction() as db:
            await actions.book(db, hub.by(booking), hub.programme, "pitch", slot, "site")

    async with database.transaction() as db:
        await offers.offer(db, hub.by(0), hub.programme)
        (slot,) = [slots.held_by(wait) for wait in await waits.of_person(db, waiting)]
        assert slot is not None
        task = asyncio.create_task(book(slot))
        while not task.done() and not await blocked(chat):
            pass
    with pytest.raises(Conflict):
        await task
    async with database.reading() as db:
        assert [slots.held_by(wait) for wait in await waits.of_person(db, waiting)] == [slot]
        assert not await sessions.of_coach(db, salma, slot.starts_at, slot.starts_at + TAKES)


async def blocked(chat: Chat) -> bool:
    """Whether a transaction waits for another; on SQLite a second writer always does."""
    if chat.core.database.sqlite:
        return True
    async with chat.core.database.reading() as db:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(await db.scalar(text(query)))


async def test_places_without_a_coach_or_an_hour_are_offered_in_the_same_way(chat: Chat) -> None:
    hub = await world(chat, 0)
    first, second, third, *_others = hub.founders
    event = Line("event", "17")
    text = chat.core.programme.say(chat.core.programme.name)
    places = 2

    async def free(_wait: Wait, until: datetime) -> Offer | None:
        nonlocal places
        places -= 1
        return Offer(Held(until), Notice(text)) if places >= 0 else None

    lost: list[tuple[Line, bool]] = []

    def note(line: Line, stays: bool) -> Notice:
        lost.append((line, stays))
        return Notice(text)

    async with chat.core.database.transaction() as db:
        await waits.join(db, third, Line(COACHING, "legal"), START)
        for minutes, person in enumerate((first, second, third)):
            await waits.join(db, person, event, START + timedelta(minutes=minutes))
        await outbox.gone(db, "paper", "founder0", "blocked")
        done = await waiting.offer(db, hub.by(0), event.room, free)
        ids = {wait.person: wait.id for wait in await waits.next_in_line(db, event.room)}
        assert done.skipped == {ids[first]: "nowhere to reach them", ids[third]: "nothing is free for them"}
        (mine,) = await waits.of_person(db, second)
        assert (mine.id, mine.held) == (done.offered[0], Held(START + waiting.HELD_FOR))
        hub.now += waiting.HELD_FOR
        await waiting.lapse(db, hub.by(0), COACHING, note)
        assert lost == [], "another room's"
        await waiting.lapse(db, hub.by(0), event.room, note)
        assert lost == [(event, True)]
        assert [wait.person for wait in await waits.next_in_line(db, event.room)] == [first, third, second]
        assert [wait.person for wait in await waits.next_in_line(db, COACHING)] == [third]


@pytest.mark.parametrize(("line", "kept"), [(Line(COACHING, "legal"), "legal"), (Line("event", "17"), "event:17")])
def test_a_line_is_read_as_it_was_written_and_those_of_before_are_coachings(line: Line, kept: str) -> None:
    assert line.kept() == kept
    assert Line.of(kept) == line


@pytest.mark.parametrize("line", [Line("event", "a-name-that-is-too-long"), Line(COACHING, "event:17")])
def test_a_line_that_could_be_read_as_another_is_refused(line: Line) -> None:
    with pytest.raises(ValueError, match=line.what):
        line.kept()
