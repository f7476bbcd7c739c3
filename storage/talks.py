"""Conversations as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypedDict

from sqlalchemy import delete, insert, select, update

from storage.database import Db
from storage.personal import Personal, with_person
from storage.tables import PersonRow, TalkRow


class Kept(TypedDict, total=False):
    """A conversation half way, as JSON: what is empty is left out. What each means is said by whoever holds the talk."""

    answers: dict[str, Any]  # by the question's name
    asking: str
    open: str
    shown: list[str]
    aside: dict[str, str]
    picked: list[Any]
    offers: list[Any]
    was: dict[str, Any]
    misreads: int
    under: int  # the number of the conversation it interrupted
    argument: str


FIELDS = tuple(Kept.__annotations__)


class Draft(NamedTuple):
    """A half-done conversation."""

    person: int
    number: int
    touched_at: datetime


async def listen(db: Db, person: int, now: datetime) -> None:
    """Put the exchange in front of the founder: what they write next answers the team, as that is what they saw last."""
    who = (
        await db.execute(select(PersonRow.front, PersonRow.talks).where(PersonRow.id == person).with_for_update())
    ).one()
    open = {
        name: number
        for number, name in await db.execute(select(TalkRow.number, TalkRow.name).where(TalkRow.person_id == person))
    }
    number = open.get("human")
    talks = who.talks
    if number is None:
        number = talks = who.talks + 1
        state: Kept = {"answers": {}, "asking": "said", "open": "all", "under": who.front}
        await db.execute(
            insert(TalkRow).values(person_id=person, number=number, name="human", state=state, touched_at=now)
        )
    await db.execute(update(PersonRow).where(PersonRow.id == person).values(front=number, talks=talks))


async def hush(db: Db, person: int) -> None:
    """Take the exchange away from the front: the founder is back where they were."""
    rows = await db.execute(
        select(TalkRow.number, TalkRow.state).where(TalkRow.person_id == person, TalkRow.name == "human")
    )
    for number, state in rows.all():
        under = int(state.get("under", 0))
        await db.execute(update(PersonRow).where(PersonRow.id == person, PersonRow.front == number).values(front=under))
        await db.execute(delete(TalkRow).where(TalkRow.person_id == person, TalkRow.number == number))


async def answers_of(db: Db, person: int, number: int) -> Mapping[str, Any] | None:
    """What was answered in a half-done conversation, by the question's name; None if it is over."""
    state = await db.scalar(select(TalkRow.state).where(TalkRow.person_id == person, TalkRow.number == number))
    return state.get("answers", {}) if isinstance(state, dict) else None


async def drafts(db: Db, name: str, first: datetime, last: datetime) -> list[Draft]:
    """Half-done conversations of this name that were last touched between two instants."""
    query = select(TalkRow.person_id, TalkRow.number, TalkRow.touched_at).where(
        TalkRow.name == name, TalkRow.touched_at.between(first, last)
    )
    return [Draft(*row) for row in await db.execute(query)]


class Side(NamedTuple):
    """One of two people who become one, as far as their conversations go."""

    person: int
    front: int  # the conversation they are in
    talks: int  # the number of their newest


class Joined(NamedTuple):
    """The conversations of both, numbered anew."""

    front: int  # the one that stays in front; 0 for none
    talks: int  # the number of the newest


async def join(db: Db, stays: int, speaks: Side, other: Side) -> Joined:
    """Give `stays` the conversations of both, one of each name, in which the newer answers count, with numbers neither ever
    used. In front is what `speaks` sees now."""
    query = select(TalkRow.person_id, TalkRow.number, TalkRow.name, TalkRow.state, TalkRow.touched_at)
    both = TalkRow.person_id.in_((speaks.person, other.person))
    newest = max(speaks.talks, other.talks)
    named: dict[str, dict[str, Any]] = {}
    whose: dict[str, int] = {}  # the newer of the two talks of a name
    numbers: dict[tuple[int, int], int] = {}
    for row in (await db.execute(query.where(both).order_by(TalkRow.touched_at))).all():
        talk = named.get(row.name)
        if talk is None:
            newest += 1
            talk = named[row.name] = {"person_id": stays, "number": newest, "name": row.name, "state": {}}
        answers = talk["state"].get("answers", {}) | row.state.get("answers", {})
        talk["state"] = row.state | ({"answers": answers} if answers else {})
        talk["touched_at"] = row.touched_at
        whose[row.name] = row.person_id
        numbers[row.person_id, row.number] = talk["number"]
    for name, talk in named.items():
        if under := talk["state"].get("under"):
            talk["state"]["under"] = numbers.get((whose[name], under), 0)
    await db.execute(delete(TalkRow).where(both))
    if named:
        await db.execute(insert(TalkRow), list(named.values()))
    front = numbers.get((speaks.person, speaks.front)) or numbers.get((other.person, other.front)) or 0
    return Joined(front, newest)


# those of two people who become one are joined, see `join`
PERSONAL = (
    Personal(
        TalkRow.person_id,
        with_person,
        {"unfinished": select(TalkRow.name, TalkRow.state, TalkRow.touched_at)},
        changes_hands=False,
    ),
)
