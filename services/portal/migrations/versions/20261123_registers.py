"""Registers of the systems around the portal: declarations, manifests, goods, facilities, risk, audits, violations.

Revision ID: 20261123_registers
"""

revision = "20261123_registers"
down_revision = "20261122_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
