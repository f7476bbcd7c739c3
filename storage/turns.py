"""What a group of turns reads and writes: one statement for all of its people, whatever their number.

Rows travel as one JSON parameter, so that a statement is the same text for one turn and for a hundred: it is
prepared once, and what a row costs is the database's own time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from storage import Conflict
from storage.database import Db, dumps, instant, stamp


@dataclass(slots=True)
class StoredPerson:
    """A person as the database holds them, with their open conversations by number."""

    id: int
    language: str
    name: str
    roles: str
    agreed: list[str]
    profile: dict[str, Any]
    front: int
    talks: int
    handoff: int
    seen_at: datetime
    used_at: datetime  # of the address they wrote from now
    gone: str
    open: dict[int, tuple[str, dict[str, Any], datetime]]  # name, state, touched


@dataclass(slots=True)
class OutboxMessage:
    """One message of ours, ready for the outbox."""

    person: int | None
    channel: str
    address: str
    body: dict[str, Any]
    lane: int = 0
    state: str = "sending"
    owner: int = 0
    purpose: str | None = None
    not_before: datetime | None = None
    id: int = 0


class Statement:
    """One statement in two dialects, reading its rows (`@rows`, as `r`) from parameters; `@among(table.key, r.key)` helps
    the planner to those rows.

    PostgreSQL takes them as one JSON document, so the statement is the same text for one turn and for a hundred and
    is prepared once. SQLite prepares in microseconds but reads JSON slowly: it takes them as VALUES.
    """

    def __init__(self, columns: str, statement: str, *, locking: str = "") -> None:
        self._names = [column.split()[0] for column in columns.split(", ")]
        rows = f"json_to_recordset($1) AS r({columns})"
        self._sqlite = re.sub(r"@among\([^)]*\)", "true", statement)
        # PostgreSQL guesses a hundred rows in any JSON and would read a whole table for them: an array it looks up
        among = re.sub(r"@among\((\S+), (\S+)\)", r"\1 = ANY(ARRAY(SELECT \2 FROM @rows))", statement)
        self._postgresql = among.replace("@rows", rows) + locking
        self._sized: dict[int, str] = {}  # SQLite's text by the number of rows

    async def run(self, db: Db, rows: Sequence[dict[str, Any]]) -> Sequence[Any]:
        """What the statement returns for these rows; nothing is run for none."""
        if not rows:
            return ()
        driver: Any = (await db.get_raw_connection()).driver_connection
        found: Sequence[Any]
        if db.dialect.name == "sqlite":
            # aiosqlite crosses into its thread four times for what SQLAlchemy asks of it, once for this
            found = await driver.execute_fetchall(
                self._for(len(rows)), [_plain(row[name]) for row in rows for name in self._names]
            )
        elif driver.is_in_transaction():
            found = await driver.fetch(self._postgresql, dumps(rows))  # the driver's own way costs half as much
        else:  # SQLAlchemy begins the transaction with its first statement
            result = await db.exec_driver_sql(self._postgresql, (dumps(rows),))
            found = result.all() if result.returns_rows else ()
        return found

    @staticmethod
    async def together(db: Db, steps: Sequence[tuple[Statement, Sequence[dict[str, Any]]]]) -> Sequence[Any]:
        """Run statements that do not read each other's rows; what the last one returns. PostgreSQL does it in one round trip."""
        steps = [step for step in steps if step[1]]
        driver: Any = (await db.get_raw_connection()).driver_connection
        found: Sequence[Any] = ()
        if db.dialect.name == "postgresql" and driver.is_in_transaction() and len(steps) > 1:
            parts = [statement._postgresql.replace("$1", f"${at}") for at, (statement, _rows) in enumerate(steps, 1)]
            before = ", ".join(f"step{at} AS ({part})" for at, part in enumerate(parts[:-1]))
            return await driver.fetch(f"WITH {before} {parts[-1]}", *(dumps(rows) for _statement, rows in steps))  # type: ignore[no-any-return]
        for statement, rows in steps:
            found = await statement.run(db, rows)
        return found

    def _for(self, count: int) -> str:
        """The statement for so many rows; nothing but this file's own text goes into it."""
        if count not in self._sized:
            row = f"({', '.join('?' * len(self._names))})"
            values = f"(SELECT {', '.join(f'column{at} AS {name}' for at, name in enumerate(self._names, 1))} FROM (VALUES {', '.join([row] * count)})) AS r"  # noqa: S608
            self._sized[count] = self._sqlite.replace("@rows", values)
        return self._sized[count]


def _plain(value: Any) -> Any:
    return dumps(value) if isinstance(value, dict | list) else value


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
_LETTER = "person bigint, channel text, address text, lane int, purpose text, body json, state text, owner bigint, at timestamp, due timestamp"
_INSERT = """INSERT INTO outbox (person_id, channel, address, lane, purpose, body, state, reason, owner, attempts, parts, resent,
    platform_id, created_at, not_before)
    SELECT r.person, r.channel, r.address, r.lane, r.purpose, r.body, r.state, '', r.owner, 0, 0, false, '', r.at, r.due
    FROM @rows WHERE true"""
_POST = Statement(_LETTER, f"{_INSERT} RETURNING id")
_POST_ONCE = Statement(_LETTER, f"{_INSERT} ON CONFLICT (purpose) DO NOTHING RETURNING id")


async def load(db: Db, keys: Sequence[tuple[str, str]]) -> list[StoredPerson | None]:
    """Who writes from each (channel, address), their rows locked until the commit; None for somebody new."""
    found: list[StoredPerson | None] = [None] * len(keys)
    people: dict[int, StoredPerson] = {}
    rows = [{"n": n, "channel": channel, "address": address} for n, (channel, address) in enumerate(keys)]
    for n, id, language, name, roles, agreed, profile, front, talks, handoff, seen, used, gone in await _LOAD.run(
        db, rows
    ):
        if id not in people:
            people[id] = StoredPerson(
                id,
                language,
                name,
                roles,
                _json(agreed),
                _json(profile),
                front,
                talks,
                handoff,
                instant(seen),
                instant(used),
                gone,
                {},
            )
        found[n] = people[id]
    if people:
        for id, number, name, state, touched in await _OPEN.run(db, [{"id": id} for id in people]):
            people[id].open[number] = (name, _json(state), instant(touched))
    return found


async def welcome(db: Db, newcomers: Sequence[tuple[str, str, str]], now: datetime) -> list[int]:
    """Ids for new people, given (channel, address, name) each. Conflict if one of them came in elsewhere meanwhile."""
    at = stamp(now)
    made = await _NEW_PEOPLE.run(db, [{"at": at, "name": name} for _channel, _address, name in newcomers])
    ids = sorted(id for (id,) in made)
    rows = [{"id": id, "channel": c, "address": a, "at": at} for id, (c, a, _name) in zip(ids, newcomers, strict=True)]
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
    letters: list[OutboxMessage] = field(default_factory=list)


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
            (_POST, _rows(changes.letters, now)),
        ],
    )
    _name(changes.letters, posted)


async def post(db: Db, letters: Sequence[OutboxMessage], now: datetime) -> None:
    """Put letters into the outbox; each learns its id, in their order."""
    _name(letters, await _POST.run(db, _rows(letters, now)))


async def post_once(db: Db, letter: OutboxMessage, now: datetime) -> bool:
    """Put a letter into the outbox, which numbers it, unless there is one for the same purpose; whether it was put."""
    posted = await _POST_ONCE.run(db, _rows([letter], now))
    _name([letter] if posted else [], posted)
    return bool(posted)


def _name(letters: Sequence[OutboxMessage], posted: Sequence[Any]) -> None:
    if letters:
        for letter, (id,) in zip(letters, sorted(posted), strict=True):
            letter.id = id


def _rows(letters: Sequence[OutboxMessage], now: datetime) -> list[dict[str, Any]]:
    at = stamp(now)
    return [
        {
            "person": e.person,
            "channel": e.channel,
            "address": e.address,
            "lane": e.lane,
            "purpose": e.purpose,
            "body": e.body,
            "state": e.state,
            "owner": e.owner,
            "at": at,
            "due": stamp(e.not_before) if e.not_before else at,
        }
        for e in letters
    ]


def _json(kept: Any) -> Any:
    return from_json(kept) if isinstance(kept, str | bytes) else kept
