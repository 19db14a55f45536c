"""An agent's own request before the lead's objection, what costs nothing, and having seen it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeal_requests",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("agent_id", sa.String(length=200), nullable=True),
        sa.Column("requested_at", sa.String(length=40), nullable=False),
        sa.Column("next_shift", sa.String(length=10), nullable=True),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=200), nullable=True),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("forward_due", sa.String(length=10), nullable=False),
        sa.Column("reason_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["reason_sha256"], ["contents.sha256"], name=op.f("fk_appeal_requests_reason_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_appeal_requests")),
    )
    op.create_index("ix_appeal_requests_period", "appeal_requests", ["period"], unique=False)
    op.create_table(
        "acknowledgements",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=True),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("signed_at", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=200), nullable=True),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("card_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_sha256"], ["scorecards.sha256"], name=op.f("fk_acknowledgements_card_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_acknowledgements")),
    )
    op.create_index("ix_acknowledgements_period", "acknowledgements", ["period"], unique=False)
    # No foreign key: SQLite cannot add one to a table that is there.
    op.add_column("objections", sa.Column("kind", sa.String(length=20), nullable=True))
    op.add_column("objections", sa.Column("request_seq", sa.Integer(), nullable=True))
    op.add_column("objections", sa.Column("requested_at", sa.String(length=40), nullable=True))
    op.add_column("objections", sa.Column("next_shift", sa.String(length=10), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("the record only moves forward; restore the copy made before")
