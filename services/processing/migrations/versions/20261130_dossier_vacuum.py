"""Rows of dossiers are freed less often.

Revision ID: 20261130_dossier_vacuum
"""

from alembic import op

revision = "20261130_dossier_vacuum"
down_revision = "20261129_inbox"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The table holds what is open, and each of its rows is replaced a few times a day: three times as much room as that
    # takes is little, and looking for what can be freed, and at what is there, took a tenth of a machine.
    op.execute(
        "ALTER TABLE processing.dossier SET (autovacuum_vacuum_scale_factor = 2, autovacuum_analyze_scale_factor = 5)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE processing.dossier RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor)")
