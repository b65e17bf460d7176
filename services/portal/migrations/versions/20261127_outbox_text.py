"""Commands wait as the text that is sent, and aren't compressed for the moment that they wait.

Revision ID: 20261127_outbox_text
"""

from alembic import op

revision = "20261127_outbox_text"
down_revision = "20261126_read_model"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE portal.outbox ALTER COLUMN command TYPE text USING command::text")
    op.execute("ALTER TABLE portal.outbox ALTER COLUMN command SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.execute("ALTER TABLE portal.outbox ALTER COLUMN command TYPE jsonb USING command::jsonb")
    op.execute("ALTER TABLE portal.outbox ALTER COLUMN command SET STORAGE EXTENDED")
