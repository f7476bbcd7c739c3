"""What a group of turns reads and writes: one statement for all of its people, whatever their number.

Rows travel as one JSON parameter, so that a statement is the same text for one turn and for a hundred: it is
prepared once, and what a row costs is the database's own time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage import Conflict
from storage.bulk import Statement, as_json
from storage.database import Db, in_its_thread, instant, stamp
from storage.messages import POST, OutboxMessage, message_name, message_rows


@dataclass(slots=True)
class StoredPerson:
    """A person as the database holds them, with their open conversations by number."""

    id: int
    language: str
    name: str
    roles: str
    agreed: list[str]
    profile: dict[str, Any]
    current: int
    talks: int
    exchange: int
    seen_at: datetime
    used_at: datetime  # of the address they wrote from now
    gone: str
    open: dict[int, tuple[str, dict[str, Any], datetime]]  # name, state, touched


# locked in the order of their ids, so that two processes cannot wait for each other; not stronger than needed, so
# that writing a row that refers to a person (a notice) does not wait for their turn
_LOAD = Statement(
    "n int, channel text, address text",
    """SELECT r.n, p.id, p.language, p.name, p.roles, p.agreed, p.profile, p.front, p.talks, p.handoff, p.seen_at, a.used_at, a.gone
    FROM @rows JOIN addresses a ON a.channel = r.channel AND a.address = r.address JOIN people p ON p.id = a.person_id
    WHERE @among(a.address, r.address) ORDER BY p.id""",
    locking=" FOR NO KEY UPDATE OF p",
)
_OPEN = Statement(
    "id bigint",
    "SELECT t.person_id, t.number, t.name, t.state, t.touched_at FROM @rows JOIN talks t ON t.person_id = r.id WHERE @among(t.person_id, r.id)",
)
_NEW_PEOPLE = Statement(
    "at timestamp, name text",
    """INSERT INTO people (created_at, seen_at, language, name, roles, agreed, profile, front, talks, handoff)
    SELECT r.at, r.at, '', r.name, 'founder', '[]', '{}', 0, 0, 0 FROM @rows WHERE true RETURNING id""",
)
_NEW_ADDRESSES = Statement(
    "id bigint, channel text, address text, at timestamp",
    """INSERT INTO addresses (person_id, channel, address, used_at, gone)
    SELECT r.id, r.channel, r.address, r.at, '' FROM @rows WHERE true ON CONFLICT (address, channel) DO NOTHING RETURNING id""",
)
_RECEIVE = Statement(
    "channel text, id text, person bigint, at timestamp, said text, fault text",
    """INSERT INTO inbox (channel, message_id, person_id, at, said, fault)
    SELECT r.channel, r.id, r.person, r.at, r.said, r.fault FROM @rows WHERE true
    ON CONFLICT (channel, message_id) DO NOTHING RETURNING channel, message_id""",
)
_KEEP_TALKS = Statement(
    "person bigint, number int, name text, state json, at timestamp",
    """INSERT INTO talks (person_id, number, name, state, touched_at)
    SELECT r.person, r.number, r.name, r.state, r.at FROM @rows WHERE true
    ON CONFLICT (person_id, number) DO UPDATE SET state = excluded.state, touched_at = excluded.touched_at""",
)
_CLOSE_TALKS = Statement(
    "person bigint, number int",
    "DELETE FROM talks WHERE @among(talks.person_id, r.person) AND EXISTS (SELECT 1 FROM @rows WHERE r.person = talks.person_id AND r.number = talks.number)",
)
_KEEP_PEOPLE = Statement(
    "id bigint, language text, name text, agreed jsonb, profile jsonb, front int, talks int, handoff bigint, at timestamp",
    """UPDATE people SET language = r.language, name = r.name, agreed = r.agreed, profile = r.profile,
    front = r.front, talks = r.talks, handoff = r.handoff, seen_at = r.at FROM @rows WHERE people.id = r.id AND @among(people.id, r.id)""",
)
_CONSENT = Statement(
    "person bigint, purpose text, granted boolean, version text, language text, channel text, at timestamp",
    """INSERT INTO consents (person_id, purpose, granted, version, language, channel, at)
    SELECT r.person, r.purpose, r.granted, r.version, r.language, r.channel, r.at FROM @rows WHERE true""",
)
_USE_ADDRESSES = Statement(
    "channel text, address text, at timestamp",
    "UPDATE addresses SET used_at = r.at, gone = '' FROM @rows WHERE addresses.channel = r.channel AND addresses.address = r.address AND @among(addresses.address, r.address)",
)


async def load(db: Db, keys: Sequence[tuple[str, str]]) -> list[StoredPerson | None]:
    """Who writes from each (channel, address), their rows locked until the commit; None for somebody new."""
    found: list[StoredPerson | None] = [None] * len(keys)
    people: dict[int, StoredPerson] = {}
    rows = [{"n": n, "channel": channel, "address": address} for n, (channel, address) in enumerate(keys)]
    loaded, opened = await _loaded(db, rows)
    for n, id, language, name, roles, agreed, profile, current, talks, exchange, seen, used, gone in loaded:
        if id not in people:
            people[id] = StoredPerson(
                id,
                language,
                name,
                roles,
                as_json(agreed),
                as_json(profile),
                current,
                talks,
                exchange,
                instant(seen),
                instant(used),
                gone,
                {},
            )
        found[n] = people[id]
    for id, number, name, state, touched in opened:
        people[id].open[number] = (name, as_json(state), instant(touched))
    return found


async def _loaded(db: Db, rows: Sequence[dict[str, Any]]) -> tuple[Sequence[Any], Sequence[Any]]:
    """People, and then their open conversations: what stands in these once those are locked."""
    if db.dialect.name == "sqlite":

        def both(connection: sqlite3.Connection) -> tuple[Sequence[Any], Sequence[Any]]:
            people = _LOAD.at_once(connection, rows)
            return people, _OPEN.at_once(connection, _ids(people))

        return await in_its_thread(db, both)
    people = await _LOAD.run(db, rows)
    return people, await _OPEN.run(db, _ids(people))


def _ids(people: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"id": id} for id in dict.fromkeys(person[1] for person in people)]


async def welcome(db: Db, newcomers: Sequence[tuple[str, str, str]], now: datetime) -> list[int]:
    """Ids for new people, given (channel, address, name) each. Conflict if one of them came in elsewhere meanwhile."""
    at = stamp(now)
    made = await _NEW_PEOPLE.run(db, [{"at": at, "name": name} for _channel, _address, name in newcomers])
    ids = sorted(id for (id,) in made)
    rows = [
        {"id": id, "channel": c, "address": a, "at": at}
        for id, (c, a, message_name) in zip(ids, newcomers, strict=True)
    ]
    if len(await _NEW_ADDRESSES.run(db, rows)) < len(rows):
        raise Conflict
    return ids


async def receive(db: Db, messages: Iterable[tuple[str, str, int | None, datetime, str, str]]) -> set[tuple[str, str]]:
    """Note messages (channel, id, person, time, words, fault) as handled; the (channel, id) of those that were new."""
    rows = [
        {"channel": c, "id": id, "person": p, "at": stamp(at), "said": said, "fault": fault}
        for c, id, p, at, said, fault in messages
    ]
    rows.sort(key=lambda row: (row["channel"], row["id"]))  # a fixed order: no two processes wait for each other
    return {(channel, id) for channel, id in await _RECEIVE.run(db, rows)}


@dataclass(slots=True)
class Changes:
    """What turns leave behind, each as rows of its statement."""

    people: list[dict[str, Any]] = field(default_factory=list)
    addresses: list[dict[str, Any]] = field(default_factory=list)
    closed: list[dict[str, Any]] = field(default_factory=list)
    talks: list[dict[str, Any]] = field(default_factory=list)
    consents: list[dict[str, Any]] = field(default_factory=list)
    messages: list[OutboxMessage] = field(default_factory=list)


async def keep(db: Db, changes: Changes, now: datetime) -> None:
    """Write what turns changed; each letter learns its id, in their order."""
    posted = await Statement.together(
        db,
        [
            (_KEEP_PEOPLE, changes.people),
            (_USE_ADDRESSES, changes.addresses),
            (_CLOSE_TALKS, changes.closed),
            (_KEEP_TALKS, changes.talks),
            (_CONSENT, changes.consents),
            (POST, message_rows(changes.messages, now)),
        ],
    )
    message_name(changes.messages, posted)
