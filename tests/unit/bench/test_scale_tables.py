"""The tables of the page on scale, made from measurements."""

import re

from tests.bench.scale_tables import PAGE, TABLES, cost_table, hundredfold_table, room_table, scaling_table, with_tables

MEASURED = {
    "quarter": {
        "cpu_us_per_dossier": {"processing-worker": 100.0, "metrics-counter": 20.0},
        "disk_bytes_per_dossier": 1500.0,
        "facts": 4000,
        "dossiers": 1000,
        "memory_gib": 1.25,
    },
    "received": {"cpu_ms_per_filing": {"processing-worker": 1.5, "portal-web": 2.0}},
}
ROW = {"partitions": 2, "workers": 1, "dossiers_per_second": 3456.7, "cpu_cores_used": 1.5, "cpu_us_sum": 390.0,
       "memory_gib": 0.9}  # fmt: skip


def cells(table: str) -> dict[str, list[str]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {row[0]: row[1:] for row in rows}


def test_cost_says_what_a_processor_carries_and_leaves_out_what_was_not_measured() -> None:
    rows = cells(cost_table(MEASURED))
    assert rows["processing-worker"] == ["100", "10,000", "1,500"]
    assert rows["metrics-counter"] == ["20", "50,000", "0"]
    assert rows["portal-web"] == ["", "", "2,000"]
    assert rows["**together**"] == ["120", "", "3,500"]


def test_hundredfold_multiplies_cost_by_rate() -> None:
    """230 filings a second at 1.5 ms, twofold; 500,000 dossiers a second at 100 us."""
    rows = cells(hundredfold_table(MEASURED))
    assert rows["processing-worker"] == ["0.7", "50.0"]
    assert rows["**together**"] == ["1.6", "60.0"]


def test_room_multiplies_what_a_dossier_leaves() -> None:
    rows = cells(room_table(MEASURED))
    assert rows["disk a quarter"] == ["4.6 GB", "460 GB"]
    assert rows["disk a year"] == ["18 GB", "1.8 TB"]


def test_scaling_has_a_row_for_each_run() -> None:
    assert cells(scaling_table({"scaling": [ROW]}))["2"] == ["1", "3,457", "1.50", "390", "0.90"]


def test_only_tables_that_can_be_made_are_replaced() -> None:
    page = (
        "before\n<!-- bench: room -->\nold\n<!-- /bench -->\nbetween\n<!-- bench: scaling -->\nkept\n<!-- /bench -->\n"
    )
    found = with_tables(page, MEASURED)
    assert "old" not in found
    assert "| disk a year | 18 GB | 1.8 TB |" in found
    assert found.startswith("before\n")
    assert "between\n<!-- bench: scaling -->\nkept\n<!-- /bench -->\n" in found
    assert with_tables(found, MEASURED) == found


def test_page_has_a_place_for_every_table() -> None:
    names = re.findall(r"<!-- bench: (\w+) -->", PAGE.read_text(encoding="utf-8"))
    assert sorted(names) == sorted(TABLES)
