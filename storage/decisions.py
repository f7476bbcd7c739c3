"""Decisions on applications: prepared first, told later, many at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import aliased

from storage import Conflict
from storage.applications import COLUMNS, OPEN, Application, locked_status, move
from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal, number_stays
from storage.tables import ApplicationRow, DecisionRow, PersonRow


@dataclass(frozen=True, slots=True)
class PreparedDecision:
    """A decision that waits to be told."""

    application: Application
    status: str  # which the application then has
    words: str  # conditions or reasons, in the founder's language
    prepared_by: str  # a name; "" if it is not known


async def prepare(db: Db, application: int, actor: int, status: str, words: str, now: datetime) -> None:
    """Prepare a decision, in place of one prepared before. Conflict if the application is closed."""
    current = await locked_status(db, application)
    if current not in OPEN:
        raise Conflict
    await drop(db, application, actor, now)
    await db.execute(
        insert(DecisionRow).values(application_id=application, status=status, note=words, by=actor, at=now)
    )
    await note(db, now, actor, Event.DECISION_PREPARED, ("application", application), current, status)


async def drop(db: Db, application: int, actor: int, now: datetime) -> bool:
    """Take back a prepared decision; False if there was none."""
    before = await db.scalar(select(DecisionRow.status).where(DecisionRow.application_id == application))
    if before is None:
        return False
    await db.execute(delete(DecisionRow).where(DecisionRow.application_id == application))
    await note(db, now, actor, Event.DECISION_DROPPED, ("application", application), before, None)
    return True


async def prepared(db: Db, programme: str) -> list[PreparedDecision]:
    """Decisions that wait to be told, oldest first; not those about somebody who was erased."""
    colleague = aliased(PersonRow)
    query = (
        select(*COLUMNS, DecisionRow.status, DecisionRow.note, colleague.name)
        .select_from(DecisionRow)
        .join(ApplicationRow, ApplicationRow.id == DecisionRow.application_id)
        .join(PersonRow, PersonRow.id == ApplicationRow.person_id)
        .outerjoin(colleague, colleague.id == DecisionRow.by)
        .where(ApplicationRow.programme == programme)
        .order_by(DecisionRow.at)
    )
    return [
        PreparedDecision(Application(*row), status, words, name or "")
        for *row, status, words, name in await db.execute(query)
    ]


async def release(db: Db, application: int, actor: int, now: datetime) -> str | None:
    """Make a prepared decision true, and keep its words: the new status; None if somebody else was first, or the application
    is closed."""
    query = (
        delete(DecisionRow)
        .where(DecisionRow.application_id == application)
        .returning(DecisionRow.status, DecisionRow.note)
    )
    row = (await db.execute(query)).first()
    current = await locked_status(db, application)
    if row is None or current is None or current not in OPEN:
        return None
    await db.execute(update(ApplicationRow).where(ApplicationRow.id == application).values(words=row.note))
    await move(db, application, actor, [current], row.status, now)
    return str(row.status)


PERSONAL = (Personal(DecisionRow.by, number_stays),)
