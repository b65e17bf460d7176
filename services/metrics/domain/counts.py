"""The counts of one partition in memory: what the tables hold, as plain values, and how two of them differ.

A recount fills one from the ledger and compares it with one read from the tables. Not used to answer questions.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.metrics.domain.counting import MEASURE_NAMES, Changes, OpenDossier, Subject, Tally, TallyKey


class Difference(NamedTuple):
    """One thing that isn't the same in the tables and in the ledger."""

    what: str  #: `tally`, `open` or `subjects`
    key: dict[str, Any]  #: which one
    in_tables: dict[str, Any] | None  #: `None`: not there
    in_ledger: dict[str, Any] | None  #: `None`: not there


@dataclass(slots=True)
class Counts:
    """Everything counted about one partition."""

    tallies: dict[TallyKey, Tally] = field(default_factory=dict)
    open: dict[int, OpenDossier] = field(default_factory=dict)  #: by number
    subjects: set[Subject] = field(default_factory=set)

    def apply(self, changes: Changes) -> None:
        """Take over the changes of the next slice; does what the SQL of the tables does."""
        for key, tally in changes.tallies.items():
            known = self.tallies.get(key)
            self.tallies[key] = tally[:] if known is None else [a + b for a, b in zip(known, tally, strict=True)]
        for number in changes.closed:
            self.open.pop(number, None)
        self.open.update(changes.opened)
        for number, due_at in changes.moved.items():
            if number in self.open:
                self.open[number] = self.open[number]._replace(due_at=due_at)
        self.subjects |= changes.subjects


def differences(*, tables: Counts, ledger: Counts) -> Iterator[Difference]:
    """How the tables differ from the ledger; nothing when they are equal. People are counted, not named."""
    for key in sorted(tables.tallies.keys() | ledger.tallies.keys()):
        in_tables, in_ledger = tables.tallies.get(key), ledger.tallies.get(key)
        if in_tables != in_ledger:
            yield Difference("tally", _key_to_wire(key), _tally_to_wire(in_tables), _tally_to_wire(in_ledger))
    for number in sorted(tables.open.keys() | ledger.open.keys()):
        is_open, should_be_open = tables.open.get(number), ledger.open.get(number)
        if is_open != should_be_open:
            yield Difference("open", {"number": number}, _open_to_wire(is_open), _open_to_wire(should_be_open))
    groups = Counter((subject.procedure_id, subject.applicant_kind) for subject in tables.subjects ^ ledger.subjects)
    for group in sorted(groups):
        yield Difference(
            "subjects",
            {"procedure_id": group[0], "applicant_kind": group[1]},
            {"count": _size(tables, group), "not_in_ledger": _size_of(tables.subjects - ledger.subjects, group)},
            {"count": _size(ledger, group), "not_in_tables": _size_of(ledger.subjects - tables.subjects, group)},
        )


def _size(counts: Counts, group: tuple[str, str]) -> int:
    return _size_of(counts.subjects, group)


def _size_of(subjects: set[Subject], group: tuple[str, str]) -> int:
    return sum((subject.procedure_id, subject.applicant_kind) == group for subject in subjects)


def _key_to_wire(key: TallyKey) -> dict[str, Any]:
    return {**key._asdict(), "day": key.day.isoformat()}


def _tally_to_wire(tally: Tally | None) -> dict[str, Any] | None:
    return None if tally is None else {name: n for name, n in zip(MEASURE_NAMES, tally, strict=True) if n}


def _open_to_wire(dossier: OpenDossier | None) -> dict[str, Any] | None:
    if dossier is None:
        return None
    return {**dossier._asdict(), "due_at": dossier.due_at.isoformat() if dossier.due_at else None}
