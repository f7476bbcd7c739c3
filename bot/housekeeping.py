"""What is done by the clock: forget, tidy up, count."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot import metrics
from bot.app import Core
from storage import files, outbox, privacy

ORPHAN = timedelta(days=1)  # a document on disk that no row names


async def housekeeping(core: Core) -> None:
    """Forget what has served its time; remove documents that nobody's row names."""
    now = core.clock.now()
    async with core.database.transaction() as db:
        await privacy.forget_old_words(db, now)
        await privacy.forget_stale_talks(db, now)
        await outbox.forget_old(db, now - timedelta(days=365))
        await outbox.forget_nobodys(db)
    names = await asyncio.to_thread(core.store.names)
    async with core.database.reading() as db:
        known = await files.known(db, names)
    for name in set(names) - known:
        if core.store.age(name, now) > ORPHAN:
            core.store.remove(name)


async def gauges(core: Core) -> None:
    """What is waiting, for /metrics."""
    async with core.database.reading() as db:
        metrics.queued.set(await outbox.waiting(db))
