"""Letters are found by whom they go to, however many others there are"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = depends_on = None


def upgrade() -> None:
    op.drop_index("ix_outbox_platform_id", "outbox")
    named, notice, doubtful = (
        sa.text("platform_id <> ''"),
        sa.text("lane = 1 AND sent_at IS NOT NULL"),
        sa.text("state = 'unknown'"),
    )
    op.create_index(
        "ix_outbox_platform_id", "outbox", ["platform_id", "channel"], sqlite_where=named, postgresql_where=named
    )
    op.create_index("ix_outbox_address", "outbox", ["address", "channel", "id"])
    op.create_index("ix_outbox_notices", "outbox", ["channel", "sent_at"], sqlite_where=notice, postgresql_where=notice)
    op.create_index("ix_outbox_unknown", "outbox", ["not_before"], sqlite_where=doubtful, postgresql_where=doubtful)


def downgrade() -> None:
    op.drop_index("ix_outbox_unknown", "outbox")
    op.drop_index("ix_outbox_notices", "outbox")
    op.drop_index("ix_outbox_address", "outbox")
    op.drop_index("ix_outbox_platform_id", "outbox")
    op.create_index("ix_outbox_platform_id", "outbox", ["channel", "platform_id"], unique=False)
