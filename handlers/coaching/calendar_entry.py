"""What an entry in a calendar says of a session."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from handlers.actor import Actor
from handlers.calendar_entry import FILE_NAME, MIME_TYPE, CalendarEntry, calendar_of
from handlers.coaching.words import founder_name, local, place, topic
from handlers.programme.model import Programme
from handlers.talk.message import Enclosed, File
from handlers.talk.words import Language, _
from storage import people
from storage.database import Db
from storage.sessions import Session

_OFF = ("cancelled", "declined")


def calendar_file(
    programme: Programme, language: Language, sessions: Sequence[Session], *, coach: bool = False, feed: bool = False
) -> bytes:
    """Sessions as an iCalendar file, for a founder or for the coach. Cancelled ones say so."""
    title = language.say(programme.say(programme.name)) if feed else ""
    return calendar_of([_entry(programme, language, session, coach) for session in sessions], subscribed=title)


def _entry(programme: Programme, language: Language, session: Session, coach: bool) -> CalendarEntry:
    with_ = founder_name(session) if coach else session.coach
    notes = [language.say(_("{moment}, local time", moment=local(session.starts_at, programme)))]
    if coach and session.goal:
        notes.append(session.goal)
    return CalendarEntry(
        uid=f"session-{session.id}@{programme.programme}",
        version=session.changes,
        changed_at=session.changed_at,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        title=f"{language.say(topic(programme, session.topic))} · {with_}",
        place=language.say(place(programme, session)),
        notes="\n".join(notes),
        status="TENTATIVE" if session.state == "asked" else "CANCELLED" if session.state in _OFF else "CONFIRMED",
    )


async def entry_for_founder(db: Db, actor: Actor, programme: Programme, session: Session) -> Enclosed | None:
    """The entry of a session as it is now, in its founder's language, to go with what they are told; whoever acts keeps
    its bytes. None without a founder."""
    if session.founder_id is None:
        return None
    language = actor.languages.get(await people.language_of(db, session.founder_id)) or actor.languages["fr"]
    content = calendar_file(programme, language, [session])
    file = File(secrets.token_urlsafe(24), FILE_NAME, MIME_TYPE, len(content))
    return Enclosed(session.founder_id, file, content)
