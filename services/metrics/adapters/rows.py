"""How open dossiers lie in their table: as their fields, but for the late days, which are JSON of numbers.

A span of late days is [first day, day after the last, views], days counted from `FIRST_DAY`; a dossier that never was
late, as nearly all, has null.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import orjson

from services.metrics.domain.standing import LateSpan, OpenDossier

#: Day 0 of late days in JSON; PostgreSQL subtracts it from a date as well.
FIRST_DAY: Final = date(2000, 1, 1)

#: Where in an `OpenDossier` the late days are: last.
_LATE: Final = OpenDossier._fields.index("late")


def open_row(dossier: OpenDossier) -> tuple[Any, ...]:
    """An open dossier's columns after its number."""
    return (*dossier[:_LATE], _to_json(dossier.late) if dossier.late else None)


def open_dossier(row: Sequence[Any]) -> OpenDossier:
    """Inverse of `open_row`, the JSON already parsed."""
    if row[_LATE] is None:
        return OpenDossier._make((*row[:_LATE], ()))
    late = tuple(LateSpan(_day(first), _day(until), views) for first, until, views in row[_LATE])
    return OpenDossier._make((*row[:_LATE], late))


def _to_json(late: Sequence[LateSpan]) -> str:
    spans = [[(first - FIRST_DAY).days, (until - FIRST_DAY).days, views] for first, until, views in late]
    return orjson.dumps(spans).decode()


def _day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)
