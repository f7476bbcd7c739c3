"""An event log with a timeline for each person; which programme and site a row is of; what a notice is about"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0009"
down_revision = "0008"
branch_labels = depends_on = None

OF_HUB = ("handoffs", "broadcasts", "coaches", "hours", "days", "bookings", "waits", "reminders", "audit")
CHANGED = ("item changed", "answer changed")  # had the name of what was changed behind them
ABOUT = {
    "application": ("applications", "person_id"),
    "booking": ("bookings", "founder_id"),
    "handoff": ("handoffs", "person_id"),
}


def upgrade() -> None:
    hub = context.config.attributes["hub"]
    for table in (*OF_HUB, "applications"):
        columns = ["site"] if table == "applications" else ["programme", "site"]
        for column in columns:
            length = 60 if column == "programme" else 40
            op.add_column(table, sa.Column(column, sa.String(length), nullable=False, server_default=""))
            op.execute(sa.text(f"UPDATE {table} SET {column} = :present").bindparams(present=getattr(hub, column)))
    op.add_column("audit", sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=True))
    op.add_column("audit", sa.Column("detail", sa.String(60), nullable=False, server_default=""))
    for action in CHANGED:
        start = len(action) + 3
        op.execute(
            f"UPDATE audit SET detail = substr(action, {start}), action = '{action}' WHERE action LIKE '{action}: %'"
        )
    for kind, (table, column) in ABOUT.items():
        start = len(kind) + 2
        op.execute(
            f"UPDATE audit SET person_id = (SELECT t.{column} FROM {table} t"
            f" WHERE t.id = CAST(substr(audit.subject, {start}) AS BIGINT)) WHERE subject LIKE '{kind}:%'"
        )
    op.execute(
        "UPDATE audit SET person_id = CAST(substr(subject, 8) AS BIGINT) WHERE subject LIKE 'person:%' AND action <> 'person erased'"
    )
    op.create_index("ix_audit_person_id_id", "audit", ["person_id", "id"])
    op.add_column("outbox", sa.Column("subject_kind", sa.String(16), nullable=True))
    op.add_column("outbox", sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=True))
    for kind in ("session", "reminder"):
        rest = f"substr(purpose, {len(kind) + 2})"
        digits = f"substr({rest}, 1, {{}}({rest}, ':') - 1)".format(
            "instr" if op.get_bind().dialect.name == "sqlite" else "strpos"
        )
        op.execute(
            f"UPDATE outbox SET subject_kind = '{kind}', subject_id = CAST({digits} AS BIGINT) WHERE purpose LIKE '{kind}:%:%'"
        )
    told = sa.text("subject_id IS NOT NULL")
    op.create_index(
        "ix_outbox_subject", "outbox", ["subject_kind", "subject_id"], sqlite_where=told, postgresql_where=told
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_subject", "outbox")
    op.drop_column("outbox", "subject_id")
    op.drop_column("outbox", "subject_kind")
    op.drop_index("ix_audit_person_id_id", "audit")
    for action in CHANGED:
        op.execute(f"UPDATE audit SET action = substr('{action}: ' || detail, 1, 40) WHERE action = '{action}'")
    op.drop_column("audit", "detail")
    op.drop_column("audit", "person_id")
    for table in (*OF_HUB, "applications"):
        op.drop_column(table, "site")
        if table != "applications":
            op.drop_column(table, "programme")
