"""Declarations that have a clearance dossier of their own are found by its applicant.

Revision ID: 20261201_declarants
"""

from alembic import op

revision = "20261201_declarants"
down_revision = "20261130_expected_dossiers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX portal.ix_declaration__declarant")
    # An index that is written to at random costs more than the row. Nearly all declarations are registered with their
    # clearance dossier: whose they are stands there, and is indexed there.
    op.execute(
        "CREATE INDEX ix_declaration__declarant ON portal.declaration (sandbox_id, declarant_id, base)"
        " WHERE origin <> 'registered'"
    )


def downgrade() -> None:
    op.execute("DROP INDEX portal.ix_declaration__declarant")
    op.execute("CREATE INDEX ix_declaration__declarant ON portal.declaration (sandbox_id, declarant_id, base)")
