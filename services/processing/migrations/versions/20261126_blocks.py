"""The ledger is kept in blocks of facts; what was written before becomes blocks, too.

Revision ID: 20261126_blocks
"""

from alembic import op

revision = "20261126_blocks"
down_revision = "20261122_initial"
branch_labels = None
depends_on = None

#: Facts in a block made of what was written before.
FACTS_PER_BLOCK = 1000

#: What never changes about a dossier, and the rest: columns of a block in their order, see services/contracts/facts.py.
DOSSIER_COLUMNS = ("number", "procedure_id", "level", "office_code", "channel", "applicant_kind", "applicant_id")
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
    "limit_unit",
    "received_at",
    "command_id",
    "refusal",
    "detail",
)
INSTANTS = {"occurred_at", "recorded_at", "due_at", "received_at"}

TABLE = """
-- Append only: the role that works may insert and read, nothing else. Positions follow each other without a gap, within
-- a block and from one to the next; a block is JSON, compressed by who wrote it when that pays.
CREATE TABLE processing.ledger_block (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    block bytea NOT NULL,
    PRIMARY KEY (sandbox_id, partition, last_position),
    CHECK (first_position BETWEEN 1 AND last_position)
);
ALTER TABLE processing.ledger_block ALTER COLUMN block SET STORAGE EXTERNAL;
"""

RENAME = """
DROP TABLE processing.ledger;
ALTER TABLE processing.ledger_block RENAME TO ledger;
ALTER INDEX processing.ledger_block_pkey RENAME TO ledger_pkey;
GRANT SELECT, INSERT ON processing.ledger TO motcua_processing;
"""


def _list(name: str, *, only: str = "") -> str:
    """A column of a block, as JSON."""
    value = f"""to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""" if name in INSTANTS else name
    return f"json_agg({value} ORDER BY position){only}"


def _conversion() -> str:
    dossiers = ", ".join(_list(name, only=" FILTER (WHERE position = appeared_at)") for name in DOSSIER_COLUMNS)
    facts = ", ".join(_list(name) for name in FACT_COLUMNS)
    block = "sandbox_id, partition, (position - 1) / " + str(FACTS_PER_BLOCK)
    # A dossier stands in a block once, in the order in which dossiers appear.
    return f"""
        INSERT INTO processing.ledger_block (sandbox_id, partition, first_position, last_position, block)
        SELECT sandbox_id, partition, min(position), max(position), convert_to(json_build_object(
            'v', 2,
            'first', min(position),
            'dossiers', json_build_array({dossiers}),
            'facts', json_build_array({facts})
        )::text, 'UTF8')
        FROM (
            SELECT *, dense_rank() OVER (PARTITION BY {block} ORDER BY appeared_at) - 1 AS place
            FROM (
                SELECT *, min(position) OVER (PARTITION BY {block}, {", ".join(DOSSIER_COLUMNS)}) AS appeared_at
                FROM processing.ledger
            ) AS appearing
        ) AS placed
        GROUP BY {block}
    """  # noqa: S608 - names of constants


def upgrade() -> None:
    op.execute(TABLE)
    op.execute(_conversion())
    op.execute(RENAME)


def downgrade() -> None:
    raise NotImplementedError("Blocks are not taken apart again: restore a backup of the version before.")
