"""Drawn recordings that proved invalid, and the one of the reserve that took each one's place."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replacements",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sample_seq", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("replaced_by", sa.String(length=200), nullable=True),
        sa.Column("inspector", sa.String(length=200), nullable=True),
        sa.Column("decision_seq", sa.Integer(), nullable=True),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_seq"], ["decisions.seq"], name=op.f("fk_replacements_decision_seq")
        ),
        sa.ForeignKeyConstraint(
            ["sample_seq"], ["samples.seq"], name=op.f("fk_replacements_sample_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_replacements")),
        sa.UniqueConstraint("sample_seq", "recording_id", name=op.f("uq_replacements_sample_seq")),
    )


def downgrade() -> None:
    raise NotImplementedError("the record only moves forward; restore the copy made before")
