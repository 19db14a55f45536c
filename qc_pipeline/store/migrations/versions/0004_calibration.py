"""Calibration: blind sets, the sheets that inspectors handed in, what they said."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calibrations",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("sample_seq", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_sha256"], ["contents.sha256"], name=op.f("fk_calibrations_body_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["sample_seq"], ["samples.seq"], name=op.f("fk_calibrations_sample_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_calibrations")),
        sa.UniqueConstraint("name", name=op.f("uq_calibrations_name")),
    )
    op.create_table(
        "calibration_sheets",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("calibration_seq", sa.Integer(), nullable=False),
        sa.Column("inspector", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("answers_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["calibration_seq"],
            ["calibrations.seq"],
            name=op.f("fk_calibration_sheets_calibration_seq"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_calibration_sheets")),
    )
    op.create_index(
        "ix_calibration_sheets_calibration",
        "calibration_sheets",
        ["calibration_seq", "inspector"],
        unique=False,
    )
    op.create_table(
        "calibration_answers",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sheet_seq", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.String(length=200), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("words_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["sheet_seq"], ["calibration_sheets.seq"], name=op.f("fk_calibration_answers_sheet_seq")
        ),
        sa.ForeignKeyConstraint(
            ["words_sha256"], ["contents.sha256"], name=op.f("fk_calibration_answers_words_sha256")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_calibration_answers")),
    )
    op.create_index(
        "ix_calibration_answers_sheet", "calibration_answers", ["sheet_seq"], unique=False
    )


def downgrade() -> None:
    raise NotImplementedError("the record only moves forward; restore the copy made before")
