"""What the figures of a preset or a staffing rest on, as its file says: a line for each source, note or assumption."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

#: What short names of sources stand for, in the repository.
SOURCES_PAGE: Final = "docs/reference/sources.md"

#: What stands beside figures to say what they rest on.
_BASIS: Final = ("source", "assumed", "note")

#: Keys that say nothing about figures: names and titles, and what the reader of data files adds.
_NO_FIGURES: Final = frozenset({"__line__", "preset", "staffing", "like", "title_vi", "title_en", "published_in"})

#: What an entry of a list is called by: the first of these that it has.
_NAMES: Final = ("procedure_id", "office_code", "office", "channel", "kind", "first_on")

#: Entries of a list that are told one by one; of longer ones only how many there are.
_TOLD_ENTRIES: Final = 8


class Rest(NamedTuple):
    """What some figures rest on.

    Attributes:
        key: Their dotted name in the file.
        value: The figures as text; of a long list only how many.
        source: The publication; `None`: there is none.
        is_assumed: They are ours.
        note: What else there is to know.
    """

    key: str
    value: str
    source: str | None
    is_assumed: bool
    note: str | None


def bases_of(mapping: Mapping[str, Any]) -> Iterator[Rest]:
    """Everything in a file that has a basis, in its order.

    What the file says of itself holds for all of its figures that say nothing else.
    """
    whole = _basis_of(mapping, is_assumed=False)
    if whole != _NOTHING_SAID:
        yield _rest_of_file(mapping, whole)
    yield from _within(mapping, "", is_assumed=whole.is_assumed)


def bases_of_all(mapping: Mapping[str, Any]) -> Iterator[Rest]:
    """As `bases_of`, of a file that needn't say what it rests on: then that is what is told of its figures."""
    if mapping and _basis_of(mapping, is_assumed=False) == _NOTHING_SAID:
        yield _rest_of_file(mapping, _NOTHING_SAID)
    yield from bases_of(mapping)


class _Basis(NamedTuple):
    source: str | None
    is_assumed: bool
    note: str | None


_NOTHING_SAID: Final = _Basis(None, False, None)


def _basis_of(mapping: Mapping[str, Any], *, is_assumed: bool) -> _Basis:
    """What a mapping says of its figures; an assumption around it holds where it names no source."""
    source = mapping.get("source")
    return _Basis(source, bool(mapping.get("assumed", is_assumed and source is None)), mapping.get("note"))


def _rest_of_file(mapping: Mapping[str, Any], basis: _Basis) -> Rest:
    """The figures of a file that have no basis of their own."""
    figures = {key: item for key, item in mapping.items() if key not in _BASIS and not _is_told(key, item)}
    return Rest(", ".join(figures), _text_of(figures), *basis)


def _is_told(key: str, value: Any) -> bool:
    return key in _NO_FIGURES or _has_basis(value)


def _within(mapping: Mapping[str, Any], prefix: str, *, is_assumed: bool) -> Iterator[Rest]:
    for key, value in mapping.items():
        if isinstance(value, dict) and key not in _NO_FIGURES:
            name, basis = f"{prefix}{key}", _basis_of(value, is_assumed=is_assumed)
            if _has_basis(value):
                figures = {inner: item for inner, item in value.items() if inner not in _BASIS}
                yield Rest(name, _text_of(figures), *basis)
            yield from _within(value, f"{name}.", is_assumed=basis.is_assumed)


def _text_of(value: Any) -> str:
    """Figures as text, without those that have a basis of their own."""
    if isinstance(value, dict):
        parts = {key: item for key, item in value.items() if not _is_told(key, item)}
        if parts.keys() <= {"value"} or len(parts) == 1:
            return "".join(_text_of(item) for item in parts.values())
        return ", ".join(f"{key} {_text_of(item)}" for key, item in parts.items())
    if isinstance(value, list):
        if all(isinstance(item, dict) for item in value):
            return ", ".join(map(_entry, value)) if len(value) <= _TOLD_ENTRIES else f"… ({len(value)})"
        return " ".join(map(str, value))
    return str(value)


def _has_basis(value: Any) -> bool:
    return isinstance(value, dict) and any(word in value for word in _BASIS)


def _entry(item: Mapping[str, Any]) -> str:
    name = next((str(item[key]) for key in _NAMES if key in item), "")
    return f"{name} {item['weight']}" if "weight" in item else name
