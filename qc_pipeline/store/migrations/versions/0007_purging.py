"""Purging: what is left of a body, and which recordings were purged."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contents", sa.Column("remains", sa.Text(), nullable=True))
    op.create_table(
        "purged",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_purged")),
        sa.UniqueConstraint("recording_id", name=op.f("uq_purged_recording_id")),
    )


def downgrade() -> None:
    raise NotImplementedError("the record only moves forward; restore the copy made before")
