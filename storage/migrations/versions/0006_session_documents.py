"""Documents for a session"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("bookings", sa.Column("files", DOCUMENT, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("bookings", "files")
