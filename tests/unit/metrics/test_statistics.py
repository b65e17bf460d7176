"""Totals, ratios, and what is left unsaid."""

# ruff: noqa: ARG002 - fakes take what the port says

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime

import pytest

from services.metrics.application.ports import Dimension, Figures, OpenCount, Selection, Snapshot
from services.metrics.application.statistics import Ratio, ask_statistics
from services.metrics.domain.counting import MEASURE_NAMES, Measure, Tally

NOW = datetime(2018, 6, 7, tzinfo=UTC)
SANDBOX = Selection("s", NOW)


def tally(**measures: int) -> Tally:
    return [measures.get(name, 0) for name in MEASURE_NAMES]


class OneDay:
    """A `CountReader` with two procedures, counted on one day; one more has an open dossier only."""

    def __init__(self) -> None:
        self.open_by: Sequence[Dimension] | None = ()

    def figures(
        self,
        selection: Selection,
        group_by: Sequence[Dimension],
        *,
        open_by: Sequence[Dimension] | None,
        with_subjects: bool,
    ) -> Figures:
        self.open_by = open_by
        return Figures(
            tallies={
                ("cancel",): tally(filed=3, received=2, refused_at_intake=1, resolved_early=1, resolved_overdue=1),
                ("refund",): tally(filed=9, received=6, resolved_on_time=2, resolved_without_limit=1, stopped=1,
                                   closed_before_receipt=1),
            },
            open={("amend",): OpenCount(1, 0, 0, 0), ("refund",): OpenCount(1, 1, 1, 0)},
            subjects={"citizen": 4} if with_subjects else None,
            positions={0: 9},
        )  # fmt: skip

    def positions(self, sandbox_id: str) -> Mapping[int, int]:
        raise NotImplementedError

    def snapshot(self, sandbox_id: str, *, leave_out: Collection[int] = ()) -> Snapshot:
        raise NotImplementedError


def test_total_adds_up_all_groups() -> None:
    total = ask_statistics(OneDay(), SANDBOX, [Dimension.PROCEDURE]).total
    assert (total.tally[Measure.FILED], total.resolved_total, total.open) == (12, 5, OpenCount(2, 1, 1, 0))
    assert total.awaiting_receipt == 12 - 8 - 1 - 1


def test_group_that_only_has_open_dossiers_is_a_row() -> None:
    rows = ask_statistics(OneDay(), SANDBOX, [Dimension.PROCEDURE]).rows
    assert [(row.key, row.open) for row in rows] == [
        (("amend",), OpenCount(1, 0, 0, 0)),
        (("cancel",), OpenCount()),
        (("refund",), OpenCount(1, 1, 1, 0)),
    ]


def test_ratios_have_one_numerator_and_two_denominators() -> None:
    total = ask_statistics(OneDay(), SANDBOX, [Dimension.PROCEDURE]).total
    assert total.on_time_of_resolved == Ratio(3, 4)
    assert total.on_time_of_received == Ratio(3, 8)
    assert total.on_time_of_resolved.value == 0.75


def test_ratio_of_nothing_has_no_value() -> None:
    assert Ratio(0, 0).value is None


def test_period_says_nothing_of_open_dossiers() -> None:
    counts = OneDay()
    answer = ask_statistics(counts, Selection("s", NOW, first_on=date(2018, 6, 1)), [Dimension.PROCEDURE])
    assert counts.open_by is None
    assert (answer.total.open, answer.total.awaiting_receipt, answer.rows[0].open) == (None, None, None)


def test_days_leave_open_dossiers_to_the_total() -> None:
    counts = OneDay()
    answer = ask_statistics(counts, SANDBOX, [Dimension.DAY])
    assert counts.open_by == ()
    assert [row.open for row in answer.rows] == [None, None]
    assert answer.total.open is not None


@pytest.mark.parametrize(
    "narrower", [{"office_codes": ("30F1",)}, {"level": 4}, {"channel": "online"}, {"last_on": date(2018, 6, 1)}]
)
def test_subjects_are_left_out_when_they_would_answer_another_question(narrower) -> None:
    assert ask_statistics(OneDay(), Selection("s", NOW, **narrower), []).subjects is None
    assert ask_statistics(OneDay(), Selection("s", NOW, procedure_ids=("refund",)), []).subjects == {"citizen": 4}
