"""What is asked all day reads as few rows of a full table as of an empty one: no answer waits for letters that are done with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from storage import chat_log, held, outbox, receipts
from storage.database import Database, Db
from storage.receipts import Receipt
from storage.tables import AddressRow, OutboxRow, PersonRow
from tests.chat import START

PEOPLE, EACH = 300, 20  # and letters
ENDS = ("sent", "delivered", "read", "failed", "skipped")
CHANNELS = ["paper", "telegram"]


@pytest.fixture
async def full(database_url: str) -> AsyncIterator[Database]:
    """A database with 6,000 letters that are done with, all on one channel, and its planner knows."""
    database = Database(database_url)
    who = range(1, PEOPLE + 1)
    person = {
        "created_at": START,
        "seen_at": START,
        "language": "fr",
        "name": "",
        "roles": "founder",
        "agreed": [],
        "profile": {},
    }
    letter = {
        "channel": "paper",
        "lane": 0,
        "body": {"text": "Bonjour"},
        "created_at": START,
        "not_before": START,
        "sent_at": START,
    }
    rows = [
        letter | {"person_id": id, "address": f"p{id}", "platform_id": f"{id}:{n}", "state": ENDS[n % len(ENDS)]}
        for n in range(EACH)
        for id in who
    ]
    async with database.transaction() as db:
        await db.execute(insert(PersonRow), [person | {"id": id} for id in who])
        await db.execute(
            insert(AddressRow),
            [{"person_id": id, "channel": "paper", "address": f"p{id}", "used_at": START} for id in who],
        )
        await db.execute(insert(OutboxRow), rows)
    if not database.sqlite:
        async with database.transaction() as db:
            await db.execute(text("ANALYZE"))
    yield database
    await database.close()


async def read(db: Db, ask: Callable[[Db], Awaitable[Any]]) -> int:
    """How many rows a question reads; of SQLite, a tenth of the steps it takes, as one row takes ten or more."""
    if db.dialect.name == "postgresql":
        rows = text(
            "SELECT COALESCE(sum(seq_tup_read + idx_tup_fetch), 0) FROM pg_stat_xact_user_tables WHERE relname = 'outbox'"
        )
        before = int(await db.scalar(rows) or 0)
        await ask(db)
        return int(await db.scalar(rows) or 0) - before
    connection: Any = (await db.get_raw_connection()).driver_connection
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    await connection.set_progress_handler(step, 10)
    await ask(db)
    await connection.set_progress_handler(None, 0)
    return steps


LATER = START + timedelta(days=1)
ASKED: list[tuple[str, Callable[[Db], Awaitable[Any]]]] = [
    ("when the next letter is due", lambda db: outbox.next_due(db, CHANNELS)),
    ("what is due", lambda db: outbox.claim(db, 7, CHANNELS, LATER, 50)),
    ("how much is queued", outbox.waiting),
    ("which processes are sending", lambda db: outbox.owners(db, CHANNELS)),
    ("what a process is sending", lambda db: outbox.sending(db, 7, LATER)),
    ("what a dead process was sending", lambda db: outbox.settle_doubt(db, 7, CHANNELS, LATER)),
    ("what is in doubt", lambda db: receipts.doubt_again(db, "paper", LATER, LATER)),
    ("what waits for somebody who writes", lambda db: held.release(db, "paper", "p7", LATER)),
    ("what was said to somebody", lambda db: outbox.since(db, "paper", "p7", 0)),
    ("a talk, for the page", lambda db: chat_log.lately(db, "paper", "p7")),
    ("what somebody saw last", lambda db: outbox.last_notice(db, "paper", "p7")),
    ("whether the letter before failed", lambda db: receipts.failed_before(db, "paper", "p7", 10**6, "131026")),
    ("whose letter was delivered", lambda db: receipts.forward(db, "paper", [Receipt("read", "7:1")], LATER)),
    ("what a letter was for", lambda db: outbox.purpose_of(db, "paper", "7:1")),
    ("what to stop for somebody who left", lambda db: outbox.gone(db, "paper", "p7", "blocked")),
    ("how many notices went out today", lambda db: outbox.notices_since(db, "paper", LATER)),
    ("what a held answer is replaced by", lambda db: outbox.replace_held(db, 7)),
]


@pytest.mark.parametrize("ask", [ask for _said, ask in ASKED], ids=[said for said, _ask in ASKED])
async def test_what_is_done_with_is_not_read_again(full: Database, ask: Callable[[Db], Awaitable[Any]]) -> None:
    async with full.transaction() as db:
        assert await read(db, ask) < 10 * EACH, f"of {PEOPLE * EACH} letters, {EACH} are of the one who is asked for"
