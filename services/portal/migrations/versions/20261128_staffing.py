"""Sandboxes whose officers are counted.

Revision ID: 20261128_staffing
"""

from alembic import op

revision = "20261128_staffing"
down_revision = "20261127_outbox_text"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As services/contracts/staffing.py says it; NULL: officers aren't counted. Kept out of line, so that a sandbox's
    # row, which is written with each filing, stays short.
    op.execute("ALTER TABLE portal.sandbox ADD COLUMN staffing jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE portal.sandbox DROP COLUMN staffing")
