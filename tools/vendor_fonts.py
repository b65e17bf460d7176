"""Puts the typeface of the papers into `services/portal/data/fonts/`: Tinos, as wide as Times New Roman.

Needs npm and a network, so it runs by hand when the version below changes; the result is committed. From the fonts that
Google Fonts publishes, letters of European scripts with everything Vietnamese are kept, hints and layout tables are
not: a paper embeds the few letters that it uses, and is made in two thirds of the time from the small files. The
licence (SIL OFL 1.1, no reserved name) lies beside the fonts.

    python tools/vendor_fonts.py
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

PACKAGE = "@expo-google-fonts/tinos"
PACKAGE_VERSION = "0.4.2"
FONT_VERSION = "1.340"

#: Our name of a face → its file in the package.
FACES = {
    "regular": "400Regular/Tinos_400Regular.ttf",
    "bold": "700Bold/Tinos_700Bold.ttf",
    "italic": "400Regular_Italic/Tinos_400Regular_Italic.ttf",
    "bold-italic": "700Bold_Italic/Tinos_700Bold_Italic.ttf",
}

#: Basic Latin to Latin Extended-B, combining marks, Greek, Cyrillic, Latin Extended Additional (Vietnamese), general
#: punctuation, đồng and euro, numero and trade mark signs, arrows, a few mathematical signs and shapes.
LETTERS = (
    (0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x45F), (0x1E00, 0x1EFF), (0x2000, 0x206F),
    (0x20AB, 0x20AC), (0x2116, 0x2116), (0x2122, 0x2122), (0x2190, 0x2193), (0x2212, 0x2212), (0x2260, 0x2265),
    (0x25A0, 0x25A1), (0x25CF, 0x25CF),
)  # fmt: skip

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "services/portal/data/fonts" / f"tinos-{FONT_VERSION}"


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(
            ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", f"{PACKAGE}@{PACKAGE_VERSION}"],
            cwd=folder,
            check=True,
        )
        source = folder / "node_modules" / PACKAGE
        TARGET.mkdir(parents=True, exist_ok=True)
        for face, path in FACES.items():
            write_face(source / path, TARGET / f"{face}.ttf")
        shutil.copyfile(source / "LICENSE_FONT", TARGET / "LICENSE.txt")
    print(f"Written: {TARGET.relative_to(ROOT)}")
    return 0


def write_face(source: Path, target: Path) -> None:
    options = Options()
    options.hinting = options.glyph_names = False
    options.layout_features = []
    options.notdef_outline = True
    options.name_IDs = ["*"]
    font = TTFont(source, recalcTimestamp=False)
    if FONT_VERSION not in str(font["name"].getDebugName(5)):
        raise SystemExit(f"{source.name} is {font['name'].getDebugName(5)}, not version {FONT_VERSION}.")
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[letter for first, last in LETTERS for letter in range(first, last + 1)])
    subsetter.subset(font)
    font.save(target)


if __name__ == "__main__":
    sys.exit(main())
