"""Comparing what the tables hold with what the ledger says."""

from datetime import timedelta

from services.contracts.facts import FactBlock
from services.contracts.vocabulary import Action
from services.metrics.domain.counting import count
from services.metrics.domain.counts import Counts, differences
from services.metrics.domain.sifting import Subject, sift
from services.metrics.domain.standing import LateSpan
from tests.support.facts import MONDAY, HandLedger


def counted() -> Counts:
    ledger = HandLedger()
    ledger.process(due_at=MONDAY + timedelta(days=3), granted_at=MONDAY + timedelta(days=1))
    ledger.file(2)
    ledger.act(2, Action.RECEIVE, MONDAY, due_at=MONDAY + timedelta(days=2))
    counts = Counts()
    counts.apply(count(sift([FactBlock.of(ledger.facts)]), {}))
    return counts


def test_equal_counts_have_no_differences() -> None:
    assert list(differences(tables=counted(), ledger=counted())) == []


def test_wrong_tally_is_named_with_both_sides() -> None:
    tables = counted()
    key = min(tables.tallies)
    tables.tallies[key][0] += 1
    (found,) = differences(tables=tables, ledger=counted())
    assert found.what == "tally"
    assert found.key["day"] == "2018-06-04"
    assert (found.in_tables["filed"], found.in_ledger["filed"]) == (3, 2)


def test_missing_tally_is_none() -> None:
    tables = counted()
    del tables.tallies[min(tables.tallies)]
    (found,) = differences(tables=tables, ledger=counted())
    assert found.in_tables is None


def test_wrong_due_time_of_an_open_dossier_is_found() -> None:
    tables = counted()
    tables.open[2] = tables.open[2]._replace(due_at=None)
    (found,) = differences(tables=tables, ledger=counted())
    assert (found.what, found.key, found.in_tables["due_at"]) == ("open", {"number": 2}, None)


def test_wrong_late_day_of_an_open_dossier_is_found() -> None:
    tables, ledger = counted(), counted()
    span = LateSpan(MONDAY.date(), MONDAY.date() + timedelta(days=1), 15)
    tables.open[2] = tables.open[2]._replace(late=(span,))
    (found,) = differences(tables=tables, ledger=ledger)
    assert (found.in_tables["late"], found.in_ledger["late"]) == ([["2018-06-04", "2018-06-05", 15]], [])


def test_late_days_that_one_side_lacks_are_named() -> None:
    ledger = HandLedger()
    ledger.file()
    ledger.act(1, Action.RECEIVE, MONDAY, due_at=MONDAY + timedelta(days=1))
    ledger.act(1, Action.WITHDRAW, MONDAY + timedelta(days=9), due_at=MONDAY + timedelta(days=1))
    tables, whole = Counts(), Counts()
    for counts in (tables, whole):
        counts.apply(count(sift([FactBlock.of(ledger.facts)]), {}))
    row = tables.late.pop()
    tables.contested[1] = tables.contested[1]._replace(marks="EEEE")
    contested, late = differences(tables=tables, ledger=whole)
    assert (late.what, late.in_tables) == ("late", None)
    assert late.key == {"number": 1, "first_on": row.first_on.isoformat(), "views": 15}
    assert (contested.what, contested.in_tables["marks"], contested.in_ledger["marks"]) == ("contested", "EEEE", "LLLL")


def test_subjects_are_counted_and_not_named() -> None:
    tables = counted()
    tables.subjects.add(Subject("amend-after-clearance", "citizen", "042088001234"))
    (found,) = differences(tables=tables, ledger=counted())
    assert found.key == {"procedure_id": "amend-after-clearance", "applicant_kind": "citizen"}
    assert found.in_tables == {"count": 1, "not_in_ledger": 1}
    assert found.in_ledger == {"count": 0, "not_in_tables": 0}
    assert "042088001234" not in str(found)
