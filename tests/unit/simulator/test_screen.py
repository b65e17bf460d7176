"""What a person sees: both languages say the same, the figures are written their way, nothing is cut off."""

import string
from datetime import date

import pytest
from rich.console import Console

from services.contracts.vocabulary import ApplicantKind
from services.simulator import screen
from services.simulator.arrivals import start_of_day
from services.simulator.driver import Progress, Stage
from services.simulator.messages import MESSAGES, day, number, percent
from services.simulator.preset import Preset
from services.simulator.report import Check, Counts, DayCounts, Report
from services.simulator.sent import Sent


@pytest.mark.parametrize("key", MESSAGES)
def test_both_languages_say_the_same_things(key: str) -> None:
    vietnamese, english = (
        sorted((name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name) for text in MESSAGES[key]
    )
    assert vietnamese == english


def test_every_stage_has_its_sentence() -> None:
    assert {f"stage-{stage}" for stage in Stage} <= MESSAGES.keys()


@pytest.mark.parametrize(
    ("language", "thousands", "ratio", "written"),
    [("vi", "1.579", "99,6%", "05/06/2018"), ("en", "1,579", "99.6%", "5 Jun 2018")],
)
def test_figures_are_written_as_the_language_does(
    monkeypatch: pytest.MonkeyPatch, language: str, thousands: str, ratio: str, written: str
) -> None:
    monkeypatch.setenv("MOTCUA_LANG", language)
    assert (number(1579), percent(0.9961), day(date(2018, 6, 5))) == (thousands, ratio, written)


@pytest.mark.parametrize(
    ("ratio", "written"), [(1.0, "100.0%"), (1578 / 1579, "99.9%"), (0.29, "29.0%"), (0.0, "0.0%"), (None, "–")]
)
def test_a_rate_is_never_rounded_up_to_all(monkeypatch: pytest.MonkeyPatch, ratio: float | None, written: str) -> None:
    monkeypatch.setenv("MOTCUA_LANG", "en")
    assert percent(ratio) == written


def report_of(preset: Preset, *failed: Check) -> Report:
    counts = Counts(1579, 14, 4, 0, 1561, 1457, 55, 2, 47, 0, 9, 4)
    nothing = Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    first, *others = (share.procedure_id for share in preset.procedures)
    return Report(
        rows=((first, counts), *((name, nothing) for name in others)),
        offices=(("30CF", counts),),
        days=(DayCounts(date(2020, 1, 2), 1579, 1579, 1561, 1579, 0),),
        total=counts,
        sent=Sent(1579, 3, {}, {}, {}, {}, (), {ApplicantKind.ENTERPRISE: 366}),
        refused_codes={"invalid-body": 3},
        fact_count=8158,
        failed=frozenset(failed),
    )


@pytest.mark.parametrize("width", [80, 96, 140])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_table_fits_the_terminal_with_every_figure_whole(
    monkeypatch: pytest.MonkeyPatch, ha_tinh: Preset, width: int, language: str
) -> None:
    monkeypatch.setenv("MOTCUA_LANG", language)
    console = Console(width=width, record=True, quiet=False, file=None, color_system=None)
    with console.capture() as captured:
        screen.show_report(console, ha_tinh, report_of(ha_tinh))
    lines = captured.get().splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in captured.get()
    total = next(line for line in lines if line.lstrip().startswith(("Total", "Tổng cộng")))
    rate = "99.8%" if language == "en" else "99,8%"
    assert total.split()[-9:] == [number(1579), "18", number(1561), number(1457), "55", "2", "47", "0", rate]


def test_a_difference_from_the_ledger_is_said_loudly(monkeypatch: pytest.MonkeyPatch, ha_tinh: Preset) -> None:
    monkeypatch.setenv("MOTCUA_LANG", "en")
    console = Console(width=100, color_system=None)
    with console.capture() as captured:
        screen.show_report(console, ha_tinh, report_of(ha_tinh, Check.RECOUNT_EQUAL))
    assert "✗ The counts DIFFER from a recount of the ledger (8,158 facts)" in captured.get()


def test_what_the_door_refused_is_named(monkeypatch: pytest.MonkeyPatch, ha_tinh: Preset) -> None:
    monkeypatch.setenv("MOTCUA_LANG", "en")
    console = Console(width=100, color_system=None)
    with console.capture() as captured:
        screen.show_report(console, ha_tinh, report_of(ha_tinh))
    assert "✓ 1,582 sent = 1,579 filed + 3 refused at the door" in captured.get()
    assert "refused at the door: invalid-body 3" in captured.get()
    assert "9 of these were withdrawn or stopped after receipt" in captured.get()


def test_a_log_gets_a_line_for_each_stage_and_tenth_and_no_more(
    monkeypatch: pytest.MonkeyPatch, ha_tinh: Preset
) -> None:
    monkeypatch.setenv("MOTCUA_LANG", "en")
    console = Console(width=100, color_system=None, force_terminal=False)
    now = start_of_day(date(2020, 3, 2))
    with console.capture() as captured, screen.ProgressDisplay(console) as display:
        for filed in range(1580):
            display.show(Progress(Stage.FILING, now, 1579, filed, filed, filed))
        display.show(Progress(Stage.RECOUNTING, now, 1579, 1579, 1579, 1579))
    lines = captured.get().splitlines()
    assert len(lines) == 12
    assert lines[0].split()[:7] == ["2", "Mar", "2020", "Filing", "and", "processing", "0"]
    assert "Recounting the ledger" in lines[-1]
