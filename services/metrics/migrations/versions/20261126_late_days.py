"""Late days go into sums as soon as a dossier has its result, by view of lateness; before, they stand with the dossier.

A national quarter would leave a million rows of `late_span`: whoever pays a fee was late in the eyes of one rule.
Everything before is in the ledger: the counts begin anew, and the counter asks for all of it.

Revision ID: 20261126_late_days
"""

from alembic import op

revision = "20261126_late_days"
down_revision = "20261123_report"
branch_labels = None
depends_on = None

_BEGIN_ANEW = """
TRUNCATE metrics.position, metrics.tally, metrics.open_dossier, metrics.subject, metrics.late_span,
    metrics.contested_end;
"""

STATEMENTS = f"""
{_BEGIN_ANEW}
ALTER TABLE metrics.tally
    ADD COLUMN late_change_by_due integer NOT NULL,
    ADD COLUMN late_change_new_date integer NOT NULL,
    ADD COLUMN late_change_by_both integer NOT NULL;

-- Late days before the dossier stood as it does: [first day, day after the last, views] each, days since 2000-01-01.
ALTER TABLE metrics.open_dossier ADD COLUMN late jsonb;
"""

BACK = f"""
{_BEGIN_ANEW}
ALTER TABLE metrics.tally
    DROP COLUMN late_change_by_due,
    DROP COLUMN late_change_new_date,
    DROP COLUMN late_change_by_both;
ALTER TABLE metrics.open_dossier DROP COLUMN late;
"""


def upgrade() -> None:
    op.execute(STATEMENTS)


def downgrade() -> None:
    op.execute(BACK)
