"""The first schema of processing.

Revision ID: 20261122_initial
"""

from alembic import op

revision = "20261122_initial"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = """
-- One row a partition of a sandbox: its clock, and how far it has run. Whoever holds the row's lock works on it.
CREATE TABLE processing.partition (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    seed bigint NOT NULL,
    officer text NOT NULL,
    clock_mode text NOT NULL,
    clock_real_at timestamptz NOT NULL,
    clock_virtual_at timestamptz NOT NULL,
    clock_speed double precision NOT NULL,
    reached_at timestamptz NOT NULL,
    next_due_at timestamptz,
    command_sequence bigint NOT NULL,
    head_position bigint NOT NULL,
    wake_at timestamptz,
    -- Days that the sandbox counts otherwise, and up to which dossier a change is through. NULL: none.
    calendar_overrides jsonb,
    PRIMARY KEY (sandbox_id, partition)
);
CREATE INDEX ix_partition__wake_at ON processing.partition (wake_at) WHERE wake_at IS NOT NULL;

-- Commands that can't be carried out yet: one before them hasn't arrived, or the partition is still running up to them.
CREATE TABLE processing.inbox (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    sequence bigint NOT NULL,
    command jsonb NOT NULL,
    PRIMARY KEY (sandbox_id, partition, sequence)
);

-- A dossier as far as the work needs it. The deadline is a start and its suspensions, never a stored instant.
CREATE TABLE processing.dossier (
    sandbox_id text NOT NULL,
    number bigint NOT NULL,
    partition smallint NOT NULL,
    procedure_id text NOT NULL,
    office_code text NOT NULL,
    channel text NOT NULL,
    applicant_kind text NOT NULL,
    applicant_id text NOT NULL,
    filed_at timestamptz NOT NULL,
    status smallint,
    version bigint NOT NULL,
    turn smallint NOT NULL,
    status_at timestamptz NOT NULL,
    received_at timestamptz,
    limit_started_at timestamptz,
    suspensions timestamptz[] NOT NULL,
    -- What of the form decides about limits and routes, and what only few dossiers have: steps done, extensions, a new
    -- date, a higher authority. NULL for most.
    traits jsonb,
    particulars jsonb,
    next_at timestamptz,
    next_action text,
    next_actor text,
    next_reason text,
    PRIMARY KEY (sandbox_id, number)
) WITH (fillfactor = 85);
CREATE INDEX ix_dossier__due ON processing.dossier (sandbox_id, partition, next_at, number) WHERE next_at IS NOT NULL;

-- Append only: the role that works may insert and read, nothing else.
CREATE TABLE processing.ledger (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    position bigint NOT NULL,
    number bigint NOT NULL,
    action text NOT NULL,
    status_before smallint,
    status smallint NOT NULL,
    actor text NOT NULL,
    reason text,
    note text,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    due_at timestamptz,
    limit_unit text,
    received_at timestamptz,
    procedure_id text NOT NULL,
    level smallint NOT NULL,
    office_code text NOT NULL,
    channel text NOT NULL,
    applicant_kind text NOT NULL,
    applicant_id text NOT NULL,
    command_id text,
    refusal text,
    detail jsonb,
    PRIMARY KEY (sandbox_id, partition, position)
);

-- How far each partition's ledger has grown and how much of it has been put on the streams.
CREATE TABLE processing.publication (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    head_position bigint NOT NULL,
    command_sequence bigint NOT NULL,
    published_position bigint NOT NULL DEFAULT 0,
    published_sequence bigint NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (sandbox_id, partition)
) WITH (fillfactor = 50);
CREATE INDEX ix_publication__unpublished ON processing.publication (sandbox_id, partition)
    WHERE head_position > published_position OR command_sequence > published_sequence;
CREATE INDEX ix_publication__changed_at ON processing.publication (changed_at);

GRANT USAGE ON SCHEMA processing TO motcua_processing;
GRANT SELECT, INSERT, UPDATE ON processing.partition, processing.publication TO motcua_processing;
GRANT SELECT, INSERT, DELETE ON processing.inbox TO motcua_processing;
GRANT SELECT, INSERT, UPDATE ON processing.dossier TO motcua_processing;
GRANT SELECT, INSERT ON processing.ledger TO motcua_processing;
"""


def upgrade() -> None:
    op.execute(STATEMENTS)


def downgrade() -> None:
    op.execute(
        "DROP TABLE processing.publication, processing.ledger, processing.dossier,"
        " processing.inbox, processing.partition"
    )
