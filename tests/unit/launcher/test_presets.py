"""`./motcua presets`: lists and shows; what is wrong is a sentence and exit code 1."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.launcher.cli import cli


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_LANG", "en")


def motcua(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["presets", *arguments])


def test_shipped_presets_are_listed() -> None:
    done = motcua()
    assert done.exit_code == 0
    assert "national-2018-q2" in done.output
    assert "3,042,092" in done.output


def test_one_is_shown_with_what_was_set() -> None:
    done = motcua("show", "ha-tinh-2020", "--set", "dossier_count=2000", "--set", "offices.30BB=99")
    assert done.exit_code == 0
    assert "dossier_count  2000" in done.output
    assert "offices.30BB  99" in done.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show", "nowhere"], "There is no preset nowhere; there are: ha-tinh-2020, "),
        (["show", "ha-tinh-2020", "--set", "seed"], "--set seed: KEY=VALUE is needed"),
        (["show", "ha-tinh-2020", "--set", "seed=-1"], "ha-tinh-2020.yaml with --set seed=-1, line "),
        (["show", "absent.yaml"], "absent.yaml can't be read"),
    ],
)
def test_a_mistake_is_one_sentence(arguments: list[str], sentence: str) -> None:
    done = motcua(*arguments)
    assert done.exit_code == 1
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1


def test_the_example_of_the_guide_works(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[3] / "docs/how-to/make-a-preset.md").read_text(encoding="utf-8")
    lines = guide.split("## Write one", 1)[1].split("./motcua", 1)[0].splitlines()
    file = tmp_path / "my-port.yaml"
    file.write_text("\n".join(line.removeprefix("    ") for line in lines), encoding="utf-8")
    done = motcua("show", str(file))
    assert done.exit_code == 0, done.stderr
    assert "my-port: My port" in done.output
    assert "declaration_count  40,000\n    Source: our annual report" in done.output
    assert "peaks." not in done.output
    assert "offices.30CC  1" in done.output
