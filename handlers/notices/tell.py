"""Every message nobody asked for, in the language of whoever receives it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from handlers.notices import templates
from handlers.rights import TEAM
from handlers.talk.message import Button, File, Outgoing
from handlers.talk.words import Language, Part, StaffText, Text
from storage import outbox, people
from storage.database import Db


class Speaks(Protocol):
    """Whoever tells somebody something: a conversation, or the clock."""

    @property
    def languages(self) -> Mapping[str, Language]: ...

    @property
    def now(self) -> datetime: ...


class Notice(NamedTuple):
    """What somebody is told unasked, and the ways onward from it: labels with the commands they give."""

    text: Text
    ways: Sequence[tuple[Text, str]] = ()


def greeted(text: StaffText, first_name: str, **parts: Part) -> Text:
    """A text that greets by name; without a name the greeting stands alone, with no gap."""
    if first_name:
        return text.with_(first_name=first_name, **parts)
    bare = {code: words.replace(" {first_name}", "") for code, words in text.by_language.items()}
    return StaffText(bare, {**text.parts, **parts})


async def tell(
    db: Db,
    by: Speaks,
    person: int,
    text: Text,
    buttons: Sequence[tuple[Text, str]] = (),
    *,
    purpose: str | None = None,
    about: int | None = None,
    file: File | None = None,
) -> bool:
    """Queue a message for somebody, with a document if there is one; False if no channel reaches them. `about`: somebody else
    whom it tells of."""
    body = spoken(by.languages, await people.language_of(db, person), text, buttons)
    if file is not None:
        body["file"] = file.kept()
    return await outbox.notify(db, person, body, by.now, purpose=purpose, about=about)


def spoken(
    languages: Mapping[str, Language], language: str, text: Text, buttons: Sequence[tuple[Text, str]] = ()
) -> dict[str, Any]:
    """A message with its ways onward, in a person's language; and how its template says it, where a platform wants one."""
    known, ways = languages.get(language) or languages["fr"], tuple(Button(*way) for way in buttons)
    by_template = templates.said(languages, text, ways, known.code)
    return Outgoing(text, ways).into(known) | ({"template": by_template} if by_template else {})


async def tell_team(
    db: Db,
    by: Speaks,
    text: Text,
    buttons: Sequence[tuple[Text, str]] = (),
    *,
    purpose: str,
    about: int | None = None,
    but: Collection[int] = (),
) -> int:
    """Queue a message for everybody on the team, `but` some; how many of them it can reach."""
    reached = 0
    for person, _language in await people.with_role(db, *TEAM):
        if person not in but:
            reached += await tell(db, by, person, text, buttons, purpose=f"{purpose}:{person}", about=about)
    return reached
