"""Commands that wait are kept as compact bytes: nobody asks the database what is in them.

Revision ID: 20261129_inbox
"""

from alembic import op

revision = "20261129_inbox"
down_revision = "20261128_staffing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE processing.inbox ALTER COLUMN command TYPE bytea USING convert_to(command::text, 'UTF8')")
    op.execute("ALTER TABLE processing.inbox ALTER COLUMN command SET STORAGE EXTERNAL")


def downgrade() -> None:
    raise NotImplementedError("Bytes may be compressed: restore a backup of the version before.")
