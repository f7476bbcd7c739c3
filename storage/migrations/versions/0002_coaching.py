"""Coaching"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)

# No two live sessions of one coach, or of one founder, may overlap. PostgreSQL has a constraint for it; SQLite a trigger
# that refuses in the same way (its writers take turns, so it sees every row there is).
_LIVE = "state IN ('asked', 'confirmed')"
_APART = (("coach_id", "free_at"), ("founder_id", "ends_at"))


def _keep_apart() -> None:
    postgresql_ = op.get_context().dialect.name == "postgresql"
    for column, end in _APART:
        name = f"bookings_apart_{column}"
        if postgresql_:
            # ranges of one number compare like the number, and need no extension
            who, when = f"int8range({column}, {column}, '[]')", f"tstzrange(starts_at, {end})"
            op.execute(
                f"ALTER TABLE bookings ADD CONSTRAINT {name} EXCLUDE USING gist ({who} WITH &&, {when} WITH &&) WHERE ({_LIVE} AND {column} IS NOT NULL)"
            )
            continue
        clash = f"b.id <> NEW.id AND b.{column} = NEW.{column} AND b.{_LIVE} AND b.starts_at < NEW.{end} AND b.{end} > NEW.starts_at"
        for moment in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER {name}_{moment.lower()} BEFORE {moment} ON bookings WHEN NEW.{_LIVE} "
                f"BEGIN SELECT RAISE(ABORT, 'UNIQUE: {name}') WHERE EXISTS (SELECT 1 FROM bookings b WHERE {clash}); END"
            )


def upgrade() -> None:
    op.create_table(
        "bookings",
        sa.Column("id", ID, nullable=False),
        sa.Column("coach_id", ID, nullable=True),
        sa.Column("founder_id", ID, nullable=True),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.Column("wall", sa.String(length=16), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("free_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
    )
    op.create_index("ix_bookings_coach_id_starts_at", "bookings", ["coach_id", "starts_at"], unique=False)
    op.create_index("ix_bookings_founder_id", "bookings", ["founder_id"], unique=False)
    op.create_index(
        "uq_bookings_coach_id_starts_at",
        "bookings",
        ["coach_id", "starts_at"],
        unique=True,
        sqlite_where=sa.text("state IN ('asked', 'confirmed')"),
        postgresql_where=sa.text("state IN ('asked', 'confirmed')"),
    )

    op.create_table(
        "coaches",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("topics", DOCUMENT, nullable=False),
        sa.Column("languages", DOCUMENT, nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("per_week", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(length=64), nullable=False),
        sa.Column("away", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_coaches_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_coaches")),
        sa.UniqueConstraint("feed", name=op.f("uq_coaches_feed")),
    )
    op.create_table(
        "reminders",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject", ID, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reminders_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("key", name=op.f("uq_reminders_key")),
    )
    op.create_index(
        "ix_reminders_due_at",
        "reminders",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_reminders_person_id", "reminders", ["person_id"], unique=False)
    op.create_index("ix_reminders_subject", "reminders", ["subject", "kind"], unique=False)

    op.create_table(
        "waits",
        sa.Column("id", ID, nullable=False),
        sa.Column("founder_id", ID, nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("coach_id", ID, nullable=True),
        sa.Column("starts_at", MOMENT, nullable=True),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["founder_id"], ["people.id"], name=op.f("fk_waits_founder_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waits")),
        sa.UniqueConstraint("founder_id", "topic", name=op.f("uq_waits_founder_id_topic")),
    )
    op.create_index("ix_waits_topic_at", "waits", ["topic", "at"], unique=False)

    op.create_table(
        "days",
        sa.Column("id", ID, nullable=False),
        sa.Column("coach_id", ID, nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["coach_id"], ["coaches.person_id"], name=op.f("fk_days_coach_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_days")),
    )
    op.create_index("ix_days_coach_id", "days", ["coach_id"], unique=False)
    op.create_index("ix_days_day", "days", ["day"], unique=False)

    op.create_table(
        "hours",
        sa.Column("id", ID, nullable=False),
        sa.Column("coach_id", ID, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coaches.person_id"], name=op.f("fk_hours_coach_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours")),
    )
    op.create_index("ix_hours_coach_id", "hours", ["coach_id"], unique=False)
    _keep_apart()


def downgrade() -> None:
    op.drop_index("ix_hours_coach_id", "hours")

    op.drop_table("hours")
    op.drop_index("ix_days_day", "days")
    op.drop_index("ix_days_coach_id", "days")

    op.drop_table("days")
    op.drop_index("ix_waits_topic_at", "waits")

    op.drop_table("waits")
    op.drop_index("ix_reminders_subject", "reminders")
    op.drop_index("ix_reminders_person_id", "reminders")
    op.drop_index(
        "ix_reminders_due_at",
        "reminders",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )

    op.drop_table("reminders")
    op.drop_table("coaches")
    op.drop_index(
        "uq_bookings_coach_id_starts_at",
        "bookings",
        sqlite_where=sa.text("state IN ('asked', 'confirmed')"),
        postgresql_where=sa.text("state IN ('asked', 'confirmed')"),
    )
    op.drop_index("ix_bookings_founder_id", "bookings")
    op.drop_index("ix_bookings_coach_id_starts_at", "bookings")

    op.drop_table("bookings")
