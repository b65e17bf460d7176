"""Sandboxes that know how many dossiers are going to be filed.

Revision ID: 20261130_expected_dossiers
"""

from alembic import op

revision = "20261130_expected_dossiers"
down_revision = "20261129_narrow_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # NULL: nobody said so.
    op.execute("ALTER TABLE portal.sandbox ADD COLUMN expected_dossiers bigint CHECK (expected_dossiers > 0)")


def downgrade() -> None:
    op.execute("ALTER TABLE portal.sandbox DROP COLUMN expected_dossiers")
