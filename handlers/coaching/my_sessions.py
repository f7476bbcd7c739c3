"""/bookings: one's sessions: move, cancel, say yes, running late; /feedback afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handlers.coaching import calendar_entry, slots
from handlers.coaching import words as coaching
from handlers.coaching.reminders import FOUNDERS, plan
from handlers.coaching.slot_question import slot_question
from handlers.coaching.words import local, rules_of
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice, yes_no
from handlers.talk.kinds.files import files as document_question
from handlers.talk.kinds.text import text
from handlers.talk.message import number_in
from handlers.talk.question import optional
from handlers.talk.talk import Talk
from handlers.talk.words import Listed, Text, Time, UserText, _, lines, paragraphs
from storage import Conflict, files, reminders
from storage import sessions as bookings
from storage.database import Db

MOST_FILES = 5  # for one session


async def my_bookings(talk: Talk, db: Db, programme: Programme) -> None:
    """`/bookings move 17` (cancel, yes, late, document) comes from a message of ours; alone it shows the list."""
    sessions = {row.id: row for row in await bookings.of_founder(db, talk.person.id, talk.now)}
    wish, _space, number = talk.argument.partition(" ")
    if not sessions:
        talk.say(_("You have no upcoming session.") if not wish else _("This session is over or has been cancelled."))
        talk.offer(_("Book a session"), "/book")
        talk.offer(_("Menu"), "/menu")
        return
    if number_in(number):
        session = sessions.get(number_in(number))
        if session is None:
            talk.say(_("This session is over or has been cancelled."))
            talk.offer(_("My bookings"), "/bookings")
            return
    else:
        session = await _chosen(talk, programme, list(sessions.values()))
        ways = {"move": _("Move it"), "cancel": _("Cancel it"), "document": _("Send a document"), "/menu": _("Menu")}
        wish = await talk.ask("what", choice(await _told(db, programme, session), ways))
    match wish:
        case "yes":
            await bookings.write(db, session.id, talk.now, sure=True)
            await coaching.tell_coach(db, talk, programme, session, _("The founder confirms:"))
            talk.say(_("Thank you, noted. See you then!"))
        case "late":
            await coaching.tell_coach(db, talk, programme, session, _("The founder will be a little late:"))
            talk.say(_("Thank you, your coach knows. Take care on the way."))
        case "move":
            await _move(talk, db, programme, session)
        case "cancel":
            await _cancel(talk, db, programme, session)
        case "document":
            await _document(talk, db, programme, session)


async def _chosen(talk: Talk, programme: Programme, sessions: Sequence[Any]) -> Any:
    """The one session there is, or the one chosen from the list."""
    if len(sessions) == 1:
        return sessions[0]
    listed = lines(_("• {moment}: {topic}, with {coach}", **_named(programme, row)) for row in sessions)
    options = {str(row.id): Time(local(row.starts_at, programme), day=True) for row in sessions}
    id = await talk.ask("which", choice(paragraphs([_("Your upcoming sessions:"), listed]), options))
    return next(row for row in sessions if str(row.id) == id)


def _named(programme: Programme, session: Any) -> dict[str, Any]:
    return {
        "moment": local(session.starts_at, programme),
        "topic": coaching.topic(programme, session.topic),
        "coach": session.coach or "",
    }


async def _told(db: Db, programme: Programme, session: Any) -> Text:
    said: list[Text] = [
        _(
            "Your session: {topic}, with {coach}, {moment} ({place}).",
            **_named(programme, session),
            place=coaching.place(programme, session),
        )
    ]
    if there := await files.several(db, session.files):
        said.append(_("Your documents: {documents}.", documents=Listed(tuple(UserText(file.name) for file in there))))
    if session.state == "asked":
        said.append(_("It is not confirmed yet."))
    return lines([*said, _("What would you like to do?")])


def _too_late(talk: Talk, programme: Programme, session: Any) -> bool:
    """Whether it is too late to change a session here; then the team can help."""
    if (session.starts_at - talk.now).total_seconds() >= rules_of(programme).change * 3600:
        return False
    talk.say(_("It is too late to change this online. The team can help you."))
    talk.offer(_("I am late"), f"/bookings late {session.id}")
    talk.offer(_("Talk to the team"), "/human")
    return True


async def _move(talk: Talk, db: Db, programme: Programme, session: Any) -> None:
    if _too_late(talk, programme, session):
        return
    rules = rules_of(programme)
    calendar = await slots.calendar(
        db, programme, talk.person.id, talk.now, but=session.id, language=talk.person.language
    )
    every = [slot for slot in calendar.of(session.topic) if slot.starts_at != session.starts_at]
    same_coach = [slot for slot in every if slot.coach == session.coach_id]
    if not every:
        talk.say(_("No other slot is free at the moment. Your session stays as it is."))
        talk.offer(_("My bookings"), "/bookings")
        return
    shown = (same_coach or calendar.best(every))[:6]
    picked = await talk.ask("to", slot_question(talk, programme, calendar, every, shown, {}))
    slot = next(slot for slot in every if slot.id == picked)
    place = slot.place if slot.place != "both" else session.place
    await bookings.move(
        db, session.id, slot.coach, place, slots.when(slot, rules, programme.zone), talk.now, actor=talk.person.id
    )
    moved = await bookings.one(db, session.id)
    await plan(db, programme, moved, talk.now)
    if moved.coach_id != session.coach_id:
        await coaching.tell_coach(
            db, talk, programme, session, _("The founder has moved this session to another coach:")
        )
    before = local(session.starts_at, programme)
    await coaching.tell_coach(db, talk, programme, moved, _("A session has moved; it was on {moment}:", moment=before))
    tongue = talk.languages.get(talk.person.language) or talk.languages["fr"]
    caption = coaching.said(programme, rules.moved, moved)
    talk.send(
        calendar_entry.ENTRY, calendar_entry.CALENDAR, calendar_entry.calendar_file(programme, tongue, [moved]), caption
    )
    talk.offer(_("My bookings"), "/bookings")
    talk.offer(_("Menu"), "/menu")


async def _document(talk: Talk, db: Db, programme: Programme, session: Any) -> None:
    """What the coach should read before."""
    room = MOST_FILES - len(session.files)
    if room <= 0:
        talk.say(_("Your coach already has {n} documents for this session. More would not be read.", n=MOST_FILES))
        talk.offer(_("My bookings"), "/bookings")
        return
    ask = _("Please send what your coach should see before the session: a presentation, a plan, a photo.")
    sent = await talk.ask("documents", document_question(ask, most=room))
    await bookings.write(db, session.id, talk.now, files=[*session.files, *(file.id for file in sent)])
    for file in sent:
        await coaching.show_coach(db, talk, programme, session, file)
    talk.say(_("Thank you, your coach has them.") if len(sent) > 1 else _("Thank you, your coach has it."))
    talk.offer(_("My bookings"), "/bookings")
    talk.offer(_("Menu"), "/menu")


async def _cancel(talk: Talk, db: Db, programme: Programme, session: Any) -> None:
    if _too_late(talk, programme, session):
        return
    sure = _("Cancel your session of {moment}?", moment=local(session.starts_at, programme))
    if not await talk.ask("sure", yes_no(sure, yes=_("Yes, cancel it"), no=_("No, keep it"))):
        talk.say(_("Your session stays as it is."))
        talk.offer(_("My bookings"), "/bookings")
        return
    reason = await talk.ask("reason", optional(text(_("Would you like to tell your coach why?"), longest=300)))
    try:
        await bookings.end(db, session.id, "cancelled", talk.now, actor=talk.person.id, reason=reason or "")
    except Conflict:
        talk.say(_("This session is over or has been cancelled."))
        return
    await reminders.cancel(db, session.id, FOUNDERS)
    more = [_("Reason: {words}", words=reason)] if reason else []
    await coaching.tell_coach(db, talk, programme, session, _("The founder has cancelled this session:"), *more)
    caption = coaching.said(programme, rules_of(programme).cancelled_by_you, session)
    if session.state == "confirmed":
        tongue = talk.languages.get(talk.person.language) or talk.languages["fr"]
        gone = await bookings.one(db, session.id)
        talk.send(
            calendar_entry.ENTRY,
            calendar_entry.CALENDAR,
            calendar_entry.calendar_file(programme, tongue, [gone]),
            caption,
        )
    else:
        talk.say(caption)
    talk.offer(_("Book a session"), "/book")
    talk.offer(_("Menu"), "/menu")
