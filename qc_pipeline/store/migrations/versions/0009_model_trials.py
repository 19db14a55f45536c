"""What was measured of a recogniser's model on a centre's own calls."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_trials",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=200), nullable=True),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("fitness", sa.String(length=20), nullable=False),
        sa.Column("doubtful_below", sa.Float(), nullable=False),
        sa.Column("least_confidence", sa.Float(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_sha256"], ["contents.sha256"], name=op.f("fk_model_trials_body_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_model_trials")),
    )
    op.create_index(
        "ix_model_trials_model", "model_trials", ["model_sha256", "language"], unique=False
    )


def downgrade() -> None:
    raise NotImplementedError("the record only moves forward; restore the copy made before")
