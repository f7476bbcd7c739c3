"""What the clock does: due reminders become messages in the very transaction that marks them, so each goes out once; and
the chores of each room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.clock import Clock
from bot.delivery.sender import Sender
from bot.documents.store import FileStore
from bot.log import log
from handlers.actor import Actor, system
from handlers.contents import Chore
from handlers.notices.reminders import Due, Kinds, render
from handlers.notices.tell import tell_team
from handlers.notices.words import unreached
from handlers.programme.model import Programme
from handlers.talk.words import Language
from storage import outbox, reminders
from storage.database import Database, Db
from storage.messages import OutboxMessage, post

BATCH = 200  # reminders in one transaction


class Reminders:
    """May run in several processes at once, and late: rows are claimed, and a claim lives as long as its transaction."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        clock: Clock,
        programme: Programme,
        languages: Mapping[str, Language],
        kinds: Kinds,
    ) -> None:
        self.database = database
        self.sender = sender
        self.clock = clock
        self.programme = programme
        self.languages = languages
        self.kinds = kinds

    async def remind(self) -> int:
        """Send what is due; how many reminders were settled."""
        count = 0
        while True:
            settled = await self._batch()
            count += settled
            if settled < BATCH:
                return count

    async def _batch(self) -> int:
        by = system(self.languages, self.clock.now())
        async with self.database.reading() as db:
            if not await reminders.any_due(db, by.now):
                return 0
        async with self.database.transaction() as db:
            claimed = await reminders.claim(db, by.now, BATCH)
            due = await render(db, by, self.programme, self.kinds, claimed)
            await self._send(db, by, [reminder for reminder in due if reminder.body is not None])
            for reminder in due:
                if reminder.again is not None:
                    await reminders.put_off(db, reminder.id, reminder.again)
                elif reminder.body is None:
                    await reminders.settle(db, [reminder.id], "skipped", by.now, reminder.reason)
                if reminder.reason.startswith("fault"):
                    log.error("reminder not rendered", reminder=reminder.id, reason=reminder.reason)
            await outbox.wake(db)
        self.sender.wake()
        return len(claimed)

    async def _send(self, db: Db, by: Actor, due: Sequence[Due]) -> None:
        """Queue what is said to whom a channel reaches; the team learns of the others."""
        places = await reminders.reach(db, {reminder.person for reminder in due})
        messages = {
            reminder.id: OutboxMessage(
                reminder.person,
                *places[reminder.person],
                reminder.body or {},
                outbox.NOTICE,
                "queued",
                purpose=reminder.purpose,
            )
            for reminder in due
            if reminder.person in places
        }
        await post(db, list(messages.values()), by.now)
        for reminder in due:
            if reminder.id not in messages:
                await reminders.settle(db, [reminder.id], "skipped", by.now, "unreachable")
                await tell_team(db, by, *unreached(), purpose=f"unreached:{reminder.id}")
            elif reminder.about:
                await outbox.tells_of(db, [messages[reminder.id]], reminder.about)
        await reminders.settle(db, list(messages), "sent", by.now)


class Chores:
    """What rooms have the clock do. Each may run in several processes at once, and late."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        clock: Clock,
        programme: Programme,
        languages: Mapping[str, Language],
        store: FileStore,
        chores: Sequence[Chore],
    ) -> None:
        self.database = database
        self.sender = sender
        self.clock = clock
        self.programme = programme
        self.languages = languages
        self.store = store
        self.by_name = {chore.name: chore for chore in chores}

    async def run(self, name: str) -> None:
        """Do one of them, in a transaction of its own."""
        async with self.database.transaction() as db:
            by = system(self.languages, self.clock.now())
            count = await self.by_name[name].do(db, by, self.programme, self.store.keep)
        if count:
            log.info("chore done", chore=name, count=count)
        self.sender.wake()
