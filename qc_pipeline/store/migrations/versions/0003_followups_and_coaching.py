"""On whose behalf an act was; follow-ups and coaching."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ACTS = ("decisions", "corrections", "publications", "objections", "objection_events")


def upgrade() -> None:
    for table in ACTS:
        op.add_column(table, sa.Column("on_behalf_of", sa.String(length=200), nullable=True))
    op.create_table(
        "followups",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("team", sa.String(length=200), nullable=False),
        sa.Column("call_day", sa.String(length=10), nullable=False),
        sa.Column("rules", sa.String(length=100), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=200), nullable=True),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("due", sa.String(length=10), nullable=True),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_sha256"], ["contents.sha256"], name=op.f("fk_followups_body_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_followups")),
    )
    op.create_index("ix_followups_recording", "followups", ["period", "recording_id"], unique=False)
    op.create_table(
        "followup_events",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("followup_seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=200), nullable=True),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("due", sa.String(length=10), nullable=True),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["followup_seq"], ["followups.seq"], name=op.f("fk_followup_events_followup_seq")
        ),
        sa.ForeignKeyConstraint(
            ["body_sha256"], ["contents.sha256"], name=op.f("fk_followup_events_body_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_followup_events")),
    )
    op.create_index(
        "ix_followup_events_followup", "followup_events", ["followup_seq"], unique=False
    )
    op.create_table(
        "coaching",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("agent_id", sa.String(length=200), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("start_s", sa.Float(), nullable=True),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=200), nullable=True),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_sha256"], ["contents.sha256"], name=op.f("fk_coaching_body_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_coaching")),
    )
    op.create_index("ix_coaching_agent", "coaching", ["agent_id"], unique=False)
    op.create_table(
        "coaching_events",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("coaching_seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=200), nullable=True),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["coaching_seq"], ["coaching.seq"], name=op.f("fk_coaching_events_coaching_seq")
        ),
        sa.ForeignKeyConstraint(
            ["body_sha256"], ["contents.sha256"], name=op.f("fk_coaching_events_body_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_coaching_events")),
    )
    op.create_index(
        "ix_coaching_events_coaching", "coaching_events", ["coaching_seq"], unique=False
    )
