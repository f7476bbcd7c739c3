"""One message in, one transaction out; and many turns, one commit.

Messages that wait at the same moment, of different people, are taken as a group: their people are read in one
statement, each conversation runs in memory, all that changed is written in a few statements, one commit. Only then
are they acknowledged and answered. A conversation that touches the database is taken out of the group and run again
alone (running again is free by design), and so is one that fails: a bug takes out only its own turn.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Any, Protocol

from bot import metrics
from bot.clock import Clock
from bot.documents.store import FileStore
from bot.flood import Pace
from bot.log import fault, log
from bot.record import Item, Record
from bot.route import Route
from bot.turn_context import UNTOUCHED, Alone, TurnContext
from handlers.talk.message import Incoming, Outgoing
from handlers.talk.words import Language, Text, _
from storage import Conflict, Unavailable, outbox, turns
from storage.database import Database, Db
from storage.messages import OutboxMessage, post
from storage.turns import StoredPerson

GROUP = 128  # turns in one commit, at most
ABREAST, WORTH = 2, 24  # groups under way at once on PostgreSQL, and how many must wait for a second to begin
WAITING = 30  # messages of one person that may wait; what comes faster is asked to slow down
BACKLOG = 20_000  # messages of everybody
TRIES = 3


class Sends(Protocol):
    """What a turn needs of delivery."""

    def replies(self, messages: list[OutboxMessage]) -> None: ...
    def wake(self) -> None: ...
    def courtesy(self, channel: str, address: str, body: dict[str, Any]) -> None: ...


class Turns:
    """Takes messages, each person's in the order they came, and returns when what they did is durable."""

    def __init__(
        self,
        database: Database,
        route: Route,
        languages: Mapping[str, Language],
        sends: Sends,
        store: FileStore,
        clock: Clock,
        owner: int,
    ) -> None:
        self.database = database
        self.route = route
        self.languages = languages
        self.sends = sends
        self.store = store
        self.clock = clock
        self.pace = Pace()
        self.record = Record(languages, store, self.pace, owner)
        self._queues: dict[tuple[str, str], deque[Item]] = {}
        self._ready: deque[tuple[str, str]] = deque()
        self._waiting = 0
        self._under_way = 0
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, incoming: Incoming, fetch: Callable[[], Awaitable[Incoming]] | None = None) -> asyncio.Future[None]:
        """Done when the message is durably handled, and not before; Unavailable if it should be delivered again later.

        `fetch` brings the message's document; messages that follow wait for it, so that order is kept.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        item = Item(_storable(incoming), [done], fetch, perf_counter())
        queue = self._queues.get(item.key)
        if queue is not None and (same := next((other for other in queue if other.incoming.id == incoming.id), None)):
            same.done.append(done)
        elif self._waiting >= BACKLOG:
            done.set_exception(Unavailable("too many messages are waiting"))
        elif not self.pace.allows(item.key, self.clock.now().timestamp()) or (
            queue is not None and len(queue) >= WAITING
        ):
            self._slow_down(item)
        else:
            self._waiting += 1
            if queue is None:
                self._queues[item.key] = deque((item,))
                self._ready.append(item.key)
                self._wake.set()
            else:
                queue.append(item)
        return done

    async def run(self) -> None:
        """Take groups until cancelled; on PostgreSQL a second one may begin while the first waits for the database."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._ready and self._may_begin():
                if group := self._pick():
                    self._under_way += 1
                    self._spawn(self._work(group))

    def _may_begin(self) -> bool:
        """Whether to take a group now: at once if none is under way, beside another only if it is worth a commit."""
        if not self._under_way:
            return True
        return not self.database.sqlite and self._under_way < ABREAST and len(self._ready) >= WORTH

    async def _work(self, group: list[Item]) -> None:
        try:
            await self._group(group)
        finally:
            self._under_way -= 1
            self._wake.set()

    async def close(self) -> None:
        """Wait for turns that run alone."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)

    def _slow_down(self, item: Item) -> None:
        """A flood: one polite notice a minute, and the rest is let go."""
        metrics.turn(item.incoming.channel, "too fast").inc()
        if language := self.pace.notice(item.key, self.clock.now().timestamp()):
            body = Outgoing(_TOO_FAST).into(self.languages.get(language) or self.languages["fr"])
            self.sends.courtesy(item.incoming.channel, item.incoming.address, body)
        item.done[0].set_result(None)

    def _pick(self) -> list[Item]:
        """The next message of up to `GROUP` people; those whose document must be fetched step aside."""
        group: list[Item] = []
        while self._ready and len(group) < GROUP:
            item = self._queues[self._ready.popleft()][0]
            if item.fetch is not None:
                self._spawn(self._fetch(item))
            else:
                group.append(item)
        return group

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fetch(self, item: Item) -> None:
        fetch, item.fetch = item.fetch, None
        assert fetch is not None
        try:
            item.incoming = await fetch()
        except Unavailable as error:
            self._finish(item, error)
            return
        except Exception as error:
            log.error("document not fetched", channel=item.incoming.channel, **fault(error))
            item.incoming = replace(item.incoming, trouble="gone")
        self._ready.append(item.key)
        self._wake.set()

    def _finish(self, item: Item, error: BaseException | None = None) -> None:
        """Acknowledge a message (or refuse it), and let the person's next one come."""
        self._waiting -= 1
        queue = self._queues[item.key]
        queue.popleft()
        if queue:
            self._ready.append(item.key)
            self._wake.set()
        else:
            del self._queues[item.key]
        for done in item.done:
            if done.done():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
        metrics.turn(item.incoming.channel, "done" if error is None else type(error).__name__).inc()
        metrics.turn_seconds.observe(perf_counter() - item.arrived)

    # groups ---------------------------------------------------------------------------------------------------------

    async def _group(self, items: list[Item]) -> None:
        metrics.group_size.observe(len(items))
        try:
            alone, messages, discard = await self._commit_group(items)
        except Unavailable as error:
            for item in items:
                self._finish(item, error)
            return
        except Exception as error:  # the group as such failed: each turn finds out alone what is wrong with it
            if not isinstance(error, Conflict):
                log.error("group failed", size=len(items), **fault(error))
            alone, messages, discard = items, [], []
        for item in items:
            if item not in alone:
                self._finish(item)
        self.sends.replies(messages)
        for id in discard:
            self.store.remove(id)
        for item in alone:
            self._spawn(self._alone(item))

    async def _commit_group(self, items: list[Item]) -> tuple[list[Item], list[OutboxMessage], list[str]]:
        """The turns that must run alone, the replies to send, the files to remove."""
        now = self.clock.now()
        alone: list[Item] = []
        taken: dict[int, tuple[TurnContext, StoredPerson]] = {}
        met: set[int] = set()
        async with self.database.transaction() as db:
            for item, known in zip(items, await self._load(db, items, now), strict=True):
                turn = self.record.turn_of(item, known, now)
                try:
                    if known.id in met:  # the same person on two channels at once: one after the other
                        raise Alone
                    met.add(known.id)
                    await self._answer(turn, known)
                except (Alone, Exception):
                    alone.append(item)
                else:
                    taken[known.id] = turn, known
            fresh = await turns.receive(
                db,
                [(*self.record.handled(v.incoming, v.person.id, v.person.agreed), "") for v, _known in taken.values()],
            )
            # a message handled before leaves nothing
            kept = [
                (turn, known) for turn, known in taken.values() if (turn.incoming.channel, turn.incoming.id) in fresh
            ]
            messages = await self.record.keep(db, kept, now)
        return alone, messages, [id for turn, _known in kept for id in turn.discard]

    async def _load(self, db: Db, items: list[Item], now: datetime) -> list[StoredPerson]:
        """Who they are, newcomers included."""
        found = await turns.load(db, [item.key for item in items])
        # in a fixed order: no two processes wait for each other
        if new := sorted((at for at, known in enumerate(found) if known is None), key=lambda at: items[at].key):
            ids = await turns.welcome(db, [(*items[at].key, items[at].incoming.name[:80]) for at in new], now)
            for at, id in zip(new, ids, strict=True):
                found[at] = StoredPerson(
                    id, "", items[at].incoming.name[:80], "founder", [], {}, 0, 0, 0, now, now, "", {}
                )
        return [known for known in found if known is not None]

    # a turn of its own ----------------------------------------------------------------------------------------------

    async def _alone(self, item: Item) -> None:
        """A turn in its own transaction, with the database at hand."""
        for last_try in (*[False] * (TRIES - 1), True):
            try:
                messages, discard = await self._commit_alone(item)
            except Conflict as error:
                if not last_try:
                    continue
                await self._apologise(item, error)
            except Unavailable as error:
                self._finish(item, error)
            except Exception as error:
                await self._apologise(item, error)
            else:
                self._finish(item)
                self.sends.replies(messages)
                self.sends.wake()  # a notice may have been queued for somebody else
                for id in discard:
                    self.store.remove(id)
            return

    async def _commit_alone(self, item: Item) -> tuple[list[OutboxMessage], list[str]]:
        now = self.clock.now()
        async with self.database.transaction() as db:
            known = (await self._load(db, [item], now))[0]
            # first of all, as deeds are done on the way: a message handled before does nothing again
            if not await turns.receive(db, [(*self.record.handled(item.incoming, known.id, known.agreed), "")]):
                return [], []
            turn = self.record.turn_of(item, known, now)
            turn.db = db
            await self._answer(turn, known)
            return await self.record.keep(db, [(turn, known)], now), turn.discard

    async def _apologise(self, item: Item, error: Exception) -> None:
        """A message we failed on is kept, apologised for, and never blocks the person again."""
        reference = secrets.token_hex(3).upper()
        log.error(
            "turn failed", reference=reference, channel=item.incoming.channel, message=item.incoming.id, **fault(error)
        )
        now = self.clock.now()
        try:
            async with self.database.transaction() as db:
                known = (await self._load(db, [item], now))[0]
                language = self.record.language(known.language, item.incoming)
                message = self.record.message(item.incoming, known.id, Outgoing(_apology(reference)).into(language))
                handled = (*self.record.handled(item.incoming, known.id, known.agreed), reference)
                messages = [message] if await turns.receive(db, [handled]) else []
                await post(db, messages, now)
        except (Unavailable, Conflict) as away:
            self._finish(item, Unavailable(str(away)))
            return
        except Exception as worse:  # not even that can be kept: delivered again, it would only fail again
            log.critical(
                "message lost",
                reference=reference,
                channel=item.incoming.channel,
                message=item.incoming.id,
                **fault(worse),
            )
            messages = []
        self._finish(item)
        self.sends.replies(messages)

    # what both share ------------------------------------------------------------------------------------------------

    async def _answer(self, turn: TurnContext, known: StoredPerson) -> None:
        incoming = turn.incoming
        if incoming.kind in ("left", "returned"):
            if turn.db is UNTOUCHED:
                raise Alone
            newest = max((touched for _name, _kept, touched in known.open.values()), default=None)
            if incoming.kind == "left" and (newest is None or newest <= incoming.at):  # an older "left" may arrive late
                await outbox.gone(turn.db, incoming.channel, incoming.address, "blocked")
            return
        await self.route.answer(turn)


_TOO_FAST: Text = _("You write faster than I can follow. Please wait a moment, then send your last message again.")


def _storable(incoming: Incoming) -> Incoming:
    """The message without what no database keeps: NUL, and halves of surrogate pairs."""
    words = (incoming.text, incoming.press, incoming.name)
    if all(word.isprintable() for word in words):
        return incoming
    text, press, name = (word.replace("\x00", "").encode("utf-8", "replace").decode() for word in words)
    return replace(incoming, text=text, press=press, name=name)


def _apology(reference: str) -> Text:
    return _(
        "Sorry, something went wrong on our side. Nothing you told me before is lost. Please try again, or write to the team with this reference: {ref}.",
        ref=reference,
    )
