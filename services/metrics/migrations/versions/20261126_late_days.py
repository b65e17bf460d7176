"""Late days go into sums as soon as a dossier has its result, by view of lateness; before, they stand with the dossier.

A national quarter would leave a million rows of `late_span`: whoever pays a fee was late in the eyes of one rule. Sums
are 0 unless told otherwise, so that a statement names but those that it adds to.
Everything before is in the ledger: the counts begin anew, and the counter asks for all of it.

Revision ID: 20261126_late_days
"""

from alembic import op

revision = "20261126_late_days"
down_revision = "20261123_report"
branch_labels = None
depends_on = None

_MEASURES = (
    "filed", "received", "refused_at_intake", "closed_before_receipt", "resolved_early", "resolved_on_time",
    "resolved_overdue", "resolved_without_limit", "withdrawn", "stopped", "returned", "received_without_limit",
    "filed_without_limit", "untaken", "late_change", "asked_once", "asked_again", "very_satisfied", "satisfied",
    "not_satisfied",
)  # fmt: skip
_TOLD_DEFAULTS = ", ".join(f"ALTER COLUMN {measure} SET DEFAULT 0" for measure in _MEASURES)
_NO_DEFAULTS = ", ".join(f"ALTER COLUMN {measure} DROP DEFAULT" for measure in _MEASURES)

_BEGIN_ANEW = """
TRUNCATE metrics.position, metrics.tally, metrics.open_dossier, metrics.subject, metrics.late_span,
    metrics.contested_end;
"""

STATEMENTS = f"""
{_BEGIN_ANEW}
ALTER TABLE metrics.tally
    {_TOLD_DEFAULTS},
    ADD COLUMN late_change_by_due integer NOT NULL DEFAULT 0,
    ADD COLUMN late_change_new_date integer NOT NULL DEFAULT 0,
    ADD COLUMN late_change_by_both integer NOT NULL DEFAULT 0;

-- Late days before the dossier stood as it does: [first day, day after the last, views] each, days since 2000-01-01.
ALTER TABLE metrics.open_dossier ADD COLUMN late jsonb;
"""

BACK = f"""
{_BEGIN_ANEW}
ALTER TABLE metrics.tally
    {_NO_DEFAULTS},
    DROP COLUMN late_change_by_due,
    DROP COLUMN late_change_new_date,
    DROP COLUMN late_change_by_both;
ALTER TABLE metrics.open_dossier DROP COLUMN late;
"""


def upgrade() -> None:
    op.execute(STATEMENTS)


def downgrade() -> None:
    op.execute(BACK)
