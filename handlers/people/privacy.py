"""/privacy: what is known of a founder, a copy of it, and its erasure."""

from __future__ import annotations

from handlers.actor import by_chat
from handlers.announcements.words import topic_label
from handlers.channels import place
from handlers.consent import DATA
from handlers.people import actions
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice, yes_no
from handlers.talk.talk import Talk
from handlers.talk.words import Text, _, lines, n_
from storage import privacy as personal_data
from storage.audiences import NEWS, NOT
from storage.database import Db


async def privacy(talk: Talk, db: Db, programme: Programme) -> None:
    """/privacy: show, export, withdraw, erase."""
    options: dict[str, Text] = {
        "show": _("Show my data"),
        "export": _("Send me a copy"),
        "more": _("How they are used"),
    }
    if DATA in talk.person.agreed:
        options["withdraw"] = _("Withdraw my consent")
    options |= {"erase": _("Erase everything"), "/menu": _("Menu")}
    wish = await talk.ask(
        "what", choice(_("Your data belong to you. You can see them, take a copy, or have them erased."), options)
    )
    if wish == "show":
        talk.say(await _summary(talk, db, programme))
        talk.offer(_("My data"), "/privacy")
    elif wish == "more":
        talk.say(programme.say(programme.consent.full))
        talk.offer(_("My data"), "/privacy")
    elif wish == "export":
        copy = await actions.export(db, by_chat(talk))
        talk.send("mouwakib.json", "application/json", copy, _("Here is everything we keep about you."))
    elif wish == "withdraw":
        talk.person.agree(DATA, False, programme.consent.version)
        talk.say(programme.say(programme.consent.refused))
    elif wish == "erase":
        await _erase(talk, db, programme)


async def _summary(talk: Talk, db: Db, programme: Programme) -> Text:
    kept = await personal_data.overview(db, talk.person.id)
    told: list[Text] = [_("What we keep about you:")]
    told += [_("• reachable on: {channel}", channel=place(channel)) for channel in kept.channels]
    told += [
        _(
            "• consent “{purpose}”: {answer}, on {day} (text of {version})",
            purpose=_PURPOSES.get(consent.purpose) or _stopped(programme, consent.purpose),
            answer=_("yes") if consent.granted else _("no"),
            day=consent.at.date(),
            version=consent.version,
        )
        for consent in kept.consents
    ]
    told += [_("• application {ref}", ref=reference) for reference in kept.applications]
    if kept.sessions:
        told.append(n_("• {n} coaching session", "• {n} coaching sessions", kept.sessions))
    told.append(n_("• {n} unfinished conversation", "• {n} unfinished conversations", kept.unfinished))
    told.append(n_("• {n} document", "• {n} documents", kept.files))
    told.append(n_("• {n} message from the last 30 days", "• {n} messages from the last 30 days", kept.messages))
    return lines(told)


def _stopped(programme: Programme, purpose: str) -> Text:
    return _("no announcements about “{topic}”", topic=topic_label(programme, purpose.removeprefix(NOT)))


_PURPOSES = {DATA: _("studying your file"), NEWS: _("announcements")}


async def _erase(talk: Talk, db: Db, programme: Programme) -> None:
    """Asked twice; then nothing is left but counts."""
    first = _(
        "This erases your answers, applications, documents and messages, for good. Bookings and applications are only counted from then on. Do you want that?"
    )
    if not await talk.ask("erase", yes_no(first, yes=_("Yes, erase"), no=_("No, keep them"))):
        talk.say(_("Nothing was erased."))
        return
    if not await talk.ask(
        "erase_sure",
        yes_no(_("Are you quite sure? This cannot be undone."), yes=_("Erase for good"), no=_("No, keep them")),
    ):
        talk.say(_("Nothing was erased."))
        return
    talk.discard(await actions.erase(db, by_chat(talk), programme))
    talk.person.erased = True
    talk.say(_("Everything is erased. If you ever write again, we start anew. Thank you for your visit."))
