"""What a group of turns reads and writes: one statement for all of its people, whatever their number.

Rows travel as one JSON parameter, so that a statement is the same text for one turn and for a hundred: it is
prepared once, and what a row costs is the database's own time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pydantic_core import from_json

from storage import Conflict
from storage.database import Db, dumps, instant, stamp


@dataclass(slots=True)
class Known:
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
class Letter:
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
    """One statement in two dialects, reading its rows (`@rows`, as `r`) from one JSON parameter."""

    def __init__(self, columns: str, statement: str, *, locking: str = "") -> None:
        names = [column.split() for column in columns.split(", ")]
        picks = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name, _kind in names)
        # nothing but this file's own text goes into these statements: rows come as a parameter
        self.sqlite = statement.replace("@rows", f"(SELECT {picks} FROM json_each(?)) AS r")  # noqa: S608
        self.postgresql = statement.replace("@rows", f"json_to_recordset($1) AS r({columns})") + locking

    async def run(self, db: Db, rows: Sequence[dict[str, Any]]) -> Sequence[Any]:
        """What the statement returns for these rows; nothing is run for none."""
        if not rows:
            return ()
        if db.dialect.name == "postgresql":
            result = await db.exec_driver_sql(self.postgresql, (dumps(rows),))
            return result.all() if result.returns_rows else ()
        # aiosqlite crosses into its thread four times for what SQLAlchemy asks of it, once for this
        driver: Any = (await db.get_raw_connection()).driver_connection
        return cast("Sequence[Any]", await driver.execute_fetchall(self.sqlite, (dumps(rows),)))


# locked in the order of their ids, so that two processes cannot wait for each other; not stronger than needed, so
# that writing a row that refers to a person (a notice) does not wait for their turn
_LOAD = Statement(
    "n int, channel text, address text",
    """SELECT r.n, p.id, p.language, p.name, p.roles, p.agreed, p.profile, p.front, p.talks, p.handoff, p.seen_at, a.used_at, a.gone
    FROM @rows JOIN addresses a ON a.channel = r.channel AND a.address = r.address JOIN people p ON p.id = a.person_id ORDER BY p.id""",
    locking=" FOR NO KEY UPDATE OF p",
)
_OPEN = Statement("id bigint", "SELECT t.person_id, t.number, t.name, t.state, t.touched_at FROM @rows JOIN talks t ON t.person_id = r.id")
_NEW_PEOPLE = Statement(
    "at timestamp, name text",
    """INSERT INTO people (created_at, seen_at, language, name, roles, agreed, profile, front, talks, handoff)
    SELECT r.at, r.at, '', r.name, 'founder', '[]', '{}', 0, 0, 0 FROM @rows WHERE true RETURNING id""",
)
_NEW_ADDRESSES = Statement(
    "id bigint, channel text, address text, at timestamp",
    """INSERT INTO addresses (person_id, channel, address, used_at, gone)
    SELECT r.id, r.channel, r.address, r.at, '' FROM @rows WHERE true ON CONFLICT (channel, address) DO NOTHING RETURNING id""",
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
    "DELETE FROM talks WHERE EXISTS (SELECT 1 FROM @rows WHERE r.person = talks.person_id AND r.number = talks.number)",
)
_KEEP_PEOPLE = Statement(
    "id bigint, language text, name text, agreed jsonb, profile jsonb, front int, talks int, handoff bigint, at timestamp",
    """UPDATE people SET language = r.language, name = r.name, agreed = r.agreed, profile = r.profile,
    front = r.front, talks = r.talks, handoff = r.handoff, seen_at = r.at FROM @rows WHERE people.id = r.id""",
)
_CONSENT = Statement(
    "person bigint, purpose text, granted boolean, version text, language text, channel text, at timestamp",
    """INSERT INTO consents (person_id, purpose, granted, version, language, channel, at)
    SELECT r.person, r.purpose, r.granted, r.version, r.language, r.channel, r.at FROM @rows WHERE true""",
)
_USE_ADDRESSES = Statement(
    "channel text, address text, at timestamp",
    "UPDATE addresses SET used_at = r.at, gone = '' FROM @rows WHERE addresses.channel = r.channel AND addresses.address = r.address",
)
_POST = Statement(
    "person bigint, channel text, address text, lane int, purpose text, body json, state text, owner bigint, at timestamp, due timestamp",
    """INSERT INTO outbox (person_id, channel, address, lane, purpose, body, state, reason, owner, attempts, parts, resent,
    platform_id, created_at, not_before)
    SELECT r.person, r.channel, r.address, r.lane, r.purpose, r.body, r.state, '', r.owner, 0, 0, false, '', r.at, r.due
    FROM @rows WHERE true RETURNING id""",
)


async def load(db: Db, keys: Sequence[tuple[str, str]]) -> list[Known | None]:
    """Who writes from each (channel, address), their rows locked until the commit; None for somebody new."""
    found: list[Known | None] = [None] * len(keys)
    people: dict[int, Known] = {}
    rows = [{"n": n, "channel": channel, "address": address} for n, (channel, address) in enumerate(keys)]
    for n, id, language, name, roles, agreed, profile, front, talks, handoff, seen, used, gone in await _LOAD.run(db, rows):
        if id not in people:
            people[id] = Known(
                id, language, name, roles, _json(agreed), _json(profile), front, talks, handoff, instant(seen), instant(used), gone, {}
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
    rows = [{"channel": c, "id": id, "person": p, "at": stamp(at), "said": said, "fault": fault} for c, id, p, at, said, fault in messages]
    rows.sort(key=lambda row: (row["channel"], row["id"]))  # a fixed order: no two processes wait for each other
    return {(channel, id) for channel, id in await _RECEIVE.run(db, rows)}


async def keep_talks(db: Db, talks: list[dict[str, Any]]) -> None:
    """Write conversations: person, number, name, state, at."""
    await _KEEP_TALKS.run(db, talks)


async def close_talks(db: Db, talks: list[dict[str, Any]]) -> None:
    """Forget conversations: person, number."""
    await _CLOSE_TALKS.run(db, talks)


async def keep_people(db: Db, people: list[dict[str, Any]]) -> None:
    """Write what a turn may change of a person. Roles are not among it: they belong to staff."""
    await _KEEP_PEOPLE.run(db, people)


async def keep_consents(db: Db, consents: list[dict[str, Any]]) -> None:
    """Keep the proof of each yes and no: person, purpose, granted, version, language, channel, at."""
    await _CONSENT.run(db, consents)


async def use_addresses(db: Db, addresses: list[dict[str, Any]]) -> None:
    """Note that these addresses were written from: channel, address, at."""
    await _USE_ADDRESSES.run(db, addresses)


async def post(db: Db, letters: Sequence[Letter], now: datetime) -> None:
    """Put letters into the outbox; each learns its id, in their order."""
    at = stamp(now)
    rows = [
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
    ids = sorted(id for (id,) in await _POST.run(db, rows))
    for letter, id in zip(letters, ids, strict=True):
        letter.id = id


def _json(kept: Any) -> Any:
    return from_json(kept) if isinstance(kept, str | bytes) else kept
