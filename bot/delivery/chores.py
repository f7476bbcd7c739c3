"""What the clock does: due reminders become letters in the very transaction that marks them, so each goes out once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.clock import Clock
from bot.delivery.sender import Sender
from bot.documents.store import FileStore
from bot.log import log
from handlers.coaching import waiting_list
from handlers.notices import reminders as said
from handlers.notices.tell import Clockwork, tell_team
from handlers.programme.model import Programme
from handlers.talk.words import Language, _
from storage import exchanges, outbox, reminders
from storage.database import Database
from storage.messages import OutboxMessage, post

BATCH = 200  # reminders in one transaction


class Reminders:
    """Each chore may run in several processes at once, and late: rows are claimed, and a claim lives as long as its transaction."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        clock: Clock,
        programme: Programme,
        languages: Mapping[str, Language],
        store: FileStore,
    ) -> None:
        self.database = database
        self.sender = sender
        self.store = store
        self.clock = clock
        self.programme = programme
        self.languages = languages

    async def remind(self) -> int:
        """Send what is due; how many reminders were settled."""
        count = 0
        while True:
            settled = await self._batch()
            count += settled
            if settled < BATCH:
                return count

    async def _batch(self) -> int:
        now = self.clock.now()
        async with self.database.reading() as db:
            if not await reminders.any_due(db, now):
                return 0
        async with self.database.transaction() as db:
            claimed = await reminders.claim(db, now, BATCH)
            due = await said.render(db, self.languages, self.programme, claimed, now)
            places = await reminders.reach(db, {one.person for one in due if one.body is not None})
            letters = [
                OutboxMessage(one.person, *places[one.person], one.body, outbox.NOTICE, "queued", purpose=one.purpose)
                for one in due
                if one.body is not None and one.person in places
            ]
            await post(db, letters, now)
            about = {one.purpose: one.about for one in due if one.about}
            for letter in letters:
                if letter.purpose in about:
                    await outbox.tells_of(db, [letter], about[letter.purpose])
            await reminders.settle(
                db, [one.id for one in due if one.body is not None and one.person in places], "sent", now
            )
            for one in due:
                if one.again is not None:
                    await reminders.put_off(db, one.id, one.again)
                elif one.body is None:
                    await reminders.settle(db, [one.id], "skipped", now, one.reason)
                elif one.person not in places:
                    await reminders.settle(db, [one.id], "skipped", now, "unreachable")
                    text = _("A reminder could not reach anybody: no channel is open to this person any more.")
                    await tell_team(db, Clockwork(self.languages, now), text, purpose=f"unreached:{one.id}")
                if one.reason.startswith("fault"):
                    log.error("reminder not rendered", reminder=one.id, reason=one.reason)
            await outbox.wake(db)
        self.sender.wake()
        return len(claimed)

    async def offer(self) -> None:
        """Give what is free to those who wait."""
        if self.programme.coaching is None:
            return
        async with self.database.transaction() as db:
            await waiting_list.offer(db, self.languages, self.programme, self.clock.now())
        self.sender.wake()

    async def waiting(self) -> None:
        """Tell the team, once, of founders whom nobody has answered within the promised time."""
        now = self.clock.now()
        late = now - timedelta(minutes=self.programme.team.answer_within)
        async with self.database.transaction() as db:
            for handoff, person, since in await exchanges.overdue(db, late, now):
                text = _(
                    "Nobody has answered no. {n} yet; they have been waiting since {moment}.",
                    n=handoff,
                    moment=since.astimezone(self.programme.zone),
                )
                buttons = [(_("Answer"), f"/answer {handoff}"), (_("I take care of it"), f"/take {handoff}")]
                await tell_team(
                    db, Clockwork(self.languages, now), text, buttons, purpose=f"overdue:{handoff}", about=person
                )
        self.sender.wake()

    async def sweep(self) -> None:
        """Plan nudges for what was left half done, and move what a change of the legal time has moved."""
        async with self.database.transaction() as db:
            await said.sweep(db, self.programme, self.clock.now())
        if self.programme.coaching is not None:
            async with self.database.transaction() as db:
                if moved := await said.recompute(db, self.languages, self.programme, self.clock.now(), self.store.keep):
                    log.warning("sessions moved with the legal time", sessions=moved)
        self.sender.wake()
