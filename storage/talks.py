"""Conversations as they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from storage.database import Db
from storage.tables import PersonRow, TalkRow


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
        state = {"answers": {}, "asking": "said", "open": "all", "under": who.front}
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


async def drafts(db: Db, name: str, first: datetime, last: datetime) -> Sequence[Any]:
    """Half-done conversations of this name that were last touched between two instants: person, number, touched_at."""
    query = select(TalkRow.person_id, TalkRow.number, TalkRow.touched_at).where(
        TalkRow.name == name, TalkRow.touched_at.between(first, last)
    )
    return (await db.execute(query)).all()
