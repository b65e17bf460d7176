"""Writes `calendar/holidays.csv`: what the `holidays` library says about Vietnam within the catalogue's horizon.

Run after upgrading the library; `--check` only compares and exits 1 when the file is out of date.
"""

import csv
import io
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import holidays

sys.path.insert(0, str(Path(__file__).parent.parent))

from services.runtime.catalogue import CALENDAR_COLUMNS, DATA_FOLDER, HORIZON

FILE = DATA_FOLDER / "calendar" / "holidays.csv"


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield the rows in order of date."""
    years = range(HORIZON[0].year, HORIZON[1].year + 1)
    found = holidays.country_holidays("VN", years=years, language="vi")
    names = {day: ("off", name) for day, name in found.items()}
    names |= dict.fromkeys(found.weekend_workdays, ("work", "Ngày làm bù"))
    source = f"holidays {version('holidays')}"
    for day, (kind, name) in sorted(names.items()):
        if HORIZON[0] <= day <= HORIZON[1]:
            yield day.isoformat(), kind, name, source, "medium"


def text() -> str:
    """Return the whole file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CALENDAR_COLUMNS)
    writer.writerows(rows())
    return out.getvalue()


def main() -> int:
    """Write the file, or compare it with `--check`."""
    wanted = text()
    if "--check" in sys.argv[1:]:
        return 0 if FILE.read_text(encoding="utf-8") == wanted else 1
    FILE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
