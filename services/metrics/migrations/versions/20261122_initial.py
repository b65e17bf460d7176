"""The first schema of metrics.

Revision ID: 20261122_initial
"""

from alembic import op

revision = "20261122_initial"
down_revision = None
branch_labels = None
depends_on = None

# The partition is part of every key, so that counters of different lanes never wait for each other.
STATEMENTS = """
-- How far each partition's ledger is counted; written in the same transaction as the counts.
CREATE TABLE metrics.position (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    counted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sandbox_id, partition)
) WITH (fillfactor = 50);

-- What happened on each day. `day` is the day in Vietnam on the sandbox's clock.
CREATE TABLE metrics.tally (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    day date NOT NULL,
    procedure_id text NOT NULL,
    office_code text NOT NULL,
    level smallint NOT NULL,
    channel text NOT NULL,
    filed bigint NOT NULL,
    received bigint NOT NULL,
    refused_at_intake bigint NOT NULL,
    closed_before_receipt bigint NOT NULL,
    resolved_early bigint NOT NULL,
    resolved_on_time bigint NOT NULL,
    resolved_overdue bigint NOT NULL,
    resolved_without_limit bigint NOT NULL,
    withdrawn bigint NOT NULL,
    stopped bigint NOT NULL,
    returned bigint NOT NULL,
    PRIMARY KEY (sandbox_id, partition, day, procedure_id, office_code, level, channel)
) WITH (fillfactor = 70);

-- Dossiers received and not resolved, and when each is due; gone once resolved. No due time with a unit: suspended.
CREATE TABLE metrics.open_dossier (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    number bigint NOT NULL,
    procedure_id text NOT NULL,
    office_code text NOT NULL,
    level smallint NOT NULL,
    channel text NOT NULL,
    due_at timestamptz,
    limit_unit text,
    PRIMARY KEY (sandbox_id, partition, number)
) WITH (fillfactor = 85);

-- Who has filed, once each, however many dossiers.
CREATE TABLE metrics.subject (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    procedure_id text NOT NULL,
    applicant_kind text NOT NULL,
    applicant_id text NOT NULL,
    PRIMARY KEY (sandbox_id, partition, procedure_id, applicant_kind, applicant_id)
);

GRANT USAGE ON SCHEMA metrics TO motcua_metrics;
GRANT SELECT, INSERT, UPDATE ON metrics.position, metrics.tally TO motcua_metrics;
GRANT SELECT, INSERT, UPDATE, DELETE ON metrics.open_dossier TO motcua_metrics;
GRANT SELECT, INSERT ON metrics.subject TO motcua_metrics;
"""


def upgrade() -> None:
    op.execute(STATEMENTS)


def downgrade() -> None:
    op.execute("DROP TABLE metrics.subject, metrics.open_dossier, metrics.tally, metrics.position")
