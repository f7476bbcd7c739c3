"""Anything with a time as an entry for a calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from handlers.talk.words import plain

FILE_NAME, MIME_TYPE = "mouwakib.ics", "text/calendar"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One entry, its words in the language of whoever gets it."""

    uid: str  # the same for each version of it
    version: int  # a calendar takes only what is newer
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    notes: str
    status: Literal["CONFIRMED", "TENTATIVE", "CANCELLED"] = "CONFIRMED"


def calendar_of(entries: Sequence[CalendarEntry], *, subscribed: str = "") -> bytes:
    """An iCalendar file, times in UTC: zone files out there are wrong about Morocco. If all of it is cancelled it takes
    back what a calendar has. `subscribed`: the title of a calendar that apps read again and again."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//Mouwakib//")
    calendar.add("version", "2.0")
    if subscribed:
        calendar.add("x-wr-calname", plain(subscribed))
        calendar.add("refresh-interval", timedelta(minutes=30), parameters={"VALUE": "DURATION"})
    else:
        cancelled = all(entry.status == "CANCELLED" for entry in entries)
        calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    for entry in entries:
        event = Event()
        event.add("uid", entry.uid)
        event.add("sequence", entry.version)
        event.add("dtstamp", entry.changed_at.astimezone(UTC))
        event.add("dtstart", entry.starts_at.astimezone(UTC))
        event.add("dtend", entry.ends_at.astimezone(UTC))
        event.add("summary", plain(entry.title))
        event.add("location", plain(entry.place))
        event.add("description", plain(entry.notes))
        event.add("status", entry.status)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
