"""/session 17: one session from the coach's side: accept, decline, late; afterwards came or not, notes and next steps."""

from __future__ import annotations

from handlers.actor import by_chat
from handlers.coaching import actions, commands, words
from handlers.coaching.actions import Told
from handlers.coaching.words import local
from handlers.programme.model import Programme
from handlers.rights import Act, may
from handlers.talk.kinds.choices import choice
from handlers.talk.kinds.text import text
from handlers.talk.message import File, number_in
from handlers.talk.question import optional
from handlers.talk.talk import Talk
from handlers.talk.words import Text, UserText, _, lines, paragraphs
from storage import Conflict, files, sessions
from storage.database import Db
from storage.sessions import Session


async def handle(talk: Talk, db: Db, programme: Programme) -> None:
    session = await sessions.one(db, number_in(talk.argument))
    team = may(talk.person.roles, Act.SEE_COACHES)
    if session is None or (session.coach_id != talk.person.id and not team):
        talk.say(_("I do not know this session."))
        talk.offer(_("My agenda"), "/agenda")
        return
    talk.about(session.founder_id)
    options = _ways(talk, session)
    if session.files:
        options["documents"] = _("Documents")
    if not options:
        talk.say(await _told(db, programme, session))
        talk.offer(_("My agenda"), "/agenda")
        return
    wish = await talk.ask("what", choice(await _told(db, programme, session), {**options, "/agenda": _("My agenda")}))
    try:
        await _do(talk, db, programme, session, wish)
    except Conflict:
        talk.say(_("This session is over or has been cancelled."))
    talk.offer(_("My agenda"), "/agenda")


async def _do(talk: Talk, db: Db, programme: Programme, session: Session, wish: str) -> None:
    actor = by_chat(talk)
    match wish:
        case "accept":
            _say(talk, await actions.accept(db, actor, programme, session.id))
            talk.say(_("Accepted: the founder has been told."))
        case "late":
            _say(talk, await actions.warn_of_delay(db, actor, programme, session.id))
            talk.say(_("The founder has been told."))
        case "other":
            _say(talk, await actions.ask_for_another_time(db, actor, programme, session.id))
            talk.say(_("The founder has been asked to choose another time. Until they do, the session stays as it is."))
        case "cancel":
            reason = await talk.ask("reason", optional(text(_("Why? The founder will read it."), longest=300)))
            _say(talk, await actions.call_off(db, actor, programme, session.id, reason=reason or ""))
            talk.say(_("Cancelled: the founder has been told."))
        case "notes":
            await _notes(talk, db, programme, session)
        case "no_show":
            _say(talk, await actions.note_absence(db, actor, programme, session.id))
            talk.say(_("Noted."))
        case "documents":
            for document in await files.several(db, session.files):
                file = File(document.id, document.name, document.kind, document.size)
                talk.forward(file, words.line(programme, session))
            talk.offer(_("Back to the session"), commands.session(session.id))


async def _notes(talk: Talk, db: Db, programme: Programme, session: Session) -> None:
    notes = await talk.ask(
        "notes", optional(text(_("Your notes, for you alone:"), longest=2000)), known=session.notes or None
    )
    steps = await talk.ask(
        "steps", optional(text(_("Next steps, for the founder too:"), longest=600)), known=session.steps or None
    )
    told = await actions.write_notes(db, by_chat(talk), programme, session.id, notes or "", steps or "")
    if told is not None:
        _say(talk, told)
    talk.say(_("Saved. It comes back before the next session."))


def _say(talk: Talk, told: Told) -> None:
    """Keep what was sent to the founder, and say if it did not reach them."""
    talk.enclose(*told.documents)
    if not told.reached:
        talk.say(_("The founder cannot be reached by chat; the team has been told."))


def _ways(talk: Talk, session: Session) -> dict[str, Text]:
    """What can be done with a session now."""
    if session.state == "asked":
        return {"accept": _("Accept"), "other": _("Another time"), "cancel": _("Decline")}
    if session.state == "confirmed" and session.starts_at > talk.now:
        return {"late": _("I am running late"), "other": _("Another time"), "cancel": _("Cancel it")}
    if session.state in ("confirmed", "done", "no_show"):
        return {"notes": _("Notes, next steps"), "no_show": _("They did not come")}
    return {}


async def _told(db: Db, programme: Programme, session: Session) -> Text:
    """The session, what the founder expects, and what was noted the last time."""
    who = words.founder_name(session)
    facts: list[Text] = [
        _(
            "{moment}: {founder}, “{topic}”",
            moment=local(session.starts_at, programme),
            founder=who or "—",
            topic=words.topic(programme, session.topic),
        ),
        words.place(programme, session),
    ]
    project = (session.founder_profile or {}).get("project_name")
    if project:
        facts.append(_("Project: {project}", project=str(project)))
    if session.goal:
        facts.append(_("Expects: {words}", words=session.goal))
    if session.state == "asked":
        facts.append(_("Not confirmed yet."))
    elif session.sure:
        facts.append(_("The founder has confirmed."))
    texts: list[Text] = [lines(facts)]
    if session.notes or session.steps:
        texts.append(
            lines(
                [
                    _("Your notes: {words}", words=session.notes or "—"),
                    _("Next steps: {words}", words=session.steps or "—"),
                ]
            )
        )
    elif session.founder_id is not None and session.coach_id is not None:
        earlier = await sessions.before(db, session.founder_id, session.coach_id)
        if earlier and (earlier[0].notes or earlier[0].steps):
            last = earlier[0]
            texts.append(
                lines(
                    [
                        _("Last time, on {day}:", day=local(last.starts_at, programme).date()),
                        *([UserText(last.notes)] if last.notes else []),
                        *([_("Next steps: {words}", words=last.steps)] if last.steps else []),
                    ]
                )
            )
    return paragraphs(texts)
