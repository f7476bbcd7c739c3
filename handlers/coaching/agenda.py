"""/agenda: a coach's today and week, each session a tap away, and the calendar any app can subscribe to."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from handlers.coaching import commands, words
from handlers.coaching.words import local, rules_of
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.question import Option
from handlers.talk.talk import Talk
from handlers.talk.words import Day, Text, Time, UserText, _, lines, paragraphs
from storage import coaches, sessions
from storage.database import Db


async def agenda(talk: Talk, db: Db, programme: Programme) -> None:
    if await coaches.one(db, talk.person.id) is None:
        talk.go("/profile")
        return
    first = datetime.combine(talk.today, time(), programme.zone).astimezone(UTC)
    week = await sessions.of_coach(db, talk.person.id, first, first + timedelta(days=7))
    talk.about(*(session.founder_id for session in week))
    by_day: dict[date, list[Text]] = {}
    for session in week:
        day = local(session.starts_at, programme).date()
        by_day.setdefault(day, []).append(words.line(programme, session, day=False))
    told: list[Text] = []
    for ahead in range(7):
        day = talk.today + timedelta(days=ahead)
        if day in by_day:
            told.append(lines([Day(day), *by_day[day]]))
        elif ahead == 0:
            told.append(programme.say(rules_of(programme).agenda_empty))
    if len(by_day) == 0:
        told.append(_("No session in the next seven days."))
    options = [
        Option(commands.session(session.id), Time(local(session.starts_at, programme), day=True))
        for session in week[:8]
    ]
    options += [
        Option("/hours", _("My hours")),
        Option("/calendar", _("My calendar")),
        Option("/pause", _("Pause")),
        Option("/profile", _("My profile")),
    ]
    await talk.ask("what", choice(paragraphs(told), options))


async def calendar(talk: Talk, db: Db, programme: Programme) -> None:
    """/calendar: the private address of one's sessions."""
    coach = await coaches.one(db, talk.person.id)
    if coach is None:
        talk.go("/profile")
        return
    address = f"{programme.home}/calendar/{coach.feed}.ics"
    talk.say(
        lines(
            [
                _("Your sessions as a calendar that any calendar app can subscribe to:"),
                UserText(address),
                _("Keep this address to yourself: whoever has it sees your sessions."),
            ]
        )
    )
    talk.offer(_("My agenda"), "/agenda")
