"""The one clock, and the ticks: the only file that knows APScheduler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from bot.log import fault, log


class Clock:
    """The time, handed in everywhere so that tests can move it."""

    def now(self) -> datetime:
        """This instant, UTC."""
        return datetime.now(UTC)


class Ticks:
    """Runs chores at intervals. Each must be safe to run in several processes, and to be late: rows are the truth."""

    def __init__(self) -> None:
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        # nothing is ever "too late to run", and a slow chore is not started twice
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler: Any = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)

    def every(
        self, seconds: float, name: str, chore: Callable[[], Awaitable[object]], *, at_once: bool = False
    ) -> None:
        """Run a chore every so many seconds, the first time after these or at once; its failure is logged and the next tick tries again."""

        async def run() -> None:
            try:
                await chore()
            except Exception as error:
                log.error("chore failed", chore=name, **fault(error))

        first = {"next_run_time": datetime.now(UTC)} if at_once else {}
        self._scheduler.add_job(run, "interval", seconds=seconds, id=name, **first)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
