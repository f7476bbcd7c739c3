"""The outbox's sender: replies at once from memory, the rest from the table; what each outcome means is decided here.

Replies are sent by the process that made the turn, in order for each chat. Notices and announcements, and whatever a
dead process left, are taken from the table by one active sender for each channel account. Marks are written in
batches, so a letter whose process dies between the platform's yes and the mark is in doubt: see `storage.outbox`.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from bot import metrics
from bot.channels.base import Channel, Doubt, Gone, Held, Later, Never, Outcome, Part, Prompt, Sent
from bot.clock import Clock
from bot.log import fault, log
from handlers.channels import rate_limit
from storage import Unavailable, announcements, outbox
from storage.database import Database
from storage.held import hold
from storage.messages import OutboxMessage
from storage.outbox import Mark

MARK_EVERY_S = 0.02  # outcomes of so long go into one commit
MARK_LATEST_S = 0.3  # an outcome of an announcement waits so long for the next recipients to be taken
LOOK_EVERY_S = 1.0  # how often the table is read when nothing wakes us
HAND = 32  # letters of a channel taken from the table and not known to be sent: what a killed process leaves in doubt is no more
AHEAD_S = 0.25  # of a platform's pace, taken at once
LOST_S = 10.0  # a letter of ours that is so old and not in hand was committed without our learning of it
LATE_S = 5.0  # how late a letter that waits in the table may be taken from it
SHORT_WAIT_S = 30.0  # a reply waits so long in memory, in its place; longer in the table
MOST_TRIES = 30  # with waits that double up to an hour: about a day


class Sender:
    """One for each process; `channels` are those this process can send on."""

    def __init__(self, database: Database, clock: Clock, owner: int) -> None:
        self.database = database
        self.channels: dict[str, Channel] = {}
        self._prompt: dict[str, Prompt] = {}  # those that send without a task
        self.clock = clock
        self.owner = owner
        self.active: set[str] = set()  # channels whose table this process works
        self._chats: dict[
            tuple[str, str], deque[tuple[OutboxMessage, int, int]]
        ] = {}  # letters under way or behind one
        self._in_hand: set[int] = set()  # letters from the moment they are ours until their outcome is written
        self._taken: dict[int, str] = {}  # those of them that come from the table -> their channel
        self._paid: dict[
            str, float
        ] = {}  # channels -> until when what was taken for them is within their platform's pace
        self._later: dict[tuple[str, str], datetime] = {}  # chats whose letters wait in the table, and until when
        self._held: dict[str, datetime] = {}  # channels whose account must wait: only replies go meanwhile
        self._marks: list[Mark] = []
        self._writing = asyncio.Lock()  # outcomes on their way into the database
        self._marked = asyncio.Event()
        self._woken = asyncio.Event()
        self._taking = asyncio.Lock()  # what is taken from the table is not yet in hand
        self._tasks: set[asyncio.Future[None]] = set()  # letters under way
        self.told: Callable[[str, bool, bool], None] = lambda channel, announcement, refused: (
            None
        )  # what was sent on which channel

    def add(self, channel: Channel) -> None:
        """Send on this channel from now on."""
        self.channels[channel.name] = channel
        if isinstance(channel, Prompt):
            self._prompt[channel.name] = channel

    async def idle(self) -> None:
        """Return when every letter known to this process has its outcome written."""
        while self._tasks or self._marks or self._writing.locked():
            await asyncio.gather(*self._tasks)
            await self.flush()

    # what turns call ------------------------------------------------------------------------------------------------

    def replies(self, letters: list[OutboxMessage]) -> None:
        """Send letters that were just committed as being sent by this process."""
        now = self.clock.now()
        for letter in letters:
            until = self._later.get((letter.channel, letter.address))
            if until is not None and self._still_waits(letter.channel, until, now):
                self._mark(Mark(letter.id, "queued", not_before=until))  # behind those that wait, not before them
            else:
                self._enqueue(letter, 0, 0)

    def wake(self) -> None:
        """Something was queued in the table."""
        self._woken.set()

    def courtesy(self, channel: str, address: str, body: dict[str, Any]) -> None:
        """Send words that need no record: nothing is lost if they are."""
        if channel in self.channels:
            self._enqueue(OutboxMessage(None, channel, address, body), 0, 0)

    async def take(self, announcement: int, channel: str, most: int) -> list[tuple[OutboxMessage, int, int]]:
        """The next recipients of an announcement, marked as being sent: (letter, attempts, parts out)."""
        async with self._taking, self._writing:
            marks, self._marks = (
                self._marks,
                [],
            )  # what became of the last ones is written with it: one commit less for founders to wait for
            try:
                async with self.database.transaction() as db:
                    await outbox.mark(db, marks, self.clock.now())
                    taken = await announcements.claim(db, announcement, channel, self.owner, most, self.clock.now())
            except BaseException:
                self._marks = marks + self._marks
                raise
            self._forget([mark.id for mark in marks if mark.state != "sending"])
            self._in_hand.update(letter.id for letter, _attempts, _parts in taken)
        return taken

    def announce(self, letter: OutboxMessage, attempts: int, parts: int) -> None:
        """Send a letter that was taken."""
        self._enqueue(letter, attempts, parts)

    def may_announce(self, channel: str) -> bool:
        """Whether announcements may go out here now: the account is ours, and nobody asked it to wait."""
        return channel in self.active and self._held.get(channel, self.clock.now()) <= self.clock.now()

    async def put_back(self, letters: list[OutboxMessage]) -> None:
        """Letters that were taken but not sent wait again."""
        ids = [letter.id for letter in letters]
        async with self.database.transaction() as db:
            await outbox.queue_again(db, ids)
        self._in_hand.difference_update(ids)

    def _forget(self, letters: Iterable[int]) -> None:
        """What became of letters is written down."""
        for id in letters:
            self._in_hand.discard(id)
            self._taken.pop(id, None)

    def _still_waits(self, channel: str, until: datetime, now: datetime) -> bool:
        """Whether what waits in the table until then is still there: we take it ourselves, or another process does."""
        return channel in self.active or until + timedelta(seconds=LATE_S) > now

    # sending --------------------------------------------------------------------------------------------------------

    def _enqueue(self, letter: OutboxMessage, attempts: int, parts: int) -> None:
        chat = (letter.channel, letter.address)
        self._in_hand.add(letter.id)
        queue = self._chats.get(chat)
        if queue is None:
            self._chats[chat] = deque(((letter, attempts, parts),))
            if attempts or parts or letter.lane != outbox.REPLY or not self._begin(chat, letter):
                self._spawn(self._work(chat))
        else:
            queue.append((letter, attempts, parts))

    def _begin(self, chat: tuple[str, str], letter: OutboxMessage) -> bool:
        """Whether a reply is on its way without a task: most are one piece of words that nothing holds up."""
        channel, body = self._prompt.get(letter.channel), letter.body
        if channel is None or "file" in body or "until" in body or "as_on" in body:
            return False
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def told(outcome: Outcome) -> None:
            self._tasks.discard(ended)
            ended.set_result(None)
            self._ended(chat, letter, outcome)

        try:
            pieces = channel.fit(body)
            if len(pieces) > 1 or not channel.begin(letter.address, _piece(letter, pieces[0], 1, 1), told):
                return False
        except Exception:  # nothing has left us: what is wrong will be said where it is sent again
            return False
        self._tasks.add(ended)
        return True

    def _ended(self, chat: tuple[str, str], letter: OutboxMessage, outcome: Outcome) -> None:
        """What becomes of a reply that was sent without a task; of whatever is not plain, a task decides."""
        if not isinstance(outcome, Sent) or len(self._chats[chat]) > 1:
            self._spawn(self._work(chat, outcome))
            return
        del self._chats[chat]
        self._count(letter, outcome)
        self._mark(self._settled(letter, 0, 1, outcome))

    def _count(self, letter: OutboxMessage, outcome: Outcome) -> None:
        metrics.send(letter.channel, type(outcome).__name__.lower()).inc()
        self.told(letter.channel, letter.lane == outbox.ANNOUNCEMENT, isinstance(outcome, Later) and outcome.account)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, chat: tuple[str, str], ended: Outcome | None = None) -> None:
        """Send one chat's letters, one after the other; what must wait long goes back to the table with what follows it.
        `ended` is what became of the first, if it was sent already."""
        queue = self._chats[chat]
        while queue:
            letter, attempts, parts = queue[0]
            if ended is not None:
                outcome, parts, ended = ended, int(isinstance(ended, Sent)), None
            elif outbox.too_late(letter.body, self.clock.now()):
                queue.popleft()
                self._mark(Mark(letter.id, "skipped", "too late", parts=parts))
                continue
            else:
                outcome, parts = await self._send(letter, parts)
            self._count(letter, outcome)
            if (
                isinstance(outcome, Later)
                and letter.lane == outbox.REPLY
                and outcome.after <= SHORT_WAIT_S
                and attempts < (outcome.tries or 5)
            ):
                queue[0] = letter, attempts + 1, parts
                await asyncio.sleep(outcome.after)
                continue
            if isinstance(outcome, Held):
                if (outcome.announce is None and await self._elsewhere(letter, outcome.reason)) or await self._hold(
                    letter, parts, outcome
                ):
                    queue.popleft()
                    continue
                outcome = Later(LATE_S, outcome.reason)
            queue.popleft()
            mark = self._settled(letter, attempts, parts, outcome)
            if mark.state != "failed" or not await self._elsewhere(letter, mark.reason):
                self._mark(mark, soon=letter.lane != outbox.ANNOUNCEMENT)
            if mark.state == "queued" and mark.not_before is not None:
                self._wait(chat, letter, mark.not_before)
            elif isinstance(outcome, Gone):
                await self._gone(chat, outcome.reason)
        del self._chats[chat]

    async def _send(self, letter: OutboxMessage, parts: int) -> tuple[Outcome, int]:
        """The outcome, and how many parts of the letter are out now."""
        channel = self.channels[letter.channel]
        outcome: Outcome = Sent()
        try:
            pieces = self.channels.get(letter.body.get("as_on", ""), channel).fit(
                letter.body
            )  # a look at it, as another channel shows it
            for part in pieces[parts:]:
                outcome = await channel.send(letter.address, _piece(letter, part, parts + 1, len(pieces)))
                if not isinstance(outcome, Sent):
                    break
                parts += 1
                if parts < len(pieces):  # what is out is out, even if we die before the rest
                    self._mark(Mark(letter.id, "sending", parts=parts))
        except Exception as error:
            log.error("send failed", channel=letter.channel, letter=letter.id, **fault(error))
            outcome = Doubt(type(error).__name__)
        return outcome, parts

    def _settled(
        self, letter: OutboxMessage, attempts: int, parts: int, outcome: Sent | Later | Never | Gone | Doubt
    ) -> Mark:
        """What an outcome means for a letter."""
        now = self.clock.now()
        match outcome:
            case Sent(platform_id):
                return Mark(letter.id, "sent", platform_id=platform_id, parts=parts)
            case Later(after, reason, account, tries):
                if (
                    attempts >= (tries or MOST_TRIES) and not account
                ):  # what the whole account waits for is no letter's fault
                    return Mark(letter.id, "failed", reason[:80] or "tried too often", parts=parts)
                if account:
                    self._held[letter.channel] = now + timedelta(seconds=after)
                wait = max(after, min(3600.0, 2.0 ** min(attempts, 12))) * random.uniform(1, 1.2)  # noqa: S311 - jitter
                return Mark(
                    letter.id, _waits(letter), reason[:80], parts=parts, not_before=now + timedelta(seconds=wait)
                )
            case Never(reason):
                log.warning("letter refused", channel=letter.channel, letter=letter.id, reason=reason[:80])
                return Mark(letter.id, "failed", reason[:80], parts=parts)
            case Gone(reason):
                return Mark(letter.id, "failed", reason[:80], parts=parts)
            case Doubt(reason):
                log.warning("letter in doubt", channel=letter.channel, letter=letter.id, reason=reason[:80])
                return Mark(letter.id, "unknown", reason[:80], parts=parts, not_before=now)

    def _wait(self, chat: tuple[str, str], first: OutboxMessage, until: datetime) -> None:
        """What stands behind a letter that must wait waits with it; but a reply waits for no notice."""
        queue = self._chats[chat]
        if first.lane == outbox.REPLY:
            self._later[chat] = until
        waiting = [entry for entry in queue if first.lane == outbox.REPLY or entry[0].lane != outbox.REPLY]
        for letter, _attempts, parts in waiting:
            self._mark(Mark(letter.id, _waits(letter), parts=parts, not_before=until))
            queue.remove((letter, _attempts, parts))

    async def _hold(self, letter: OutboxMessage, parts: int, held: Held) -> bool:
        """Keep a letter until they write, and tell them that it waits; whether that is durable."""
        if not letter.id:
            return True  # a courtesy that cannot be said now is not said
        try:
            async with self.database.transaction() as db:
                await hold(db, letter, parts, held.since, held.announce, held.key, self.clock.now())
        except Unavailable:
            return False
        self._forget([letter.id])
        self.wake()
        return True

    async def _elsewhere(self, letter: OutboxMessage, reason: str) -> bool:
        """Whether a notice that did not get through goes to another address of the person's."""
        if letter.lane != outbox.NOTICE or letter.person is None:
            return False
        try:
            async with self.database.transaction() as db:
                if not await outbox.elsewhere(db, letter.id, reason, self.clock.now()):
                    return False
        except Unavailable:
            return False
        self._forget([letter.id])
        self.wake()
        return True

    async def _gone(self, chat: tuple[str, str], reason: str) -> None:
        """Nobody is there: what waits for this chat is not sent, or elsewhere."""
        queue = self._chats[chat]
        waiting = list(queue)
        queue.clear()
        for letter, _attempts, parts in waiting:
            if not await self._elsewhere(letter, reason):
                self._mark(Mark(letter.id, "skipped", reason[:80], parts=parts))
        try:
            async with self.database.transaction() as db:
                await outbox.gone(db, *chat, reason[:40])
        except Unavailable as error:
            log.warning("address not marked as gone", **fault(error))
        for letter, _attempts, parts in queue:  # taken meanwhile; an answer, though, means that they are back
            if letter.lane != outbox.REPLY:
                self._mark(Mark(letter.id, "skipped", reason[:80], parts=parts))
        answers = [one for one in queue if one[0].lane == outbox.REPLY]
        queue.clear()
        queue.extend(answers)

    # marking --------------------------------------------------------------------------------------------------------

    def _mark(self, mark: Mark, *, soon: bool = True) -> None:
        if not mark.id:  # a courtesy has no row
            return
        self._marks.append(mark)
        if soon:
            self._marked.set()
        else:  # by then the next recipients are taken, and it is written with them
            asyncio.get_running_loop().call_later(MARK_LATEST_S, self._marked.set)

    async def marking(self) -> None:
        """Write outcomes in batches until cancelled."""
        while True:
            await self._marked.wait()
            await asyncio.sleep(MARK_EVERY_S)
            await self.flush()

    async def flush(self) -> None:
        """Write the outcomes known so far."""
        async with self._writing:
            self._marked.clear()
            marks, self._marks = self._marks, []
            if not marks:
                return
            try:
                async with self.database.transaction() as db:
                    await outbox.mark(db, marks, self.clock.now())
            except Unavailable:
                self._marks = marks + self._marks  # they are facts: written when the database is back
                await asyncio.sleep(1)
                self._marked.set()
            else:
                self._forget([mark.id for mark in marks if mark.state != "sending"])

    # the table ------------------------------------------------------------------------------------------------------

    async def working(self) -> None:
        """Take due letters from the table until cancelled."""
        while True:
            wait = LOOK_EVERY_S
            try:
                wait = await self.look()
            except Unavailable:
                pass
            except Exception as error:
                log.error("outbox not read", **fault(error))
            if wait > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), wait)
            self._woken.clear()

    async def look(self) -> float:
        """Take what is due, a hand full and within each platform's pace; seconds until there is a reason to look again."""
        now = self.clock.now()
        channels = sorted(name for name in self.active if self._held.get(name, now) <= now)
        if not channels:
            return LOOK_EVERY_S
        async with self.database.reading() as db:
            due = await outbox.next_due(db, channels)
        if due is None or due > now:
            return min(LOOK_EVERY_S, (due - now).total_seconds()) if due else LOOK_EVERY_S
        self._later = {chat: until for chat, until in self._later.items() if self._still_waits(chat[0], until, now)}
        rooms = {channel: room for channel in channels if (room := self._allowed(channel))}
        if not rooms:
            return MARK_EVERY_S
        more = len(rooms) < len(channels)
        async with self._taking:
            claimed: list[tuple[OutboxMessage, int, int]] = []
            async with self.database.transaction() as db:
                for channel, room in rooms.items():
                    found = await outbox.claim(db, self.owner, [channel], now, room)
                    claimed += found
                    more = more or len(found) == room
            for letter, attempts, parts in sorted(claimed, key=lambda one: (one[0].lane, one[0].id)):
                self._later.pop((letter.channel, letter.address), None)
                self._taken[letter.id] = letter.channel
                self._paid[letter.channel] = max(self._paid.get(letter.channel, 0.0), monotonic()) + 1 / rate_limit(
                    letter.channel
                )
                self._enqueue(letter, attempts, parts)
        return MARK_EVERY_S if more else LOOK_EVERY_S

    def _allowed(self, channel: str) -> int:
        """How many letters may be taken for a channel now: a hand full, and not faster than its platform takes them."""
        paid = max(0.0, self._paid.get(channel, 0.0) - monotonic())
        return max(0, min(HAND - Counter(self._taken.values())[channel], int((AHEAD_S - paid) * rate_limit(channel))))

    async def recover(self) -> None:
        """Queue letters of ours that we do not know of: the database went away before it could say that they were kept."""
        before = self.clock.now() - timedelta(seconds=LOST_S)
        async with self._taking:
            async with self.database.reading() as db:
                lost = await outbox.sending(db, self.owner, before) - self._in_hand
            if lost:
                log.warning("letters recovered", letters=len(lost))
                async with self.database.transaction() as db:
                    await outbox.queue_again(db, lost)
                self.wake()

    async def settle(self, dead: int, channels: list[str], now: datetime) -> None:
        """Decide about letters that a dead process was sending."""
        async with self.database.transaction() as db:
            doubtful = await outbox.settle_doubt(db, dead, channels, now)
        if doubtful:
            log.warning("letters in doubt after a crash", letters=doubtful)
            self.wake()

    async def close(self, seconds: float = 5) -> None:
        """Let letters under way arrive, and write what became of them."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        await self.flush()


def _piece(letter: OutboxMessage, part: Part, number: int, pieces: int) -> Part:
    """A piece with what its channel should know of its letter; a courtesy has no row."""
    known = {"mark": f"{letter.id}.{number}.{pieces}"} if letter.id else {}
    return part | known | {"lane": letter.lane}


def _waits(letter: OutboxMessage) -> str:
    """How a letter waits in the table: one of an announcement for its turn at the pace of announcements."""
    return "planned" if letter.lane == outbox.ANNOUNCEMENT else "queued"
