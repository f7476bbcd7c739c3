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
    name = actor.profile.get("full_name") or actor.name
    who = _("{name} writes:", name=str(name)) if name else _("A founder writes:")
    texts: list[Text] = [lines([who, UserText(words)])]
    if before:
        texts.append(lines([_("Just before:"), *(UserText(said[:200]) for said in before)]))
    texts.append(_("Answer with the button, or by replying to this message."))
    answer, end = (_("Answer"), commands.answer(exchange)), (_("End the exchange"), commands.end(exchange))
    each = _purpose(Purpose.FOUNDER_WROTE, exchange, actor)
    taker = await exchanges.taker(db, exchange)
    if taker and await tell(
        db, actor, taker, paragraphs(texts), [answer, end], purpose=f"{each}:{taker}", about=actor.person
    ):
        return 1
    take = (_("I take care of it"), commands.take(exchange))
    return await tell_team(db, actor, paragraphs(texts), [answer, take, end], purpose=each, about=actor.person)


async def to_founder(db: Db, actor: Actor, exchange: int, person: int, words: str) -> bool:
    """The team's answer to a founder; False if no channel reaches them."""
    text = lines([_("The team answers:"), UserText(words)])
    return await tell(
        db,
        actor,
        person,
        text,
        [(_("End the exchange"), "/end")],
        purpose=_purpose(Purpose.TEAM_ANSWERED, exchange, actor),
    )


def _purpose(kind: Purpose, exchange: int, actor: Actor) -> str:
    """Each message of an exchange is another one, and a reply to it in the platform's own way says in which."""
    return purpose(kind, exchange, int(actor.now.timestamp() * 1e6))


def ended_by_team() -> Notice:
    """To the founder: the assistant is back."""
    return Notice(
        _("The team has ended this exchange. I am here again."), [(_("Continue"), "/resume"), (_("Menu"), "/menu")]
    )


def ended_by_founder() -> Notice:
    """To the team."""
    return Notice(_("The founder has ended the exchange."))


def notices(programme: Programme) -> list[Notice]:
    """Those that are the same whatever was written."""
    return [ended_by_team(), ended_by_founder()]
