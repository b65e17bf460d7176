"""What has to be in the registers before dossiers are filed that name it."""

from datetime import datetime
from typing import Any

import orjson

from services.contracts.catalogue import Catalogue
from services.simulator.earlier import DECLARATIONS_PATH, FACILITIES_PATH, MANIFESTS_PATH, EarlierEntries

NOW = datetime.fromisoformat("2018-04-02T00:00:00+07:00")


def line(procedure: str, **form: Any) -> bytes:
    return orjson.dumps(
        {
            "procedure": procedure,
            "office": "30CF",
            "applicant": {"kind": "enterprise", "identifier": "0100109106", "name": "Công ty"},
            "filed_at": "2018-04-02T09:00:00+07:00",
            "form": form,
        }
    )


def declarations(catalogue: Catalogue, *lines: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(entry) for entry in EarlierEntries(catalogue).entries(lines, NOW).declarations]


def test_a_declaration_from_before_is_entered_with_an_owner_and_a_past(catalogue: Catalogue) -> None:
    (entry,) = declarations(catalogue, line("declaration-cancellation", declaration_number="303652403790"))
    assert entry == {
        "number": "303652403790",
        "kind": "B11",
        "office": "30CF",
        "declarant": "0100109106",
        "state": "cleared",
        "registered_at": "2018-03-13T02:00:00+00:00",
    }


def test_it_was_registered_when_the_form_says_so_but_before_now(catalogue: Catalogue) -> None:
    found = declarations(
        catalogue,
        line("declaration-cancellation", declaration_number="103652403790", registered_on="2018-03-20"),
        line("declaration-cancellation", declaration_number="103652403791", registered_on="2018-04-02"),
        line("amendment-after-clearance", declaration_number="103652403792", cleared_on="2018-03-05"),
    )
    assert [entry["registered_at"] for entry in found] == [
        "2018-03-20T05:00:00+00:00",
        "2018-04-01T16:59:00+00:00",
        "2018-03-05T05:00:00+00:00",
    ]
    assert [entry["kind"] for entry in found] == ["A11", "A11", "A11"]


def test_one_that_is_amended_during_clearance_is_not_cleared_yet(catalogue: Catalogue) -> None:
    (entry,) = declarations(catalogue, line("amendment-before-clearance", declaration_number="103652403790"))
    assert entry["state"] == "registered"


def test_the_register_s_own_numbers_are_left_to_it(catalogue: Catalogue) -> None:
    own = [line("declaration-cancellation", declaration_number=f"{start}000000010") for start in ("100", "300")]
    assert declarations(catalogue, *own) == []


def test_each_is_entered_once_a_window_and_again_with_the_next(catalogue: Catalogue) -> None:
    """So a window that is sent again says the same, byte for byte."""
    lines = [line("declaration-cancellation", declaration_number="103652403790")] * 2
    entries = EarlierEntries(catalogue)
    first, second = entries.entries(lines, NOW), entries.entries(lines, NOW)
    assert len(first.declarations) == 1
    assert first == second


def test_facilities_and_manifests_are_entered_one_by_one(catalogue: Catalogue) -> None:
    lines = [
        line("settlement-report", facility_code="CSSX000123", regime="export-production"),
        line("manifest-amendment", manifest_number="MF18000123"),
    ]
    found = EarlierEntries(catalogue).entries(lines, NOW)
    assert found.declarations == []
    assert [(path, entry["number"], entry["enterprise"]) for path, entry in found.others] == [
        (FACILITIES_PATH, "CSSX000123", "0100109106"),
        (MANIFESTS_PATH, "MF18000123", "0100109106"),
    ]
    assert found.others[0][1]["facility_kind"] == "export-production"
    assert DECLARATIONS_PATH not in {path for path, _ in found.others}


def test_what_names_nothing_needs_nothing(catalogue: Catalogue) -> None:
    found = EarlierEntries(catalogue).entries([line("production-facility-notification")], NOW)
    assert (found.declarations, found.others) == ([], [])
