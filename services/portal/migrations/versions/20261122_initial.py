"""The first schema of the portal.

Revision ID: 20261122_initial
"""

from alembic import op

revision = "20261122_initial"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = """
-- An isolated world. The row's lock orders everything that changes its clock or hands out numbers.
CREATE TABLE portal.sandbox (
    sandbox_id text PRIMARY KEY,
    name text NOT NULL,
    seed bigint NOT NULL,
    partition_count smallint NOT NULL,
    officer text NOT NULL,
    clock_mode text NOT NULL,
    clock_real_at timestamptz NOT NULL,
    clock_virtual_at timestamptz NOT NULL,
    clock_speed double precision NOT NULL,
    last_number bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    -- What becomes of a filing that names a declaration nobody has registered: refuse, or adopt.
    unknown_declarations text NOT NULL DEFAULT 'refuse'
);

-- SHA-256 of a key; the key itself is shown once, when it is made.
CREATE TABLE portal.api_key (
    key_hash bytea PRIMARY KEY,
    sandbox_id text NOT NULL REFERENCES portal.sandbox,
    purpose text NOT NULL,
    expires_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX ix_api_key__expires_at ON portal.api_key (expires_at) WHERE expires_at IS NOT NULL;

-- What was filed, and what is known of it since. Inserted by filing, moved on by the projector.
CREATE TABLE portal.dossier (
    sandbox_id text NOT NULL,
    number bigint NOT NULL,
    partition smallint NOT NULL,
    procedure_id text NOT NULL,
    office_code text NOT NULL,
    channel text NOT NULL,
    applicant_kind text NOT NULL,
    applicant_id text NOT NULL,
    applicant_name text NOT NULL,
    filed_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    status smallint NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    status_at timestamptz NOT NULL,
    received_at timestamptz,
    due_at timestamptz,
    limit_unit text,
    -- The date that an apology gave (form 04); what is due stays what it was.
    new_date_at timestamptz,
    resolved_at timestamptz,
    -- What of the form, and of the registers, processing was told at filing, because limits and routes depend on it.
    -- NULL for most.
    traits jsonb,
    -- What it has taken on since by being reclassified.
    later_traits jsonb,
    PRIMARY KEY (sandbox_id, number)
) WITH (fillfactor = 80);
-- Lists are filtered by these and read from the newest number on.
CREATE INDEX ix_dossier__status ON portal.dossier (sandbox_id, status, number);
CREATE INDEX ix_dossier__applicant ON portal.dossier (sandbox_id, applicant_id, number);

CREATE TABLE portal.form (
    sandbox_id text NOT NULL,
    number bigint NOT NULL,
    form jsonb NOT NULL,
    PRIMARY KEY (sandbox_id, number)
);

-- What happened to each dossier, as processing told it.
CREATE TABLE portal.timeline (
    sandbox_id text NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    action text NOT NULL,
    status_before smallint,
    status smallint NOT NULL,
    actor text NOT NULL,
    reason text,
    note text,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    due_at timestamptz,
    refusal text,
    detail jsonb,
    PRIMARY KEY (sandbox_id, number, position)
);

-- What a decision on the calendar moved.
CREATE INDEX ix_timeline__rescheduled ON portal.timeline (sandbox_id, (detail ->> 'decision_number'), number, position)
    WHERE action = 'reschedule' AND refusal IS NULL;

-- Days that a sandbox's calendar counts otherwise than the catalogue's, in the order of the decisions: the last one of
-- a day holds. `sequences` says which command of each partition carried it: until that one has been carried out, the
-- partition counts without it.
CREATE TABLE portal.calendar_override (
    sandbox_id text NOT NULL,
    number integer NOT NULL,
    day date NOT NULL,
    is_working boolean NOT NULL,
    name text NOT NULL,
    decision_number text NOT NULL,
    decided_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    sequences jsonb NOT NULL,
    PRIMARY KEY (sandbox_id, number)
);

-- The command log: last sequence given out, and what processing hasn't acknowledged yet.
CREATE TABLE portal.command_log (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    last_sequence bigint NOT NULL,
    PRIMARY KEY (sandbox_id, partition)
);
CREATE TABLE portal.outbox (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    sequence bigint NOT NULL,
    command jsonb NOT NULL,
    row_count integer NOT NULL,
    sent_at timestamptz,
    attempts smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (sandbox_id, partition, sequence)
) WITH (fillfactor = 50);
CREATE INDEX ix_outbox__unsent ON portal.outbox (sandbox_id, partition, sequence) WHERE sent_at IS NULL;
CREATE INDEX ix_outbox__sent_at ON portal.outbox (sent_at) WHERE sent_at IS NOT NULL;

-- How far the read model has come, and which command processing has carried out by then.
CREATE TABLE portal.projection (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    position bigint NOT NULL,
    acked_sequence bigint NOT NULL,
    PRIMARY KEY (sandbox_id, partition)
);

-- Actions that people asked for, and what came of them.
CREATE TABLE portal.requested_action (
    sandbox_id text NOT NULL,
    command_id text NOT NULL,
    number bigint NOT NULL,
    action text NOT NULL,
    requested_at timestamptz NOT NULL,
    outcome text NOT NULL DEFAULT 'pending',
    position bigint,
    PRIMARY KEY (sandbox_id, command_id)
);

-- Answers given under an Idempotency-Key, written in the transaction of their effect.
CREATE TABLE portal.idempotency (
    scope text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint NOT NULL DEFAULT 0,
    content_type text NOT NULL DEFAULT '',
    headers jsonb NOT NULL DEFAULT '{}',
    body bytea NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX ix_idempotency__created_at ON portal.idempotency (created_at);

GRANT USAGE ON SCHEMA portal TO motcua_portal;
GRANT SELECT, INSERT, UPDATE ON portal.sandbox, portal.dossier, portal.command_log, portal.projection,
    portal.requested_action, portal.idempotency TO motcua_portal;
GRANT SELECT, INSERT ON portal.api_key, portal.form, portal.timeline, portal.calendar_override TO motcua_portal;
GRANT SELECT, INSERT, UPDATE, DELETE ON portal.outbox TO motcua_portal;
-- What has expired is removed.
GRANT DELETE ON portal.idempotency, portal.api_key TO motcua_portal;
"""


def upgrade() -> None:
    op.execute(STATEMENTS)


def downgrade() -> None:
    op.execute(
        "DROP TABLE portal.idempotency, portal.requested_action, portal.projection, portal.outbox, portal.command_log,"
        " portal.calendar_override, portal.timeline, portal.form, portal.dossier, portal.api_key, portal.sandbox"
    )
