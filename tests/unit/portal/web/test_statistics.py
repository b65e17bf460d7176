"""Statistics: the question, the table, the chart."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from services.contracts.catalogue import Catalogue
from services.portal.web.view_models.chart import MAX_BARS, on_time_chart
from services.portal.web.view_models.statistics import Grouping, parse_statistics_query, statistics_table
from tests.support.fakes import MemoryCounts

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
