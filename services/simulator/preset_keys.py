"""The figures of a preset by dotted names, such as `declaration_channels.red`: listed, and changed from outside.

Works on the file as it was read, so that a changed figure is checked by the rules of the file's own.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from services.contracts.staffing import WEEKDAYS
from services.runtime.records import DataFileError, Record

#: What stands beside a value to say what it rests on.
_BASIS: Final = ("source", "assumed", "note")

#: What an entry of a list is called by: the first of these that it has.
_NAMES: Final = ("procedure_id", "office_code", "channel", "kind", "first_on")

#: What of an entry is a figure.
_WEIGHT: Final = "weight"

#: What the numbers of a list are called, by how many there are; others by their place from 0, as hours are.
_LABELS: Final[Mapping[int, Sequence[str]]] = {2: ("least", "most"), len(WEEKDAYS): WEEKDAYS}

#: What a changed figure rests on.
_CHANGED: Final = "changed with --set"

#: Keys that the reader of data files adds.
_HIDDEN: Final = "__line__"


class Change(NamedTuple):
    """A figure that is to be another one."""

    key: str
    value: str


class Listed(NamedTuple):
    """A figure of a preset.

    Attributes:
        key: its dotted name.
        value: as text.
        source: the publication; `None`: it is assumed, or no figure at all (a title).
        is_assumed: it is ours.
        note: what else there is to know.
    """

    key: str
    value: str
    source: str | None
    is_assumed: bool
    note: str | None


class _Place(NamedTuple):
    """Where a figure is kept, and with it what it rests on."""

    holder: Any  #: a mapping or a list
    key: Any
    basis: dict[str, Any]  #: the mapping that has `source`, `assumed` and `note`


def parse_change(text: str) -> Change:
    """A change from `KEY=VALUE`.

    Raises:
        DataFileError: there is no `=`, or nothing before it.
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise DataFileError(f"--set {text}: KEY=VALUE is needed, such as dossier_count=2000.")
    return Change(key.strip(), value.strip())


def listed(record: Record) -> list[Listed]:
    """All figures of a preset's file, in its order."""
    return [
        Listed(
            key,
            str(place.holder[place.key]),
            place.basis.get("source"),
            bool(place.basis.get("assumed")),
            place.basis.get("note"),
        )
        for key, place in _figures(record.left, "", {})
    ]


def change(record: Record, wanted: Change) -> None:
    """Put another value in the place of a figure, in what was read of a file.

    Raises:
        DataFileError: no such figure, or a text where a number is needed.
    """
    places = dict(_figures(record.left, "", {}))
    place = places.get(wanted.key)
    if place is None:
        close = difflib.get_close_matches(wanted.key, places, 3, 0.5)
        advice = f"; close to it: {', '.join(close)}" if close else ""
        raise DataFileError(f"--set {wanted.key}={wanted.value}: there is no such figure{advice}.")
    old = place.holder[place.key]
    place.holder[place.key] = _whole(wanted.value) if isinstance(old, int) else wanted.value
    if place.basis:
        place.basis.pop("source", None)
        place.basis.update(assumed=True, note=_CHANGED)


def _figures(mapping: Mapping[str, Any], prefix: str, basis: dict[str, Any]) -> Iterator[tuple[str, _Place]]:
    """Everything under a mapping that can be changed, by its dotted name."""
    for key, value in mapping.items():
        if value is None or key in {_HIDDEN, *_BASIS}:
            continue
        if isinstance(value, dict):
            own = value if any(name in value for name in _BASIS) else basis
            yield from _figures_of(value, f"{prefix}{key}", own)
        elif not isinstance(value, list):
            yield f"{prefix}{key}", _Place(mapping, key, basis)


def _figures_of(mapping: dict[str, Any], name: str, basis: dict[str, Any]) -> Iterator[tuple[str, _Place]]:
    if "value" in mapping:
        yield name, _Place(mapping, "value", basis)
        return
    for items in mapping.values():
        if isinstance(items, list):
            yield from _entries(items, name, basis)
    yield from _figures(mapping, f"{name}.", basis)


def _entries(items: list[Any], name: str, basis: dict[str, Any]) -> Iterator[tuple[str, _Place]]:
    labels = _LABELS.get(len(items), range(len(items)))
    for place, (item, label) in enumerate(zip(items, labels, strict=True)):
        if not isinstance(item, dict):
            yield f"{name}.{label}", _Place(items, place, basis)
        elif _WEIGHT in item:
            called = next((item[key] for key in _NAMES if key in item), label)
            yield f"{name}.{called}", _Place(item, _WEIGHT, basis)


def _whole(text: str) -> int | str:
    """A whole number, or the text itself, which the file's rules will refuse."""
    try:
        return int(text)
    except ValueError:
        return text
