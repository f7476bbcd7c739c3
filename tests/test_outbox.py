"""The outbox: each message goes out once and in order; what fails waits, ends or is doubted, and survives its process."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.engine import URL, make_url

from bot.channels.base import Body, Doubt, Gone, Held, Later, Never, Outcome, Part, Sent
from bot.delivery.leader import _ALIVE, AlreadyServed, Leader
from bot.delivery.sender import LOST_S, MOST_TRIES, Sender
from bot.housekeeping import gauges
from storage import Unavailable, announcements, outbox, people, receipts
from storage.audiences import Audience
from storage.database import Database
from storage.held import release
from storage.messages import OutboxMessage, post
from storage.outbox import ANNOUNCEMENT, NOTICE, REPLY
from storage.receipts import Receipt
from storage.tables import AddressRow, OutboxRow, PersonRow
from tests.chat import Chat, PaperClock

CHANNEL = "paper"


@dataclass
class Platform:
    """What really arrives, whoever sends it. Parts of a message are between bars."""

    arrived: list[tuple[str, str]] = field(default_factory=list)
    asked: int = 0
    outcomes: deque[Outcome | Exception] = field(default_factory=deque)  # of the next parts; then all are sent
    stuck_at: str = ""  # this part is never answered

    def fit(self, body: Body) -> list[Part]:
        return [{**body, "text": piece} for piece in body["text"].split("|")]

    async def send(self, address: str, part: Part) -> Outcome:
        self.asked += 1
        await asyncio.sleep(0)  # others may run
        if part["text"] == self.stuck_at:
            await asyncio.Event().wait()
        outcome = self.outcomes.popleft() if self.outcomes else Sent(f"{address}:{len(self.arrived)}")
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Sent | Doubt):
            self.arrived.append((address, part["text"]))
        return outcome

    name = CHANNEL

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def texts(self, address: str = "founder") -> list[str]:
        return [said for whose, said in self.arrived if whose == address]


class Process:
    """A process that sends: it can die."""

    count = 0

    def __init__(self, url: str, platform: Platform, clock: PaperClock) -> None:
        Process.count += 1
        self.clock = clock
        self.database = Database(url)
        self.sender = Sender(self.database, clock, Process.count)
        self.sender.add(platform)
        self.sender.active.add(CHANNEL)

    async def look(self) -> None:
        """Send what is due, until each letter has its outcome."""
        await self.sender.look()
        await self.sender.idle()

    async def answers(self, *said: str, who: str = "founder") -> None:
        """Letters of a turn that was just committed."""
        letters = [OutboxMessage(1, CHANNEL, who, body(one), owner=self.sender.owner) for one in said]
        async with self.database.transaction() as db:
            await post(db, letters, self.clock.now())
        self.sender.replies(letters)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Let it work until this holds."""
        for _turn in range(10_000):
            if holds():
                return
            await asyncio.sleep(0)
        raise AssertionError("it never came to that")

    async def dies(self) -> None:
        """At once, with whatever it knew and had not written."""
        tasks = list(self.sender._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.database.close()


class World:
    """One database, one platform, processes that come and go."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = Database(url)
        self.clock = PaperClock()
        self.platform = Platform()
        self.processes: list[Process] = []

    def process(self) -> Process:
        self.processes.append(Process(self.url, self.platform, self.clock))
        return self.processes[-1]

    async def queue(
        self, *said: str, who: str = "founder", lane: int = NOTICE, state: str = "queued", owner: int = 0
    ) -> None:
        async with self.database.transaction() as db:
            await post(
                db, [OutboxMessage(1, CHANNEL, who, body(one), lane, state, owner) for one in said], self.clock.now()
            )

    async def rows(self) -> list[Any]:
        async with self.database.reading() as db:
            columns = (
                OutboxRow.body,
                OutboxRow.state,
                OutboxRow.reason,
                OutboxRow.attempts,
                OutboxRow.parts,
                OutboxRow.resent,
            )
            return list(
                (
                    await db.execute(
                        select(*columns, OutboxRow.not_before, OutboxRow.platform_id).order_by(OutboxRow.id)
                    )
                ).all()
            )

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]


def body(said: str) -> dict[str, Any]:
    return {"text": said, "language": "fr"}


@asynccontextmanager
async def a_world(url: str) -> AsyncIterator[World]:
    found = World(url)
    yield found
    for process in found.processes:
        await process.dies()
    await found.database.close()


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with a_world(database_url) as found:
        yield found


@pytest.fixture
async def postgresql_world(postgresql_url: str) -> AsyncIterator[World]:
    async with a_world(postgresql_url) as found:
        yield found


@pytest.fixture
async def sqlite_world(sqlite_url: str) -> AsyncIterator[World]:
    async with a_world(sqlite_url) as found:
        yield found


# outcomes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        (Sent("7:1"), "sent", ""),
        (Later(60, "429"), "queued", "429"),
        (Later(60, "429", account=True), "queued", "429"),
        (Never("400 bad request"), "failed", "400 bad request"),
        (Gone("blocked"), "failed", "blocked"),
        (Doubt("time-out"), "unknown", "time-out"),
        (ZeroDivisionError(), "unknown", "ZeroDivisionError"),
    ],
)
@pytest.mark.parametrize("lane", [REPLY, NOTICE, ANNOUNCEMENT])
async def test_each_outcome_ends_as_it_should_and_is_never_tried_again_at_once(
    world: World, lane: int, outcome: Outcome | Exception, state: str, reason: str
) -> None:
    process = world.process()
    world.platform.outcomes.append(outcome)
    await world.queue("hello", lane=lane)
    await process.look()
    await process.look()
    [row] = await world.rows()
    waits = "planned" if lane == ANNOUNCEMENT and state == "queued" else state  # an announcement waits for its own turn
    assert (row.state, row.reason, row.attempts, row.resent) == (waits, reason, 1, False)
    assert world.platform.asked == 1
    assert row.platform_id == ("7:1" if state == "sent" else "")


async def test_what_must_wait_waits_longer_each_time_never_leaves_early_and_ends_after_a_day(world: World) -> None:
    process = world.process()
    await world.queue("hello")
    waited = []
    for attempt in range(MOST_TRIES):
        world.platform.outcomes.append(Later(1.5, "500"))
        await process.look()
        [row] = await world.rows()
        wait = (row.not_before - world.clock.now()).total_seconds()
        assert max(1.5, min(3600, 2**attempt)) <= wait <= 1.2 * max(1.5, min(3600, 2**attempt)) + 0.001
        waited.append(wait)
        world.clock.time = row.not_before - timedelta(seconds=0.1)
        asked = world.platform.asked
        await process.look()
        assert world.platform.asked == asked, "not before its time"
        world.clock.time = row.not_before
    world.platform.outcomes.append(Later(1.5, "500"))
    await process.look()
    assert await world.states() == ["failed"]
    assert 18 < sum(waited) / 3600 < 30


async def test_while_an_account_must_wait_only_answers_go(world: World) -> None:
    process = world.process()
    world.platform.outcomes.append(Later(60, "429", account=True))
    await world.queue("notice", who="one")
    await process.look()
    await world.queue("another notice", who="two")
    await process.look()
    await process.answers("answer", who="three")
    await process.sender.idle()
    assert world.platform.arrived == [("three", "answer")]
    world.clock.pass_(seconds=80)
    await process.look()
    assert [said for _who, said in world.platform.arrived] == ["answer", "notice", "another notice"]


async def test_a_short_wait_of_an_answer_is_spent_in_its_place(world: World) -> None:
    process = world.process()
    world.platform.outcomes.extend([Later(0, "busy"), Later(0, "busy")])
    await process.answers("one", "two")
    await process.sender.idle()
    assert world.platform.texts() == ["one", "two"]
    assert await world.states() == ["sent", "sent"]


async def test_an_answer_waits_for_no_notice_and_notices_keep_their_order(world: World) -> None:
    process = world.process()
    world.platform.outcomes.append(Later(3600, "busy"))
    await world.queue("first notice", "second notice")
    await process.look()
    await process.answers("answer")
    await process.sender.idle()
    assert world.platform.texts() == ["answer"]
    world.clock.pass_(hours=2)
    await process.look()
    assert world.platform.texts() == ["answer", "first notice", "second notice"]


async def test_what_a_whole_account_waits_for_never_ends_a_letter(world: World) -> None:
    process = world.process()
    await world.queue("hello")
    for _attempt in range(MOST_TRIES + 5):
        world.platform.outcomes.append(Later(300, "no token", account=True))
        await process.look()
        world.clock.pass_(hours=2)
    assert await world.states() == ["queued"]
    await process.look()
    assert world.platform.texts() == ["hello"]


async def test_what_passes_only_so_often_is_tried_so_often(world: World) -> None:
    process = world.process()
    await world.queue("hello")
    for _attempt in range(4):
        world.platform.outcomes.append(Later(10, "fault", tries=3))
        await process.look()
        world.clock.pass_(minutes=5)
    assert await world.states() == ["failed"]
    assert world.platform.asked == 4


async def test_what_is_held_waits_for_a_word_of_theirs_and_is_announced_once(world: World) -> None:
    process = world.process()
    held = Held("closed", None, body("something waits"), "founder:0")
    world.platform.outcomes.extend([held, held])
    await world.queue("one", "two")
    await process.look()
    await process.look()
    assert world.platform.texts() == ["something waits"]
    world.clock.pass_(days=3)
    await process.look()
    assert world.platform.texts() == ["something waits"]
    async with world.database.transaction() as db:
        assert await release(db, CHANNEL, "founder", world.clock.now()) == 2
        assert await release(db, CHANNEL, "founder", world.clock.now()) == 0
    await process.look()
    assert world.platform.texts() == ["something waits", "one", "two"]


async def test_who_writes_while_a_letter_is_being_held_gets_it_at_once(world: World) -> None:
    process = world.process()
    async with world.database.transaction() as db:
        await people.add(db, CHANNEL, "founder", world.clock.now())
        await db.execute(update(AddressRow).values(heard_at=world.clock.now()))
    world.platform.outcomes.append(
        Held("closed", world.clock.now() - timedelta(days=2), body("something waits"), "founder:1")
    )
    await world.queue("one")
    await process.look()
    await process.look()
    assert world.platform.texts() == ["one"], "with no announcement"


async def test_in_whatever_order_news_of_a_letter_comes_it_ends_with_the_furthest(world: World) -> None:
    for order in permutations(("sent", "delivered", "read", "failed")):
        await world.queue("hello", state="sending")
        async with world.database.transaction() as db:
            id = int(await db.scalar(select(func.max(OutboxRow.id))) or 0)
            for state in order:
                await receipts.forward(db, CHANNEL, [Receipt(state, "wamid.1", id)], world.clock.now())
                await receipts.forward(db, "another channel", [Receipt("read", "wamid.1", id)], world.clock.now())
        assert (await world.states())[-1] == "read", order
    async with world.database.transaction() as db:
        await receipts.forward(
            db,
            CHANNEL,
            [Receipt("read", "wamid.unknown"), Receipt("failed", "wamid.unknown"), Receipt("read", "", 10**17)],
            world.clock.now(),
        )


async def test_a_letter_taken_again_after_its_failure_is_not_ended_by_the_late_word_of_its_first_try(
    world: World,
) -> None:
    await world.queue("one", state="sending", owner=7)
    now = world.clock.now()
    for say, then in (("first", "sending"), ("second", "sent")):
        async with world.database.transaction() as db:
            id = int(await db.scalar(select(func.max(OutboxRow.id))) or 0)
            await receipts.forward(db, CHANNEL, [Receipt("failed", "first", id, "closed", again=now)], now)
            await outbox.claim(db, 7, [CHANNEL], now, 9)
            await outbox.mark(db, [outbox.Mark(id, "sent", platform_id=say)], now)
        assert await world.states() == [then]


async def test_who_is_gone_is_not_written_to_until_they_write_again(chat: Chat) -> None:
    await chat.say("/start")
    person = await chat.person()
    assert person is not None

    async def notify(said: str) -> bool:
        async with chat.core.database.transaction() as db:
            return await outbox.notify(db, person, body(said), chat.clock.now())

    assert await notify("one")
    assert await notify("two")
    heard = len(chat.paper.sent)
    chat.paper.next.append(Gone("blocked"))
    await chat.settle()
    assert not await notify("three")
    await chat.settle()
    assert len(chat.paper.sent) == heard
    await chat.say("/start")
    assert await notify("four")
    await chat.settle()
    assert chat.paper.sent[-1][1]["text"] == "four"
    async with chat.core.database.reading() as db:
        states = list(await db.scalars(select(OutboxRow.state).where(OutboxRow.lane == NOTICE).order_by(OutboxRow.id)))
    assert states == ["failed", "skipped", "sent"]


@pytest.mark.parametrize(
    ("late", "gone"), [(timedelta(0), "blocked"), (timedelta(hours=1), "")], ids=["now", "told late"]
)
async def test_who_blocks_us_is_paused_unless_they_have_written_since(chat: Chat, late: timedelta, gone: str) -> None:
    await chat.say("/start")
    left = chat.incoming(kind="left")
    await chat.core.turns.take(chat.incoming(kind="left", at=left.at - late))
    async with chat.core.database.reading() as db:
        assert await db.scalar(select(AddressRow.gone)) == gone


async def test_one_purpose_is_one_message_even_if_two_processes_think_of_it(chat: Chat) -> None:
    await chat.say("/start")
    person = await chat.person()
    assert person is not None
    second = Database(chat.settings.database_url)

    async def notify(database: Database) -> None:
        async with database.transaction() as db:
            assert await outbox.notify(db, person, body("reminder"), chat.clock.now(), purpose="reminder:1")

    await asyncio.gather(notify(chat.core.database), notify(second), notify(second))
    await chat.settle()
    assert [part["text"] for _who, part in chat.paper.sent].count("reminder") == 1
    await second.close()


# a long message ---------------------------------------------------------------------------------------------------


async def test_a_long_message_whose_second_half_must_wait_goes_on_there(world: World) -> None:
    process = world.process()
    world.platform.outcomes.extend([Sent(), Later(60)])
    await world.queue("one|two|three")
    await process.look()
    world.clock.pass_(seconds=100)
    await process.look()
    assert world.platform.texts() == ["one", "two", "three"]


async def test_a_long_message_whose_process_died_half_way_goes_on_there(world: World) -> None:
    first, second = world.process(), world.process()
    world.platform.stuck_at = "three"
    await first.answers("one|two|three")
    await first.until(lambda: len(world.platform.arrived) == 2)
    await first.sender.flush()
    assert await world.states() == ["sending"]
    await first.dies()
    world.platform.stuck_at = ""
    await second.sender.settle(first.sender.owner, [CHANNEL], world.clock.now())
    await second.look()
    assert world.platform.texts() == ["one", "two", "three"]
    assert await world.states() == ["sent"]


# order ------------------------------------------------------------------------------------------------------------


async def test_answers_of_one_person_never_overtake_each_other(world: World) -> None:
    process = world.process()
    world.platform.outcomes.append(Later(300, "429"))
    await process.answers("one", "two")
    await process.sender.idle()
    await process.answers("three")
    await process.sender.idle()
    await process.answers("elsewhere", who="somebody else")
    await process.sender.idle()
    assert world.platform.arrived == [("somebody else", "elsewhere")]
    world.clock.pass_(seconds=361)
    await process.answers("four")
    await process.sender.idle()
    await process.look()
    assert world.platform.texts() == ["one", "two", "three", "four"]
    world.clock.pass_(seconds=1)
    await process.answers("five")
    await process.sender.idle()
    assert world.platform.texts()[-1] == "five"


async def test_answers_go_before_notices_and_notices_before_announcements(world: World) -> None:
    process = world.process()
    for lane in (ANNOUNCEMENT, NOTICE, REPLY):
        await world.queue(f"{lane}a", f"{lane}b", lane=lane)
    await process.look()
    assert world.platform.texts() == ["0a", "0b", "1a", "1b", "2a", "2b"]


# after a crash ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lane", "again"), [(REPLY, True), (NOTICE, True), (ANNOUNCEMENT, False)])
async def test_what_a_dead_process_was_sending_goes_out_once_more_and_flagged_except_announcements(
    world: World, lane: int, again: bool
) -> None:
    survivor = world.process()
    await world.queue("hello", lane=lane, state="sending", owner=99)
    for _death in range(2):
        await survivor.sender.settle(99, [CHANNEL], world.clock.now())
    await survivor.look()
    [row] = await world.rows()
    assert (row.state, row.resent) == ("sent", True) if again else ("unknown", False)
    assert len(world.platform.arrived) == again


async def test_what_kills_whoever_sends_it_is_tried_by_two_more_and_then_is_left(world: World) -> None:
    processes = [world.process() for _number in range(outbox.DEATHS + 2)]
    await processes[0].answers("hello")
    world.platform.stuck_at = "hello"
    for deaths, (dead, next_) in enumerate(pairwise(processes), 1):
        await dead.until(lambda deaths=deaths: world.platform.asked == deaths)  # type: ignore[misc]
        await dead.dies()
        await next_.sender.settle(dead.sender.owner, [CHANNEL], world.clock.now())
        [row] = await world.rows()
        assert (row.state, row.resent) == ("queued" if deaths <= outbox.DEATHS else "unknown", True)
        await next_.sender.look()
    assert world.platform.asked == outbox.DEATHS + 1


async def test_what_a_dead_process_had_not_begun_is_sent_by_the_next(world: World) -> None:
    first, second = world.process(), world.process()
    world.platform.stuck_at = "0"
    await first.answers(*(f"{n}" for n in range(5)))
    await first.until(lambda: bool(world.platform.asked))
    await first.dies()
    world.platform.stuck_at = ""
    await second.sender.settle(first.sender.owner, [CHANNEL], world.clock.now())
    await second.look()
    assert world.platform.texts() == [f"{n}" for n in range(5)]
    assert await world.states() == ["sent"] * 5


async def test_what_was_taken_for_lost_but_did_arrive_is_not_sent_again(world: World) -> None:
    slow, other = world.process(), world.process()
    await slow.answers("hello")
    await slow.until(lambda: bool(world.platform.arrived))
    await other.sender.settle(slow.sender.owner, [CHANNEL], world.clock.now())
    await slow.sender.idle()  # it was alive after all, and now says so
    await other.look()
    assert world.platform.texts() == ["hello"]
    assert await world.states() == ["sent"]


@pytest.mark.parametrize("seed", range(4))
async def test_in_any_storm_each_message_ends_and_only_flagged_ones_arrive_twice(world: World, seed: int) -> None:
    draw = random.Random(seed)
    kinds: list[Callable[[], Outcome]] = [
        Sent,
        Sent,
        Sent,
        Sent,
        lambda: Later(draw.choice([0, 40])),
        lambda: Never("no"),
        lambda: Doubt("?"),
    ]
    world.platform.outcomes.extend(draw.choice(kinds)() for _call in range(120))
    process = world.process()
    said = {who: [f"{who} {n}" for n in range(6)] for who in (f"p{n}" for n in range(8))}
    for n in range(6):
        for who in said:
            if draw.random() < 0.5:
                await world.queue(said[who][n], who=who, lane=REPLY)
            else:
                await process.answers(said[who][n], who=who)
        for _moment in range(draw.randrange(12)):
            await asyncio.sleep(0)
        await process.sender.look()
        if draw.random() < 0.5:
            dead, process = process, world.process()
            await dead.dies()
            await process.sender.settle(dead.sender.owner, [CHANNEL], world.clock.now())
        world.clock.pass_(seconds=10)
    for _minute in range(200):
        await process.look()
        if not {"queued", "sending"} & set(await world.states()):
            break
        world.clock.pass_(seconds=60)
    rows = await world.rows()
    arrived = Counter(said for _who, said in world.platform.arrived)
    for row in rows:
        times = arrived[row.body["text"]]
        assert row.state in ("sent", "failed", "unknown")
        assert times <= 1 + outbox.DEATHS * row.resent, row
        assert times or row.state != "sent", row
    once = {row.body["text"] for row in rows if not row.resent}
    for who in said:
        told = [said for said in world.platform.texts(who) if said in once]
        assert told == sorted(told)


# several processes ------------------------------------------------------------------------------------------------


async def test_two_processes_that_both_work_the_table_send_nothing_twice(world: World) -> None:
    first, second = world.process(), world.process()
    for block in range(5):
        await world.queue(*(f"{block * 100 + n}" for n in range(100)), who=f"p{block}", lane=ANNOUNCEMENT)
    while "queued" in await world.states():
        await asyncio.gather(first.look(), second.look())
    assert Counter(said for _who, said in world.platform.arrived) == Counter(f"{n}" for n in range(500))
    assert await world.states() == ["sent"] * 500


def watching(process: Process, heard: Callable[[str], None] = lambda payload: None) -> Leader:
    process.sender.active.clear()
    return Leader(process.database, process.sender, process.clock, {CHANNEL: "account"}, heard)


async def test_one_process_sends_and_when_it_dies_another_takes_over_what_it_left(postgresql_world: World) -> None:
    world = postgresql_world
    first, second = world.process(), world.process()
    watches = [watching(first), watching(second)]
    for watch in (*watches, *watches):
        await watch.beat()
    assert first.sender.active == {CHANNEL}
    assert not second.sender.active
    world.platform.stuck_at = "hello"
    await first.answers("hello")
    await first.until(lambda: bool(world.platform.asked))
    await first.dies()
    await watches[0].close()
    world.platform.stuck_at = ""
    await watches[1].beat()  # there is one every two seconds
    assert second.sender.active == {CHANNEL}
    await second.look()
    assert world.platform.texts() == ["hello"]
    assert (await world.rows())[0].resent
    await watches[1].close()


async def test_what_a_living_process_is_sending_is_left_to_it(postgresql_world: World) -> None:
    world = postgresql_world
    first, second = world.process(), world.process()
    watches = [watching(first), watching(second)]
    for watch in watches:
        await watch.beat()
    world.platform.stuck_at = "hello"
    await second.answers("hello")
    await second.until(lambda: bool(world.platform.asked))
    await watches[0].beat()
    assert await world.states() == ["sending"]
    for watch in watches:
        await watch.close()


async def test_whoever_cannot_look_stops_sending_and_takes_it_up_again(postgresql_world: World) -> None:
    process = postgresql_world.process()
    watch = watching(process)
    await watch.beat()
    assert process.sender.active == {CHANNEL}
    async with postgresql_world.database.transaction() as db:
        await db.execute(text("ALTER TABLE outbox RENAME TO elsewhere"))
    await watch.beat()
    assert not process.sender.active
    async with postgresql_world.database.transaction() as db:
        await db.execute(text("ALTER TABLE elsewhere RENAME TO outbox"))
    await watch.beat()
    assert process.sender.active == {CHANNEL}
    await watch.close()


async def test_whoever_lost_its_lock_to_another_no_longer_sends(postgresql_world: World) -> None:
    first, second = postgresql_world.process(), postgresql_world.process()
    watches = [watching(first), watching(second)]
    for watch in watches:
        await watch.beat()
    mine = f"classid = {_ALIVE} AND objid = {first.sender.owner} AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    async with postgresql_world.database.transaction() as db:
        await db.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE {mine}"))
    for watch in reversed(watches):
        await watch.beat()
    assert (first.sender.active, second.sender.active) == (set(), {CHANNEL})
    for watch in watches:
        await watch.close()


async def test_one_process_hears_what_another_queued(postgresql_world: World) -> None:
    process = postgresql_world.process()
    heard: asyncio.Queue[str] = asyncio.Queue()
    watch = watching(process, heard.put_nowait)
    await watch.beat()
    async with postgresql_world.database.transaction() as db:
        await outbox.wake(db, "web:somebody")
    assert await heard.get() == "web:somebody"
    await watch.close()


async def test_one_sqlite_file_is_served_by_one_process(sqlite_world: World) -> None:
    first, second = sqlite_world.process(), sqlite_world.process()
    served = watching(first)
    await served.look()
    assert first.sender.active == {CHANNEL}
    with pytest.raises(AlreadyServed):
        await watching(second).look()
    await served.close()
    await watching(second).look()
    assert second.sender.active == {CHANNEL}


async def test_the_backlog_is_shown_as_it_is(chat: Chat) -> None:
    await chat.say("/start")
    later = chat.clock.now() + timedelta(hours=1)
    async with chat.core.database.transaction() as db:
        await post(
            db,
            [
                OutboxMessage(1, CHANNEL, "founder", body("later"), NOTICE, "queued", not_before=later)
                for _n in range(7)
            ],
            chat.clock.now(),
        )
    await gauges(chat.core)
    assert REGISTRY.get_sample_value("mouwakib_outbox_queued") == 7
    chat.clock.pass_(hours=2)
    await chat.settle()
    await gauges(chat.core)
    assert REGISTRY.get_sample_value("mouwakib_outbox_queued") == 0


# the answer to a commit is lost -----------------------------------------------------------------------------------


class Wire:
    """Between us and PostgreSQL; it can break right after a commit was carried out, before anybody is told."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.breaks = False
        self._tasks: set[asyncio.Task[None] | None] = set()

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str) -> AsyncIterator[tuple[Wire, str]]:
        wire = cls(make_url(url))
        server = await asyncio.start_server(wire._carry, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        yield wire, wire.url.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
        server.close()
        await asyncio.gather(*(task for task in wire._tasks if task is not None))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        folder = self.url.query.get("host")
        port = self.url.port or 5432
        if isinstance(folder, str):
            back, forth = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        else:
            back, forth = await asyncio.open_connection(self.url.host, port)

        async def upward() -> None:
            while said := await reader.read(65536):
                forth.write(said)
                if self.breaks and b"COMMIT" in said:
                    self.breaks = False
                    downward.cancel()
                    await asyncio.wait({downward})
                    await back.read(1)  # it is done
                    break

        async def down() -> None:
            while told := await back.read(65536):
                writer.write(told)
            writer.close()

        downward = asyncio.ensure_future(down())
        await upward()
        downward.cancel()
        for end in (writer, forth):
            end.close()
            with suppress(OSError):
                await end.wait_closed()


async def test_an_answer_whose_commit_was_never_confirmed_still_reaches_the_founder_once(
    postgresql_url: str, tmp_path: Path
) -> None:
    async with Wire.to(postgresql_url) as (wire, url), Chat.on(url, tmp_path) as chat:
        await chat.say("/start")
        message = chat.incoming(text="Français")
        wire.breaks = True
        with pytest.raises(Unavailable):
            await chat.core.turns.take(message)
        await chat.core.turns.take(message)  # the platform sends it again: it was handled
        await chat.settle()
        assert len(chat.paper.sent) == 1
        await chat.core.sender.recover()
        await chat.settle()
        assert len(chat.paper.sent) == 1, "it may yet be under way"
        chat.clock.pass_(seconds=LOST_S + 1)
        for _look in range(2):
            await chat.core.sender.recover()
            await chat.settle()
        assert len(chat.paper.sent) == 2
        async with chat.core.database.reading() as db:
            assert list(await db.scalars(select(OutboxRow.state))) == ["sent", "sent"]


async def test_what_is_in_hand_is_never_taken_for_lost(world: World) -> None:
    process = world.process()
    world.platform.stuck_at = "hello"
    await process.answers("hello")
    await world.queue("hello", who="somebody else")
    await process.sender.look()
    await process.until(lambda: world.platform.asked == 2)
    world.clock.pass_(hours=1)
    await process.sender.recover()
    assert await world.states() == ["sending", "sending"]


# forgetting -------------------------------------------------------------------------------------------------------


async def test_only_what_is_finished_is_ever_forgotten(world: World) -> None:
    process = world.process()
    states = ["queued", "sending", "sent", "delivered", "read", "failed", "skipped", "unknown"]
    for state in states:
        await world.queue(state, state=state, owner=99 if state == "sending" else 0)
    async with process.database.transaction() as db:
        await outbox.forget_old(db, datetime.max.replace(tzinfo=world.clock.now().tzinfo))
    assert await world.states() == ["queued", "sending"]
    async with process.database.transaction() as db:
        await db.execute(update(OutboxRow).values(person_id=None))
        await outbox.forget_nobodys(db)
    assert await world.states() == ["queued", "sending"]


# announcements, killed at every point -----------------------------------------------------------------------------------

HAND = 3  # taken at once in these tests
POINTS = ("planning", "planned", "taken", "asked", "arrived", "marked", "paused")


async def announced(world: World, count: int) -> int:
    """An announcement that is due, and people who want it."""
    now = world.clock.now()
    async with world.database.transaction() as db:
        for n in range(count):
            person = {
                "created_at": now,
                "seen_at": now,
                "language": "fr",
                "name": "",
                "roles": "founder",
                "agreed": ["data", "news"],
                "profile": {},
            }
            who = (await db.execute(insert(PersonRow).values(**person).returning(PersonRow.id))).scalar_one()
            await db.execute(
                insert(AddressRow).values(person_id=who, channel=CHANNEL, address=f"p{n}", used_at=now, gone="")
            )
        return await announcements.add(db, 0, "events", {"fr": body("news")}, Audience(), count, now, "scheduled", now)


@pytest.mark.parametrize("point", POINTS)
async def test_wherever_an_announcement_is_killed_nobody_reads_it_twice_and_who_may_not_have_it_is_known(
    world: World, point: str
) -> None:
    id = await announced(world, 8)
    victim, survivor, now = world.process(), world.process(), world.clock.now()
    with suppress(ZeroDivisionError):
        async with world.database.transaction() as db:
            assert await announcements.plan(db, id, now, bridged=())
            if point == "planning":
                raise ZeroDivisionError
    if point not in ("planning", "planned"):
        world.platform.stuck_at = "news" if point == "asked" else ""
        taken = await victim.sender.take(id, CHANNEL, HAND)
        for letter in taken if point != "taken" else ():
            victim.sender.announce(*letter)
        await victim.until(
            {"taken": lambda: True, "asked": lambda: world.platform.asked == HAND}.get(
                point, lambda: len(world.platform.arrived) == HAND
            )
        )
        if point in ("marked", "paused"):
            await victim.sender.idle()
    if point == "paused":
        async with world.database.transaction() as db:
            await announcements.move(db, id, None, ["sending"], "paused", now)
    await victim.dies()
    world.platform.stuck_at = ""
    await survivor.sender.settle(victim.sender.owner, [CHANNEL], now)
    async with world.database.transaction() as db:
        assert await announcements.plan(db, id, now, bridged=()) == (point == "planning"), "planned once, and wholly"
    if point == "paused":
        assert await survivor.sender.take(id, CHANNEL, HAND) == []
        async with world.database.transaction() as db:
            await announcements.move(db, id, None, ["paused"], "sending", now)
    while taken := await survivor.sender.take(id, CHANNEL, HAND):
        for letter in taken:
            survivor.sender.announce(*letter)
        await survivor.sender.idle()
    read = Counter(address for address, _text in world.platform.arrived)
    assert set(read.values()) <= {1}
    unknown = (await world.states()).count("unknown")
    assert unknown == (HAND if point in ("taken", "asked", "arrived") else 0)
    assert len(read) == 8 - (HAND if point in ("taken", "asked") else 0)
    async with world.database.transaction() as db:
        assert await announcements.finish(db, id, now)
