"""Every notice of ours, as it is told: what WhatsApp is asked to approve, so that it may be said to somebody silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from handlers.announcements import notices as of_announcements
from handlers.applications import notices as of_applications
from handlers.applications import reminders as of_waiting_applications
from handlers.coaching import offers
from handlers.coaching import reminders as of_sessions
from handlers.coaching import words as coaching
from handlers.exchanges import messages, overdue
from handlers.notices import words as of_no_room
from handlers.notices.tell import Notice
from handlers.notices.templates import Template, template
from handlers.people import words as of_people
from handlers.programme.model import Programme
from handlers.talk.message import Button
from handlers.talk.words import LANGUAGES, Language, Text, _, lines
from handlers.team import notices as of_team

NOTICES: tuple[Callable[[Programme], list[Notice]], ...] = (
    of_no_room.notices,
    of_people.notices,
    of_applications.notices,
    of_waiting_applications.notices,
    of_sessions.notices,
    offers.notices,
    messages.notices,
    of_announcements.notices,
    of_team.notices,
    overdue.notices,
)  # what each room tells, with samples


def catalogue(languages: Mapping[str, Language], programme: Programme) -> list[Template]:
    """Every notice that can be a template, in every language: what Meta is asked to approve."""
    told = [notice for notices in NOTICES for notice in notices(programme)]
    found = [
        template(languages, notice.text, [Button(*way) for way in notice.ways], language)
        for notice in (*told, *_notices(programme))
        for language in LANGUAGES
    ]
    if programme.announcements is not None:
        frame = programme.say(programme.announcements.frame).with_(
            title="Journée portes ouvertes", body="Samedi 28 novembre, de 10 h à 16 h."
        )
        found += [template(languages, frame, (), language, category="MARKETING") for language in LANGUAGES]
    return list({(known.name, known.language): known for known in found if known is not None}.values())


def _notices(programme: Programme) -> list[Notice]:
    """Those of rooms that have no list of their own."""
    moment = datetime(2026, 11, 26, 10, 0, tzinfo=programme.zone)
    book, team = (_("Book a session"), "/book"), (_("Talk to the team"), "/human")
    told: list[Notice] = []
    rules = programme.coaching
    if rules is None:
        return told
    cancel, again = (_("Cancel it"), "/bookings"), (_("Choose another time"), "/bookings")
    session = coaching.sample(programme, moment)
    told += [
        Notice(coaching.said(programme, rules.cancelled, session, reason=_("the coach cannot make it")), [book, team]),
        Notice(
            _(
                "Your coach {coach} is running a little late for your session. Please wait a moment.",
                coach="Karim Alaoui",
            )
        ),
        Notice(
            _(
                "Your coach {coach} cannot make it on {moment} and asks you to choose another time.",
                coach="Karim Alaoui",
                moment=moment,
            ),
            [again, cancel],
        ),
        Notice(
            _(
                "We missed you at your session of {day}. If something came up, you can book another one.",
                day=moment.date(),
            ),
            [book],
        ),
        *_for_coaches(programme, moment),
        Notice(
            _("You are a coach here now. Tell me what you offer, then open your hours."),
            [(_("My coaching profile"), "/profile")],
        ),
        Notice(
            _("A founder cannot be reached about session {n}; please call them.", n=17),
            [(_("Open it"), "/session")],
        ),
    ]
    return told


def _for_coaches(programme: Programme, moment: datetime) -> list[Notice]:
    """What founders do with a session, as its coach learns of it: with their own words, and without."""
    line, words = coaching.line(programme, coaching.sample(programme, moment)), "..."
    told: list[tuple[Text, tuple[Text, ...]]] = [
        (_("A new session:"), (_("Expects: {words}", words=words),)),
        (_("A document for your session:"), ()),
        (_("A founder asks for a session; please accept or decline it:"), (_("Expects: {words}", words=words),)),
        (_("The founder has cancelled this session:"), (_("Reason: {words}", words=words),)),
        (_("The founder confirms:"), ()),
        (_("The founder will be a little late:"), ()),
        (_("The founder has moved this session to another coach:"), ()),
        (_("A session has moved; it was on {moment}:", moment=moment), ()),
    ]
    return [
        Notice(lines([what, line, *more[:n]]), [(_("Open it"), "/session")])
        for what, more in told
        for n in range(len(more) + 1)
    ]
