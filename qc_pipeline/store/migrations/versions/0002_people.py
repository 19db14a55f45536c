"""What people decide: decisions, corrected words, publications, objections."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("parent_sha256", sa.String(length=64), nullable=False),
        sa.Column("transcript_sha256", sa.String(length=64), nullable=False),
        sa.Column("measures_sha256", sa.String(length=64), nullable=False),
        sa.Column("edits_sha256", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["edits_sha256"], ["contents.sha256"], name=op.f("fk_corrections_edits_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["measures_sha256"], ["contents.sha256"], name=op.f("fk_corrections_measures_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["transcript_sha256"],
            ["contents.sha256"],
            name=op.f("fk_corrections_transcript_sha256"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_recording", "corrections", ["recording_id"], unique=False)
    op.create_table(
        "publications",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("sample_seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=True),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("objections_due", sa.String(length=10), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_sha256"], ["contents.sha256"], name=op.f("fk_publications_body_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["sample_seq"], ["samples.seq"], name=op.f("fk_publications_sample_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_publications")),
    )
    op.create_index("ix_publications_period", "publications", ["period"], unique=False)
    op.create_table(
        "objections",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=True),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("due", sa.String(length=10), nullable=False),
        sa.Column("card_sha256", sa.String(length=64), nullable=False),
        sa.Column("reason_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_sha256"], ["scorecards.sha256"], name=op.f("fk_objections_card_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["reason_sha256"], ["contents.sha256"], name=op.f("fk_objections_reason_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_objections")),
    )
    op.create_index("ix_objections_period", "objections", ["period"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("objection_seq", sa.Integer(), nullable=True),
        sa.Column("decision_sha256", sa.String(length=64), nullable=False),
        sa.Column("card_before", sa.String(length=64), nullable=False),
        sa.Column("card_after", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["card_after"], ["scorecards.sha256"], name=op.f("fk_decisions_card_after")
        ),
        sa.ForeignKeyConstraint(
            ["card_before"], ["scorecards.sha256"], name=op.f("fk_decisions_card_before")
        ),
        sa.ForeignKeyConstraint(
            ["decision_sha256"], ["contents.sha256"], name=op.f("fk_decisions_decision_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["objection_seq"], ["objections.seq"], name=op.f("fk_decisions_objection_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_decisions")),
        sa.UniqueConstraint("token", name=op.f("uq_decisions_token")),
    )
    op.create_index("ix_decisions_recording", "decisions", ["period", "recording_id"], unique=False)
    op.create_table(
        "objection_events",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("objection_seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("card_sha256", sa.String(length=64), nullable=False),
        sa.Column("reason_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_sha256"], ["scorecards.sha256"], name=op.f("fk_objection_events_card_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["objection_seq"], ["objections.seq"], name=op.f("fk_objection_events_objection_seq")
        ),
        sa.ForeignKeyConstraint(
            ["reason_sha256"], ["contents.sha256"], name=op.f("fk_objection_events_reason_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_objection_events")),
    )
    op.create_index(
        "ix_objection_events_objection", "objection_events", ["objection_seq"], unique=False
    )


def downgrade() -> None:
    raise NotImplementedError("the record only moves forward; restore the copy made before")
