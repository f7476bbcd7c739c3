"""Every notice of ours, as it is told: what WhatsApp is asked to approve, so that it may be said to somebody silent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import SimpleNamespace

from handlers.applications import words as reviewing
from handlers.coaching import words as coaching
from handlers.notices import tell as notices
from handlers.notices.templates import Template, template
from handlers.programme.model import Programme
from handlers.talk.message import READ_ON, Button
from handlers.talk.words import LANGUAGES, Day, Language, Part, Text, Time, UserText, _, lines


def waiting() -> tuple[Text, tuple[Button, ...]]:
    """What tells somebody silent that there is something for them; pressing its button lets it through."""
    return _("There is a message for you here. Press the button to read it."), (Button(_("Read it"), READ_ON),)


def catalogue(languages: Mapping[str, Language], programme: Programme) -> list[Template]:
    """Every notice that can be a template, in every language: what Meta is asked to approve."""
    found = [template(languages, text, ways, language) for text, ways in _notices(programme) for language in LANGUAGES]
    if programme.announcements is not None:
        frame = programme.say(programme.announcements.frame).with_(
            title="Journée portes ouvertes", body="Samedi 28 novembre, de 10 h à 16 h."
        )
        found += [template(languages, frame, (), language, category="MARKETING") for language in LANGUAGES]
    return [one for one in found if one is not None]


def _notices(programme: Programme) -> list[tuple[Text, tuple[Button, ...]]]:
    """Each notice as it is told, with samples for its parts."""
    texts, day = programme.texts, date(2026, 11, 26)
    moment = datetime(2026, 11, 26, 10, 0, tzinfo=programme.zone)
    book, team = Button(_("Book a session"), "/book"), Button(_("Talk to the team"), "/human")
    topic = next((one.name for one in programme.topics.values()), programme.name)
    listed: list[tuple[Text, tuple[Button, ...]]] = [waiting()]
    for name in ("Salma", ""):
        draft = notices.greeted(programme.say(texts.draft_reminder), name, project="Atlas Bio")
        papers = notices.greeted(
            programme.say(texts.document_missing), name, ref="ABC-2026-0017", documents=topic, deadline=Day(day)
        )
        hush = Button(_("Do not remind me"), "/hush")
        listed += [
            (draft, (Button(_("Continue applying"), "/apply"), hush)),
            (papers, (Button(_("Send a document"), "/track"), hush)),
        ]
    listed += [
        (
            _(
                "Your application is saved but not sent yet. A few minutes are enough to finish it. Would you like to continue?"
            ),
            (Button(_("Continue applying"), "/apply"), Button(_("Do not remind me"), "/hush")),
        ),
        (
            _(
                "We promised you news of your application {ref} by {day}, and we owe you an apology: the review is still under way. Nothing is asked of you; we will write as soon as there is a decision.",
                ref="ABC-2026-0017",
                day=day,
            ),
            (Button(_("Track my application"), "/track"), team),
        ),
        (
            _("The team has ended this exchange. I am here again."),
            (Button(_("Continue"), "/resume"), Button(_("Menu"), "/menu")),
        ),
        (_("The founder has ended the exchange."), ()),
        (
            _("Nobody has answered no. {n} yet; they have been waiting since {moment}.", n=17, moment=moment),
            (Button(_("Answer"), "/answer"), Button(_("I take care of it"), "/take")),
        ),
        *_of_statuses(programme),
        (_("A reminder could not reach anybody: no channel is open to this person any more."), ()),
    ]
    rules = programme.coaching
    if rules is None:
        return listed
    parts: dict[str, Part] = {
        "topic": topic,
        "coach": "Karim Alaoui",
        "date": Day(day),
        "time": Time(moment),
        "place": programme.say(rules.place),
    }
    yes, move, cancel = (
        Button(_("I confirm"), "/bookings"),
        Button(_("Move it"), "/bookings"),
        Button(_("Cancel it"), "/bookings"),
    )
    late, again = Button(_("I am late"), "/bookings"), Button(_("Choose another time"), "/bookings")
    reminder = _("A quick reminder: your session “{topic}” with {coach} is on {date} at {time} ({place}).", **parts)
    listed += [
        (programme.say(rules.day_before).with_(**parts), (yes, move, cancel)),
        (programme.say(rules.hour_before).with_(**parts), (late, cancel)),
        (reminder, (yes, move, cancel)),
        (reminder, (late, cancel)),
        (
            programme.say(rules.feedback).with_(**parts),
            tuple(Button(UserText(str(n)), "/feedback") for n in range(1, 6)),
        ),
        (programme.say(rules.cancelled).with_(**parts, reason=_("the coach cannot make it")), (book, team)),
        (
            _(
                "Your coach {coach} is running a little late for your session. Please wait a moment.",
                coach="Karim Alaoui",
            ),
            (),
        ),
        (
            _(
                "Your coach {coach} cannot make it on {moment} and asks you to choose another time.",
                coach="Karim Alaoui",
                moment=moment,
            ),
            (again, cancel),
        ),
        (
            _("We missed you at your session of {day}. If something came up, you can book another one.", day=day),
            (book,),
        ),
        (_("The slot we held for you goes to the next person now. You stay in the line, at its end."), ()),
        (
            _(
                "The slot we held for you goes to the next person now, and you have left the line. You can join it again at any time."
            ),
            (book,),
        ),
        (
            _(
                "A slot is free for “{topic}”: {moment}, with {coach}. It is kept for you for {minutes} minutes.",
                topic=topic,
                moment=moment,
                coach="Karim Alaoui",
                minutes=30,
            ),
            (
                Button(_("Take it"), "/book"),
                Button(_("Not this one"), "/waiting"),
                Button(_("Leave the line"), "/waiting"),
            ),
        ),
        (
            _(
                "The legal time has changed. Your session stays at {moment}, local time; check the clock of your phone.",
                moment=moment,
            ),
            (),
        ),
        (
            _("Your session of {moment} is cancelled: the founder has left, and asked to be forgotten.", moment=moment),
            (Button(_("My agenda"), "/agenda"),),
        ),
        *_for_coaches(programme, moment),
        (
            _("You are a coach here now. Tell me what you offer, then open your hours."),
            (Button(_("My coaching profile"), "/profile"),),
        ),
        (
            _("A founder cannot be reached about session {n}; please call them.", n=17),
            (Button(_("Open it"), "/session"),),
        ),
    ]
    return listed


def _of_statuses(programme: Programme) -> list[tuple[Text, tuple[Button, ...]]]:
    """The news of an application: with its ways onward, by name or without, and with the team's words or none."""
    ways = {status: tuple(Button(*way) for way in reviewing.onward(programme, status)) for status in programme.statuses}
    different = {tuple(button.carries for button in buttons): (status, buttons) for status, buttons in ways.items()}
    return [
        (reviewing.told_status(programme, name, "ABC-2026-0017", status, words), buttons)
        for status, buttons in different.values()
        for name in ("Salma", "")
        for words in ("", "...")
    ]


def _for_coaches(programme: Programme, moment: datetime) -> list[tuple[Text, tuple[Button, ...]]]:
    """What founders do with a session, as its coach learns of it: with their own words, and without."""
    sample = SimpleNamespace(
        starts_at=moment,
        founder_profile={"full_name": "Salma Benali"},
        topic=next(iter(programme.topics), ""),
        place="online",
    )
    line, words = coaching.line(programme, sample), "..."
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
    open_ = (Button(_("Open it"), "/session"),)
    return [(lines([what, line, *more[:n]]), open_) for what, more in told for n in range(len(more) + 1)]
