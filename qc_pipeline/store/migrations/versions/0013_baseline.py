"""From here on audit lines prove every row; what lies before is named by one line, `baseline`,
which is added once the tables are up to date (see `migrate`).
"""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("the record only moves forward; restore the copy made before")
