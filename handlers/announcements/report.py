"""/announcements and /announcement: what was announced, how far it is, and how it is approved, paused or stopped."""

from __future__ import annotations

from typing import Any

from handlers.announcements import words as announcing
from handlers.notices import tell as notices
from handlers.notices.tables import csv_of
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice, yes_no
from handlers.talk.message import number_in
from handlers.talk.question import Option
from handlers.talk.talk import Talk
from handlers.talk.words import Text, UserText, _, lines, n_, paragraphs
from storage import announcements as stored
from storage.database import Db


async def announcements(talk: Talk, db: Db, programme: Programme) -> None:
    rows = await stored.latest(db)
    options = [Option(f"/announcement {row.id}", _("No. {n}", n=row.id)) for row in rows]
    said = [
        _(
            "No. {n}, {day}: {title} ({state})",
            n=row.id,
            day=row.created_at.astimezone(talk.zone).date(),
            title=UserText(_title(row, talk.person.language)),
            state=announcing.STATES[row.state],
        )
        for row in rows
    ]
    await talk.ask(
        "which",
        choice(
            lines([_("Your announcements, the newest first:") if rows else _("No announcement yet."), *said]),
            [*options, Option("/announce", _("Write one"))],
        ),
    )


def _title(row: Any, language: str) -> str:
    body: dict[str, Any] = row.bodies.get(language) or next(iter(row.bodies.values()), {})
    return str(body.get("text", "")).partition("\n")[0].removeprefix("📣 ")


async def announcement(talk: Talk, db: Db, programme: Programme) -> None:
    """`/announcement 7`: how far it is; `/announcement 7 pause`: what can be done about it."""
    number, _space, wish = talk.argument.partition(" ")
    row = await stored.one(db, number_in(number))
    if row is None:
        talk.say(_("There is no such announcement."))
        talk.offer(_("All announcements"), "/announcements")
        return
    if wish == "file":
        rows = await stored.recipients(db, row.id)
        talk.about(*(one.person_id for one in rows))
        content = csv_of(announcing.table(talk.languages.get(talk.person.language) or talk.languages["fr"], rows))
        talk.send(
            f"announcement-{row.id}.csv", "text/csv", content, _("Every recipient of announcement no. {n}.", n=row.id)
        )
        return
    if wish == "again":
        await _again(talk, db, row)
        row = await stored.one(db, row.id)
    elif wish:
        await _act(talk, db, row, wish)
        row = await stored.one(db, row.id)
    for body in {str(body): body for body in row.bodies.values()}.values() if row.state == "asked" else ():
        talk.show(body)
    counts = await stored.report(db, row.id)
    said = [
        _("No. {n}: {state}", n=row.id, state=announcing.STATES[row.state]),
        n_("For {n} person.", "For {n} people.", row.size),
    ]
    if row.state == "scheduled":
        said.append(_("It goes out on {moment}.", moment=row.send_at.astimezone(talk.zone)))
    talk.say(lines([*said, announcing.report(counts)] if counts else said))
    if row.state == "done" and await stored.in_doubt(db, row.id, row.topic):
        talk.offer(_("Send again"), f"/announcement {row.id} again")
    for label, action in _actions(talk, row):
        talk.offer(label, f"/announcement {row.id} {action}".strip())
    talk.offer(_("All announcements"), "/announcements")


def _actions(talk: Talk, row: Any) -> list[tuple[Text, str]]:
    stop = (_("Stop it for good"), "stop")
    match row.state:
        case "asked" if row.author_id != talk.person.id:
            return [(_("Approve and send"), "approve"), (_("Do not approve"), "refuse")]
        case "asked" | "scheduled":
            return [stop]
        case "sending":
            return [(_("Pause"), "pause"), stop, (_("How far it is"), "")]
        case "paused":
            return [(_("Go on sending"), "resume"), stop]
    return [(_("Report as a file"), "file")]


async def _again(talk: Talk, db: Db, row: Any) -> None:
    """Once more to those of whom nobody knows whether they got it: it is asked, as some may read it twice."""
    doubtful = await stored.in_doubt(db, row.id, row.topic) if row.state == "done" else 0
    if not doubtful:
        talk.say(_("That is no longer possible; here is where it stands."))
        return
    asked = n_(
        "For {n} person it is not known whether it arrived. Send it again? They may then read it twice.",
        "For {n} people it is not known whether it arrived. Send it again? Some may then read it twice.",
        doubtful,
    )
    if not await talk.ask("again", yes_no(asked, yes=_("Yes, send again"), no=_("No"))):
        return
    await stored.again(db, row.id, row.topic, talk.person.id, talk.now)
    talk.say(_("It is on its way. You will read here when it is done."))


async def _act(talk: Talk, db: Db, row: Any, wish: str) -> None:
    """What a button of the report does; two people may press at once, and one is first."""
    moves = {
        "pause": (["sending"], "paused"),
        "resume": (["paused"], "sending"),
        "stop": (["asked", "scheduled", "sending", "paused"], "stopped"),
        "refuse": (["asked"], "refused"),
    }
    if wish == "approve":
        done = await stored.approve(db, row.id, talk.person.id, talk.now)
    elif wish in moves:
        done = await stored.move(db, row.id, talk.person.id, *moves[wish], talk.now)
    else:
        return
    if not done:
        talk.say(_("That is no longer possible; here is where it stands."))
    elif row.author_id is not None and row.author_id != talk.person.id:
        state = (await stored.one(db, row.id)).state
        told = paragraphs([_("Your announcement no. {n}: {state}", n=row.id, state=announcing.STATES[state])])
        await notices.tell(
            db,
            talk,
            row.author_id,
            told,
            [(_("Open it"), f"/announcement {row.id}")],
            purpose=f"announcement:{row.id}:{wish}:{int(talk.now.timestamp())}",
        )
