"""What founders, coaches and reminders say of a session, and what goes with each change of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from handlers.coaching import commands
from handlers.notices.tell import Speaks, tell
from handlers.programme.model import Coaching, Programme
from handlers.talk.message import File
from handlers.talk.words import Day, Part, StaffText, Text, Time, UserText, _, lines, n_
from storage import purposes
from storage.database import Db
from storage.purposes import Purpose
from storage.sessions import Session


def rules_of(programme: Programme) -> Coaching:
    """The rules; conversations that need them are only in the contents of a programme that has some."""
    assert programme.coaching is not None
    return programme.coaching


def local(moment: datetime, programme: Programme) -> datetime:
    return moment.astimezone(programme.zone)


def topic(programme: Programme, id: str) -> Text:
    found = programme.topics.get(id)
    return found.name if found is not None else UserText(id)


def place(programme: Programme, session: Session) -> Text:
    """Where a session takes place: the hub, or the coach's link."""
    if session.place == "online":
        return _("online: {link}", link=session.link) if session.link else _("online")
    return programme.say(rules_of(programme).place)


def founder_name(session: Session) -> str:
    return str((session.founder_profile or {}).get("full_name") or session.founder)


def parts(programme: Programme, session: Session) -> dict[str, Part]:
    """What the {placeholders} of the programme's texts stand for."""
    at = local(session.starts_at, programme)
    return {
        "topic": topic(programme, session.topic),
        "coach": session.coach,
        "date": Day(at.date()),
        "time": Time(at),
        "place": place(programme, session),
        "notice": hours(rules_of(programme).change),
    }


def said(programme: Programme, text: StaffText, session: Session, **more: Part) -> StaffText:
    """A text of the programme about a session."""
    return programme.say(text).with_(**parts(programme, session), **more)


def hours(n: int) -> Text:
    """ "4 hours", as it stands in a sentence."""
    return n_("{n} hour", "{n} hours", n)


def line(programme: Programme, session: Session, *, day: bool = True) -> Text:
    """A session on one line, for the coach: time, founder, topic, place."""
    where = _("online") if session.place == "online" else _("on site")
    at = Time(local(session.starts_at, programme), day=day)
    return _(
        "{time} · {founder} · {topic} · {place}",
        time=at,
        founder=founder_name(session) or "—",
        topic=topic(programme, session.topic),
        place=where,
    )


# telling the other side ---------------------------------------------------------------------------------------------


async def tell_coach(db: Db, by: Speaks, programme: Programme, session: Session, what: Text, *more: Text) -> None:
    """The coach learns at once what a founder did."""
    if session.coach_id is not None:
        texts = [what, line(programme, session), *more]
        await tell(
            db,
            by,
            session.coach_id,
            lines(texts),
            [(_("Open it"), commands.session(session.id))],
            purpose=_purpose(session, f"coach:{session.coach_id}", by.now),
            about=session.founder_id,
        )


async def show_coach(db: Db, by: Speaks, programme: Programme, session: Session, file: File) -> None:
    """The coach gets a founder's document for a session at once."""
    if session.coach_id is not None:
        said = lines([_("A document for your session:"), line(programme, session)])
        ways, purpose = (
            [(_("Open it"), commands.session(session.id))],
            purposes.purpose(Purpose.SESSION, session.id, file.id),
        )
        await tell(db, by, session.coach_id, said, ways, purpose=purpose, about=session.founder_id, file=file)


async def tell_founder(
    db: Db,
    by: Speaks,
    session: Session,
    text: Text,
    buttons: Sequence[tuple[Text, str]] = (),
    *,
    file: File | None = None,
) -> bool:
    """The founder learns at once what their coach did; False if no channel reaches them."""
    if session.founder_id is None:
        return False
    return await tell(
        db, by, session.founder_id, text, buttons, purpose=_purpose(session, "founder", by.now), file=file
    )


def _purpose(session: Session, whom: str, now: datetime) -> str:
    return purposes.purpose(Purpose.SESSION, session.id, whom, int(now.timestamp() * 1e6))


def onward(session: Session) -> list[tuple[Text, str]]:
    """Yes, move, cancel: what a founder can do in a reminder with one tap."""
    return [
        (_("I confirm"), commands.own_session("yes", session.id)),
        (_("Move it"), commands.own_session("move", session.id)),
        (_("Cancel it"), commands.own_session("cancel", session.id)),
    ]


def sample(programme: Programme, moment: datetime) -> Session:
    """A session as an example, for what must be approved before it may be said."""
    return Session(
        id=17,
        coach_id=1,
        founder_id=2,
        topic=next(iter(programme.topics), ""),
        place="site",
        wall="",
        zone=programme.zone.key,
        starts_at=moment,
        ends_at=moment,
        state="confirmed",
        sure=False,
        goal="",
        files=(),
        reason="",
        notes="",
        steps="",
        rating=None,
        changes=0,
        created_at=moment,
        changed_at=moment,
        coach="Karim Alaoui",
        link="",
        founder="Salma Benali",
        founder_profile=None,
    )
