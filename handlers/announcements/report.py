"""/announcements and /announcement: what was announced, how far it is, and how it is approved, paused or stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from handlers.actor import Actor, by_chat
from handlers.announcements import actions, commands, words
from handlers.notices.tables import csv_of
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice, yes_no
from handlers.talk.question import Option
from handlers.talk.talk import Talk
from handlers.talk.words import Text, UserText, _, lines, n_
from storage import announcements as stored
from storage.announcements import Announcement
from storage.database import Db

# what a button of the report does, by the word after the number
_DEEDS: Mapping[str, Callable[[Db, Actor, int], Awaitable[Announcement]]] = {
    "approve": actions.approve,
    "refuse": actions.refuse,
    "pause": actions.pause,
    "resume": actions.resume,
    "stop": actions.stop,
}
_TOO_LATE = _("That is no longer possible; here is where it stands.")


async def announcements(talk: Talk, db: Db, programme: Programme) -> None:
    latest = await stored.latest(db)
    options = [Option(commands.announcement(row.id), _("No. {n}", n=row.id)) for row in latest]
    listed = [
        _(
            "No. {n}, {day}: {title} ({state})",
            n=row.id,
            day=row.created_at.astimezone(talk.zone).date(),
            title=UserText(_title(row, talk.person.language)),
            state=words.STATES[row.state],
        )
        for row in latest
    ]
    await talk.ask(
        "which",
        choice(
            lines([_("Your announcements, the newest first:") if latest else _("No announcement yet."), *listed]),
            [*options, Option("/announce", _("Write one"))],
        ),
    )


def _title(row: Announcement, language: str) -> str:
    body = row.bodies.get(language) or next(iter(row.bodies.values()), {})
    return str(body.get("text", "")).partition("\n")[0].removeprefix("📣 ")


async def announcement(talk: Talk, db: Db, programme: Programme) -> None:
    """`/announcement 7`: how far it is; `/announcement 7 pause`: what can be done about it."""
    number, wish = commands.wish_of(talk.argument)
    row = await stored.one(db, number)
    if row is None:
        talk.say(_("There is no such announcement."))
        talk.offer(_("All announcements"), "/announcements")
        return
    if wish == "file":
        await _send_file(talk, db, row)
        return
    if wish == "again":
        await _again(talk, db, row)
    elif wish in _DEEDS:
        try:
            await _DEEDS[wish](db, by_chat(talk), row.id)
        except actions.TooLate:
            talk.say(_TOO_LATE)
    await _say(talk, db, await stored.one(db, row.id) or row)


async def _send_file(talk: Talk, db: Db, row: Announcement) -> None:
    recipients = await stored.recipients(db, row.id)
    talk.about(*(recipient.person_id for recipient in recipients))
    content = csv_of(words.table(talk.languages.get(talk.person.language) or talk.languages["fr"], recipients))
    talk.send(
        f"announcement-{row.id}.csv", "text/csv", content, _("Every recipient of announcement no. {n}.", n=row.id)
    )


async def _say(talk: Talk, db: Db, row: Announcement) -> None:
    """How far it is; its words too, while somebody has to approve them."""
    for body in {str(body): body for body in row.bodies.values()}.values() if row.state == "asked" else ():
        talk.show(body)
    counts = await stored.report(db, row.id)
    told = [
        _("No. {n}: {state}", n=row.id, state=words.STATES[row.state]),
        n_("For {n} person.", "For {n} people.", row.size),
    ]
    if row.state == "scheduled":
        told.append(_("It goes out on {moment}.", moment=row.send_at.astimezone(talk.zone)))
    talk.say(lines([*told, words.report(counts)] if counts else told))
    if row.state == "done" and await stored.in_doubt(db, row.id, row.topic):
        talk.offer(_("Send again"), commands.announcement(row.id, "again"))
    for label, wish in _wishes(talk, row):
        talk.offer(label, commands.announcement(row.id, wish))
    talk.offer(_("All announcements"), "/announcements")


def _wishes(talk: Talk, row: Announcement) -> list[tuple[Text, str]]:
    """What can be done now, and the word that does it."""
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


async def _again(talk: Talk, db: Db, row: Announcement) -> None:
    """Once more to those of whom nobody knows whether they got it: it is asked, as some may read it twice."""
    doubtful = await stored.in_doubt(db, row.id, row.topic) if row.state == "done" else 0
    if not doubtful:
        talk.say(_TOO_LATE)
        return
    asked = n_(
        "For {n} person it is not known whether it arrived. Send it again? They may then read it twice.",
        "For {n} people it is not known whether it arrived. Send it again? Some may then read it twice.",
        doubtful,
    )
    if not await talk.ask("again", yes_no(asked, yes=_("Yes, send again"), no=_("No"))):
        return
    try:
        await actions.again(db, by_chat(talk), row.id)
    except actions.TooLate:
        talk.say(_TOO_LATE)
        return
    talk.say(_("It is on its way. You will read here when it is done."))
