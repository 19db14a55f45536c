"""Which criteria decide by themselves, since when, and since when no more."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "automatic",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("rubric", sa.String(length=100), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("identity", sa.String(length=240), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("engine", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=200), nullable=True),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_sha256"],
            ["contents.sha256"],
            name=op.f("fk_automatic_body_sha256"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_automatic")),
    )
    op.create_index("ix_automatic_model", "automatic", ["model_sha256", "engine"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("the record only moves forward; restore the copy made before")
