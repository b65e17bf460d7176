"""Payment documents, the bank's messages and the Treasury's statements.

Revision ID: 20261124_payments
"""

revision = "20261124_payments"
down_revision = "20261123_registers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
