"""What is done with an exchange: a founder writes to the team and ends it, the team takes it, answers it and ends it."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.actor import Actor
from handlers.exchanges.messages import ended_by_founder, ended_by_team, taken, to_founder, to_team
from handlers.notices.tell import tell, tell_team
from handlers.rights import Act, require
from storage import exchanges, people, talks
from storage.database import Db


class Ended(Exception):
    """The exchange is over, or there is none."""


class Taken(Exception):
    """A colleague is on it already: their name, "" if it is not known."""

    def __init__(self, colleague: str) -> None:
        super().__init__()
        self.colleague = colleague


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a founder wrote is on its way to the team."""

    exchange: int
    first: bool  # it began the exchange
    reached: int  # colleagues who can be reached


async def write(db: Db, actor: Actor, words: str) -> Delivered:
    """A founder's words go to the team, in the exchange that is open or in a new one."""
    require(actor, Act.WRITE_TO_TEAM)
    begun = await exchanges.begin(db, actor.person, actor.now)
    before = await exchanges.lately(db, actor.person) if begun.new else []
    return Delivered(begun.id, begun.new, await to_team(db, actor, begun.id, words, before))


async def leave(db: Db, actor: Actor) -> None:
    """A founder ends their exchange; the team is told."""
    require(actor, Act.WRITE_TO_TEAM)
    exchange = await exchanges.open_of(db, actor.person)
    if not exchange or not await exchanges.end(db, exchange, actor.person, actor.now):
        raise Ended
    await tell_team(db, actor, *ended_by_founder(), purpose=f"ended:{exchange}")


async def take(db: Db, actor: Actor, id: int) -> None:
    """Take an exchange on: the others are told, and need not."""
    require(actor, Act.ANSWER_FOUNDERS)
    if not await exchanges.take(db, id, actor.person, actor.now):
        exchange = await exchanges.one(db, id)
        if exchange is None or exchange.closed_at is not None or exchange.taken_by is None:
            raise Ended
        raise Taken(await people.name_of(db, exchange.taken_by))
    await tell_team(db, actor, *taken(id, actor.first_name), purpose=f"taken:{id}:{actor.person}", but={actor.person})


async def answer(db: Db, actor: Actor, id: int, words: str) -> bool:
    """The team's answer goes to the founder, who has the exchange before them again; False if no channel reaches them."""
    require(actor, Act.ANSWER_FOUNDERS)
    exchange = await exchanges.one(db, id)
    if exchange is None or exchange.person_id is None:
        raise Ended
    if not await exchanges.answered(db, id, actor.person, actor.now):
        raise Ended
    await talks.listen(db, exchange.person_id, actor.now)
    return await to_founder(db, actor, id, exchange.person_id, words)


async def end(db: Db, actor: Actor, id: int) -> None:
    """The team ends an exchange: the founder is back where they were, and told so."""
    require(actor, Act.ANSWER_FOUNDERS)
    exchange = await exchanges.one(db, id)
    if exchange is None or not await exchanges.end(db, id, actor.person, actor.now):
        raise Ended
    if exchange.person_id is not None:
        await talks.hush(db, exchange.person_id)
        await tell(db, actor, exchange.person_id, *ended_by_team())
