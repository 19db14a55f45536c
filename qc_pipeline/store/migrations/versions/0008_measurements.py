"""Measures taken again by later definitions, from words that were kept."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "measurements",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("audio_sha256", sa.String(length=64), nullable=False),
        sa.Column("transcript_sha256", sa.String(length=64), nullable=False),
        sa.Column("measures_sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["measures_sha256"], ["contents.sha256"], name=op.f("fk_measurements_measures_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["transcript_sha256"],
            ["contents.sha256"],
            name=op.f("fk_measurements_transcript_sha256"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_measurements")),
    )
    op.create_index("ix_measurements_recording", "measurements", ["recording_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("the record only moves forward; restore the copy made before")
