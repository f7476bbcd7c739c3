"""Who may do what: every right of every role, in one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.talk.message import Person
from handlers.talk.talk import Talk
from handlers.talk.words import Text, _

SECTORS = "review_sectors"  # the fact about a reviewer that says what they read; empty for everything
READERS, TEAM = frozenset({"reviewer", "staff", "admin"}), frozenset({"staff", "admin"})

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


def concerns(answers: Mapping[str, Any], sectors: Iterable[str]) -> bool:
    """Whether an application is of one of these sectors; of no sector in particular, it concerns everybody."""
    theirs = answers.get("sector") or []
    theirs = theirs if isinstance(theirs, list) else [theirs]
    wanted = set(sectors)
    return not wanted or not theirs or bool(wanted & set(theirs))


def may_open(person: Person, row: Any) -> bool:
    """The team opens every application but their own; a reviewer those of their sectors."""
    if row.person_id == person.id or not person.roles & READERS:
        return False
    return bool(person.roles & TEAM) or concerns(row.answers, sectors_of(person.profile))


def sectors_of(profile: Mapping[str, Any]) -> list[str]:
    kept = profile.get(SECTORS)
    return [str(one) for one in kept] if isinstance(kept, list) else []


MAY_INVITE = {
    "staff": ("reviewer", "coach"),
    "admin": ("reviewer", "coach", "staff", "admin"),
}  # by the role of whoever invites


def may_invite(talk: Talk) -> tuple[str, ...]:
    return next((MAY_INVITE[role] for role in ("admin", "staff") if role in talk.person.roles), ())
