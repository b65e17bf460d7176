"""Puts the parts of GOV.UK Frontend that the pages use into `services/portal/web/static/vendor/`, ready to serve.

Needs npm and a network, so it runs by hand when the version below changes; the result is committed and pages need
neither. The style sheet is compiled with our colours and fonts (tools/frontend/govuk.scss); the package's fonts, crown
and images may be used on GOV.UK only and are not taken. After a change of version, correct it in the templates, in
motcua.js and in the tests' eyes: `tests/unit/portal/web/test_translations.py` names what still points elsewhere.

    python tools/vendor_frontend.py
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

GOVUK_FRONTEND_VERSION = "6.6.0"
SASS_VERSION = "1.108.2"

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "tools" / "frontend"
TARGET = ROOT / "services/portal/web/static/vendor" / f"govuk-frontend-{GOVUK_FRONTEND_VERSION}"


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packages = [f"govuk-frontend@{GOVUK_FRONTEND_VERSION}", f"sass@{SASS_VERSION}"]
        run(folder, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *packages)
        TARGET.mkdir(parents=True, exist_ok=True)
        write_style_sheet(folder)
        write_script(folder)
    shutil.copyfile(SOURCES / "LICENSE.govuk-frontend.txt", TARGET / "LICENSE.txt")
    print(f"Written: {TARGET.relative_to(ROOT)}")
    return 0


def write_style_sheet(folder: Path) -> None:
    style_sheet = TARGET / "govuk-frontend.min.css"
    modules = str(folder / "node_modules")
    run(folder, str(folder / "node_modules/.bin/sass"), "--style=compressed", "--no-source-map", "--no-charset",
        "--load-path", modules, str(SOURCES / "govuk.scss"), str(style_sheet))  # fmt: skip
    for forbidden in ("GDS Transport", "url("):
        if forbidden in style_sheet.read_text(encoding="utf-8"):
            raise SystemExit(f"The compiled style sheet still has {forbidden!r}; see tools/frontend/govuk.scss.")


def write_script(folder: Path) -> None:
    script = (folder / "node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js").read_text(encoding="utf-8")
    without_map, _, _ = script.partition("//# sourceMappingURL=")
    (TARGET / "govuk-frontend.min.js").write_text(without_map.rstrip() + "\n", encoding="utf-8")


def run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True)


if __name__ == "__main__":
    sys.exit(main())
