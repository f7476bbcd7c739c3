"""Who changed what: one row for each change by staff, coaches, the command line or the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from storage.database import Db
from storage.tables import AuditRow


async def note(
    db: Db, now: datetime, actor: int | None, action: str, subject: str, before: Any = None, after: Any = None
) -> None:
    """Write to the audit table; `actor` is None for the command line and the clock."""
    await db.execute(
        insert(AuditRow).values(at=now, actor_id=actor, action=action, subject=subject, before=before, after=after)
    )
