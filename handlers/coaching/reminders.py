"""What founders and coaches are reminded of about their sessions, and what happens to these when the legal time changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from handlers.actor import Actor
from handlers.calendar_entry import FILE_NAME, MIME_TYPE
from handlers.coaching import calendar_entry, commands
from handlers.coaching import words as coaching
from handlers.coaching.words import local, rules_of
from handlers.notices.quiet_hours import outside_quiet_hours
from handlers.notices.reminders import USEFUL, Kind
from handlers.notices.tell import Notice, tell
from handlers.programme.model import Coaching, Programme
from handlers.talk.message import File
from handlers.talk.words import Day, Text, UserText, _, lines, n_, paragraphs
from storage import files, people, reminders, sessions
from storage.database import Db
from storage.reminders import Claimed, Reminder
from storage.sessions import Session

FOUNDERS = ("day", "hour", "feedback")  # the reminders that belong to one session


async def plan(db: Db, programme: Programme, session: Session, now: datetime) -> None:
    """Plan (or move) what will be sent about a session, in the transaction of its booking."""
    await reminders.cancel(db, session.id, FOUNDERS)
    await reminders.plan(db, planned(rules_of(programme), programme.zone, session, now))


def planned(rules: Coaching, zone: ZoneInfo, session: Session, now: datetime) -> list[Reminder]:
    """The reminders of a session: a day and an hour before for the founder, the question afterwards, the coach's two agendas."""
    start, found = session.starts_at, []
    for kind, before in (("day", timedelta(hours=24)), ("hour", timedelta(hours=1))):
        due = outside_quiet_hours(rules, zone, start - before, latest=start - USEFUL)
        # late booking: what would be due already is said by the confirmation itself
        if session.founder_id is not None and due > now + timedelta(minutes=5):
            found.append(Reminder(f"booking:{session.id}:{kind}", session.founder_id, kind, session.id, due))
    if session.founder_id is not None:
        due = outside_quiet_hours(rules, zone, session.ends_at + timedelta(minutes=15))
        found.append(Reminder(f"booking:{session.id}:feedback", session.founder_id, "feedback", session.id, due))
    if session.coach_id is not None:
        day = start.astimezone(zone).date()
        for kind, hour, ahead in (("agenda", rules.quiet_until, 0), ("tomorrow", 18, 1)):
            due = datetime.combine(day - timedelta(days=ahead), time(hour), zone).astimezone(UTC)
            if due > now:
                found.append(Reminder(f"{kind}:{session.coach_id}:{day}", session.coach_id, kind, day.toordinal(), due))
    return found


async def _day_before(db: Db, programme: Programme, reminder: Claimed, session: Session, now: datetime) -> Notice | str:
    if reason := _of_no_use(session, now):
        return reason
    tomorrow = local(session.starts_at, programme).date() - local(now, programme).date() == timedelta(days=1)
    # late, after a time down: "tomorrow" would not be true
    return day_before(programme, session) if tomorrow else soon(programme, session, coaching.onward(session))


async def _hour_before(
    db: Db, programme: Programme, reminder: Claimed, session: Session, now: datetime
) -> Notice | str:
    if reason := _of_no_use(session, now):
        return reason
    on_time = abs(session.starts_at - now - timedelta(hours=1)) <= timedelta(minutes=15)
    # late, after a time down: "in one hour" would not be true
    return hour_before(programme, session) if on_time else soon(programme, session, _late_or_cancel(session))


def _of_no_use(session: Session, now: datetime) -> str:
    """Why a session to come is not reminded of; "" if it is."""
    if session.state != "confirmed":
        return session.state
    return "missed" if session.starts_at - now < USEFUL / 2 else ""


async def _feedback(db: Db, programme: Programme, reminder: Claimed, session: Session, now: datetime) -> Notice | str:
    return feedback(programme, session) if session.state in ("confirmed", "done") else session.state


async def _agenda(db: Db, programme: Programme, reminder: Claimed, subject: None, now: datetime) -> Notice | str:
    """A coach's day, said in the morning or on the evening before; skipped if it is empty, or over."""
    listed = await _day(db, programme, reminder, now)
    return agenda(programme, date.fromordinal(reminder.subject), listed) if listed else "nothing that day"


async def _founders(db: Db, programme: Programme, reminder: Claimed, now: datetime) -> tuple[int, ...]:
    """Whom a coach's agenda names."""
    listed = await _day(db, programme, reminder, now)
    return tuple(session.founder_id for session in listed if session.founder_id is not None)


async def _day(db: Db, programme: Programme, reminder: Claimed, now: datetime) -> Sequence[Session]:
    """A coach's sessions of the day of a reminder that are not over."""
    first = datetime.combine(date.fromordinal(reminder.subject), time(), programme.zone).astimezone(UTC)
    since = max(first, now - timedelta(hours=1))
    return await sessions.of_coach(db, reminder.person, since, first + timedelta(days=1), sessions.LIVE)


def _starts_at(session: Session) -> datetime:
    return session.starts_at


KINDS: dict[str, Kind[Any]] = {
    "day": Kind(_("a reminder of your session of the next day"), _day_before, sessions.several, _starts_at),
    "hour": Kind(_("a reminder an hour before your session"), _hour_before, sessions.several, _starts_at),
    "feedback": Kind(_("a question on how the session was"), _feedback, sessions.several),
    "agenda": Kind(_("your agenda of the day"), _agenda, about=_founders),
    "tomorrow": Kind(_("your agenda of the next day"), _agenda, about=_founders),
}


def day_before(programme: Programme, session: Session) -> Notice:
    """To a founder, on the day before."""
    return Notice(coaching.said(programme, rules_of(programme).day_before, session), coaching.onward(session))


def hour_before(programme: Programme, session: Session) -> Notice:
    """To a founder, an hour before."""
    return Notice(coaching.said(programme, rules_of(programme).hour_before, session), _late_or_cancel(session))


def soon(programme: Programme, session: Session, ways: Sequence[tuple[Text, str]]) -> Notice:
    """To a founder, at a time that is neither."""
    parts = coaching.parts(programme, session)
    text = _(
        "A quick reminder: your session “{topic}” with {coach} is on {date} at {time} ({place}).",
        **{name: parts[name] for name in ("topic", "coach", "date", "time", "place")},
    )
    return Notice(text, ways)


def _late_or_cancel(session: Session) -> Sequence[tuple[Text, str]]:
    return [
        (_("I am late"), commands.own_session("late", session.id)),
        (_("Cancel it"), commands.own_session("cancel", session.id)),
    ]


def feedback(programme: Programme, session: Session) -> Notice:
    """To a founder, after it."""
    text = coaching.said(programme, rules_of(programme).feedback, session)
    return Notice(text, [(UserText(str(n)), commands.feedback(session.id, n)) for n in range(1, 6)])


def agenda(programme: Programme, day: date, listed: Sequence[Session]) -> Notice:
    """To a coach: their sessions of a day, one at least."""
    name = listed[0].coach.split(" ")[0]
    count = n_("{n} session", "{n} sessions", len(listed))
    head = programme.say(rules_of(programme).agenda).with_(coach_first_name=name, date=Day(day), count_text=count)
    text = lines([head, *(coaching.line(programme, session, day=False) for session in listed)])
    return Notice(paragraphs([text]), [(_("My agenda"), "/agenda")])


def legal_time(programme: Programme, at: datetime) -> Notice:
    """To both, when the law has moved the clocks."""
    return Notice(
        _(
            "The legal time has changed. Your session stays at {moment}, local time; check the clock of your phone.",
            moment=local(at, programme),
        )
    )


async def recompute(db: Db, by: Actor, programme: Programme, keep: Callable[[bytes], str]) -> int:
    """After a change of the zone's rules: what was agreed is the wall time, so the instants move; how many did. Each person is
    told once, and a founder gets the entry for their calendar anew; `keep` writes it to disk and says its name there."""
    moved = 0
    for row in await sessions.to_recompute(db, by.now):
        at = datetime.fromisoformat(row.wall).replace(tzinfo=programme.zone).astimezone(UTC)
        if at == row.starts_at:
            continue
        difference = at - row.starts_at
        await sessions.shift(db, row.id, at, row.ends_at + difference, row.free_at + difference, by.now)
        session = await sessions.get(db, row.id)
        await plan(db, programme, session, by.now)
        for person in (session.founder_id, session.coach_id):
            if person is not None:
                entry = await _entry(db, by, programme, session, keep) if person == session.founder_id else None
                purpose = f"zone:{row.id}:{person}:{int(at.timestamp())}"
                await tell(db, by, person, *legal_time(programme, at), purpose=purpose, file=entry)
        moved += 1
    return moved


async def _entry(
    db: Db, by: Actor, programme: Programme, session: Session, keep: Callable[[bytes], str]
) -> File | None:
    """The calendar entry of a session as it is now; None for one that is not confirmed, of which they have none."""
    if session.state != "confirmed" or session.founder_id is None:
        return None
    language = by.languages.get(await people.language_of(db, session.founder_id)) or by.languages["fr"]
    content = calendar_entry.calendar_file(programme, language, [session])
    file = File(keep(content), FILE_NAME, MIME_TYPE, len(content))
    await files.keep(db, session.founder_id, file.id, file.name, file.kind, file.size, by.now)
    return file


def notices(programme: Programme) -> list[Notice]:
    """Each of them, with samples for its parts; none without coaching."""
    if programme.coaching is None:
        return []
    moment = datetime(2026, 11, 26, 10, 0, tzinfo=programme.zone)
    session = coaching.sample(programme, moment)
    return [
        day_before(programme, session),
        hour_before(programme, session),
        *(soon(programme, session, ways) for ways in (coaching.onward(session), _late_or_cancel(session))),
        feedback(programme, session),
        agenda(programme, moment.date(), [session]),
        legal_time(programme, moment),
    ]
