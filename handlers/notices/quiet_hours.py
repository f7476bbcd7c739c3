"""The hours in which nobody is disturbed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from handlers.programme.model import Announcements, Coaching


def outside_quiet_hours(
    rules: Coaching | Announcements | None, zone: tzinfo, due: datetime, *, latest: datetime | None = None
) -> datetime:
    """A time at which one may be written to: quiet hours shift, to their end, or to before they began if that would be too late."""
    at = due.astimezone(zone)
    if rules is None or rules.quiet_until <= at.hour < rules.quiet_from:
        return due
    after_midnight = at.hour < rules.quiet_until
    morning = (at if after_midnight else at + timedelta(days=1)).replace(
        hour=rules.quiet_until, minute=0, second=0, microsecond=0
    )
    if latest is None or morning <= latest:
        return morning.astimezone(UTC)
    evening = (at - timedelta(days=1) if after_midnight else at).replace(
        hour=rules.quiet_from - 1, minute=45, second=0, microsecond=0
    )
    return evening.astimezone(UTC)
