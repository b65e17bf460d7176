"""The counts of one partition in memory: what the tables hold, as plain values, and how two of them differ.

A recount fills one from the ledger and compares it with one read from the tables. Not used to answer questions.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from services.metrics.domain.counting import (
    MEASURE_NAMES,
    Changes,
    ContestedEnd,
    LateRow,
    Tally,
    TallyKey,
)
from services.metrics.domain.sifting import Subject
from services.metrics.domain.standing import OpenDossier

#: What tables have rows of.
Row = TallyKey | OpenDossier | ContestedEnd | LateRow


class Difference(NamedTuple):
    """One thing that isn't the same in the tables and in the ledger."""

    what: str  #: `tally`, `open`, `late`, `contested` or `subjects`
    key: dict[str, Any]  #: which one
    in_tables: dict[str, Any] | None  #: `None`: not there
    in_ledger: dict[str, Any] | None  #: `None`: not there


@dataclass(slots=True)
class Counts:
    """Everything counted about one partition."""

    tallies: dict[TallyKey, Tally] = field(default_factory=dict)
    open: dict[int, OpenDossier] = field(default_factory=dict)  #: by number
    late: set[LateRow] = field(default_factory=set)
    contested: dict[int, ContestedEnd] = field(default_factory=dict)  #: by number
    subjects: set[Subject] = field(default_factory=set)

    def apply(self, changes: Changes) -> None:
        """Take over the changes of the next slice; does what the SQL of the tables does."""
        for key, tally in changes.tallies.items():
            known = self.tallies.get(key)
            self.tallies[key] = tally[:] if known is None else [a + b for a, b in zip(known, tally, strict=True)]
        for number in changes.closed:
            self.open.pop(number, None)
        self.open |= changes.opened
        self.open |= changes.changed
        self.late.update(changes.late_rows)
        self.contested |= changes.contested
        self.subjects |= changes.subjects


def differences(*, tables: Counts, ledger: Counts) -> Iterator[Difference]:
    """How the tables differ from the ledger; nothing when they are equal. People are counted, not named."""
    for key in sorted(tables.tallies.keys() | ledger.tallies.keys()):
        in_tables, in_ledger = tables.tallies.get(key), ledger.tallies.get(key)
        if in_tables != in_ledger:
            yield Difference("tally", _to_wire(key) or {}, _tally_to_wire(in_tables), _tally_to_wire(in_ledger))
    yield from _by_number("open", tables.open, ledger.open)
    yield from _by_number("contested", tables.contested, ledger.contested)
    late_in_tables, late_in_ledger = _late_by_key(tables.late), _late_by_key(ledger.late)
    for late_key in sorted(late_in_tables.keys() | late_in_ledger.keys()):
        is_late, should_be = late_in_tables.get(late_key), late_in_ledger.get(late_key)
        if is_late != should_be:
            number, first_on, views = late_key
            wire_key = {"number": number, "first_on": first_on.isoformat(), "views": views}
            yield Difference("late", wire_key, _to_wire(is_late), _to_wire(should_be))
    yield from _subject_differences(tables.subjects, ledger.subjects)


def _by_number(what: str, tables: Mapping[int, Row], ledger: Mapping[int, Row]) -> Iterator[Difference]:
    for number in sorted(tables.keys() | ledger.keys()):
        in_tables, in_ledger = tables.get(number), ledger.get(number)
        if in_tables != in_ledger:
            yield Difference(what, {"number": number}, _to_wire(in_tables), _to_wire(in_ledger))


def _late_by_key(rows: Iterable[LateRow]) -> dict[tuple[int, date, int], LateRow]:
    return {(row.number, row.first_on, row.views): row for row in rows}


def _subject_differences(tables: set[Subject], ledger: set[Subject]) -> Iterator[Difference]:
    for group in sorted({(subject.procedure_id, subject.applicant_kind) for subject in tables ^ ledger}):
        yield Difference(
            "subjects",
            {"procedure_id": group[0], "applicant_kind": group[1]},
            {"count": _sizes(tables)[group], "not_in_ledger": _sizes(tables - ledger)[group]},
            {"count": _sizes(ledger)[group], "not_in_tables": _sizes(ledger - tables)[group]},
        )


def _sizes(subjects: Iterable[Subject]) -> Counter[tuple[str, str]]:
    return Counter((subject.procedure_id, subject.applicant_kind) for subject in subjects)


def _tally_to_wire(tally: Tally | None) -> dict[str, Any] | None:
    return None if tally is None else {name: n for name, n in zip(MEASURE_NAMES, tally, strict=True) if n}


def _to_wire(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {name: _value_to_wire(value) for name, value in row._asdict().items()}


def _value_to_wire(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return list(map(_value_to_wire, value)) if isinstance(value, tuple) else value
