"""Payment documents, the bank's messages and the Treasury's statements.

Revision ID: 20261124_payments
"""

from alembic import op

revision = "20261124_payments"
down_revision = "20261123_registers"
branch_labels = None
depends_on = None

STATEMENTS = """
-- What has to be paid for a dossier. Inserted by the projector when payment is asked for, moved on by it and by the
-- bank's messages.
CREATE TABLE portal.payment (
    sandbox_id text NOT NULL,
    payment_id text NOT NULL,
    number bigint NOT NULL,
    filed_at timestamptz NOT NULL,
    ordinal integer NOT NULL,
    partition smallint NOT NULL,
    kind text NOT NULL,
    amount_vnd bigint NOT NULL CHECK (amount_vnd > 0),
    applicant_id text NOT NULL,
    applicant_name text NOT NULL,
    procedure_id text NOT NULL,
    office_code text NOT NULL,
    issued_at timestamptz NOT NULL,
    state text NOT NULL,
    paid_at timestamptz,
    recorded_at timestamptz,
    recorded_by text,
    bank_code text,
    debit_reference text,
    command_id text,
    is_confirmed boolean NOT NULL,
    booked_on date,
    closed_at timestamptz,
    PRIMARY KEY (sandbox_id, payment_id),
    -- A request for payment that came twice must not open two documents.
    CONSTRAINT uq_payment__ordinal UNIQUE (sandbox_id, number, ordinal)
) WITH (fillfactor = 80);
-- Lists are filtered by these and read in order of the identification number.
CREATE INDEX ix_payment__state ON portal.payment (sandbox_id, state, payment_id);
CREATE INDEX ix_payment__applicant ON portal.payment (sandbox_id, applicant_id, payment_id);
-- What was recorded without a bank's message, by day.
CREATE INDEX ix_payment__recorded_at ON portal.payment (sandbox_id, recorded_at)
    WHERE state = 'paid' AND debit_reference IS NULL;

-- Messages of banks, by the bank's own id, with the answer that each got. json and not jsonb: the answer is given again
-- as it was.
CREATE TABLE portal.bank_message (
    sandbox_id text NOT NULL,
    bank_code text NOT NULL,
    message_id text NOT NULL,
    content_hash bytea NOT NULL,
    received_at timestamptz NOT NULL,
    answer json NOT NULL,
    PRIMARY KEY (sandbox_id, bank_code, message_id)
);

-- Debits that banks told of, as they told it, with what customs made of it: recorded, to be recorded, an error code, or
-- taken back by the bank.
CREATE TABLE portal.bank_debit (
    sandbox_id text NOT NULL,
    bank_code text NOT NULL,
    debit_reference text NOT NULL,
    message_id text NOT NULL,
    payment_id text NOT NULL,
    amount_vnd bigint NOT NULL,
    tax_code text NOT NULL,
    account text NOT NULL,
    paid_at timestamptz NOT NULL,
    is_after_cut_off boolean,
    result text NOT NULL,
    record_at timestamptz,
    booked_on date NOT NULL,
    PRIMARY KEY (sandbox_id, bank_code, debit_reference)
) WITH (fillfactor = 80);
CREATE INDEX ix_bank_debit__booked_on ON portal.bank_debit (sandbox_id, booked_on);

GRANT SELECT, INSERT, UPDATE ON portal.payment, portal.bank_debit TO motcua_portal;
GRANT SELECT, INSERT ON portal.bank_message TO motcua_portal;
"""


def upgrade() -> None:
    op.execute(STATEMENTS)


def downgrade() -> None:
    op.execute("DROP TABLE portal.bank_debit, portal.bank_message, portal.payment")
