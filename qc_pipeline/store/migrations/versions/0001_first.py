"""The record of the weekly job: calls, samples, transcripts, rubrics, scorecards, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    op.create_table(
        "contents",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("purged_at", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_contents")),
    )
    op.create_table(
        "calls",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("call_sha256", sa.String(length=64), nullable=False),
        sa.Column("start_time", sa.String(length=40), nullable=False),
        sa.Column("agent_id", sa.String(length=200), nullable=True),
        sa.Column("team", sa.String(length=200), nullable=True),
        sa.Column("business", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_sha256"], ["contents.sha256"], name=op.f("fk_calls_call_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_calls")),
        sa.UniqueConstraint("recording_id", "call_sha256", name=op.f("uq_calls_recording_id")),
    )
    op.create_table(
        "rubrics",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rubric_id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["contents.sha256"], name=op.f("fk_rubrics_sha256")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_rubrics")),
    )
    op.create_table(
        "samples",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("start_day", sa.String(length=10), nullable=False),
        sa.Column("end_day", sa.String(length=10), nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("plan_sha256", sa.String(length=64), nullable=False),
        sa.Column("frame_sha256", sa.String(length=64), nullable=False),
        sa.Column("sample_sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sample_sha256"], ["contents.sha256"], name=op.f("fk_samples_sample_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_samples")),
    )
    op.create_index("ix_samples_period", "samples", ["period"], unique=False)
    op.create_table(
        "transcriptions",
        sa.Column("identity_sha256", sa.String(length=64), nullable=False),
        sa.Column("audio_sha256", sa.String(length=64), nullable=False),
        sa.Column("hearing_sha256", sa.String(length=64), nullable=False),
        sa.Column("transcript_sha256", sa.String(length=64), nullable=False),
        sa.Column("measures_sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["measures_sha256"], ["contents.sha256"], name=op.f("fk_transcriptions_measures_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["transcript_sha256"],
            ["contents.sha256"],
            name=op.f("fk_transcriptions_transcript_sha256"),
        ),
        sa.PrimaryKeyConstraint("identity_sha256", name=op.f("pk_transcriptions")),
    )
    op.create_index(
        "ix_transcriptions_transcript", "transcriptions", ["transcript_sha256"], unique=False
    )
    op.create_table(
        "heard",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("identity_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_sha256"],
            ["transcriptions.identity_sha256"],
            name=op.f("fk_heard_identity_sha256"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_heard")),
        sa.UniqueConstraint("recording_id", "identity_sha256", name=op.f("uq_heard_recording_id")),
    )
    op.create_table(
        "picks",
        sa.Column("sample_seq", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("stratum", sa.String(length=200), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("relisten", sa.Boolean(), nullable=False),
        sa.Column("inspector", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["sample_seq"], ["samples.seq"], name=op.f("fk_picks_sample_seq")),
        sa.PrimaryKeyConstraint("sample_seq", "recording_id", name=op.f("pk_picks")),
    )
    op.create_table(
        "scorecards",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("rubric_sha256", sa.String(length=64), nullable=False),
        sa.Column("transcript_sha256", sa.String(length=64), nullable=False),
        sa.Column("total", sa.Float(), nullable=True),
        sa.Column("band", sa.String(length=100), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["rubric_sha256"], ["rubrics.sha256"], name=op.f("fk_scorecards_rubric_sha256")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["contents.sha256"], name=op.f("fk_scorecards_sha256")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_scorecards")),
    )
    op.create_index("ix_scorecards_recording", "scorecards", ["recording_id"], unique=False)
    op.create_table(
        "settings",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sample_seq", sa.Integer(), nullable=False),
        sa.Column("settings_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["sample_seq"], ["samples.seq"], name=op.f("fk_settings_sample_seq")
        ),
        sa.ForeignKeyConstraint(
            ["settings_sha256"], ["contents.sha256"], name=op.f("fk_settings_settings_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_settings")),
        sa.UniqueConstraint("sample_seq", "settings_sha256", name=op.f("uq_settings_sample_seq")),
    )
    op.create_table(
        "findings",
        sa.Column("scorecard_sha256", sa.String(length=64), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("lost", sa.Float(), nullable=False),
        sa.Column("certainty", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scorecard_sha256"], ["scorecards.sha256"], name=op.f("fk_findings_scorecard_sha256")
        ),
        sa.PrimaryKeyConstraint("scorecard_sha256", "criterion", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_criterion", "findings", ["criterion"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sample_seq", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("scorecard_sha256", sa.String(length=64), nullable=True),
        sa.Column("stage", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sample_seq"], ["samples.seq"], name=op.f("fk_outcomes_sample_seq")
        ),
        sa.ForeignKeyConstraint(
            ["scorecard_sha256"], ["scorecards.sha256"], name=op.f("fk_outcomes_scorecard_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outcomes")),
    )
    op.create_index("ix_outcomes_sample", "outcomes", ["sample_seq", "recording_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("the record only moves forward; restore the copy made before")
