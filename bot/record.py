"""A turn as it is kept."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.documents.store import FileStore
from bot.flood import Pace
from bot.turn_context import TurnContext
from handlers.talk.message import File, Incoming, Person
from handlers.talk.state import State
from handlers.talk.words import Language
from storage import chat_log, files, merging, outbox, talks, turns
from storage.database import Db, stamp
from storage.messages import OutboxMessage
from storage.purposes import Purpose, purpose
from storage.turns import Changes, StoredPerson

SEEN_EVERY = timedelta(hours=1)  # how exactly we note when a person was last seen
STALE = timedelta(hours=1)  # an older message is answered once, not screen by screen
ALBUM_S, STALE_S = 1.5, 2.0  # quiet after which one answer is given to several messages
HELD_LATE = timedelta(seconds=3)  # how late that answer may leave


@dataclass(slots=True, eq=False)
class Item:
    """A message waiting for its turn; each of `done` is set at the commit."""

    incoming: Incoming
    done: list[asyncio.Future[None]]  # more than one if it was delivered again meanwhile
    fetch: Callable[[], Awaitable[Incoming]] | None  # its document must be fetched first
    arrived: float

    @property
    def key(self) -> tuple[str, str]:
        return self.incoming.channel, self.incoming.address


def _holds_back(turn: TurnContext) -> float:
    """Seconds to wait whether more comes that the same answer will serve: the next photo of an album, old messages."""
    if turn.incoming.album:
        return ALBUM_S
    return STALE_S if turn.now - turn.incoming.at > STALE else 0


def _changed(person: Person, known: StoredPerson) -> bool:
    before = (known.language, known.current, known.talks, known.exchange, known.name, frozenset(known.agreed))
    return (
        before != (person.language, person.current, person.talks, person.exchange, person.name, person.agreed)
        or person.profile != known.profile
    )


NAMES = {"was": "retracted", "under": "interrupted"}  # where what is kept is called otherwise


def _kept(state: State) -> dict[str, Any]:
    """A conversation as JSON."""
    return {name: value for name in talks.FIELDS if (value := getattr(state, NAMES.get(name, name)))}


def _state(name: str, number: int, kept: dict[str, Any], touched: datetime) -> State:
    return State(
        name,
        number,
        touched=touched,
        **{NAMES.get(field, field): kept[field] for field in talks.FIELDS if field in kept},
    )


class Record:
    """Writes what turns did, many at once, and makes the messages they send."""

    def __init__(self, languages: Mapping[str, Language], store: FileStore, pace: Pace, owner: int) -> None:
        self.languages = languages
        self.store = store
        self.pace = pace
        self.owner = owner
        self._held: dict[int, datetime] = {}  # people whose answer is held back, and until when

    def turn_of(self, item: Item, known: StoredPerson, now: datetime) -> TurnContext:
        person = Person(
            known.id,
            known.language,
            known.name,
            frozenset(known.roles.split()),
            frozenset(known.agreed),
            dict(known.profile),
            known.current,
            known.talks,
            known.exchange,
        )
        opened = {number: _state(name, number, kept, touched) for number, (name, kept, touched) in known.open.items()}
        return TurnContext(person, opened, item.incoming, now)

    async def keep(self, db: Db, done: list[tuple[TurnContext, StoredPerson]], now: datetime) -> list[OutboxMessage]:
        """Write what the turns did; the replies to send."""
        changes = Changes()
        told: list[tuple[list[OutboxMessage], set[int]]] = []  # and whom else they tell of
        for turn, known in done:
            self._note(turn, known, changes, stamp(now))
            messages = self._messages(turn, now)
            changes.messages += messages
            if turn.about:
                told.append((messages, turn.about))
            for message, outgoing in zip(messages, turn.out, strict=True):
                if outgoing.enclosure is not None and message.person is not None:
                    await self._keep_file(db, message.person, File.of(message.body["file"]), now)
            for enclosed in turn.enclosed:
                self.store.keep(enclosed.content, enclosed.file.id)
                await self._keep_file(db, enclosed.person, enclosed.file, now)
            if _holds_back(turn):
                await outbox.replace_held(db, turn.person.id)
            if turn.incoming.file is not None:
                if turn.taken:
                    await self._keep_file(db, turn.person.id, turn.incoming.file, now)
                else:
                    turn.discard.append(turn.incoming.file.id)
        await turns.keep(db, changes, now)
        for turn, _known in done:
            if turn.person.linked:
                await merging.merge(db, turn.person.id, turn.person.linked, now)
        for messages, about in told:
            await outbox.tells_of(db, messages, about)
        for turn, _known in done:
            if turn.about:  # what they typed tells of somebody else too
                await chat_log.forget(db, turn.incoming.channel, turn.incoming.id)
        return [message for message in changes.messages if message.state == "sending"]

    def _note(self, turn: TurnContext, known: StoredPerson, changes: Changes, at: str) -> None:
        """What one turn leaves behind of the person and their conversations."""
        person, incoming = turn.person, turn.incoming
        self.pace.speaks((incoming.channel, incoming.address), person.language or "fr")
        if person.erased:
            return
        if _changed(person, known) or turn.now - known.seen_at > SEEN_EVERY:
            changes.people.append(
                {
                    "id": person.id,
                    "language": person.language,
                    "name": person.name,
                    "agreed": sorted(person.agreed),
                    "profile": person.profile,
                    "front": person.current,
                    "talks": person.talks,
                    "handoff": person.exchange,
                    "at": at,
                }
            )
        if known.gone or turn.now - known.used_at > SEEN_EVERY:
            changes.addresses.append({"channel": incoming.channel, "address": incoming.address, "at": at})
        for number in turn.touched:
            state = turn.talks[number]
            changes.talks.append(
                {"person": person.id, "number": number, "name": state.name, "state": _kept(state), "at": at}
            )
        changes.closed += [{"person": person.id, "number": number} for number in turn.closed]
        for c in person.consents:
            proof = {"purpose": c.purpose, "granted": c.granted, "version": c.version}
            changes.consents.append(
                {"person": person.id, **proof, "language": person.language, "channel": incoming.channel, "at": at}
            )

    async def _keep_file(self, db: Db, person: int, file: File, now: datetime) -> None:
        await files.keep(db, person, file.id, file.name, file.kind, file.size, now)

    def _messages(self, turn: TurnContext, now: datetime) -> list[OutboxMessage]:
        """What the turn says, in the person's language, addressed to where they spoke."""
        language = self.language(turn.person.language, turn.incoming)
        owner = None if turn.person.erased else turn.person.id
        messages = []
        for outgoing in turn.out:
            body = outgoing.into(language)
            if outgoing.enclosure is not None:
                id = self.store.keep(outgoing.enclosure.content)
                body["file"] = [id, outgoing.enclosure.name, outgoing.enclosure.kind, len(outgoing.enclosure.content)]
            messages.append(self.message(turn.incoming, owner, body))
        wait = _holds_back(turn)
        if messages and wait:
            self._held = {person: until for person, until in self._held.items() if until > now - HELD_LATE}
            self._held[turn.person.id] = now + timedelta(seconds=wait)
        until = self._held.get(turn.person.id)
        if until is not None and until > now - HELD_LATE:  # behind what is held back, not before it
            for message in messages:
                message.state, message.owner, message.not_before = "queued", 0, until
                message.purpose = purpose(Purpose.HELD_BACK, turn.person.id, secrets.token_hex(6)) if wait else None
        return messages

    def message(self, incoming: Incoming, person: int | None, body: dict[str, Any]) -> OutboxMessage:
        return OutboxMessage(person, incoming.channel, incoming.address, body, owner=self.owner)

    def handled(self, incoming: Incoming, person: int, agreed: Any) -> tuple[str, str, int, datetime, str]:
        """The inbox row of a message. What people typed is kept only if they agreed to it."""
        said = f"📎 {incoming.file.name}" if incoming.file else incoming.text
        return incoming.channel, incoming.id, person, incoming.at, said[:4000] if "data" in agreed else ""

    def language(self, language: str, incoming: Incoming) -> Language:
        return self.languages.get(language) or self.languages.get(incoming.language[:2]) or self.languages["fr"]
