"""The planner's command line, in this process: what it writes, its exit codes, what it says of wrong arguments."""

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from click.testing import CliRunner, Result

from services.contracts.timeliness import Timeliness
from services.planner import __main__ as command
from services.planner.planning import NO_SKILL, run_in_memory
from services.planner.playing import Ends
from services.planner.workload import Queue
from services.simulator.staffing_files import load_staffing
from tests.support.filings import catalogue
from tests.support.reading_pages import Reader

PRESET = ["ha-tinh-2020", "--fraction", "0.1", "--processes", "1", "--replications", "2"]
TOTAL = 158


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English, and the signals as they were."""
    monkeypatch.setenv("MOTCUA_LANG", "en")
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three staffings: one that works, one with other skills, one that is never in time."""
    folder = tmp_path_factory.mktemp("staffings")
    for name, minutes, skills in (
        ("usual", 30, {"dossiers": ["*"]}),
        ("other", 30, {"taxes": ["refund-first"], "dossiers": ["*"]}),
        ("slow", 9000, {"dossiers": ["*"]}),
    ):
        staffing = {
            "discipline": "first-come",
            "skills": skills,
            "service": {"*": {"mean_minutes": minutes, "spread": "fixed"}},
            "shifts": {"day": {"hours": "office"}},
            "desks": [{"office": "*", "skill": skill, "officers": 3, "shift": "day"} for skill in skills],
        }
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(staffing), encoding="utf-8")
    return folder


def plan(*arguments: object) -> Result:
    return CliRunner().invoke(command.main, [str(one) for one in arguments])


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found


def test_a_plan_is_shown_and_written_in_three_ways_and_works_when_it_is_run(files: Path, tmp_path: Path) -> None:
    out = {name: tmp_path / f"found.{name}" for name in ("json", "html", "yaml")}
    more = ["--json", out["json"], "--html", out["html"], "--write", out["yaml"]]
    done = plan(*PRESET, "--staffing", files / "usual.yaml", "--on-time", "0.6", "--seed", "5", *more)
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"{TOTAL} dossiers a run, 2 replications (seeds 5, 6), target on time 60.00%" in done.output

    result = read(out["json"])
    assert (result["version"], result["kind"], result["preset"]) == (1, "plan", "ha-tinh-2020")
    assert (result["seeds"], result["target_ratio"], result["dossiers"]) == ([5, 6], 0.6, TOTAL)
    queues = result["queues"]
    assert sum(queue["dossiers"] for queue in queues) == TOTAL
    assert {queue["officers_now"] for queue in queues} == {3}
    for queue in queues:
        assert queue["on_time"]["officers"] == queue["officers"] >= 1
        assert queue["on_time"]["low"] >= 0.6
        assert queue["load_erlang"] > 0
    assert sum(office["officers"] for office in result["offices"]) == sum(queue["officers"] for queue in queues)
    assert result["confirmed"]["dossiers"] == TOTAL
    assert result["confirmed"]["on_time_ratio"] >= 0.6

    found = load_staffing(str(out["yaml"]), catalogue())
    assert found.to_wire() == result["staffing"]
    for queue in queues:
        assert sum(desk.officers for desk in found.desks_of(queue["office"], queue["skill"])) == queue["officers"]
    assert "Plan of officers: Ha Tinh Customs 2020" in Reader(out["html"].read_text(encoding="utf-8")).text["en"]

    # What was found is a staffing like any other: beside the given one it is in time where that was the target.
    done = plan(*PRESET, "--seed", "5", "--compare", files / "usual.yaml", out["yaml"], "--json", out["json"])
    assert (done.exit_code, done.stderr) == (0, "")
    compared = read(out["json"])
    assert (compared["kind"], compared["names"]) == ("comparison", ["usual", "found"])
    assert compared["total"]["officers"] == [3 * len(queues), sum(queue["officers"] for queue in queues)]
    assert compared["total"]["on_time"][1]["mean"] >= 0.6
    assert compared["total"]["difference"]["mean"] == pytest.approx(
        compared["total"]["on_time"][1]["mean"] - compared["total"]["on_time"][0]["mean"]
    )


def test_the_same_seed_gives_the_same_plan(files: Path, tmp_path: Path) -> None:
    found = []
    for name in ("first", "second"):
        path = tmp_path / name
        assert plan(*PRESET, "--staffing", files / "usual.yaml", "--on-time", "0.6", "--json", path).exit_code == 0
        result = read(path)
        del result["made_at"], result["confirmed"]["seconds"]
        found.append(result)
    assert found[0] == found[1]


def test_a_target_that_cannot_be_reached_is_told_and_is_no_success(files: Path) -> None:
    done = plan(*PRESET, "--staffing", files / "slow.yaml")
    assert done.exit_code == 1
    assert "queues miss the target with any number of officers" in done.output


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("vi", "Chạy lại toàn bộ khác với kết quả tìm kiếm ở 1 hàng chờ: "),
        ("en", "differs from the search at 1 queues: "),
    ],
)
def test_a_plan_that_a_run_of_everything_does_not_confirm_is_given_to_nobody(
    monkeypatch: pytest.MonkeyPatch, files: Path, tmp_path: Path, language: str, sentence: str
) -> None:
    def one_is_late(*arguments: Any, **more: Any) -> dict[Queue, Ends]:
        found = run_in_memory(*arguments, **more)
        queue = min(one for one in found if one.skill != NO_SKILL)
        timely = {how: count - (how is Timeliness.ON_TIME) for how, count in found[queue].timely.items()}
        timely[Timeliness.OVERDUE] += 1
        return {**found, queue: replace(found[queue], timely=timely)}

    monkeypatch.setenv("MOTCUA_LANG", language)
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(command, "run_in_memory", one_is_late)
    out = tmp_path / "found.json"
    done = plan(*PRESET, "--staffing", files / "usual.yaml", "--on-time", "0.6", "--json", out)
    assert done.exit_code == 3
    assert f"{sentence}30BB dossiers." in done.output
    assert not out.exists()


def test_whoever_interrupts_it_is_told(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "plan_queues", interrupted)
    done = plan(*PRESET, "--staffing", files / "usual.yaml")
    assert (done.exit_code, done.output.splitlines()[-1]) == (130, "Stopped.")


def test_help_names_the_command_as_people_call_it() -> None:
    done = plan("--help")
    assert done.exit_code == 0
    assert done.output.startswith("Usage: ./motcua plan [OPTIONS] PRESET")


#: Arguments, exit code, and the sentence in Vietnamese and in English; `{files}` is the folder of the staffings.
MISTAKES: list[tuple[list[str], int, str, str]] = [
    ([], 2, "Thiếu PRESET.", "PRESET is missing."),
    (["--bogus"], 2, "Không có tùy chọn --bogus.", "There is no option --bogus."),
    (["a", "b"], 2, "b: không cần đối số này.", "b: there is no need of this argument."),
    (
        ["a", "--fraction", "2"],
        2,
        "--fraction cần một số lớn hơn 0 đến 1.",
        "--fraction needs a number above 0 up to 1.",
    ),
    (
        ["a", "--on-time", "much"],
        2,
        "--on-time cần một số lớn hơn 0 đến 1.",
        "--on-time needs a number above 0 up to 1.",
    ),
    (
        ["a", "--replications", "0"],
        2,
        "--replications cần một số nguyên từ 1 đến 50.",
        "--replications needs a whole number from 1 up to 50.",
    ),
    (["a", "--seed", "-1"], 2, "--seed cần một số nguyên từ 0.", "--seed needs a whole number from 0."),
    (["a", "--compare", "b"], 2, "--compare cần 2 giá trị.", "--compare needs 2 values."),
    (["a", "--json"], 2, "--json cần một giá trị.", "--json needs a value."),
    (
        ["a", "--compare", "b", "c", "--write", "d"],
        2,
        "--write không dùng cùng --compare.",
        "--write doesn't go with --compare.",
    ),
    (
        ["nope"],
        1,
        "Không có bộ dữ liệu nope; hiện có: ha-tinh-2020,",
        "There is no preset nope; there are: ha-tinh-2020,",
    ),
    (
        ["ha-tinh-2020", "--staffing", "nope"],
        1,
        "--staffing nope: không có phương án nhân sự đó; hiện có:",
        "--staffing nope: there is no such staffing; there are:",
    ),
    (
        ["ha-tinh-2020", "--html", "/nowhere/page.html"],
        1,
        "--html /nowhere: không có thư mục đó.",
        "--html /nowhere: there is no such folder.",
    ),
    (
        ["ha-tinh-2020", "--compare", "{files}/usual.yaml", "{files}/other.yaml"],
        1,
        "--compare {files}/usual.yaml {files}/other.yaml: hai phương án chia lĩnh vực khác nhau",
        "--compare {files}/usual.yaml {files}/other.yaml: their skills are not the same",
    ),
]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("arguments", "code", "vietnamese", "english"), MISTAKES, ids=[" ".join(one[0]) or "none" for one in MISTAKES]
)
def test_a_mistake_is_one_sentence_that_names_the_argument(
    monkeypatch: pytest.MonkeyPatch,
    files: Path,
    language: str,
    arguments: list[str],
    code: int,
    vietnamese: str,
    english: str,
) -> None:
    monkeypatch.setenv("MOTCUA_LANG", language)
    monkeypatch.setenv("COLUMNS", "400")
    done = plan(*(one.format(files=files) for one in arguments))
    assert done.exit_code == code
    assert " ".join(done.output.split()).startswith((vietnamese if language == "vi" else english).format(files=files))
    assert "Usage" not in done.output


def test_a_figure_that_the_preset_does_not_have_is_named() -> None:
    done = plan("ha-tinh-2020", "--set", "nothing=1")
    assert done.exit_code == 1
    assert done.output.startswith("--set nothing=1: there is no such figure")
