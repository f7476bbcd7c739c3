"""/bookings: one's sessions: move, cancel, say yes, running late, send a document."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.actor import by_chat
from handlers.coaching import actions, commands, slots, words
from handlers.coaching.actions import MOST_FILES
from handlers.coaching.book import send_entry
from handlers.coaching.slot_question import slot_question
from handlers.coaching.words import local, rules_of
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice, yes_no
from handlers.talk.kinds.files import files as document_question
from handlers.talk.kinds.text import text
from handlers.talk.question import optional
from handlers.talk.talk import Talk
from handlers.talk.words import Listed, Part, Text, Time, UserText, _, lines, paragraphs
from storage import Conflict, files, sessions
from storage.database import Db
from storage.sessions import Session


async def my_bookings(talk: Talk, db: Db, programme: Programme) -> None:
    """`/bookings move 17` (cancel, yes, late, document) comes from a message of ours; alone it shows the list."""
    mine = {session.id: session for session in await sessions.of_founder(db, talk.person.id, talk.now)}
    wish, number = commands.wish_of(talk.argument)
    if wish == "why":
        await _why(talk, db, programme, number)
        return
    if not mine:
        talk.say(_("You have no upcoming session.") if not wish else _("This session is over or has been cancelled."))
        talk.offer(_("Book a session"), "/book")
        talk.offer(_("Menu"), "/menu")
        return
    if number:
        session = mine.get(number)
        if session is None:
            talk.say(_("This session is over or has been cancelled."))
            talk.offer(_("My bookings"), "/bookings")
            return
    else:
        session = await _chosen(talk, programme, list(mine.values()))
        ways = {"move": _("Move it"), "cancel": _("Cancel it"), "document": _("Send a document"), "/menu": _("Menu")}
        wish = await talk.ask("what", choice(await _told(db, programme, session), ways))
    match wish:
        case "yes":
            await actions.confirm(db, by_chat(talk), programme, session.id)
            talk.say(_("Thank you, noted. See you then!"))
        case "late":
            await actions.run_late(db, by_chat(talk), programme, session.id)
            talk.say(_("Thank you, your coach knows. Take care on the way."))
        case "move":
            await _move(talk, db, programme, session)
        case "cancel":
            await _cancel(talk, db, programme, session)
        case "document":
            await _document(talk, db, programme, session)


async def _chosen(talk: Talk, programme: Programme, mine: Sequence[Session]) -> Session:
    """The one session there is, or the one chosen from the list."""
    if len(mine) == 1:
        return mine[0]
    listed = lines(_("• {moment}: {topic}, with {coach}", **_named(programme, session)) for session in mine)
    options = {str(session.id): Time(local(session.starts_at, programme), day=True) for session in mine}
    id = await talk.ask("which", choice(paragraphs([_("Your upcoming sessions:"), listed]), options))
    return next(session for session in mine if str(session.id) == id)


def _named(programme: Programme, session: Session) -> dict[str, Part]:
    return {
        "moment": local(session.starts_at, programme),
        "topic": words.topic(programme, session.topic),
        "coach": session.coach,
    }


async def _told(db: Db, programme: Programme, session: Session) -> Text:
    texts: list[Text] = [
        _(
            "Your session: {topic}, with {coach}, {moment} ({place}).",
            **_named(programme, session),
            place=words.place(programme, session),
        )
    ]
    if documents := await files.several(db, session.files):
        texts.append(
            _("Your documents: {documents}.", documents=Listed(tuple(UserText(file.name) for file in documents)))
        )
    if session.state == "asked":
        texts.append(_("It is not confirmed yet."))
    return lines([*texts, _("What would you like to do?")])


def _too_late(talk: Talk, programme: Programme, session: Session) -> bool:
    """Whether it is too late to change a session here; then the team can help."""
    if not slots.too_late(session, rules_of(programme), talk.now):
        return False
    talk.say(_("It is too late to change this online. The team can help you."))
    talk.offer(_("I am late"), commands.own_session("late", session.id))
    talk.offer(_("Talk to the team"), "/human")
    return True


async def _move(talk: Talk, db: Db, programme: Programme, session: Session) -> None:
    if _too_late(talk, programme, session):
        return
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
    moved = await actions.move(db, by_chat(talk), programme, session.id, slot)
    send_entry(talk, programme, moved, words.said(programme, rules_of(programme).moved, moved))
    talk.offer(_("My bookings"), "/bookings")
    talk.offer(_("Menu"), "/menu")


async def _document(talk: Talk, db: Db, programme: Programme, session: Session) -> None:
    """What the coach should read before."""
    room = MOST_FILES - len(session.files)
    if room <= 0:
        talk.say(_("Your coach already has {n} documents for this session. More would not be read.", n=MOST_FILES))
        talk.offer(_("My bookings"), "/bookings")
        return
    ask = _("Please send what your coach should see before the session: a presentation, a plan, a photo.")
    sent = await talk.ask("documents", document_question(ask, most=room))
    await actions.send_documents(db, by_chat(talk), programme, session.id, sent)
    talk.say(_("Thank you, your coach has them.") if len(sent) > 1 else _("Thank you, your coach has it."))
    talk.offer(_("My bookings"), "/bookings")
    talk.offer(_("Menu"), "/menu")


async def _cancel(talk: Talk, db: Db, programme: Programme, session: Session) -> None:
    if _too_late(talk, programme, session):
        return
    sure = _("Cancel your session of {moment}?", moment=local(session.starts_at, programme))
    if not await talk.ask("sure", yes_no(sure, yes=_("Yes, cancel it"), no=_("No, keep it"))):
        talk.say(_("Your session stays as it is."))
        talk.offer(_("My bookings"), "/bookings")
        return
    try:
        gone = await actions.cancel(db, by_chat(talk), programme, session.id)
    except Conflict:
        talk.say(_("This session is over or has been cancelled."))
        return
    caption = words.said(programme, rules_of(programme).cancelled_by_you, session)
    if session.state == "confirmed":
        send_entry(talk, programme, gone, caption)
    else:
        talk.say(caption)
    talk.go(commands.why_cancelled(session.id))  # it is done, whatever is answered to that


async def _why(talk: Talk, db: Db, programme: Programme, id: int) -> None:
    """A word to the coach of a session that they have cancelled, if they like."""
    session = await sessions.one(db, id)
    if session is None or session.founder_id != talk.person.id or session.state != "cancelled" or session.reason:
        talk.say(_("This session is over or has been cancelled."))
        talk.offer(_("My bookings"), "/bookings")
        return
    reason = await talk.ask("reason", optional(text(_("Would you like to tell your coach why?"), longest=300)))
    try:
        if reason:
            await actions.explain(db, by_chat(talk), programme, id, reason)
        talk.say(_("Noted."))
    except Conflict:
        talk.say(_("This session is over or has been cancelled."))
    talk.offer(_("Book a session"), "/book")
    talk.offer(_("Menu"), "/menu")
