"""Every message nobody asked for, in the language of whoever receives it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from handlers.notices import templates
from handlers.talk.message import Button, File, Outgoing
from handlers.talk.talk import Talk
from handlers.talk.words import Language, Part, StaffText, Text, UserText, Verbatim, _, lines, paragraphs
from storage import exchanges, outbox, people
from storage.database import Db

TEAM = ("staff", "admin")


class Speaks(Protocol):
    """Whoever tells somebody something: a conversation, or the clock."""

    @property
    def languages(self) -> Mapping[str, Language]: ...

    @property
    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Clockwork:
    """The clock, when it is what speaks."""

    languages: Mapping[str, Language]
    now: datetime


def greeted(text: StaffText, first_name: str, **parts: Part) -> Text:
    """A text that greets by name; without a name the greeting stands alone, with no gap."""
    if first_name:
        return text.with_(first_name=first_name, **parts)
    bare = {code: said.replace(" {first_name}", "") for code, said in text.by_language.items()}
    return StaffText(bare, {**text.parts, **parts})


_WHATSAPP = Verbatim("WhatsApp")
_PLACES: dict[str, Text] = {
    "telegram": Verbatim("Telegram"),
    "whatsapp": _WHATSAPP,
    "waha": _WHATSAPP,
    "gowa": _WHATSAPP,
    "web": _("the web page"),
}


def place(channel: str) -> Text:
    """What people call a channel."""
    return _PLACES.get(channel, UserText(channel))


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
    tongue, ways = (
        languages.get(language) or languages["fr"],
        tuple(Button(label, command) for label, command in buttons),
    )
    by_template = templates.said(languages, text, ways, tongue.code)
    return Outgoing(text, ways).into(tongue) | ({"template": by_template} if by_template else {})


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


async def to_team(db: Db, talk: Talk, handoff: int, words: str, before: Sequence[str]) -> int:
    """A founder's message to the team, with what they wrote just before: to whoever took the exchange, else to all; how many
    people it can reach."""
    name = talk.person.profile.get("full_name") or talk.person.name
    who = _("{name} writes:", name=str(name)) if name else _("A founder writes:")
    texts: list[Text] = [lines([who, UserText(words)])]
    if before:
        texts.append(lines([_("Just before:"), *(UserText(said[:200]) for said in before)]))
    texts.append(_("Answer with the button, or by replying to this message."))
    answer, end = (_("Answer"), f"/answer {handoff}"), (_("End the exchange"), f"/end {handoff}")
    purpose = f"handoff:{handoff}:{int(talk.now.timestamp() * 1e6)}"
    taker = await exchanges.taker(db, handoff)
    if taker and await tell(
        db, talk, taker, paragraphs(texts), [answer, end], purpose=f"{purpose}:{taker}", about=talk.person.id
    ):
        return 1
    take = (_("I take care of it"), f"/take {handoff}")
    return await tell_team(db, talk, paragraphs(texts), [answer, take, end], purpose=purpose, about=talk.person.id)


async def to_founder(db: Db, talk: Talk, handoff: int, person: int, words: str) -> bool:
    """The team's answer to a founder; False if no channel reaches them."""
    text = lines([_("The team answers:"), UserText(words)])
    return await tell(
        db,
        talk,
        person,
        text,
        [(_("End the exchange"), "/end")],
        purpose=f"answer:{handoff}:{int(talk.now.timestamp() * 1e6)}",
    )


async def handoff_ended(db: Db, talk: Talk, person: int) -> None:
    """The founder learns that the assistant is back."""
    await tell(
        db,
        talk,
        person,
        _("The team has ended this exchange. I am here again."),
        [(_("Continue"), "/resume"), (_("Menu"), "/menu")],
    )
