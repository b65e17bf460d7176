"""Sandboxes with a staffing: which dossiers wait for officers, and which are served.

Revision ID: 20261128_staffing
"""

from alembic import op

revision = "20261128_staffing"
down_revision = "20261127_arrivals"
branch_labels = None
depends_on = None

STATEMENTS = """
-- Staffings by the SHA-256 of their JSON; see services/contracts/staffing.py.
CREATE TABLE processing.staffing (
    digest text PRIMARY KEY,
    staffing text NOT NULL
);

-- NULL: officers aren't counted.
ALTER TABLE processing.partition ADD COLUMN staffing text REFERENCES processing.staffing (digest);

-- While a dossier waits at a desk (office code and skill): its place in the queue. While an officer has it: of which
-- team of the desk. All NULL otherwise, and where officers aren't counted.
ALTER TABLE processing.dossier
    ADD COLUMN desk text COLLATE "C",
    ADD COLUMN queue_rank smallint,
    ADD COLUMN queue_at timestamptz,
    ADD COLUMN team smallint;
CREATE INDEX ix_dossier__queue ON processing.dossier (sandbox_id, partition, desk, queue_rank, queue_at, number)
    WHERE queue_at IS NOT NULL;
CREATE INDEX ix_dossier__served ON processing.dossier (sandbox_id, partition, desk, team) WHERE team IS NOT NULL;

GRANT SELECT, INSERT ON processing.staffing TO motcua_processing;
"""


def upgrade() -> None:
    op.execute(STATEMENTS)


def downgrade() -> None:
    for column in ("desk", "queue_rank", "queue_at", "team"):
        op.execute(f"ALTER TABLE processing.dossier DROP COLUMN {column}")
    op.execute("ALTER TABLE processing.partition DROP COLUMN staffing")
    op.execute("DROP TABLE processing.staffing")
