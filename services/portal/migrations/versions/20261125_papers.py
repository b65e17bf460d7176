"""Attachments, and the sandbox's own certificate authority.

Revision ID: 20261125_papers
"""

from alembic import op

revision = "20261125_papers"
down_revision = "20261124_payments"
branch_labels = None
depends_on = None

STATEMENTS = """
-- A sandbox's own certificate authority, made when its first paper is signed. DER; the key is nowhere else.
CREATE TABLE portal.signing_authority (
    sandbox_id text PRIMARY KEY REFERENCES portal.sandbox,
    certificate bytea NOT NULL,
    private_key bytea NOT NULL,
    created_at timestamptz NOT NULL
);
-- Certificates that it gave: to offices, and to the authorities above them.
CREATE TABLE portal.signing_certificate (
    sandbox_id text NOT NULL REFERENCES portal.signing_authority,
    issuer_code text NOT NULL,
    certificate bytea NOT NULL,
    private_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (sandbox_id, issuer_code)
);

-- Files that were uploaded; those with a `number` belong to that dossier, the others wait for one and expire.
-- `uploaded_at` is on the wall's clock, `attached_at` on the sandbox's.
CREATE TABLE portal.attachment (
    sandbox_id text NOT NULL REFERENCES portal.sandbox,
    attachment_id text NOT NULL,
    file_name text NOT NULL,
    content_type text NOT NULL,
    size_bytes integer NOT NULL,
    sha256 bytea NOT NULL,
    uploaded_at timestamptz NOT NULL,
    number bigint,
    place smallint,
    document text,
    copy_kind smallint,
    stage smallint,
    attached_at timestamptz,
    content bytea NOT NULL,
    PRIMARY KEY (sandbox_id, attachment_id),
    FOREIGN KEY (sandbox_id, number) REFERENCES portal.dossier
);
-- Out of line and as it is: PDF, pictures and office files are compressed already.
ALTER TABLE portal.attachment ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX ix_attachment__dossier ON portal.attachment (sandbox_id, number, place) WHERE number IS NOT NULL;
-- How much of a sandbox waits, and what has waited for too long.
CREATE INDEX ix_attachment__waiting ON portal.attachment (sandbox_id, size_bytes) WHERE number IS NULL;
CREATE INDEX ix_attachment__uploaded_at ON portal.attachment (uploaded_at) WHERE number IS NULL;

-- Keys and certificates are written once and never changed; of a file only where it belongs.
GRANT SELECT, INSERT ON portal.signing_authority, portal.signing_certificate TO motcua_portal;
GRANT SELECT, INSERT, DELETE ON portal.attachment TO motcua_portal;
GRANT UPDATE (number, place, document, copy_kind, stage, attached_at) ON portal.attachment TO motcua_portal;
"""


def upgrade() -> None:
    op.execute(STATEMENTS)


def downgrade() -> None:
    op.execute("DROP TABLE portal.attachment, portal.signing_certificate, portal.signing_authority")
