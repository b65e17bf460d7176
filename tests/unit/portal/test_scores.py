"""Points, sums and classes of Circular 01/2018/TT-VPCP; and the statistics of online services."""

from datetime import date
from decimal import Decimal

import pytest

from services.portal.domain.reports.scores import INDICES, Services, UnitClass, UnitCounts, score_unit, sum_counts
from services.portal.domain.reports.service_statistics import ServiceCounts, make_service_statistics
from services.portal.domain.reports.units import unit_of
from tests.support.fakes import MemoryCounts, the_catalogue

ALL_ONLINE = Services(100, 90)
NOTHING = UnitCounts()


def points(counts: UnitCounts, services: Services = ALL_ONLINE) -> dict[int, Decimal | None]:
    return {score.index.number: score.points for score in score_unit(counts, services).scores}


@pytest.mark.parametrize(
    ("early", "on_time", "overdue", "expected"),
    [(1, 0, 0, "2.0"), (0, 1, 0, "1.0"), (0, 0, 1, "0.0"), (3, 2, 1, "1.3"), (1, 1, 0, "1.5"), (1, 18, 1, "1.0"),
     (1, 0, 3, "0.5"), (9, 1, 10, "1.0")],
)  # fmt: skip
def test_index_1_is_2_1_or_0_a_dossier_on_average_to_one_decimal(early, on_time, overdue, expected) -> None:
    assert points(UnitCounts(early=early, on_time=on_time, overdue=overdue))[1] == Decimal(expected)


def test_averages_are_rounded_half_up() -> None:
    """1 dossier early of 40, 39 overdue: 0.05 points on average."""
    assert points(UnitCounts(early=1, overdue=39))[1] == Decimal("0.1")


@pytest.mark.parametrize(
    ("resolved", "once", "again", "expected"), [(4, 0, 0, "2.0"), (4, 4, 0, "1.0"), (4, 0, 4, "0.0"), (4, 1, 1, "1.3")]
)
def test_index_3_is_by_how_often_the_applicant_had_to_come_back(resolved, once, again, expected) -> None:
    counts = UnitCounts(resolved=resolved, asked_once=once, asked_again=again)
    assert points(counts)[3] == Decimal(expected)


@pytest.mark.parametrize(
    ("online", "late", "level_3", "expected"),
    [
        (30, 0, 20, "2.0"),
        (29, 0, 20, "1.0"),
        (15, 0, 20, "1.0"),
        (14, 0, 20, "0.0"),
        (100, 1, 100, "0.0"),
        (100, 0, 19, "0.0"),
    ],
)
def test_index_9_wants_levels_shares_and_nothing_late(online, late, level_3, expected) -> None:
    counts = UnitCounts(received=100, online_received=online, online_late=late)
    assert points(counts, Services(100, level_3))[9] == Decimal(expected)


def test_what_isnt_measured_has_no_points_and_none_are_guessed() -> None:
    measured = {index.number for index in INDICES if index.is_measured}
    assert measured == {1, 3, 9}
    counts = UnitCounts(early=1, resolved=1, received=1, online_received=1)
    assert {number for number, found in points(counts).items() if found is not None} == measured


def test_quarter_without_anything_has_no_points_and_no_class() -> None:
    score = score_unit(NOTHING, ALL_ONLINE)
    assert (score.measured, score.points, score.most_points) == ([], 0, 0)
    assert (score.projected_points, score.unit_class) == (None, None)


@pytest.mark.parametrize(
    ("early", "overdue", "projected", "unit_class"),
    [
        (1, 0, "18.0", UnitClass.EXCELLENT),
        (10, 2, "15.3", UnitClass.EXCELLENT),
        (8, 2, "14.4", UnitClass.GOOD),
        (2, 1, "11.7", UnitClass.FAIR),
        (1, 1, "9.0", UnitClass.FAIR),
        (2, 3, "7.2", UnitClass.AVERAGE),
        (1, 2, "6.3", UnitClass.AVERAGE),
        (1, 3, "4.5", UnitClass.WEAK),
    ],
)
def test_class_is_by_the_sum_projected_to_all_nine(early, overdue, projected, unit_class) -> None:
    """Only index 1 is measured here: its average times nine."""
    score = score_unit(UnitCounts(early=early, overdue=overdue), ALL_ONLINE)
    assert (score.projected_points, score.unit_class) == (Decimal(projected), unit_class)


def test_sum_says_over_what() -> None:
    counts = UnitCounts(early=1, on_time=1, resolved=2, asked_once=1, received=4, online_received=4)
    score = score_unit(counts, ALL_ONLINE)
    assert (score.points, score.most_points) == (Decimal("5.0"), Decimal(6))


def test_units_together_score_by_all_their_dossiers() -> None:
    whole = sum_counts([UnitCounts(early=3), UnitCounts(overdue=1, online_late=1)])
    assert whole == UnitCounts(early=3, overdue=1, online_late=1)
    assert points(whole)[1] == Decimal("1.5")


def test_statistics_of_services_tell_of_every_one_at_level_3_or_4_used_or_not() -> None:
    catalogue = the_catalogue()
    unit = unit_of("", catalogue.offices)
    assert unit is not None
    answer = MemoryCounts().statistics("s", None, {"group_by": "procedure,channel"})  # type: ignore[arg-type]
    found = make_service_statistics(
        answer, catalogue.procedures, unit=unit, first_on=date(2018, 1, 1), last_on=date(2018, 6, 30)
    )
    by_id = {service.procedure.procedure_id: service.counts for service in found.services}
    assert by_id.keys() == {name for name, procedure in catalogue.procedures.items() if procedure.level >= 3}
    assert by_id["declaration-cancellation"] == ServiceCounts()
    refund = by_id["refund-first"]
    assert (refund.online_received, refund.received) == (370, 370 + 50)
    assert (refund.online_resolved, refund.online_limited, refund.online_in_time) == (368, 348, 340)
    assert refund.on_time_ratio == 340 / 348
    assert (refund.very_satisfied, refund.satisfied, refund.not_satisfied) == (48, 39, 4)
    assert found.total.received == 3 * refund.received


def test_service_that_nobody_used_has_no_ratio() -> None:
    assert (ServiceCounts().on_time_ratio, ServiceCounts().satisfied_ratio) == (None, None)
