"""Loads the catalogue from the data files of contracts and of the user, and checks it.

Nothing is read at import; `load_catalogue` is called once by each service's bootstrap. Days off that the `holidays`
library computes come from `calendar/holidays.csv`, which `tools/generate_calendar.py` writes and a test compares with
the library: importing the library costs each process two thirds of a second, reading its answers about a millisecond.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

import services.contracts
from services.contracts.catalogue import CalendarData, Catalogue, Confidence, Office, OfficeKind, PublishedTotals
from services.runtime.data_folders import DataFolder, own_folder
from services.runtime.procedure_files import load_procedures
from services.runtime.records import read_csv, read_yaml

#: Where the data files are.
DATA_FOLDER: Final = Path(str(services.contracts.__file__)).parent / "data"

_COMPUTED: Final = "calendar/holidays.csv"
_OVERRIDE: Final = "calendar/holidays_override.csv"

#: First and last day for which the calendar is filled; a deadline beyond them is an error, never a guess.
HORIZON: Final = (date(2016, 1, 1), date(2032, 12, 31))

CALENDAR_COLUMNS: Final = ("date", "kind", "name_vi", "source", "confidence")
_OFFICE_COLUMNS: Final = (
    "code",
    "name_vi",
    "kind",
    "department_code",
    "department_name_vi",
    "department_name_en",
    "source",
    "confidence",
)


class DayKind(StrEnum):
    """What a row of a calendar file says about its day."""

    #: The office is closed.
    OFF = "off"
    #: The office is open: a weekend worked in exchange, or a day off taken back.
    WORK = "work"


def load_catalogue(folder: Path = DATA_FOLDER, own: str = "") -> Catalogue:
    """Return the catalogue of a data folder, with what a user's own files add and change.

    Args:
        folder: Laid out like `services/contracts/data`.
        own: Path of a folder of the same layout, in which anything may be missing; empty: none.

    Raises:
        DataFileError: Something in the files is wrong; the sentence names file, line and field.
    """
    folders = [DataFolder(folder)]
    if own:
        folders.append(own_folder(Path(own)))
    offices = load_offices(folders)
    procedures, own_procedures = load_procedures(folders, offices)
    return Catalogue(
        procedures=procedures,
        offices=offices,
        calendar=_calendar(_calendar_files(folders)),
        published=load_published(folder / "published.yaml"),
        own_procedures=own_procedures,
    )


def load_offices(folders: Sequence[DataFolder]) -> dict[str, Office]:
    """Return the offices of all folders by code; a later folder's row replaces an office or adds one.

    Raises:
        DataFileError: A row is wrong or a folder gives a code twice.
    """
    offices: dict[str, Office] = {}
    for folder in folders:
        offices |= _offices_of(folder)
    return offices


def _offices_of(folder: DataFolder) -> dict[str, Office]:
    file = folder.file("offices.csv")
    offices: dict[str, Office] = {}
    for row in read_csv(file, _OFFICE_COLUMNS, folder.name_of(file)) if file else ():
        office = Office(
            code=row.text("code"),
            name_vi=row.text("name_vi"),
            kind=row.member("kind", OfficeKind),
            department_code=row.text("department_code"),
            department_name_vi=row.text("department_name_vi"),
            department_name_en=row.text("department_name_en"),
            source=row.text("source"),
            confidence=row.member("confidence", Confidence),
        )
        if re.fullmatch(r"[0-9A-Z]{4}", office.code) is None or not office.code.startswith(office.department_code):
            row.fail("code", f"{office.code!r} must be four characters that begin with the department's code")
        if office.code in offices:
            row.fail("code", f"{office.code!r} is given twice")
        offices[office.code] = office
    return offices


def load_calendar(computed: Path, override: Path) -> CalendarData:
    """Return the calendar of two files: what was computed, with the override on top.

    Raises:
        DataFileError: A row is wrong, outside the horizon, or a file gives a day twice.
    """
    return _calendar([(computed, computed.name), (override, override.name)])


def _calendar_files(folders: Sequence[DataFolder]) -> Iterator[tuple[Path, str]]:
    """What was computed, the override on top, and a user's override on top of that; with what messages call them."""
    for folder, path in [(folders[0], _COMPUTED), *((folder, _OVERRIDE) for folder in folders)]:
        if file := folder.file(path):
            yield file, folder.name_of(file)


def _calendar(files: Iterable[tuple[Path, str]]) -> CalendarData:
    kinds: dict[date, DayKind] = {}
    sources: dict[date, str] = {}
    for file, name in files:
        seen: set[date] = set()
        for row in read_csv(file, CALENDAR_COLUMNS, name):
            day = row.day("date")
            if day in seen:
                row.fail("date", f"{day} is given twice")
            if not HORIZON[0] <= day <= HORIZON[1]:
                row.fail("date", f"{day} is outside {HORIZON[0]} to {HORIZON[1]}")
            seen.add(day)
            kinds[day] = row.member("kind", DayKind)
            row.member("confidence", Confidence)
            sources[day] = f"{row.text('name_vi')}; {row.text('source')}"
    return CalendarData(
        days_off=frozenset(day for day, kind in kinds.items() if kind is DayKind.OFF),
        working_weekends=frozenset(day for day, kind in kinds.items() if kind is DayKind.WORK and day.weekday() >= 5),
        first_on=HORIZON[0],
        last_on=HORIZON[1],
        sources=sources,
    )


def load_published(file: Path) -> PublishedTotals:
    """Return what the administration published about its whole list.

    Raises:
        DataFileError: The file is wrong.
    """
    row = read_yaml(file)
    totals = PublishedTotals(
        procedures=row.number("procedures"),
        level_3_or_more=row.number("level_3_or_more"),
        level_4=row.number("level_4"),
        as_of=row.day("as_of"),
        source=row.text("source"),
    )
    row.finish()
    return totals
