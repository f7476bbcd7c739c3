"""WhatsApp: a second name of an address, and when it wrote last"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("addresses", sa.Column("user_id", sa.String(length=160), nullable=True))
    op.add_column("addresses", sa.Column("heard_at", MOMENT, nullable=True))
    where = sa.text("user_id IS NOT NULL")
    op.create_index(
        "uq_addresses_user_id",
        "addresses",
        ["user_id", "channel"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("uq_addresses_user_id", "addresses")
    op.drop_column("addresses", "heard_at")
    op.drop_column("addresses", "user_id")
