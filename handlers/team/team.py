"""/team: who is on the team; /invite: a one-time link that gives a role; /join CODE."""

from __future__ import annotations

from handlers.actor import by_chat
from handlers.programme.model import Programme
from handlers.rights import MEMBER, Act, may, may_invite
from handlers.talk.kinds.choices import choice, yes_no
from handlers.talk.talk import Talk
from handlers.talk.words import Joined, Text, UserText, _, lines
from handlers.team import actions
from storage import invites, people
from storage.database import Db


async def invite(talk: Talk, db: Db, programme: Programme) -> None:
    role = await talk.ask(
        "role", choice(_("As what do you invite them?"), {role: MEMBER[role] for role in may_invite(talk.person.roles)})
    )
    code = await actions.invite(db, by_chat(talk), role)
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


_OVER = _("This invitation has been used, or is too old. Please ask whoever sent it for a new one.")


async def join(talk: Talk, db: Db, programme: Programme) -> None:
    """Somebody uses an invitation."""
    role = await invites.offered(db, talk.argument, talk.now)
    if role is None:
        talk.say(_OVER)
        return
    ask = _("You are invited as: {role}. Would you like to join?", role=MEMBER[role])
    if not await talk.ask("sure", yes_no(ask)):
        talk.say(_("All right. The invitation stays valid for a few days."))
        return
    try:
        role = await actions.join(db, by_chat(talk), talk.argument)
    except actions.InvitationOver:
        talk.say(_OVER)
        return
    talk.say(_("Welcome to the team! You are now: {role}.", role=MEMBER[role]))
    for label, command in _first_steps(role):
        talk.offer(label, command)


def _first_steps(role: str) -> list[tuple[Text, str]]:
    if role == "coach":
        return [(_("My coaching profile"), "/profile"), (_("My hours"), "/hours")]
    desk: list[tuple[Text, str]] = [(_("Who waits for a person"), "/desk")] if may({role}, Act.ANSWER_FOUNDERS) else []
    return [(_("Applications to read"), "/queue"), *desk]


async def team(talk: Talk, db: Db, programme: Programme) -> None:
    """Who has which role; an admin may take one away."""
    members = await people.team(db)
    listed = [_("• {name}: {roles}", name=name or "—", roles=_named(roles)) for _id, name, roles in members]
    options: dict[str, Text] = {"/invite": _("Invite somebody")}
    if may(talk.person.roles, Act.REVOKE_ROLE):
        options["remove"] = _("Take a role away")
    options["/menu"] = _("Menu")
    await talk.ask("what", choice(lines([_("The team:"), *listed]), options))
    held = {
        f"{id}-{role}": _("{name}: {role}", name=name or "—", role=MEMBER[role])
        for id, name, roles in members
        for role in roles
        if role != "founder"
    }
    key = await talk.ask("which", choice(_("Which role?"), held))
    person, _dash, role = key.partition("-")
    try:
        await actions.revoke(db, by_chat(talk), int(person), role)
    except actions.OnlyAdministrator:
        talk.say(_("This is the only administrator: invite another one first."))
        return
    talk.say(_("Done: that role is taken away."))
    talk.offer(_("The team"), "/team")


def _named(roles: list[str]) -> Text:
    return Joined(tuple(MEMBER[role] for role in roles if role != "founder"), " · ")
