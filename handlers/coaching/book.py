"""/book: a session with a coach: the topic, a time, what it is for. Free times are shown, and a day may be typed instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from handlers.actor import by_chat
from handlers.calendar_entry import FILE_NAME, MIME_TYPE
from handlers.coaching import actions, commands, slots, words
from handlers.coaching.calendar_entry import calendar_file
from handlers.coaching.slot_question import slot_question
from handlers.coaching.slots import Calendar, Slot
from handlers.coaching.words import local, rules_of
from handlers.consent import consented
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.kinds.text import text
from handlers.talk.message import Json
from handlers.talk.question import Misread, Option, Question, Reply, Stale, optional, passing
from handlers.talk.talk import Talk
from handlers.talk.when import Unclear, read_moment
from handlers.talk.words import Day, Text, UserText, _, paragraphs
from storage import sessions, waits
from storage.database import Db
from storage.sessions import Session
from storage.waits import Wait

SOONEST = 5  # times shown at once
OTHER_DAYS, OTHER_COACH, WAIT = "days", "coach", "wait"


async def book(talk: Talk, db: Db, programme: Programme) -> None:
    rules = rules_of(programme)
    if not await consented(talk, programme):
        talk.say(programme.say(programme.consent.refused))
        return
    coming = await sessions.of_founder(db, talk.person.id, talk.now)
    if len(coming) >= rules.per_founder:
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
    wait = await _offered(talk, db, programme, coming)
    slot = slots.held_for(wait, talk.now) if wait is not None else None
    if wait is not None and slot is not None:
        topic = wait.line.what
    else:
        if talk.argument.startswith("offer"):
            talk.say(_("This offer is over. You keep your place in the line."))
        topic = await _topic(talk, programme, taught)
        slot = await _slot(talk, db, programme, calendar, topic)
        if slot is None:
            return
    await _name(talk)
    place = (
        slot.place
        if slot.place != "both"
        else await talk.ask("mode", choice(_("On site or online?"), {"site": _("On site"), "online": _("Online")}))
    )
    goal = await talk.ask(
        "goal", optional(text(_("In one sentence, what do you expect from the session?"), longest=300))
    )
    session = await actions.book(db, by_chat(talk), programme, topic, slot, place, goal=goal or "")
    _booked(talk, programme, session)


def _booked(talk: Talk, programme: Programme, session: Session) -> None:
    """Say it to the founder, with the entry for their calendar."""
    rules = rules_of(programme)
    if session.state == "asked":
        talk.say(words.said(programme, rules.asked, session))
    else:
        caption = paragraphs([words.said(programme, rules.confirmed, session), programme.say(rules.prepare)])
        send_entry(talk, programme, session, caption)
        talk.say(_("The file above puts it into your calendar. I will remind you the day before and an hour before."))
    talk.offer(_("My bookings"), "/bookings")
    talk.offer(_("Send a document"), commands.own_session("document", session.id))
    talk.offer(_("Menu"), "/menu")


def send_entry(talk: Talk, programme: Programme, session: Session, caption: Text) -> None:
    """Send the founder who is talking the entry of a session as it is now."""
    language = talk.languages.get(talk.person.language) or talk.languages["fr"]
    talk.send(FILE_NAME, MIME_TYPE, calendar_file(programme, language, [session]), caption)


async def _offered(talk: Talk, db: Db, programme: Programme, coming: Sequence[Session]) -> Wait | None:
    """Whose place in the line holds a slot, if they come to take it, it still is held, and they are free then."""
    wish, number = commands.wish_of(talk.argument)
    if wish != "offer":
        return None
    wait = next((wait for wait in await waits.of_person(db, talk.person.id) if wait.id == number), None)
    slot = slots.held_for(wait, talk.now) if wait is not None else None
    if slot is None:
        return None
    return None if any(slots.clash(slot, session, rules_of(programme)) for session in coming) else wait


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
            await _wait(talk, db, programme, topic)
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
        await _wait(talk, db, programme, topic)
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


async def _wait(talk: Talk, db: Db, programme: Programme, topic: str) -> None:
    position = await actions.join_line(db, by_chat(talk), programme, topic)
    talk.say(
        _(
            "You are number {n} in the line for “{topic}”. As soon as a slot is free I write to you, and keep it for you for 30 minutes.",
            n=position,
            topic=words.topic(programme, topic),
        )
    )
    talk.offer(_("My place in the line"), "/waiting")
    talk.offer(_("Menu"), "/menu")
