"""What the official report needs: how dossiers stand, which were late when, and which end the counting rules contest.

Everything before is in the ledger: the counts begin anew, and the counter asks for all of it.

Revision ID: 20261123_report
"""

from alembic import op

revision = "20261123_report"
down_revision = "20261122_initial"
branch_labels = None
depends_on = None

CELL = """
    procedure_id text NOT NULL,
    office_code text NOT NULL,
    level smallint NOT NULL,
    channel text NOT NULL
"""

# A day's count of a cell fits an integer, and sums of integers are added several times faster than sums of bigints.
STATEMENTS = f"""
TRUNCATE metrics.position, metrics.tally, metrics.open_dossier, metrics.subject;

ALTER TABLE metrics.tally
    ALTER COLUMN filed TYPE integer,
    ALTER COLUMN received TYPE integer,
    ALTER COLUMN refused_at_intake TYPE integer,
    ALTER COLUMN closed_before_receipt TYPE integer,
    ALTER COLUMN resolved_early TYPE integer,
    ALTER COLUMN resolved_on_time TYPE integer,
    ALTER COLUMN resolved_overdue TYPE integer,
    ALTER COLUMN resolved_without_limit TYPE integer,
    ALTER COLUMN withdrawn TYPE integer,
    ALTER COLUMN stopped TYPE integer,
    ALTER COLUMN returned TYPE integer,
    ADD COLUMN received_without_limit integer NOT NULL,
    ADD COLUMN filed_without_limit integer NOT NULL,
    ADD COLUMN untaken integer NOT NULL,
    ADD COLUMN late_change integer NOT NULL,
    ADD COLUMN asked_once integer NOT NULL,
    ADD COLUMN asked_again integer NOT NULL,
    ADD COLUMN very_satisfied integer NOT NULL,
    ADD COLUMN satisfied integer NOT NULL,
    ADD COLUMN not_satisfied integer NOT NULL;

-- Dossiers filed and not settled: gone once they are. Not received yet: `received_on` is null.
DROP TABLE metrics.open_dossier;
CREATE TABLE metrics.open_dossier (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    number bigint NOT NULL,
    {CELL},
    filed_on date NOT NULL,
    asked smallint NOT NULL,
    received_on date,
    is_limited boolean NOT NULL,
    since_on date,
    due_at timestamptz,
    limit_unit text,
    last_due_at timestamptz,
    new_date_at timestamptz,
    PRIMARY KEY (sandbox_id, partition, number)
) WITH (fillfactor = 85);

-- Days at whose end a dossier was pending and overdue, where sums by day can't say it: `views` see it, one bit each.
CREATE TABLE metrics.late_span (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    number bigint NOT NULL,
    first_on date NOT NULL,
    until_on date NOT NULL,
    views smallint NOT NULL,
    {CELL},
    PRIMARY KEY (sandbox_id, partition, number, first_on, views)
);

-- Ends after receipt that not all counting rules count alike; `marks` has a letter for each view.
CREATE TABLE metrics.contested_end (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    number bigint NOT NULL,
    {CELL},
    filed_on date NOT NULL,
    received_on date NOT NULL,
    ended_on date NOT NULL,
    is_limited boolean NOT NULL,
    kind smallint NOT NULL,
    marks text NOT NULL,
    PRIMARY KEY (sandbox_id, partition, number)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON metrics.open_dossier TO motcua_metrics;
GRANT SELECT, INSERT ON metrics.late_span, metrics.contested_end TO motcua_metrics;
"""

BACK = f"""
TRUNCATE metrics.position, metrics.tally, metrics.open_dossier, metrics.subject;
DROP TABLE metrics.late_span, metrics.contested_end, metrics.open_dossier;
CREATE TABLE metrics.open_dossier (
    sandbox_id text NOT NULL,
    partition smallint NOT NULL,
    number bigint NOT NULL,
    {CELL},
    due_at timestamptz,
    limit_unit text,
    PRIMARY KEY (sandbox_id, partition, number)
) WITH (fillfactor = 85);
GRANT SELECT, INSERT, UPDATE, DELETE ON metrics.open_dossier TO motcua_metrics;
ALTER TABLE metrics.tally
    DROP COLUMN received_without_limit,
    DROP COLUMN filed_without_limit,
    DROP COLUMN untaken,
    DROP COLUMN late_change,
    DROP COLUMN asked_once,
    DROP COLUMN asked_again,
    DROP COLUMN very_satisfied,
    DROP COLUMN satisfied,
    DROP COLUMN not_satisfied,
    ALTER COLUMN filed TYPE bigint,
    ALTER COLUMN received TYPE bigint,
    ALTER COLUMN refused_at_intake TYPE bigint,
    ALTER COLUMN closed_before_receipt TYPE bigint,
    ALTER COLUMN resolved_early TYPE bigint,
    ALTER COLUMN resolved_on_time TYPE bigint,
    ALTER COLUMN resolved_overdue TYPE bigint,
    ALTER COLUMN resolved_without_limit TYPE bigint,
    ALTER COLUMN withdrawn TYPE bigint,
    ALTER COLUMN stopped TYPE bigint,
    ALTER COLUMN returned TYPE bigint;
"""


def upgrade() -> None:
    op.execute(STATEMENTS)


def downgrade() -> None:
    op.execute(BACK)
