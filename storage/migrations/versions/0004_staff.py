"""Staff"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", ID, nullable=False),
        sa.Column("author_id", ID, nullable=True),
        sa.Column("approver_id", ID, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("bodies", DOCUMENT, nullable=False),
        sa.Column("audience", DOCUMENT, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("send_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    op.create_index("ix_broadcasts_state", "broadcasts", ["state"], unique=False)

    op.create_table(
        "invites",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("by", ID, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invites")),
    )
    op.create_table(
        "decisions",
        sa.Column("application_id", ID, nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_decisions_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_decisions")),
    )
    op.create_table(
        "items",
        sa.Column("id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_by", ID, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("before", DOCUMENT, nullable=True),
        sa.Column("after", DOCUMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_items_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
    )
    op.create_index("ix_items_application_id", "items", ["application_id"], unique=False)

    op.create_table(
        "mentions",
        sa.Column("outbox_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_mentions_outbox_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("outbox_id", "person_id", name=op.f("pk_mentions")),
    )
    op.create_index("ix_mentions_person_id", "mentions", ["person_id"], unique=False)

    op.create_table(
        "reviews",
        sa.Column("application_id", ID, nullable=False),
        sa.Column("reviewer_id", ID, nullable=False),
        sa.Column("scores", DOCUMENT, nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_reviews_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["people.id"], name=op.f("fk_reviews_reviewer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", "reviewer_id", name=op.f("pk_reviews")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.alter_column(
            "purpose", existing_type=sa.VARCHAR(length=16), type_=sa.String(length=24), existing_nullable=False
        )

    op.add_column("handoffs", sa.Column("taken_by", ID, nullable=True))
    op.add_column("handoffs", sa.Column("alerted_at", MOMENT, nullable=True))

    op.add_column("outbox", sa.Column("broadcast_id", ID, nullable=True))
    op.create_index(
        "ix_outbox_broadcast_id",
        "outbox",
        ["broadcast_id", "state"],
        unique=False,
        sqlite_where=sa.text("broadcast_id IS NOT NULL"),
        postgresql_where=sa.text("broadcast_id IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_planned",
        "outbox",
        ["broadcast_id", "channel", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_outbox_planned",
        "outbox",
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.drop_index(
        "ix_outbox_broadcast_id",
        "outbox",
        sqlite_where=sa.text("broadcast_id IS NOT NULL"),
        postgresql_where=sa.text("broadcast_id IS NOT NULL"),
    )
    op.drop_column("outbox", "broadcast_id")

    op.drop_column("handoffs", "alerted_at")
    op.drop_column("handoffs", "taken_by")

    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.alter_column(
            "purpose", existing_type=sa.String(length=24), type_=sa.VARCHAR(length=16), existing_nullable=False
        )

    op.drop_table("reviews")
    op.drop_index("ix_mentions_person_id", "mentions")

    op.drop_table("mentions")
    op.drop_index("ix_items_application_id", "items")

    op.drop_table("items")
    op.drop_table("decisions")
    op.drop_table("invites")
    op.drop_index("ix_broadcasts_state", "broadcasts")

    op.drop_table("broadcasts")
