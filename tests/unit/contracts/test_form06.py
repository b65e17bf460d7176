"""The columns of the official report, and the sums that hold in each of its rows."""

from dataclasses import replace
from datetime import date

import pytest

from services.contracts.counting_rules import CHOICE_LABELS, RULE_CHOICES, RULE_LABELS, SUPPLEMENT, CountingRules
from services.contracts.form06 import (
    COLUMN_NAMES,
    COLUMN_NUMBERS,
    NEWER_FORM,
    OLDER_FORM,
    BrokenReportError,
    Columns,
    WithoutLimit,
    form_of,
)

ROW = Columns(
    received_total=12,
    received_online=6,
    received_direct_post=4,
    carried_over=2,
    resolved_total=7,
    resolved_before_due=4,
    resolved_on_time=2,
    resolved_overdue=1,
    pending_total=5,
    pending_in_time=3,
    pending_overdue=2,
)
BESIDE = WithoutLimit(received_online=2, received_direct_post=1, carried_over=3, resolved=4, pending=2)


@pytest.mark.parametrize(
    ("last_on", "form"),
    [(date(2018, 6, 30), OLDER_FORM), (date(2020, 10, 20), OLDER_FORM), (date(2020, 10, 21), NEWER_FORM)],
)
def test_form_is_the_one_in_use_at_the_periods_end(last_on, form) -> None:
    assert form_of(last_on) is form


def test_row_whose_sums_hold_is_returned() -> None:
    assert ROW.check() is ROW
    assert BESIDE.check() is BESIDE


@pytest.mark.parametrize("name", COLUMN_NAMES)
def test_any_number_that_is_off_by_one_breaks_a_row(name: str) -> None:
    with pytest.raises(BrokenReportError, match="sums"):
        replace(ROW, **{name: getattr(ROW, name) + 1}).check()


def test_negative_number_breaks_a_row_though_the_sums_hold() -> None:
    with pytest.raises(BrokenReportError, match="pending_in_time"):
        replace(ROW, pending_in_time=-1, pending_overdue=6).check()
    with pytest.raises(BrokenReportError):
        replace(BESIDE, resolved=7, pending=-1).check()


@pytest.mark.parametrize("name", ["received_online", "carried_over", "resolved", "pending"])
def test_what_has_no_limit_must_add_up_too(name: str) -> None:
    with pytest.raises(BrokenReportError):
        replace(BESIDE, **{name: getattr(BESIDE, name) + 1}).check()


def test_rows_add_up_column_by_column() -> None:
    total = (ROW + ROW).check()
    assert [getattr(total, name) for name in COLUMN_NAMES] == [2 * getattr(ROW, name) for name in COLUMN_NAMES]
    assert (BESIDE + BESIDE).check().received_total == 12


def test_columns_have_the_numbers_of_the_form() -> None:
    assert list(COLUMN_NUMBERS.values()) == list(range(3, 14))
    assert (COLUMN_NUMBERS["carried_over"], COLUMN_NUMBERS["resolved_overdue"]) == (6, 10)


def test_every_rule_and_every_choice_has_a_name_in_both_languages() -> None:
    assert RULE_LABELS.keys() == {*RULE_CHOICES, "supplement"}
    for name, choices in RULE_CHOICES.items():
        assert CHOICE_LABELS[name].keys() == set(choices)
    assert CHOICE_LABELS["supplement"].keys() == {SUPPLEMENT}


def test_default_of_each_rule_is_its_first_choice() -> None:
    assert CountingRules().to_wire() == {
        **{name: next(iter(choices)).value for name, choices in RULE_CHOICES.items()},
        "supplement": SUPPLEMENT,
    }
