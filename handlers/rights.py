"""Who may do what: every right of every role, in one table.

It is asked when a conversation opens, at every later run of it, and by every action before it writes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any

from handlers.actor import Actor
from handlers.talk.words import Text, _
from storage.applications import Application


class Act(StrEnum):
    """What may be done. Somebody who may do it may also see what it needs."""

    ASK = "ask"  # read the hub's information, check one's eligibility, choose a language
    APPLY = "apply"  # send one's application, complete it, change it, withdraw it
    BOOK = "book"  # book a session, move it, cancel it, wait for one, say how it was
    WRITE_TO_TEAM = "write to the team"
    KEEP_OWN_DATA = "keep one's data"  # consents, announcements, reminders, a copy, the erasure, one's other apps
    JOIN_TEAM = "join the team"
    COACH = "coach"  # one's profile, hours and agenda
    HANDLE_SESSION = "handle a session"
    SEE_COACHES = "see the coaches"
    REVIEW = "review"  # read applications, give points, declare a conflict of interest
    DECIDE = "decide"  # ask a founder to change an application, decide on it, tell the decision
    EXPORT_APPLICATIONS = "export applications"
    ANSWER_FOUNDERS = "answer founders"  # take, answer and end an exchange
    ANNOUNCE = "announce"
    SEE_TEAM = "see the team"
    INVITE = "invite"
    REVOKE_ROLE = "take a role away"


_EVERYBODY = frozenset({"founder"})  # whoever writes is one, and stays one with other roles besides
_COACHES = frozenset({"coach"})
TEAM = frozenset({"staff", "admin"})
READERS = frozenset({"reviewer"}) | TEAM

RIGHTS: Mapping[Act, frozenset[str]] = {
    Act.ASK: _EVERYBODY,
    Act.APPLY: _EVERYBODY,
    Act.BOOK: _EVERYBODY,
    Act.WRITE_TO_TEAM: _EVERYBODY,
    Act.KEEP_OWN_DATA: _EVERYBODY,
    Act.JOIN_TEAM: _EVERYBODY,
    Act.COACH: _COACHES,
    Act.HANDLE_SESSION: _COACHES | TEAM,
    Act.SEE_COACHES: TEAM,
    Act.REVIEW: READERS,
    Act.DECIDE: TEAM,
    Act.EXPORT_APPLICATIONS: TEAM,
    Act.ANSWER_FOUNDERS: TEAM,
    Act.ANNOUNCE: TEAM,
    Act.SEE_TEAM: TEAM,
    Act.INVITE: TEAM,
    Act.REVOKE_ROLE: frozenset({"admin"}),
}

MAY_INVITE = {
    "staff": ("reviewer", "coach"),
    "admin": ("reviewer", "coach", "staff", "admin"),
}  # by the role of whoever invites

MEMBER: Mapping[str, Text] = {
    "coach": _("coach"),
    "reviewer": _("reviewer"),
    "staff": _("member of the team"),
    "admin": _("administrator"),
}
ROLE_NAMES: Mapping[str, Text] = {
    "founder": _("Founders"),
    "coach": _("Coaches"),
    "reviewer": _("Reviewers"),
    "staff": _("Team"),
    "admin": _("Administrators"),
}

SECTORS = "review_sectors"  # the fact about a reviewer that says what they read; empty for everything


class Refused(Exception):
    """Whoever acts has no right to it (or no longer)."""


def may(roles: Collection[str], act: Act) -> bool:
    """Whether somebody with these roles may do this."""
    return not RIGHTS[act].isdisjoint(roles)


def require(actor: Actor, act: Act) -> None:
    """Let a deed go on; Refused if the actor may not do it."""
    if not may(actor.roles, act):
        raise Refused(act)


def may_invite(roles: Collection[str]) -> tuple[str, ...]:
    """The roles that somebody with these roles may give."""
    return next((MAY_INVITE[role] for role in ("admin", "staff") if role in roles), ())


def may_open(actor: Actor, application: Application) -> bool:
    """The team opens every application but their own; a reviewer those of their sectors."""
    if application.person_id == actor.person or not may(actor.roles, Act.REVIEW):
        return False
    return may(actor.roles, Act.DECIDE) or concerns(application.answers, sectors_of(actor.profile))


def concerns(answers: Mapping[str, Any], sectors: Iterable[str]) -> bool:
    """Whether an application is of one of these sectors; of no sector in particular, it concerns everybody."""
    theirs = answers.get("sector") or []
    theirs = theirs if isinstance(theirs, list) else [theirs]
    wanted = set(sectors)
    return not wanted or not theirs or bool(wanted & set(theirs))


def sectors_of(profile: Mapping[str, Any]) -> list[str]:
    """The sectors a reviewer reads; none for all of them."""
    kept = profile.get(SECTORS)
    return [str(sector) for sector in kept] if isinstance(kept, list) else []
