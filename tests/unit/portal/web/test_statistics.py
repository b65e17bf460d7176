"""Statistics: the question, the table, the chart."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from services.contracts.catalogue import Catalogue
from services.portal.web.view_models.chart import MAX_BARS, on_time_chart
from services.portal.web.view_models.statistics import (
    Grouping,
    parse_statistics_query,
    run_progress,
    statistics_table,
)
from services.runtime.clock import real_now
from tests.support.fakes import KEY, MemoryCounts, make_portal

NOW = datetime(2018, 6, 8, tzinfo=UTC)


def ask(grouping: Grouping, catalogue: Catalogue, **period: str):  # type: ignore[no-untyped-def]
    answer = MemoryCounts().statistics("s", NOW, {"group_by": grouping.value, **period})
    return statistics_table(answer, grouping, catalogue)


@pytest.mark.usefixtures("english")
def test_a_question_is_passed_on_in_the_words_of_metrics() -> None:
    query = parse_statistics_query({"by": "office", "from": "2018-06-01", "until": "2018-06-30"})
    assert query.for_metrics() == {"group_by": "office", "from": "2018-06-01", "until": "2018-06-30"}
    assert parse_statistics_query({}).for_metrics() == {"group_by": "procedure"}
    assert parse_statistics_query({"by": "nonsense"}).grouping is Grouping.PROCEDURE


@pytest.mark.usefixtures("english")
def test_wrong_days_are_told_field_by_field() -> None:
    assert set(parse_statistics_query({"from": "1 June", "until": "x"}).errors) == {"from", "until"}
    assert set(parse_statistics_query({"from": "2018-06-02", "until": "2018-06-01"}).errors) == {"until"}


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("grouping", "name"),
    [
        (Grouping.PROCEDURE, "Supplementary declaration before clearance"),
        (Grouping.OFFICE, "30F1 · CC HQ CK Cảng Vũng Áng Hà Tĩnh"),
        (Grouping.LEVEL, "Level 3"),
        (Grouping.CHANNEL, "Online"),
    ],
)
def test_groups_have_names(catalogue: Catalogue, grouping: Grouping, name: str) -> None:
    assert ask(grouping, catalogue).rows[0].name == name


@pytest.mark.usefixtures("english")
def test_a_period_leaves_out_what_metrics_cannot_say(catalogue: Catalogue) -> None:
    table = ask(Grouping.LEVEL, catalogue, until="2018-06-30")
    assert (table.has_open, table.enterprises, table.individuals) == (False, None, None)


@pytest.mark.usefixtures("english")
def test_the_chart_draws_the_largest_rows_and_says_what_it_leaves_out(catalogue: Catalogue) -> None:
    table = ask(Grouping.OFFICE, catalogue)
    chart = on_time_chart(table.rows)
    assert chart is not None
    assert len(chart.bars) == MAX_BARS
    assert chart.left_out == len(table.rows) - MAX_BARS
    sizes = [bar.row.denominator for bar in chart.bars]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.usefixtures("english")
def test_bars_are_as_long_as_their_parts_together_and_do_not_overlap(catalogue: Catalogue) -> None:
    chart = on_time_chart(ask(Grouping.PROCEDURE, catalogue).rows)
    assert chart is not None
    for bar in chart.bars:
        assert bar.end_x == pytest.approx(sum(segment.width for segment in bar.segments), abs=0.01)
    tops = [bar.bar_y for bar in chart.bars]
    assert all(later - earlier > chart.bar_height for earlier, later in pairwise(tops))
    assert max(tops) + chart.bar_height <= chart.height


@pytest.mark.usefixtures("english")
def test_without_resolved_dossiers_there_is_no_chart(catalogue: Catalogue) -> None:
    without_limit = [row for row in ask(Grouping.PROCEDURE, catalogue).rows if not row.denominator]
    assert on_time_chart(without_limit) is None


def a_total(filed: int, **ends: int) -> dict[str, int]:
    return {"filed": filed, "refused_at_intake": 0, "withdrawn": 0, "stopped": 0, "returned": 0, **ends}


def test_how_far_it_has_come_is_said_of_every_end() -> None:
    total = a_total(900, refused_at_intake=50, withdrawn=20, stopped=10, returned=520)
    run = run_progress(total, 1800, timedelta(minutes=1))
    assert (run.filed, run.ended, run.backlog) == (900, 600, 300)
    assert run.per_second == 10
    assert run.time_left == timedelta(minutes=2)
    assert run_progress(total, 650, timedelta(minutes=1)).time_left == timedelta(minutes=1)  # never none while some is


@pytest.mark.parametrize(
    ("total", "elapsed", "per_second"),
    [
        (a_total(9), timedelta(minutes=1), None),
        (a_total(9, returned=9), timedelta(0), None),
        (a_total(20, returned=20), timedelta(seconds=2), 10),  # more than anybody expected
        (a_total(1, returned=1), timedelta(days=100), 1 / (100 * 86400)),  # years
    ],
)
def test_what_is_not_known_of_a_run_is_left_out(
    total: dict[str, int], elapsed: timedelta, per_second: float | None
) -> None:
    run = run_progress(total, 10**9 if total["filed"] == 1 else 9, elapsed)
    assert (run.per_second, run.time_left) == (per_second, None)


@pytest.mark.parametrize("path", ["/statistics", "/fragments/statistics"])
def test_the_page_shows_how_far_a_run_has_come(path: str) -> None:
    opened_at = real_now() - timedelta(seconds=100)
    client = make_portal(expected_dossiers=50_000, created_at=opened_at).test_client()
    client.get(f"/sign-in/{KEY}")
    page = client.get(path, query_string={"by": "office", "until": "2018-06-30"}).text
    assert 'max="50000" value="' in page
    assert "trên 50.000 hồ sơ đã kết thúc" in page
    assert "16:00 thứ Sáu, 08/06/2018" in page
    assert "hồ sơ mỗi giây" in page


def test_a_sandbox_of_which_nobody_said_so_has_no_progress() -> None:
    client = make_portal().test_client()
    client.get(f"/sign-in/{KEY}")
    page = client.get("/statistics").text
    assert "<progress" not in page
    assert 'data-live-url="/fragments/statistics?by=procedure"' in page
