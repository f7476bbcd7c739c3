"""/profile: what a coach offers: name, topics, languages, where. /coaches: staff make somebody one. /pause: no new bookings for a while."""

from __future__ import annotations

import re

from handlers.actor import by_chat
from handlers.coaching import actions
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice, several
from handlers.talk.kinds.contacts import link
from handlers.talk.kinds.numbers import number
from handlers.talk.kinds.text import text
from handlers.talk.message import Json
from handlers.talk.question import Misread, Option, optional
from handlers.talk.talk import Talk
from handlers.talk.words import OWN_NAMES, Listed, Text, UserText, Verbatim, _, lines
from storage import coaches, people
from storage.database import Db


async def profile(talk: Talk, db: Db, programme: Programme) -> None:
    known = await coaches.one(db, talk.person.id)
    name = await talk.ask(
        "name",
        text(_("Which name should founders read?"), longest=60),
        known=known.name if known else talk.person.name or None,
    )
    topics = {id: topic.name for id, topic in programme.topics.items()}
    kept: list[Json] = [id for id in known.topics if id in topics] if known else []
    taught = await talk.ask(
        "topics", several(_("Which topics do you coach?"), topics, most=len(topics)), known=kept or None
    )
    languages = [Option(code, Verbatim(own)) for code, own in OWN_NAMES.items()]
    spoken = await talk.ask(
        "languages",
        several(_("In which languages?"), languages, most=3),
        known=[*known.languages] if known else None,
    )
    where = optional(
        link(_("Where do your online sessions take place? Send the link, or skip if you only receive on site."))
    )
    online = await talk.ask("link", where, known=(known.link or None) if known else None)
    most = await talk.ask(
        "per_week",
        optional(number(_("How many sessions a week at most? Skip for no limit."), least=1, most=60)),
        known=(known.per_week or None) if known else None,
    )
    await actions.keep_profile(
        db,
        by_chat(talk),
        programme,
        name=name,
        topics=taught,
        languages=spoken,
        link=online or "",
        per_week=most or 0,
    )
    talk.say(_("Thank you, {name}. Founders can book you as soon as you open hours.", name=name))
    talk.offer(_("My hours"), "/hours")
    talk.offer(_("My agenda"), "/agenda")


async def coaches_(talk: Talk, db: Db, programme: Programme) -> None:
    """/coaches, for staff: who coaches what; make somebody a coach by their address."""
    listed = await coaches.listed(db)
    texts: list[Text] = [_("Coaches:") if listed else _("There is no coach yet.")]
    for coach in listed.values():
        topics = tuple(programme.topics[id].name for id in coach.topics if id in programme.topics)
        texts.append(_("• {name}: {topics}", name=coach.name, topics=Listed(topics)))
    texts.append(
        _(
            "To make somebody a coach: have them write one message to me, then send me their address, for example telegram:5880014477."
        )
    )
    address = await talk.ask("address", optional(text(lines(texts), check=_address)))
    if not address:
        return
    channel, _colon, place = address.partition(":")
    person = await people.at(db, channel, place)
    if person is None:
        talk.say(
            _(
                "Nobody has written to me from {address} yet. They should write one message first.",
                address=UserText(address),
            )
        )
        talk.offer(_("Coaches"), "/coaches")
        return
    await actions.make_coach(db, by_chat(talk), programme, person)
    talk.say(_("Done. They have been told, and fill in their topics and hours themselves."))


def _address(typed: str) -> str:
    if not re.fullmatch(r"[a-z]+:\S+", typed):
        raise Misread(_("An address looks like telegram:5880014477."))
    return typed


async def pause(talk: Talk, db: Db, programme: Programme) -> None:
    """/pause: take no new bookings for a while, or take them again."""
    known = await coaches.one(db, talk.person.id)
    if known is None:
        talk.go("/profile")
        return
    wish = await talk.ask(
        "what",
        choice(
            _("You take no new bookings at the moment.") if known.away else _("Founders can book you."),
            {"on": _("Take bookings again"), "/agenda": _("My agenda")}
            if known.away
            else {"off": _("Pause bookings"), "/agenda": _("My agenda")},
        ),
    )
    await actions.pause(db, by_chat(talk), programme, away=wish == "off")
    talk.say(
        _("Done: no new bookings until you take them again. Sessions already booked stay.")
        if wish == "off"
        else _("Done: founders can book you.")
    )
