"""Cards made by another rubric: to look at, or put in force."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rescorings",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=200), nullable=True),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("rubric_sha256", sa.String(length=64), nullable=False),
        sa.Column("card_before", sa.String(length=64), nullable=False),
        sa.Column("card_after", sa.String(length=64), nullable=False),
        sa.Column("reason_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_after"], ["scorecards.sha256"], name=op.f("fk_rescorings_card_after")
        ),
        sa.ForeignKeyConstraint(
            ["card_before"], ["scorecards.sha256"], name=op.f("fk_rescorings_card_before")
        ),
        sa.ForeignKeyConstraint(
            ["reason_sha256"], ["contents.sha256"], name=op.f("fk_rescorings_reason_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["rubric_sha256"], ["rubrics.sha256"], name=op.f("fk_rescorings_rubric_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_rescorings")),
    )
    op.create_index("ix_rescorings_recording", "rescorings", ["recording_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("the record only moves forward; restore the copy made before")
