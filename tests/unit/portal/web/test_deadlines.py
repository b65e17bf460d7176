"""How a dossier stands against its deadline."""

from datetime import timedelta
from typing import Any

import pytest

from services.contracts.catalogue import Catalogue
from services.contracts.vocabulary import Status
from services.portal.web.view_models.deadlines import Standing, deadline_view
from tests.support.fakes import NOW, a_dossier

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORKING_DAYS, WORKING_HOURS, NO_LIMIT = "refund-first", "amendment-before-clearance", "storage-extension"


@pytest.mark.parametrize(
    ("procedure_id", "changes", "standing"),
    [
        (WORKING_DAYS, {"received_at": None, "due_at": None, "status": Status.SUBMITTED}, Standing.NOT_STARTED),
        (NO_LIMIT, {"due_at": None}, Standing.NO_LIMIT),
        (WORKING_DAYS, {"due_at": NOW + DAY}, Standing.RUNNING),
        (WORKING_DAYS, {"due_at": NOW + HOUR}, Standing.LAST_DAY),
        (WORKING_DAYS, {"due_at": NOW - HOUR}, Standing.LAST_DAY),  # counted by the day: late from midnight on
        (WORKING_DAYS, {"due_at": NOW - DAY}, Standing.OVERDUE),
        (WORKING_HOURS, {"due_at": NOW + 5 * HOUR}, Standing.RUNNING),
        (WORKING_HOURS, {"due_at": NOW + HOUR}, Standing.LAST_DAY),
        (WORKING_HOURS, {"due_at": NOW - timedelta(minutes=1)}, Standing.OVERDUE),
        (WORKING_DAYS, {"due_at": None, "status": Status.SUPPLEMENT_REQUESTED}, Standing.SUSPENDED),
        (WORKING_DAYS, {"status": Status.RETURNED, "resolved_at": NOW, "due_at": NOW + DAY}, Standing.DONE_EARLY),
        (WORKING_DAYS, {"status": Status.PROCESSED, "resolved_at": NOW, "due_at": NOW + HOUR}, Standing.DONE_ON_TIME),
        (WORKING_DAYS, {"status": Status.RETURNED, "resolved_at": NOW, "due_at": NOW - DAY}, Standing.DONE_OVERDUE),
        (NO_LIMIT, {"status": Status.RETURNED, "resolved_at": NOW, "due_at": None}, Standing.NO_LIMIT),
        (WORKING_DAYS, {"status": Status.WITHDRAWN, "resolved_at": NOW}, Standing.CLOSED),
        (WORKING_DAYS, {"status": Status.NOT_RECEIVED, "received_at": None, "due_at": None}, Standing.CLOSED),
    ],
)
def test_a_dossier_stands_where_its_dates_put_it(
    catalogue: Catalogue, procedure_id: str, changes: dict[str, Any], standing: Standing
) -> None:
    dossier = a_dossier(procedure_id=procedure_id, **changes)
    assert deadline_view(dossier, catalogue.procedures[procedure_id], NOW).standing is standing


def test_what_is_left_is_counted_to_the_due_instant(catalogue: Catalogue) -> None:
    view = deadline_view(a_dossier(due_at=NOW + DAY + HOUR), catalogue.procedures[WORKING_DAYS], NOW)
    assert (view.span, view.is_late) == (DAY + HOUR, False)


def test_nothing_is_left_between_the_due_hour_and_midnight(catalogue: Catalogue) -> None:
    view = deadline_view(a_dossier(due_at=NOW - HOUR), catalogue.procedures[WORKING_DAYS], NOW)
    assert view.span == timedelta(0)


def test_lateness_stops_growing_when_the_dossier_is_resolved(catalogue: Catalogue) -> None:
    dossier = a_dossier(status=Status.RETURNED, due_at=NOW - 9 * DAY, resolved_at=NOW - 7 * DAY)
    view = deadline_view(dossier, catalogue.procedures[WORKING_DAYS], NOW)
    assert (view.span, view.is_late) == (2 * DAY, True)


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.STOPPED])
def test_nothing_is_due_once_a_dossier_has_ended_without_a_result(catalogue: Catalogue, status: Status) -> None:
    dossier = a_dossier(status=status, resolved_at=NOW)
    assert deadline_view(dossier, catalogue.procedures[WORKING_DAYS], NOW).due_at is None
