"""Registers of the systems around the portal: declarations, manifests, goods, facilities, risk, audits, violations.

Revision ID: 20261123_registers
"""

from alembic import op

revision = "20261123_registers"
down_revision = "20261122_initial"
branch_labels = None
depends_on = None

STATEMENTS = """
-- Customs declarations. Millions of them: an ordinary one is this row and nothing else, and is never written again; its
-- state comes from its clearance dossier. The other instants are set only when something happens to it beside.
CREATE TABLE portal.declaration (
    sandbox_id text NOT NULL,
    -- The first eleven digits of the number; the twelfth is `branch`.
    base bigint NOT NULL,
    dossier_number bigint,
    registered_at timestamptz NOT NULL,
    cleared_at timestamptz,
    not_cleared_at timestamptz,
    cancelled_at timestamptz,
    branch smallint NOT NULL DEFAULT 0,
    kind text NOT NULL,
    office_code text NOT NULL,
    declarant_id text NOT NULL,
    channel text,
    origin text NOT NULL,
    PRIMARY KEY (sandbox_id, base)
);
CREATE INDEX ix_declaration__declarant ON portal.declaration (sandbox_id, declarant_id, base);
CREATE INDEX ix_declaration__cancelled ON portal.declaration (sandbox_id, base) WHERE cancelled_at IS NOT NULL;

-- Which dossier names which entry of a register. The clearance dossier of a registered declaration isn't here.
CREATE TABLE portal.register_link (
    sandbox_id text NOT NULL,
    number bigint NOT NULL,
    field text NOT NULL,
    register text NOT NULL,
    key text NOT NULL,
    PRIMARY KEY (sandbox_id, number, field)
);
CREATE INDEX ix_register_link__key ON portal.register_link (sandbox_id, register, key, number);

-- Last number given to an entry of a register, and, as register `event`, to an event. The row's lock orders whoever
-- writes them: a position is seen only after all before it.
CREATE TABLE portal.register_head (
    sandbox_id text NOT NULL,
    register text NOT NULL,
    last_number bigint NOT NULL,
    PRIMARY KEY (sandbox_id, register)
);

-- The counterparts: manifests, gate passages, facilities, settlement reports, risk profiles, audits, violations, cargo
-- numbers. Small registers, one shape.
CREATE TABLE portal.register_entry (
    sandbox_id text NOT NULL,
    register text NOT NULL,
    number bigint NOT NULL,
    -- What the entry is called outside, unique in its register.
    key text NOT NULL,
    -- Tax code or personal number of whom it belongs to.
    holder_id text NOT NULL,
    -- The declaration that it is about, without its last digit.
    base bigint,
    -- The dossier that brought it about.
    dossier_number bigint,
    occurred_at timestamptz NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (sandbox_id, register, number),
    UNIQUE (sandbox_id, register, key)
);
CREATE INDEX ix_register_entry__holder ON portal.register_entry (sandbox_id, register, holder_id, number);
CREATE INDEX ix_register_entry__base ON portal.register_entry (sandbox_id, base) WHERE base IS NOT NULL;

-- What happened to entries of any register, in the order in which it was written; append-only.
CREATE TABLE portal.register_event (
    sandbox_id text NOT NULL,
    position bigint NOT NULL,
    register text NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    dossier_number bigint,
    detail jsonb NOT NULL,
    PRIMARY KEY (sandbox_id, position)
);
CREATE INDEX ix_register_event__key ON portal.register_event (sandbox_id, register, key, position);
CREATE INDEX ix_register_event__dossier ON portal.register_event (sandbox_id, dossier_number)
    WHERE dossier_number IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON portal.declaration, portal.register_head, portal.register_entry TO motcua_portal;
GRANT SELECT, INSERT ON portal.register_link, portal.register_event TO motcua_portal;
"""


def upgrade() -> None:
    op.execute(STATEMENTS)


def downgrade() -> None:
    op.execute(
        "DROP TABLE portal.register_event, portal.register_entry, portal.register_head, portal.register_link,"
        " portal.declaration"
    )
