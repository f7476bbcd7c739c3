"""Every notice of ours, as it is told: what WhatsApp is asked to approve, so that it may be said to somebody silent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from handlers import notices
from handlers.programme.model import Programme
from handlers.talk.message import READ_ON, Button
from handlers.talk.words import LANGUAGES, Day, Part, Quote, Text, Time, Tongue, _
from handlers.templates import Template, template


def waiting() -> tuple[Text, tuple[Button, ...]]:
    """What tells somebody silent that there is something for them; pressing its button lets it through."""
    return _("There is a message for you here. Press the button to read it."), (Button(_("Read it"), READ_ON),)


def catalogue(tongues: Mapping[str, Tongue], programme: Programme) -> list[Template]:
    """Every notice that can be a template, in every language: what Meta is asked to approve."""
    found = [template(tongues, text, ways, language) for text, ways in _notices(programme) for language in LANGUAGES]
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
        papers = notices.greeted(programme.say(texts.document_missing), name, ref="ABC-2026-0017", documents=topic, deadline=Day(day))
        hush = Button(_("Do not remind me"), "/hush")
        listed += [(draft, (Button(_("Continue applying"), "/apply"), hush)), (papers, (Button(_("Send a document"), "/track"), hush))]
    listed += [
        (
            _("Your application is saved but not sent yet. A few minutes are enough to finish it. Would you like to continue?"),
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
    yes, move, cancel = Button(_("I confirm"), "/bookings"), Button(_("Move it"), "/bookings"), Button(_("Cancel it"), "/bookings")
    late, again = Button(_("I am late"), "/bookings"), Button(_("Choose another time"), "/bookings")
    reminder = _("A quick reminder: your session “{topic}” with {coach} is on {date} at {time} ({place}).", **parts)
    listed += [
        (programme.say(rules.day_before).with_(**parts), (yes, move, cancel)),
        (programme.say(rules.hour_before).with_(**parts), (late, cancel)),
        (reminder, (yes, move, cancel)),
        (reminder, (late, cancel)),
        (programme.say(rules.feedback).with_(**parts), tuple(Button(Quote(str(n)), "/feedback") for n in range(1, 6))),
        (programme.say(rules.cancelled).with_(**parts, reason=_("the coach cannot make it")), (book, team)),
        (_("Your coach {coach} is running a little late for your session. Please wait a moment.", coach="Karim Alaoui"), ()),
        (
            _("Your coach {coach} cannot make it on {moment} and asks you to choose another time.", coach="Karim Alaoui", moment=moment),
            (again, cancel),
        ),
        (_("We missed you at your session of {day}. If something came up, you can book another one.", day=day), (book,)),
        (_("The slot we held for you goes to the next person now. You stay in the line, at its end."), ()),
        (
            _("The slot we held for you goes to the next person now, and you have left the line. You can join it again at any time."),
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
            (Button(_("Take it"), "/book"), Button(_("Not this one"), "/waiting"), Button(_("Leave the line"), "/waiting")),
        ),
        (
            _("The legal time has changed. Your session stays at {moment}, local time; check the clock of your phone.", moment=moment),
            (),
        ),
        (
            _("Your session of {moment} is cancelled: the founder has left, and asked to be forgotten.", moment=moment),
            (Button(_("My agenda"), "/agenda"),),
        ),
        (_("You are a coach here now. Tell me what you offer, then open your hours."), (Button(_("My coaching profile"), "/profile"),)),
        (_("A founder cannot be reached about session {n}; please call them.", n=17), (Button(_("Open it"), "/session"),)),
    ]
    return listed
