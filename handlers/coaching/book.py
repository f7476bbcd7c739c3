"""/book: a session with a coach: the topic, a time, what it is for. Free times are shown, and a day may be typed instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from handlers.coaching import calendar_entry, slots
from handlers.coaching import words as coaching
from handlers.coaching.reminders import plan
from handlers.coaching.slot_question import slot_question
from handlers.coaching.slots import Calendar, Slot
from handlers.coaching.waiting_list import held_slot, join_line
from handlers.coaching.words import local, rules_of
from handlers.consent import consented
from handlers.notices import tell as notices
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.kinds.text import text
from handlers.talk.message import Json
from handlers.talk.question import Misread, Option, Question, Reply, Stale, optional, passing
from handlers.talk.talk import Talk
from handlers.talk.when import Unclear, read_moment
from handlers.talk.words import Day, Text, UserText, _, lines, paragraphs
from storage import sessions, waits
from storage.database import Db

SOONEST = 5  # times shown at once
OTHER_DAYS, OTHER_COACH, WAIT = "days", "coach", "wait"


async def book(talk: Talk, db: Db, programme: Programme) -> None:
    rules = rules_of(programme)
    if not await consented(talk, programme):
        talk.say(programme.say(programme.consent.refused))
        return
    if len(await sessions.of_founder(db, talk.person.id, talk.now)) >= rules.per_founder:
        talk.say(_("You already have {n} upcoming sessions. You can move or cancel one.", n=rules.per_founder))
        talk.offer(_("My bookings"), "/bookings")
        talk.offer(_("Menu"), "/menu")
        return
    calendar = await slots.calendar(db, programme, talk.person.id, talk.now, language=talk.person.language)
    taught = calendar.topics()
    if not taught:
        talk.say(_("No coach receives at the moment. The team can tell you when sessions open."))
        talk.offer(_("Talk to the team"), "/human")
        talk.offer(_("Menu"), "/menu")
        return
    held = await held_slot(talk, db)
    if held is not None:
        topic, slot = held.topic, Slot(held.coach_id, held.starts_at, held.place)
    else:
        if talk.argument.startswith("offer"):
            talk.say(_("This offer is over. You keep your place in the line."))
        topic = await _topic(talk, programme, taught)
        chosen = await _slot(talk, db, programme, calendar, topic)
        if chosen is None:
            return
        slot = chosen
    await _name(talk)
    place = (
        slot.place
        if slot.place != "both"
        else await talk.ask("mode", choice(_("On site or online?"), {"site": _("On site"), "online": _("Online")}))
    )
    goal = await talk.ask(
        "goal", optional(text(_("In one sentence, what do you expect from the session?"), longest=300))
    )
    asked = rules.approval or await sessions.no_shows(db, talk.person.id) >= rules.no_shows
    id = await sessions.book(
        db,
        talk.person.id,
        slot.coach,
        topic,
        place,
        slots.when(slot, rules, programme.zone),
        talk.now,
        goal=goal or "",
        asked=asked,
    )
    await waits.leave(db, talk.person.id, topic)
    session = await sessions.one(db, id)
    await plan(db, programme, session, talk.now)
    await booked(talk, db, programme, session)


async def booked(talk: Talk, db: Db, programme: Programme, session: Any) -> None:
    """Say it to both sides, with the entry for the founder's calendar."""
    rules = rules_of(programme)
    tongue = talk.languages.get(talk.person.language) or talk.languages["fr"]
    goal = [_("Expects: {words}", words=session.goal)] if session.goal else []
    if session.state == "asked":
        talk.say(coaching.said(programme, rules.asked, session))
        asks = _("A founder asks for a session; please accept or decline it:")
        if rules.approval:
            await coaching.tell_coach(db, talk, programme, session, asks, *goal)
        else:  # the team decides, after absences
            said = lines([asks, coaching.line(programme, session)])
            await notices.tell_team(
                db, talk, said, [(_("Open it"), f"/session {session.id}")], purpose=f"session:{session.id}:team"
            )
    else:
        caption = paragraphs([coaching.said(programme, rules.confirmed, session), programme.say(rules.prepare)])
        talk.send(
            calendar_entry.ENTRY,
            calendar_entry.CALENDAR,
            calendar_entry.calendar_file(programme, tongue, [session]),
            caption,
        )
        talk.say(_("The file above puts it into your calendar. I will remind you the day before and an hour before."))
        await coaching.tell_coach(db, talk, programme, session, _("A new session:"), *goal)
    talk.offer(_("My bookings"), "/bookings")
    talk.offer(_("Send a document"), f"/bookings document {session.id}")
    talk.offer(_("Menu"), "/menu")


async def _name(talk: Talk) -> None:
    """The coach wants to know whom they meet."""
    if not (talk.person.profile.get("full_name") or talk.person.name):
        name = await talk.ask("name", text(_("What is your name?"), longest=80))
        talk.person.remember(full_name=name)


async def _topic(talk: Talk, programme: Programme, taught: set[str]) -> str:
    options = [
        Option(id, topic.name, tuple(topic.example.by_language.values()))
        for id, topic in programme.topics.items()
        if id in taught
    ]
    if talk.argument in taught:
        return talk.argument
    return await talk.ask("topic", choice(_("Which topic would you like to work on?"), options))


async def _slot(talk: Talk, db: Db, programme: Programme, calendar: Calendar, topic: str) -> Slot | None:
    """The time chosen; None if they rather wait."""
    every = calendar.of(topic)
    more: dict[str, Text] = {}
    if every:
        more[OTHER_DAYS] = _("Other days")
    if len({slot.coach for slot in every}) > 1:
        more[OTHER_COACH] = _("Choose the coach")
    more[WAIT] = _("Join the waiting list")
    if not every:
        full = _(
            "No slot is free for this topic in the next {n} days. Would you like a message as soon as one opens?",
            n=rules_of(programme).horizon,
        )
        if await talk.ask("full", passing(choice(full, {WAIT: more[WAIT], "/menu": _("Menu")}))) == WAIT:
            await join_line(talk, db, programme, topic)
        return None
    soonest = calendar.best(every)[:SOONEST]
    picked = await talk.ask("slot", slot_question(talk, programme, calendar, every, soonest, more))
    if picked == OTHER_DAYS:
        day = await talk.ask("day", _day_question(talk, programme, every))
        of_day = [slot for slot in every if local(slot.starts_at, programme).date() == day]
        picked = await talk.ask(
            "day_slot", slot_question(talk, programme, calendar, every, calendar.best(of_day)[:10], {})
        )
    elif picked == OTHER_COACH:
        names = {str(id): UserText(calendar.coaches[id].name) for id in dict.fromkeys(slot.coach for slot in every)}
        coach = await talk.ask("coach", passing(choice(_("Which coach would you like to meet?"), names)))
        theirs = [slot for slot in every if str(slot.coach) == coach]
        picked = await talk.ask(
            "coach_slot", slot_question(talk, programme, calendar, theirs, theirs[: SOONEST + 2], {})
        )
    if picked == WAIT:
        await join_line(talk, db, programme, topic)
        return None
    return next(slot for slot in every if slot.id == picked)


def _day_question(talk: Talk, programme: Programme, every: Sequence[Slot]) -> Question[date]:
    """One of the next days with a free slot."""
    days = list(dict.fromkeys(local(slot.starts_at, programme).date() for slot in every))
    asked = choice(_("Which day suits you?"), {day.isoformat(): Day(day) for day in days[:8]})

    def read(heard: Reply) -> date:
        try:
            return date.fromisoformat(asked.read(heard))
        except Misread:
            try:
                day, _minute = read_moment(heard.text, talk.today)
            except Unclear:
                raise Misread(_("Please choose one of the answers below.")) from None
            if day not in days:
                raise Misread(_("No slot is free that day. Here are the days with free slots:")) from None
            return day

    def load(kept: Json) -> date:
        try:
            day = date.fromisoformat(str(kept))
        except ValueError as why:
            raise Stale from why
        if day not in days:
            raise Stale(_("No slot is free that day. Here are the days with free slots:"))
        return day

    return Question(asked.prompt, read, load, date.isoformat, Day, asked.options, passing=True, open="text")


# the waiting list ---------------------------------------------------------------------------------------------------
