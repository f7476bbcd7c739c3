"""What goes to and fro in an exchange between a founder and the team."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.actor import Actor
from handlers.exchanges import commands
from handlers.notices.tell import Notice, tell, tell_team
from handlers.programme.model import Programme
from handlers.talk.words import Text, UserText, _, lines, paragraphs
from storage import exchanges
from storage.database import Db
from storage.purposes import Purpose, purpose


async def to_team(db: Db, actor: Actor, exchange: int, words: str, before: Sequence[str]) -> int:
    """A founder's message to the team, with what they wrote just before: to whoever took the exchange, else to all; how many
    people it can reach."""
    name = str(actor.profile.get("full_name") or actor.name)
    each = _purpose(Purpose.FOUNDER_WROTE, exchange, actor)
    taker = await exchanges.taker(db, exchange)
    to_taker = founder_wrote(exchange, name, words, before, taken=True)
    if taker and await tell(db, actor, taker, *to_taker, purpose=f"{each}:{taker}", about=actor.person):
        return 1
    to_all = founder_wrote(exchange, name, words, before, taken=False)
    return await tell_team(db, actor, *to_all, purpose=each, about=actor.person)


async def to_founder(db: Db, actor: Actor, exchange: int, person: int, words: str) -> bool:
    """The team's answer to a founder; False if no channel reaches them."""
    each = _purpose(Purpose.TEAM_ANSWERED, exchange, actor)
    return await tell(db, actor, person, *team_answered(words), purpose=each)


def _purpose(kind: Purpose, exchange: int, actor: Actor) -> str:
    """Each message of an exchange is another one, and a reply to it in the platform's own way says in which."""
    return purpose(kind, exchange, int(actor.now.timestamp() * 1e6))


def founder_wrote(exchange: int, name: str, words: str, before: Sequence[str], *, taken: bool) -> Notice:
    """To the team, or to the colleague who has taken the exchange."""
    who = _("{name} writes:", name=name) if name else _("A founder writes:")
    texts: list[Text] = [lines([who, UserText(words)])]
    if before:
        texts.append(lines([_("Just before:"), *(UserText(earlier[:200]) for earlier in before)]))
    texts.append(_("Answer with the button, or by replying to this message."))
    answer, end = (_("Answer"), commands.answer(exchange)), (_("End the exchange"), commands.end(exchange))
    take = (_("I take care of it"), commands.take(exchange))
    return Notice(paragraphs(texts), [answer, end] if taken else [answer, take, end])


def team_answered(words: str) -> Notice:
    """To the founder."""
    return Notice(lines([_("The team answers:"), UserText(words)]), [(_("End the exchange"), "/end")])


def taken(exchange: int, name: str) -> Notice:
    """To the colleagues of whoever has taken it ("" for a name that is not known)."""
    return Notice(_("{name} has taken no. {n}.", name=name or _("A colleague"), n=exchange))


def ended_by_team() -> Notice:
    """To the founder: the assistant is back."""
    return Notice(
        _("The team has ended this exchange. I am here again."), [(_("Continue"), "/resume"), (_("Menu"), "/menu")]
    )


def ended_by_founder() -> Notice:
    """To the team."""
    return Notice(_("The founder has ended the exchange."))


def notices(programme: Programme) -> list[Notice]:
    """Each of them, with samples for its parts."""
    wrote = [founder_wrote(17, name, "...", [], taken=known) for name in ("Salma", "") for known in (True, False)]
    return [*wrote, team_answered("..."), taken(17, "Karim"), taken(17, ""), ended_by_team(), ended_by_founder()]
