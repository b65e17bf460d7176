"""Payment documents without what stands with their dossier, and with fewer indexes.

Revision ID: 20261129_narrow_payments
"""

from alembic import op

revision = "20261129_narrow_payments"
down_revision = "20261128_staffing"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE portal.payment RENAME TO payment_before;
ALTER INDEX portal.payment_pkey RENAME TO payment_before_pkey;
ALTER TABLE portal.payment_before DROP CONSTRAINT uq_payment__ordinal;

-- What has to be paid for a dossier; who has to pay stands with the dossier. Inserted by the projector when payment is
-- asked for, moved on by it and by the bank's messages.
CREATE TABLE portal.payment (
    number bigint NOT NULL,
    amount_vnd bigint NOT NULL CHECK (amount_vnd > 0),
    issued_at timestamptz NOT NULL,
    paid_at timestamptz,
    recorded_at timestamptz,
    closed_at timestamptz,
    ordinal integer NOT NULL,
    booked_on date,
    is_confirmed boolean NOT NULL,
    sandbox_id text NOT NULL,
    payment_id text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    recorded_by text,
    bank_code text,
    debit_reference text,
    command_id text,
    PRIMARY KEY (sandbox_id, payment_id),
    -- A request for payment that came twice must not open two documents.
    CONSTRAINT uq_payment__ordinal UNIQUE (sandbox_id, number, ordinal)
);
INSERT INTO portal.payment
SELECT number, amount_vnd, issued_at, paid_at, recorded_at, closed_at, ordinal, booked_on, is_confirmed, sandbox_id,
    payment_id, kind, state, recorded_by, bank_code, debit_reference, command_id
FROM portal.payment_before ORDER BY recorded_at, issued_at;
DROP TABLE portal.payment_before;

-- Lists are filtered by the state and read in order of the identification number; most are paid, and found without.
CREATE INDEX ix_payment__state ON portal.payment (sandbox_id, state, payment_id) WHERE state <> 'paid';
-- What was recorded on a day: about in the order in which it was written.
CREATE INDEX ix_payment__recorded_at ON portal.payment USING brin (recorded_at) WITH (autosummarize = on);

GRANT SELECT, INSERT, UPDATE ON portal.payment TO motcua_portal;
"""


def upgrade() -> None:
    op.execute(STATEMENTS)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup of the version before.")
