"""A read model without updates: what is filed is never written again, what facts say of a dossier is a row of its own.

Revision ID: 20261126_read_model
"""

from alembic import op

revision = "20261126_read_model"
down_revision = "20261125_papers"
branch_labels = None
depends_on = None

#: Facts, and forms, in a block made of what was written before.
FACTS_PER_BLOCK = 1000
FORMS_PER_BLOCK = 200

TABLES = """
ALTER TABLE portal.attachment DROP CONSTRAINT attachment_sandbox_id_number_fkey;
ALTER TABLE portal.dossier RENAME TO dossier_before;

-- What was filed. Inserted by filing, never written again. Columns that are aligned come first: no room is lost.
CREATE TABLE portal.filed_dossier (
    number bigint NOT NULL,
    filed_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    partition smallint NOT NULL,
    sandbox_id text NOT NULL,
    procedure_id text NOT NULL,
    office_code text NOT NULL,
    channel text NOT NULL,
    applicant_kind text NOT NULL,
    applicant_id text NOT NULL,
    applicant_name text NOT NULL,
    -- What of the form, and of the registers, processing was told at filing, because limits and routes depend on it.
    -- NULL for most.
    traits jsonb,
    PRIMARY KEY (sandbox_id, number)
);

-- Dossiers that were filed together: up to some hundreds of numbers that follow each other. How many of them no fact
-- has told of yet, and their forms, a JSON list in order of the number, compressed when that pays.
CREATE TABLE portal.filing (
    first_number bigint NOT NULL,
    last_number bigint NOT NULL,
    first_filed_at timestamptz NOT NULL,
    awaited integer NOT NULL CHECK (awaited >= 0),
    sandbox_id text NOT NULL,
    forms bytea NOT NULL,
    PRIMARY KEY (sandbox_id, first_number),
    CHECK (first_number <= last_number)
);
ALTER TABLE portal.filing ALTER COLUMN forms SET STORAGE EXTERNAL;

-- What facts have said of a dossier: inserted by the projector with the first of them, updated only when a dossier goes
-- on in a later block. No row: it has been filed, and nothing is known beside.
CREATE TABLE portal.progress (
    number bigint NOT NULL,
    -- Ledger position of the last change.
    version bigint NOT NULL,
    status_at timestamptz NOT NULL,
    received_at timestamptz,
    due_at timestamptz,
    resolved_at timestamptz,
    status smallint NOT NULL,
    sandbox_id text NOT NULL,
    limit_unit text,
    -- The date that an apology gave (form 04); what is due stays what it was.
    new_date_at timestamptz,
    -- What it has taken on since by being reclassified.
    later_traits jsonb,
    -- Positions of facts in other blocks than that of `version`, one in each.
    elsewhere bigint[],
    PRIMARY KEY (sandbox_id, number)
);

-- What happened, as processing told it: the blocks as they came. Of a block, positions before `first_position` are kept
-- with an earlier one.
CREATE TABLE portal.fact_block (
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    partition smallint NOT NULL,
    sandbox_id text NOT NULL,
    block bytea NOT NULL,
    PRIMARY KEY (sandbox_id, partition, first_position),
    CHECK (first_position BETWEEN 1 AND last_position)
);
ALTER TABLE portal.fact_block ALTER COLUMN block SET STORAGE EXTERNAL;

-- How many dossiers stand how, of those that facts have told of.
CREATE TABLE portal.status_count (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    status smallint NOT NULL,
    dossiers bigint NOT NULL,
    PRIMARY KEY (sandbox_id, partition, status)
) WITH (fillfactor = 50);

-- What a decision on the calendar moved; `sequence` is that of the command that brought it to the partition.
CREATE TABLE portal.moved_deadline (
    sandbox_id text NOT NULL,
    decision_number text NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    sequence bigint NOT NULL,
    due_before timestamptz,
    due_at timestamptz,
    PRIMARY KEY (sandbox_id, decision_number, number, position)
);

-- A dossier as it is now. OFFSET 0: what is known of it is found by its number, whatever the planner believes about a
-- sandbox that it hasn't counted yet.
CREATE VIEW portal.dossier AS
SELECT d.sandbox_id, d.number, d.partition, d.procedure_id, d.office_code, d.channel, d.applicant_kind, d.applicant_id,
    d.applicant_name, d.filed_at, d.recorded_at, coalesce(p.status, 1::smallint) AS status,
    coalesce(p.version, 0) AS version, coalesce(p.status_at, d.filed_at) AS status_at, p.received_at, p.due_at,
    p.limit_unit, p.new_date_at, p.resolved_at, d.traits, p.later_traits, p.elsewhere
FROM portal.filed_dossier AS d LEFT JOIN LATERAL (
    SELECT * FROM portal.progress WHERE sandbox_id = d.sandbox_id AND number = d.number OFFSET 0
) AS p ON true;
"""

CONVERSION = f"""
INSERT INTO portal.filed_dossier (number, filed_at, recorded_at, partition, sandbox_id, procedure_id, office_code,
    channel, applicant_kind, applicant_id, applicant_name, traits)
SELECT number, filed_at, recorded_at, partition, sandbox_id, procedure_id, office_code, channel, applicant_kind,
    applicant_id, applicant_name, traits
FROM portal.dossier_before ORDER BY sandbox_id, number;

INSERT INTO portal.filing (first_number, last_number, first_filed_at, awaited, sandbox_id, forms)
SELECT min(number), max(number), min(filed_at), count(*) FILTER (WHERE version = 0), sandbox_id,
    convert_to(json_agg(form ORDER BY number)::text, 'UTF8')
FROM portal.dossier_before JOIN portal.form USING (sandbox_id, number)
GROUP BY sandbox_id, (number - 1) / {FORMS_PER_BLOCK};

INSERT INTO portal.progress (number, version, status_at, received_at, due_at, resolved_at, status, sandbox_id,
    limit_unit, new_date_at, later_traits, elsewhere)
SELECT number, version, status_at, received_at, due_at, resolved_at, status, sandbox_id, limit_unit, new_date_at,
    later_traits, elsewhere
FROM portal.dossier_before LEFT JOIN (
    SELECT sandbox_id, number, array_agg(told_at ORDER BY told_at) FILTER (WHERE is_elsewhere) AS elsewhere
    FROM (
        SELECT sandbox_id, number, max(position) AS told_at,
            (version - 1) / {FACTS_PER_BLOCK} <> (position - 1) / {FACTS_PER_BLOCK} AS is_elsewhere
        FROM portal.timeline JOIN portal.dossier_before USING (sandbox_id, number)
        GROUP BY sandbox_id, number, version, (position - 1) / {FACTS_PER_BLOCK}
    ) AS told
    GROUP BY sandbox_id, number
) AS blocks USING (sandbox_id, number)
WHERE version > 0 ORDER BY sandbox_id, number;

INSERT INTO portal.status_count (sandbox_id, partition, status, dossiers)
SELECT sandbox_id, partition, status, count(*) FROM portal.dossier_before WHERE version > 0
GROUP BY sandbox_id, partition, status;

INSERT INTO portal.moved_deadline (sandbox_id, decision_number, number, position, sequence, due_before, due_at)
SELECT sandbox_id, detail ->> 'decision_number', number, position, (detail ->> 'sequence')::bigint,
    (detail ->> 'due_before')::timestamptz, due_at
FROM portal.timeline
WHERE action = 'reschedule' AND refusal IS NULL AND detail ->> 'decision_number' IS NOT NULL;
"""  # noqa: S608 - constants

#: Lists of a block, in their order, see services/contracts/facts.py: names of columns, or what a timeline didn't keep.
DOSSIER_COLUMNS = ("number", "procedure_id", "NULL::int", "office_code", "channel", "applicant_kind", "applicant_id")
FACT_COLUMNS = (
    "place",
    "action",
    "status_before",
    "status",
    "actor",
    "reason",
    "note",
    "occurred_at",
    "recorded_at",
    "due_at",
    "NULL::text",
    "NULL::text",
    "NULL::text",
    "refusal",
    "detail",
)
INSTANTS = {"occurred_at", "recorded_at", "due_at"}

INDEXES = """
DROP TABLE portal.timeline, portal.form, portal.dossier_before;

-- Lists are filtered by these and read from the newest number on. Most dossiers end with their result returned (10):
-- what has that status is most of what there is, and is found without.
CREATE INDEX ix_filed_dossier__applicant ON portal.filed_dossier (sandbox_id, applicant_id, number);
CREATE INDEX ix_progress__status ON portal.progress (sandbox_id, status, number) WHERE status <> 10;
CREATE INDEX ix_filing__awaited ON portal.filing (sandbox_id, first_number) WHERE awaited > 0;

ALTER TABLE portal.attachment ADD FOREIGN KEY (sandbox_id, number) REFERENCES portal.filed_dossier;

GRANT SELECT, INSERT ON portal.filed_dossier, portal.fact_block, portal.moved_deadline TO motcua_portal;
GRANT SELECT, INSERT, UPDATE ON portal.filing, portal.progress, portal.status_count TO motcua_portal;
GRANT SELECT ON portal.dossier TO motcua_portal;
"""


def _list(name: str, *, only: str = "") -> str:
    """A column of a block, as JSON."""
    value = f"""to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""" if name in INSTANTS else name
    return f"json_agg({value} ORDER BY position){only}"


def _blocks() -> str:
    dossiers = ", ".join(_list(name, only=" FILTER (WHERE position = appeared_at)") for name in DOSSIER_COLUMNS)
    facts = ", ".join(_list(name) for name in FACT_COLUMNS)
    block = f"sandbox_id, partition, (position - 1) / {FACTS_PER_BLOCK}"
    # A dossier stands in a block once, in the order in which dossiers appear.
    return f"""
        INSERT INTO portal.fact_block (sandbox_id, partition, first_position, last_position, block)
        SELECT sandbox_id, partition, min(position), max(position), convert_to(json_build_object(
            'v', 2,
            'first', min(position),
            'dossiers', json_build_array({dossiers}),
            'facts', json_build_array({facts})
        )::text, 'UTF8')
        FROM (
            SELECT *, dense_rank() OVER (PARTITION BY {block} ORDER BY appeared_at) - 1 AS place
            FROM (
                SELECT t.*, d.partition, d.procedure_id, d.office_code, d.channel, d.applicant_kind, d.applicant_id,
                    min(position) OVER (PARTITION BY {block}, number) AS appeared_at
                FROM portal.timeline AS t JOIN portal.filed_dossier AS d USING (sandbox_id, number)
            ) AS appearing
        ) AS placed
        GROUP BY {block}
    """  # noqa: S608 - constants


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(CONVERSION)
    op.execute(_blocks())
    op.execute(INDEXES)


def downgrade() -> None:
    raise NotImplementedError("Blocks are not taken apart again: restore a backup of the version before.")
