"""A session as an entry for a calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any

from handlers.coaching.words import founder_name, local, place, topic
from handlers.programme.model import Programme
from handlers.talk.message import File
from handlers.talk.talk import Talk
from handlers.talk.words import Language, _, plain
from storage import people
from storage.database import Db

ENTRY, CALENDAR = "mouwakib.ics", "text/calendar"


def calendar_file(
    programme: Programme, tongue: Language, sessions: Sequence[Any], *, coach: bool = False, feed: bool = False
) -> bytes:
    """Sessions as an iCalendar file, times in UTC: zone files out there are wrong about Morocco. Cancelled ones say so."""
    from icalendar import Calendar, Event

    found = Calendar()
    found.add("prodid", "-//Mouwakib//")
    found.add("version", "2.0")
    if feed:
        found.add("x-wr-calname", plain(tongue.say(programme.say(programme.name))))
        found.add("refresh-interval", timedelta(minutes=30), parameters={"VALUE": "DURATION"})
    else:
        found.add(
            "method", "CANCEL" if all(session.state in ("cancelled", "declined") for session in sessions) else "PUBLISH"
        )
    for session in sessions:
        entry = Event()
        entry.add("uid", f"session-{session.id}@{programme.programme}")
        entry.add("sequence", session.changes)
        entry.add("dtstamp", session.changed_at.astimezone(UTC))
        entry.add("dtstart", session.starts_at.astimezone(UTC))
        entry.add("dtend", session.ends_at.astimezone(UTC))
        with_ = founder_name(session) if coach else session.coach or ""
        entry.add("summary", plain(f"{tongue.say(topic(programme, session.topic))} · {with_}"))
        entry.add("location", plain(tongue.say(place(programme, session))))
        notes = [tongue.say(_("{moment}, local time", moment=local(session.starts_at, programme)))]
        if coach and session.goal:
            notes.append(session.goal)
        entry.add("description", plain("\n".join(notes)))
        entry.add(
            "status",
            "CONFIRMED" if session.state == "confirmed" else "TENTATIVE" if session.state == "asked" else "CANCELLED",
        )
        found.add_component(entry)
    return bytes(found.to_ical())


async def entry_for_founder(talk: Talk, db: Db, programme: Programme, session: Any) -> File | None:
    """The calendar entry of a session as it is now, in its founder's language, to go with what they are told."""
    if session.founder_id is None:
        return None
    tongue = talk.languages.get(await people.language_of(db, session.founder_id)) or talk.languages["fr"]
    return talk.enclose(session.founder_id, ENTRY, CALENDAR, calendar_file(programme, tongue, [session]))
