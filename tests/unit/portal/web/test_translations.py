"""Nothing is untranslated, fuzzy or out of date; vendored files are the ones that pages name."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
WEB = ROOT / "services/portal/web"


def test_the_catalogue_is_complete_and_compiled() -> None:
    command = [sys.executable, str(ROOT / "tools/update_translations.py"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_static_file_that_is_named_is_there() -> None:
    sources = [*WEB.glob("templates/**/*.html"), WEB / "static/motcua.js"]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    named = set(re.findall(r"filename='([^']+)'", text)) | set(re.findall(r'from "\./([^"]+)"', text))
    assert named
    assert [name for name in named if not (WEB / "static" / name).is_file()] == []


def test_the_vendored_style_sheet_fetches_nothing_and_names_no_font_of_others() -> None:
    (style_sheet,) = WEB.glob("static/vendor/*/govuk-frontend.min.css")
    text = style_sheet.read_text(encoding="utf-8")
    assert "url(" not in text
    assert "GDS Transport" not in text
    assert (style_sheet.parent / "LICENSE.txt").is_file()


def test_templates_stay_short() -> None:
    lengths = {
        path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in WEB.glob("templates/**/*.html")
    }
    assert {name: length for name, length in lengths.items() if length > 100} == {}
