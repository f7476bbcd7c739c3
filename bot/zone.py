"""Zone data from the pinned `tzdata` package and from nowhere else.

Morocco has been on UTC+00:00 for good since 20 September 2026. System zone files older than tz release 2026c are
wrong by an hour, and Python reads them first; so its search path is emptied, and wrong data are refused at start.
"""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta

KNOWN_RIGHT = "Africa/Casablanca", datetime(2026, 12, 1, 12, tzinfo=UTC), timedelta(0)


class StaleZoneData(Exception):
    """The zone data are older than Morocco's change; the message is the mend."""


def use_pinned_zone_data() -> str:
    """Read zones from the `tzdata` package only; its version. StaleZoneData if it does not know today's Morocco."""
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()
    check_zone_data()
    import tzdata

    return str(tzdata.IANA_VERSION)


def check_zone_data() -> None:
    """StaleZoneData unless Africa/Casablanca is at +00:00 on 2026-12-01."""
    key, moment, offset = KNOWN_RIGHT
    try:
        found = moment.replace(tzinfo=zoneinfo.ZoneInfo(key)).utcoffset()
    except zoneinfo.ZoneInfoNotFoundError:
        found = None
    if found != offset:
        raise StaleZoneData(
            f"zone data give {key} {found} on {moment:%Y-%m-%d}, not +00:00: install tzdata 2026.3 or newer"
        )
