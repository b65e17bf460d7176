"""What the bench says about its numbers."""

import pytest

from tests.bench.figures import (
    TARGETS,
    Target,
    growth,
    per_dossier_us,
    percentile,
    rate_between,
    span_of,
    speed_ratio,
    target_table,
    tenth_ratio,
    text_table,
    verdict,
)

RATE = next(target for target in TARGETS if target.name == "dossiers_per_second")
LATENCY = next(target for target in TARGETS if target.name == "received_p95_ms")


@pytest.mark.parametrize(("part", "value"), [(0.01, 1), (0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_percentile_is_the_nearest_rank(part: float, value: float) -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], part) == value


def test_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 0.5) == percentile([7.0], 0.99) == 7.0


def test_rate_between_two_parts_of_a_total() -> None:
    """A hundred a second for ten seconds, then fifty a second for ten."""
    points = [(0.0, 0.0), (10.0, 1000.0), (20.0, 1500.0)]
    assert rate_between(points, 0.1, 0.5) == pytest.approx(100)
    assert rate_between(points, 0.8, 1.0) == pytest.approx(50)


def test_span_of_a_part_of_a_total() -> None:
    assert span_of([(0, 0), (10, 100), (30, 200)], 0.25, 0.75) == (5, 20)


def test_rate_spans_times_at_which_nothing_came() -> None:
    points = [(0.0, 0.0), (1.0, 10.0), (5.0, 10.0), (6.0, 20.0)]
    assert rate_between(points, 0.0, 1.0) == pytest.approx(20 / 6)


def test_run_that_keeps_its_pace_has_a_ratio_of_one() -> None:
    assert tenth_ratio([(float(second), second * 10.0) for second in range(101)]) == pytest.approx(1)


def test_run_that_slows_down_is_seen_and_warming_up_is_not() -> None:
    evenly = [(float(second), 10.0 * second) for second in range(101)]
    warming_up = [(0.0, 0.0), (40.0, 40.0), *((at + 40, total) for at, total in evenly if total > 40)]
    assert tenth_ratio(warming_up) == pytest.approx(1)
    slower = [*evenly[:80], *((79 + 2 * (second - 79.0), 10.0 * second) for second in range(80, 101))]
    assert tenth_ratio(slower) == pytest.approx(0.5)


def test_machine_that_gives_half_as_much_is_half_as_fast() -> None:
    assert speed_ratio([(0, 9.0), (1, 1.0), (2, 3.0), (3, 9.0), (4, 4.0)], (1, 2), (4, 5)) == 0.5


def test_span_without_a_reading_takes_the_nearest() -> None:
    assert speed_ratio([(0, 4.0), (2, 1.0)], (0.4, 0.6), (1.8, 1.9)) == 4


def test_growth_compares_the_second_tenth_with_the_last() -> None:
    started = [(float(second), 10.0) for second in range(10)]
    level = [(float(second), 100.0) for second in range(10, 90)]
    assert growth([*started, *level, *((float(second), 100.0) for second in range(90, 101))]) == pytest.approx(0)
    assert growth([*started, *level, *((float(second), 125.0) for second in range(90, 101))]) == pytest.approx(0.25)


def test_processor_time_by_dossier_is_sorted_and_leaves_out_next_to_nothing() -> None:
    found = per_dossier_us({"idle": 0.0, "small": 0.001, "large": 0.1}, 1000)
    assert list(found.items()) == [("large", 100.0), ("small", 1.0)]


@pytest.mark.parametrize(
    ("target", "value", "word"),
    [
        (RATE, 4999.0, "MISSED"),
        (RATE, 5000.0, "must"),
        (RATE, 10_000.0, "dream"),
        (LATENCY, 251.0, "MISSED"),
        (LATENCY, 250.0, "must"),
        (LATENCY, 99.0, "dream"),
        (LATENCY, None, "-"),
    ],
)
def test_verdict_knows_whether_more_is_better(target: Target, value: float | None, word: str) -> None:
    assert verdict(target, value) == word


def test_table_has_every_figure_with_must_and_dream_and_marks_what_is_missed() -> None:
    lines = target_table({"dossiers_per_second": 3210.4, "memory_gib": 1.234}).splitlines()
    assert len(lines) == 2 + len(TARGETS)
    assert lines[2].split()[-7:] == ["5,000", "/s", "10,000", "/s", "3,210", "/s", "MISSED"]
    memory = next(line for line in lines if line.startswith("resident memory"))
    assert memory.split()[-3:] == ["1.23", "GiB", "dream"]
    assert sum(line.endswith(" -") for line in lines[2:]) == len(TARGETS) - 2


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert text_table([("what", "n"), ("a", 1000), ("bcdefg", 2)]).splitlines() == [
        "what       n",
        "------  ----",
        "a       1000",
        "bcdefg     2",
    ]
