"""Attachments, and the sandbox's own certificate authority.

Revision ID: 20261125_papers
"""

revision = "20261125_papers"
down_revision = "20261124_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
