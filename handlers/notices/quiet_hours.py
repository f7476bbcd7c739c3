"""The hours in which nobody is disturbed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol


class QuietHours(Protocol):
    """From which hour until which nobody is disturbed, local time; a room's rules say so."""

    @property
    def quiet_from(self) -> int: ...

    @property
    def quiet_until(self) -> int: ...


def outside_quiet_hours(
    hours: QuietHours | None, zone: tzinfo, due: datetime, *, latest: datetime | None = None
) -> datetime:
    """A time at which one may be written to: quiet hours shift, to their end, or to before they began if that would be too late."""
    at = due.astimezone(zone)
    if hours is None or hours.quiet_until <= at.hour < hours.quiet_from:
        return due
    after_midnight = at.hour < hours.quiet_until
    morning = (at if after_midnight else at + timedelta(days=1)).replace(
        hour=hours.quiet_until, minute=0, second=0, microsecond=0
    )
    if latest is None or morning <= latest:
        return morning.astimezone(UTC)
    evening = (at - timedelta(days=1) if after_midnight else at).replace(
        hour=hours.quiet_from - 1, minute=45, second=0, microsecond=0
    )
    return evening.astimezone(UTC)
