"""What a due reminder says, or why it is no longer said; nudges for what was left half done; offers to those who wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from handlers.applications import form
from handlers.applications import words as reviewing
from handlers.coaching import calendar_entry
from handlers.coaching import words as coaching
from handlers.coaching.words import local, rules_of
from handlers.notices import quiet_hours
from handlers.notices import tell as notices
from handlers.notices.tell import Clockwork
from handlers.programme.model import Programme
from handlers.talk.message import File
from handlers.talk.words import Day, Language, Listed, Text, UserText, _, lines, n_, paragraphs
from storage import applications, files, people, reminders, talks
from storage import sessions as bookings
from storage.database import Db
from storage.reminders import Reminder

DRAFT_AFTER = timedelta(hours=48)  # since the last answer of an application that was not sent


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed reminder with its message; without one, the reason why it is skipped, or when to try again."""

    id: int
    person: int
    purpose: str
    body: dict[str, Any] | None
    reason: str = ""
    again: datetime | None = None  # not now: people sleep
    about: tuple[int, ...] = ()  # others whom it tells of


async def render(
    db: Db, languages: Mapping[str, Language], programme: Programme, claimed: Sequence[Any], now: datetime
) -> list[Due]:
    """What each claimed reminder says now: rows are read again, so nothing is said of what changed meanwhile."""
    about_sessions = [row.subject for row in claimed if row.kind in coaching.FOUNDERS]
    sessions = await bookings.several(db, about_sessions) if about_sessions else {}
    return [await _due(db, languages, programme, row, sessions, now) for row in claimed]


async def _due(
    db: Db,
    languages: Mapping[str, Language],
    programme: Programme,
    row: Any,
    sessions: Mapping[int, Any],
    now: datetime,
) -> Due:
    purpose = f"reminder:{row.id}:{int(row.due_at.timestamp())}"  # moved and due again, it is another one
    if (later := _later(programme, row, sessions.get(row.subject), now)) is not None:
        return Due(row.id, row.person_id, purpose, None, again=later)
    try:
        said = await _said(db, programme, row, sessions, now)
    except (LookupError, TypeError, ValueError) as bug:  # one that cannot be said must not hold up the others
        return Due(row.id, row.person_id, purpose, None, f"fault: {type(bug).__name__}")
    if isinstance(said, str):
        return Due(row.id, row.person_id, purpose, None, said)
    text, buttons = said
    body = notices.spoken(languages, row.language, text, buttons)
    if row.kind in ("day", "hour"):  # held up on its way, it is not said of a session that is over
        body["until"] = sessions[row.subject].starts_at.isoformat()
    about: tuple[int, ...] = ()
    if row.kind in ("agenda", "tomorrow"):
        listed = await _day(db, programme, row.person_id, date.fromordinal(row.subject), now)
        about = tuple(session.founder_id for session in listed if session.founder_id is not None)
    return Due(row.id, row.person_id, purpose, body, about=about)


def _later(programme: Programme, row: Any, session: Any, now: datetime) -> datetime | None:
    """When to send what became late in the quiet hours; None for now, which is also right for what cannot wait."""
    latest = session.starts_at - coaching.USEFUL if row.kind in ("day", "hour") and session is not None else None
    at = quiet_hours.outside_quiet_hours(programme.coaching, programme.zone, now, latest=latest)
    return at if at > now else None


_Said = tuple[Text, Sequence[tuple[Text, str]]]


async def _said(db: Db, programme: Programme, row: Any, sessions: Mapping[int, Any], now: datetime) -> _Said | str:
    match row.kind:
        case "day" | "hour" | "feedback":
            session = sessions.get(row.subject)
            return "gone" if session is None else _of_session(programme, row.kind, session, now)
        case "agenda" | "tomorrow":
            return await agenda(db, programme, row.person_id, date.fromordinal(row.subject), now)
        case "draft":
            return await _draft(db, programme, row.person_id, row.subject)
        case "missing" | "asked" | "no_news":
            return await _of_application(db, programme, row, now)
    return "unknown kind"


def _of_session(programme: Programme, kind: str, session: Any, now: datetime) -> _Said | str:
    rules = rules_of(programme)
    if kind == "feedback":
        if session.state not in ("confirmed", "done"):
            return str(session.state)
        return coaching.said(programme, rules.feedback, session), [
            (UserText(str(n)), f"/feedback {session.id} {n}") for n in range(1, 6)
        ]
    if session.state != "confirmed":
        return str(session.state)
    if session.starts_at - now < coaching.USEFUL / 2:
        return "missed"
    if kind == "hour":
        # late, after a time down: "in one hour" would not be true
        text: Text = coaching.said(programme, rules.hour_before, session)
        if abs(session.starts_at - now - timedelta(hours=1)) > timedelta(minutes=15):
            text = _reminder(programme, session)
        return text, [
            (_("I am late"), f"/bookings late {session.id}"),
            (_("Cancel it"), f"/bookings cancel {session.id}"),
        ]
    tomorrow = local(session.starts_at, programme).date() - local(now, programme).date() == timedelta(days=1)
    text = coaching.said(programme, rules.day_before, session) if tomorrow else _reminder(programme, session)
    return text, coaching.onward(session)


def _reminder(programme: Programme, session: Any) -> Text:
    found = coaching.parts(programme, session)
    return _(
        "A quick reminder: your session “{topic}” with {coach} is on {date} at {time} ({place}).",
        **{name: found[name] for name in ("topic", "coach", "date", "time", "place")},
    )


async def _day(db: Db, programme: Programme, coach: int, day: date, now: datetime) -> Sequence[Any]:
    """A coach's sessions of a day that are not over."""
    first = datetime.combine(day, time(), programme.zone).astimezone(UTC)
    return await bookings.of_coach(
        db, coach, max(first, now - timedelta(hours=1)), first + timedelta(days=1), bookings.LIVE
    )


async def agenda(db: Db, programme: Programme, coach: int, day: date, now: datetime) -> _Said | str:
    """A coach's day, said in the morning or on the evening before; skipped if it is empty, or over."""
    sessions = await _day(db, programme, coach, day, now)
    if not sessions:
        return "nothing that day"
    name = (sessions[0].coach or "").split(" ")[0]
    count = n_("{n} session", "{n} sessions", len(sessions))
    head = programme.say(rules_of(programme).agenda).with_(coach_first_name=name, date=Day(day), count_text=count)
    texts = [lines([head, *(coaching.line(programme, session, day=False) for session in sessions)])]
    return paragraphs(texts), [(_("My agenda"), "/agenda")]


async def _draft(db: Db, programme: Programme, person: int, number: int) -> _Said | str:
    """An application left half way; said at most twice, and never again after "stop reminding me"."""
    state = await talks.talk_of(db, person, number)
    if state is None or await applications.current(db, person, programme.programme) is not None:
        return "no longer open"
    answers = state.get("answers", {})
    project, name = str(answers.get("project_name") or ""), str(answers.get("full_name") or "").split(" ")[0]
    if project:
        text: Text = notices.greeted(programme.say(programme.texts.draft_reminder), name, project=project)
    else:
        text = _(
            "Your application is saved but not sent yet. A few minutes are enough to finish it. Would you like to continue?"
        )
    return text, [(_("Continue applying"), "/apply"), (_("Do not remind me"), f"/hush draft {number}")]


async def _of_application(db: Db, programme: Programme, row: Any, now: datetime) -> _Said | str:
    found = await applications.one(db, row.subject)
    if found is None:
        return "gone"
    if row.kind == "no_news":
        if found.status not in ("submitted", "in_review"):
            return "answered"
        text: Text = _(
            "We promised you news of your application {ref} by {day}, and we owe you an apology: the review is still under way. Nothing is asked of you; we will write as soon as there is a decision.",
            ref=found.reference,
            day=found.promised_on,
        )
        return text, [(_("Track my application"), "/track"), (_("Talk to the team"), "/human")]
    if row.kind == "asked":
        return await _asked(db, programme, found)
    there = await applications.documents(db, found.id)
    missing = form.missing(programme, found.applicant, there)
    if found.status != "missing_docs" or not missing:
        return "complete"
    name = str(found.answers.get("full_name") or "").split(" ")[0]
    deadline = local(now, programme).date() + timedelta(days=14)
    text = notices.greeted(
        programme.say(programme.texts.document_missing),
        name,
        ref=found.reference,
        documents=Listed(tuple(missing)),
        deadline=Day(deadline),
    )
    return text, [(_("Send a document"), "/track document"), (_("Do not remind me"), f"/hush missing {found.id}")]


async def _asked(db: Db, programme: Programme, found: Any) -> _Said | str:
    """Items that the team asked back and nobody has answered yet; said once, two days before their last day."""
    waiting = await reviewing.waiting(db, programme, found.id) if found.status in applications.OPEN else ()
    if not waiting:
        return "answered"
    head = _(
        "The team still waits for your answer about application {ref}, by {day}:",
        ref=found.reference,
        day=waiting[-1].until,
    )
    return lines([head, reviewing.asked_back(programme, waiting)]), [
        (_("Answer now"), f"/changes {found.reference}"),
        (_("Talk to the team"), "/human"),
    ]


async def of_items(db: Db, programme: Programme, person: int, application: int, until: date, now: datetime) -> None:
    """When the team asks for changes: a word two days before the last day to answer, if there is that much time."""
    due = datetime.combine(until - timedelta(days=2), time(10), programme.zone).astimezone(UTC)
    if due > now:
        at = quiet_hours.outside_quiet_hours(programme.coaching, programme.zone, due)
        await reminders.plan(db, [Reminder(f"asked:{application}", person, "asked", application, at)])


async def of_application(
    db: Db, programme: Programme, person: int, reference: str, *, complete: bool, promised_on: date, now: datetime
) -> None:
    """When an application is handed in: two nudges for what is missing, and a word of ours if the promised day passes."""
    found = await applications.by_reference(db, reference)
    times = [("missing", 1, now + timedelta(days=3)), ("missing", 2, now + timedelta(days=8))] if not complete else []
    times.append(
        ("no_news", 1, datetime.combine(promised_on + timedelta(days=1), time(10), programme.zone).astimezone(UTC))
    )
    await reminders.plan(
        db,
        [
            Reminder(
                f"{kind}:{found.id}:{count}",
                person,
                kind,
                found.id,
                quiet_hours.outside_quiet_hours(programme.coaching, programme.zone, due),
            )
            for kind, count, due in times
        ],
    )


# what the clock does besides ----------------------------------------------------------------------------------------


async def sweep(db: Db, programme: Programme, now: datetime) -> None:
    """Plan a nudge for each application left half way two days ago, and a second and last one five days later."""
    rules = programme.coaching
    for person, number, touched in await talks.drafts(db, "apply", now - timedelta(days=30), now - DRAFT_AFTER):
        due = quiet_hours.outside_quiet_hours(rules, programme.zone, max(now, touched + DRAFT_AFTER))
        for at, count in ((due, 1), (due + timedelta(days=5), 2)):
            await reminders.once(db, Reminder(f"draft:{person}:{number}:{count}", person, "draft", number, at))


async def recompute(
    db: Db, languages: Mapping[str, Language], programme: Programme, now: datetime, keep: Callable[[bytes], str]
) -> int:
    """After a change of the zone's rules: what was agreed is the wall time, so the instants move; how many did. Each person is
    told once, and a founder gets the entry for their calendar anew; `keep` writes it to disk and says its name there."""
    moved = 0
    for row in await bookings.to_recompute(db, now):
        at = datetime.fromisoformat(row.wall).replace(tzinfo=programme.zone).astimezone(UTC)
        if at == row.starts_at:
            continue
        by = at - row.starts_at
        await bookings.shift(db, row.id, at, row.ends_at + by, row.free_at + by, now)
        session = await bookings.one(db, row.id)
        await coaching.plan(db, programme, session, now)
        text = _(
            "The legal time has changed. Your session stays at {moment}, local time; check the clock of your phone.",
            moment=local(at, programme),
        )
        clock = Clockwork(languages, now)
        for person in (session.founder_id, session.coach_id):
            if person is not None:
                entry = (
                    await _entry(db, languages, programme, session, now, keep) if person == session.founder_id else None
                )
                await notices.tell(
                    db, clock, person, text, purpose=f"zone:{row.id}:{person}:{int(at.timestamp())}", file=entry
                )
        moved += 1
    return moved


async def _entry(
    db: Db,
    languages: Mapping[str, Language],
    programme: Programme,
    session: Any,
    now: datetime,
    keep: Callable[[bytes], str],
) -> File | None:
    """The calendar entry of a session as it is now; None for one that is not confirmed, of which they have none."""
    if session.state != "confirmed":
        return None
    tongue = languages.get(await people.language_of(db, session.founder_id)) or languages["fr"]
    content = calendar_entry.calendar_file(programme, tongue, [session])
    file = File(keep(content), calendar_entry.ENTRY, calendar_entry.CALENDAR, len(content))
    await files.keep(db, session.founder_id, file.id, file.name, file.kind, file.size, now)
    return file
