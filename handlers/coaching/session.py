"""/session 17: one session from the coach's side: accept, decline, late; afterwards came or not, notes and next steps."""

from __future__ import annotations

from typing import Any

from handlers.coaching import calendar_entry
from handlers.coaching import words as coaching
from handlers.coaching.reminders import FOUNDERS, plan
from handlers.coaching.words import local, rules_of
from handlers.notices import tell as notices
from handlers.programme.model import Programme
from handlers.rights import Act, may
from handlers.talk.kinds.choices import choice
from handlers.talk.kinds.text import text
from handlers.talk.message import File, number_in
from handlers.talk.question import optional
from handlers.talk.talk import Talk
from handlers.talk.words import Text, UserText, _, lines, paragraphs
from storage import Conflict, files, reminders, sessions
from storage.database import Db


async def session(talk: Talk, db: Db, programme: Programme) -> None:
    found = await sessions.one(db, number_in(talk.argument))
    team = may(talk.person.roles, Act.SEE_COACHES)
    if found is None or (found.coach_id != talk.person.id and not team):
        talk.say(_("I do not know this session."))
        talk.offer(_("My agenda"), "/agenda")
        return
    talk.about(found.founder_id)
    options = _ways(talk, found)
    if found.files:
        options["documents"] = _("Documents")
    if not options:
        talk.say(await _told(db, programme, found))
        talk.offer(_("My agenda"), "/agenda")
        return
    wish = await talk.ask("what", choice(await _told(db, programme, found), {**options, "/agenda": _("My agenda")}))
    try:
        await _DEEDS[wish](talk, db, programme, found)
    except Conflict:
        talk.say(_("This session is over or has been cancelled."))
    talk.offer(_("My agenda"), "/agenda")


def _ways(talk: Talk, row: Any) -> dict[str, Text]:
    """What can be done with a session now."""
    if row.state == "asked":
        return {"accept": _("Accept"), "other": _("Another time"), "cancel": _("Decline")}
    if row.state == "confirmed" and row.starts_at > talk.now:
        return {"late": _("I am running late"), "other": _("Another time"), "cancel": _("Cancel it")}
    if row.state in ("confirmed", "done", "no_show"):
        return {"notes": _("Notes, next steps"), "no_show": _("They did not come")}
    return {}


async def _told(db: Db, programme: Programme, row: Any) -> Text:
    """The session, what the founder expects, and what was noted the last time."""
    who = coaching.founder_name(row)
    said: list[Text] = [
        _(
            "{moment}: {founder}, “{topic}”",
            moment=local(row.starts_at, programme),
            founder=who or "—",
            topic=coaching.topic(programme, row.topic),
        ),
        coaching.place(programme, row),
    ]
    project = (row.founder_profile or {}).get("project_name")
    if project:
        said.append(_("Project: {project}", project=str(project)))
    if row.goal:
        said.append(_("Expects: {words}", words=row.goal))
    if row.state == "asked":
        said.append(_("Not confirmed yet."))
    elif row.sure:
        said.append(_("The founder has confirmed."))
    texts: list[Text] = [lines(said)]
    if row.notes or row.steps:
        texts.append(
            lines([_("Your notes: {words}", words=row.notes or "—"), _("Next steps: {words}", words=row.steps or "—")])
        )
    elif row.founder_id is not None and row.coach_id is not None:
        earlier = await sessions.before(db, row.founder_id, row.coach_id)
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


async def _accept(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    await sessions.end(db, row.id, "confirmed", talk.now, actor=talk.person.id, of=("asked",))
    row = await sessions.one(db, row.id)
    await plan(db, programme, row, talk.now)
    text_ = paragraphs(
        [coaching.said(programme, rules_of(programme).confirmed, row), programme.say(rules_of(programme).prepare)]
    )
    ways: list[tuple[Text, str]] = [
        (_("My bookings"), "/bookings"),
        (_("Send a document"), f"/bookings document {row.id}"),
    ]
    await _tell(talk, db, row, text_, ways, file=await calendar_entry.entry_for_founder(talk, db, programme, row))
    talk.say(_("Accepted: the founder has been told."))


async def _late(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    await _tell(
        talk,
        db,
        row,
        _("Your coach {coach} is running a little late for your session. Please wait a moment.", coach=row.coach or ""),
    )
    talk.say(_("The founder has been told."))


async def _other(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    """Ask the founder to take another time; this one is given up only when they do."""
    ask = _(
        "Your coach {coach} cannot make it on {moment} and asks you to choose another time.",
        coach=row.coach or "",
        moment=local(row.starts_at, programme),
    )
    await _tell(
        talk,
        db,
        row,
        ask,
        [(_("Choose another time"), f"/bookings move {row.id}"), (_("Cancel it"), f"/bookings cancel {row.id}")],
    )
    talk.say(_("The founder has been asked to choose another time. Until they do, the session stays as it is."))


async def _cancel(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    reason = await talk.ask("reason", optional(text(_("Why? The founder will read it."), longest=300)))
    await sessions.end(
        db,
        row.id,
        "declined" if row.state == "asked" else "cancelled",
        talk.now,
        actor=talk.person.id,
        reason=reason or "",
    )
    await reminders.cancel(db, row.id, FOUNDERS)
    why: Text = UserText(reason) if reason else _("the coach cannot make it")
    said = coaching.said(programme, rules_of(programme).cancelled, row, reason=why)
    entry = (
        await calendar_entry.entry_for_founder(talk, db, programme, await sessions.one(db, row.id))
        if row.state == "confirmed"
        else None
    )
    await _tell(
        talk,
        db,
        row,
        said,
        [(_("Book a session"), f"/book {row.topic}"), (_("Talk to the team"), "/human")],
        file=entry,
    )
    talk.say(_("Cancelled: the founder has been told."))


async def _documents(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    for one in await files.several(db, row.files):
        talk.forward(File(one.id, one.name, one.kind, one.size), coaching.line(programme, row))
    talk.offer(_("Back to the session"), f"/session {row.id}")


async def _notes(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    notes = await talk.ask(
        "notes", optional(text(_("Your notes, for you alone:"), longest=2000)), known=row.notes or None
    )
    steps = await talk.ask(
        "steps", optional(text(_("Next steps, for the founder too:"), longest=600)), known=row.steps or None
    )
    await sessions.write(db, row.id, talk.now, notes=notes or "", steps=steps or "", state="done")
    if steps and steps != row.steps:
        await _tell(
            talk,
            db,
            row,
            _(
                "After your session “{topic}”, your next steps: {words}",
                topic=coaching.topic(programme, row.topic),
                words=steps,
            ),
        )
    talk.say(_("Saved. It comes back before the next session."))


async def _no_show(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    await sessions.write(db, row.id, talk.now, state="no_show")
    await reminders.cancel(db, row.id, FOUNDERS)
    day = local(row.starts_at, programme).date()
    missed = _("We missed you at your session of {day}. If something came up, you can book another one.", day=day)
    await _tell(talk, db, row, missed, [(_("Book a session"), f"/book {row.topic}")])
    talk.say(_("Noted."))


async def _tell(
    talk: Talk, db: Db, row: Any, said: Text, buttons: list[tuple[Text, str]] | None = None, *, file: File | None = None
) -> None:
    """Tell the founder; if no channel reaches them any more, the team hears of it."""
    if not await coaching.tell_founder(db, talk, row, said, buttons or [], file=file):
        unreached = _("A founder cannot be reached about session {n}; please call them.", n=row.id)
        await notices.tell_team(
            db,
            talk,
            unreached,
            [(_("Open it"), f"/session {row.id}")],
            purpose=f"unreached:{row.id}:{int(talk.now.timestamp())}",
        )
        talk.say(_("The founder cannot be reached by chat; the team has been told."))


_DEEDS = {
    "accept": _accept,
    "late": _late,
    "other": _other,
    "cancel": _cancel,
    "notes": _notes,
    "no_show": _no_show,
    "documents": _documents,
}
