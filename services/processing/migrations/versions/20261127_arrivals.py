"""Filings wait as they came, and a dossier is one packed text, at its end one of many in a block.

Revision ID: 20261127_arrivals
"""

from alembic import op

revision = "20261127_arrivals"
down_revision = "20261126_blocks"
branch_labels = None
depends_on = None

# Rows of what stays small: dossiers that something may still happen to.
DOSSIERS = """
CREATE TABLE processing.packed_dossier (
    sandbox_id text NOT NULL,
    number bigint NOT NULL,
    partition smallint NOT NULL,
    status smallint,
    next_at timestamptz,
    -- JSON: see services/processing/adapters/dossier_rows.py. The deadline is a start and its suspensions, never a
    -- stored instant.
    state text NOT NULL
);
"""

OTHERS = """
-- Dossiers at their end, many in a block: compressed JSON of as many states. What was packed later holds, and a row of
-- `dossier` before all.
CREATE TABLE processing.settled (
    packed_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    first_number bigint NOT NULL,
    last_number bigint NOT NULL,
    dossiers bytea NOT NULL
);
ALTER TABLE processing.settled ALTER COLUMN dossiers SET STORAGE EXTERNAL;
CREATE INDEX ix_settled__numbers ON processing.settled (sandbox_id, partition, last_number, first_number);

-- Rows of an accept-dossiers command that are filed for later: JSON, perhaps compressed; gone when the run comes to the
-- first of them.
CREATE TABLE processing.arrival (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    sequence bigint NOT NULL,
    first_at timestamptz NOT NULL,
    rows bytea NOT NULL,
    PRIMARY KEY (sandbox_id, partition, sequence)
);
ALTER TABLE processing.arrival ALTER COLUMN rows SET STORAGE EXTERNAL;
CREATE INDEX ix_arrival__first_at ON processing.arrival (sandbox_id, partition, first_at, sequence);

GRANT SELECT, INSERT ON processing.settled TO motcua_processing;
GRANT SELECT, INSERT, DELETE ON processing.arrival TO motcua_processing;
"""


def _instant(name: str) -> str:
    return f"""to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""


def _conversion() -> str:
    return f"""
        INSERT INTO processing.packed_dossier (sandbox_id, number, partition, status, next_at, state)
        SELECT sandbox_id, number, partition, status, next_at, json_build_array(
            number, procedure_id, office_code, channel, applicant_kind, applicant_id, {_instant("filed_at")}, status,
            version, turn, {_instant("status_at")}, {_instant("received_at")}, {_instant("limit_started_at")},
            (SELECT json_agg({_instant("s.at")} ORDER BY s.place) FROM unnest(suspensions) WITH ORDINALITY AS s(at, place)),
            traits, particulars, {_instant("next_at")}, next_action, next_actor, next_reason
        )::text
        FROM processing.dossier
    """  # noqa: S608, E501 - nothing but names of columns


RENAME = """
DROP TABLE processing.dossier;
ALTER TABLE processing.packed_dossier RENAME TO dossier;
ALTER TABLE processing.dossier ADD PRIMARY KEY (sandbox_id, number);
CREATE INDEX ix_dossier__due ON processing.dossier (sandbox_id, partition, next_at, number) WHERE next_at IS NOT NULL;
GRANT SELECT, INSERT, DELETE ON processing.dossier TO motcua_processing;
"""


def upgrade() -> None:
    op.execute(DOSSIERS)
    op.execute(_conversion())
    op.execute(RENAME)
    op.execute(OTHERS)


def downgrade() -> None:
    raise NotImplementedError("Packed dossiers are not taken apart again: restore a backup of the version before.")
