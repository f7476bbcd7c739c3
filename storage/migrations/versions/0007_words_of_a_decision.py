"""The words of a decision stay with the application"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("applications", sa.Column("words", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("applications", "words")
