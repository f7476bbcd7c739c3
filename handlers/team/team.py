"""/team: who is on the team; /invite: a one-time link that gives a role; /join CODE; /export: the applications as a table."""

from __future__ import annotations

import asyncio
from typing import Any

from handlers.applications import form
from handlers.applications import words as reviewing
from handlers.applications.words import MEMBER
from handlers.notices import tell as notices
from handlers.notices.tables import csv_of, xlsx_of
from handlers.programme.model import Programme
from handlers.talk.question import choice, yes_no
from handlers.talk.talk import Talk
from handlers.talk.words import Joined, Language, Text, UserText, _, lines, plain
from storage import invites, people, reviews
from storage.database import Db

MAY_INVITE = {
    "staff": ("reviewer", "coach"),
    "admin": ("reviewer", "coach", "staff", "admin"),
}  # by the role of whoever invites


def _rights(talk: Talk) -> tuple[str, ...]:
    return next((MAY_INVITE[role] for role in ("admin", "staff") if role in talk.person.roles), ())


async def invite(talk: Talk, db: Db, programme: Programme) -> None:
    role = await talk.ask(
        "role", choice(_("As what do you invite them?"), {role: MEMBER[role] for role in _rights(talk)})
    )
    code = await invites.invite(db, talk.person.id, role, talk.now)
    talk.say(
        lines(
            [
                _(
                    "Send them this, and only to them. Whoever uses it first gets the role; it works once, for {n} days.",
                    n=invites.DAYS,
                ),
                _("On the web: {link}", link=f"{programme.home}/?start=join-{code}"),
                _("Or they write this to me:"),
                UserText(f"/join {code}"),
            ]
        )
    )


async def join(talk: Talk, db: Db, programme: Programme) -> None:
    """Somebody uses an invitation."""
    role = await invites.offered(db, talk.argument, talk.now)
    if role is None:
        talk.say(_("This invitation has been used, or is too old. Please ask whoever sent it for a new one."))
        return
    ask = _("You are invited as: {role}. Would you like to join?", role=MEMBER[role])
    if not await talk.ask("sure", yes_no(ask)):
        talk.say(_("All right. The invitation stays valid for a few days."))
        return
    joined = await invites.join(db, talk.person.id, talk.argument, talk.now)
    if joined is None:
        talk.say(_("This invitation has been used, or is too old. Please ask whoever sent it for a new one."))
        return
    talk.say(_("Welcome to the team! You are now: {role}.", role=MEMBER[joined[0]]))
    for label, command in _first_steps(joined[0]):
        talk.offer(label, command)
    told = _(
        "{name} has accepted your invitation as: {role}.",
        name=talk.person.name or _("Somebody"),
        role=MEMBER[joined[0]],
    )
    await notices.tell(
        db,
        talk,
        joined[1],
        told,
        purpose=f"joined:{talk.person.id}:{joined[0]}:{int(talk.now.timestamp())}",
        about=talk.person.id,
    )


def _first_steps(role: str) -> list[tuple[Text, str]]:
    if role == "coach":
        return [(_("My coaching profile"), "/profile"), (_("My hours"), "/hours")]
    desk: list[tuple[Text, str]] = [(_("Who waits for a person"), "/desk")] if role in reviewing.TEAM else []
    return [(_("Applications to read"), "/queue"), *desk]


async def team(talk: Talk, db: Db, programme: Programme) -> None:
    """Who has which role; an admin may take one away."""
    members = await people.team(db)
    said = [_("• {name}: {roles}", name=name or "—", roles=_named(roles)) for _id, name, roles in members]
    admin = "admin" in talk.person.roles
    options: dict[str, Text] = {"/invite": _("Invite somebody")}
    if admin:
        options["remove"] = _("Take a role away")
    options["/menu"] = _("Menu")
    await talk.ask("what", choice(lines([_("The team:"), *said]), options))
    held = {
        f"{id}-{role}": _("{name}: {role}", name=name or "—", role=MEMBER[role])
        for id, name, roles in members
        for role in roles
        if role != "founder"
    }
    key = await talk.ask("which", choice(_("Which role?"), held))
    person, _dash, role = key.partition("-")
    if role == "admin" and sum("admin" in roles for _id, _name, roles in members) == 1:
        talk.say(_("This is the only administrator: invite another one first."))
        return
    await people.revoke(db, int(person), role, talk.now, actor=talk.person.id)
    talk.say(_("Done: that role is taken away."))
    talk.offer(_("The team"), "/team")


def _named(roles: list[str]) -> Text:
    return Joined(tuple(MEMBER[role] for role in roles if role != "founder"), " · ")


# the applications as a table ----------------------------------------------------------------------------------------


async def export(talk: Talk, db: Db, programme: Programme) -> None:
    kind = await talk.ask("kind", choice(_("As which kind of file?"), {"xlsx": _("Excel"), "csv": _("CSV")}))
    tongue = talk.languages.get(talk.person.language) or talk.languages["fr"]
    rows = await reviews.every(db, programme.programme)
    scores = await reviews.all_scores(db)
    table = [_header(programme, tongue), *(_row(programme, tongue, row, scores.get(row.id, [])) for row in rows)]
    talk.about(*(row.person_id for row in rows))
    name = f"applications-{talk.today.isoformat()}.{kind}"
    if kind == "csv":
        talk.send(name, "text/csv", csv_of(table), _("{n} applications.", n=len(rows)))
        return
    # a thousand applications take a second: not while others wait
    book = await asyncio.to_thread(xlsx_of, table, title=tongue.say(_("Applications")), rtl=tongue.rtl)
    talk.send(
        name,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        book,
        _("{n} applications.", n=len(rows)),
    )


def _header(programme: Programme, tongue: Language) -> list[str]:
    own = [
        _("Number"),
        _("Status"),
        _("Received"),
        _("Promised by"),
        _("Points"),
        _("Reviews"),
        _("Language"),
        _("Written with the decision"),
    ]
    checks = [check.title for check in programme.eligibility.questions.values()]
    fields = [field.label for field in programme.form.fields.values() if field.consent is None]
    return [tongue.say(text) for text in (*own, *checks, *fields)]


def _row(programme: Programme, tongue: Language, row: Any, scores: list[dict[str, Any]]) -> list[str]:
    mean = reviewing.mean(programme.review, scores) if programme.review is not None else None
    own = [
        row.reference,
        tongue.say(reviewing.label(programme, row.status)),
        row.submitted_at.astimezone(programme.zone).strftime("%Y-%m-%d %H:%M"),
        row.promised_on.isoformat(),
        f"{mean:.2f}" if mean is not None else "",
        str(len(scores)),
        row.language,
        row.words,
    ]
    ids = [
        *programme.eligibility.questions,
        *(id for id, field in programme.form.fields.items() if field.consent is None),
    ]
    return own + [_plain(programme, tongue, row.answers.get(id), id) for id in ids]


def _plain(programme: Programme, tongue: Language, kept: Any, id: str) -> str:
    """An answer as a cell: no marks of direction, which only screens need."""
    if kept is None:
        return ""
    shown = form.shown(programme, id, kept)
    said = tongue.say(shown) if shown is not None else str(kept)
    return plain(said)
