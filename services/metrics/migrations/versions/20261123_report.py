"""What the official report needs beside the counts: each dossier's receipt, resolution and due dates.

Revision ID: 20261123_report
"""

revision = "20261123_report"
down_revision = "20261122_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
