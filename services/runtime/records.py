"""Data files read record by record, each record knowing the file and line it came from.

It knows CSV, YAML and how to complain; it doesn't know what procedures or offices are.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import yaml

from services.runtime.errors import ConfigurationError

#: Key under which a mapping keeps the lines of its keys, and its own beside them under the same name.
_LINE: Final = "__line__"
#: Where something stands: the file as messages name it, and the line.
Place = tuple[str, int]

_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")


class DataFileError(ConfigurationError):
    """A data file is wrong; the message is one sentence with file, line and field."""


class Record:
    """One row or mapping of a data file, taken apart field by field.

    Each reader method removes its field, so that `finish` can name what nobody asked for.
    """

    def __init__(
        self,
        place: Place,
        values: Mapping[str, Any],
        lines: Mapping[str, int] | None = None,
        places: Mapping[str, Place] | None = None,
    ) -> None:
        """Hold the fields of one record.

        Args:
            place: File and line where the record begins.
            values: The fields.
            lines: Where fields begin, when that is known better than by `place`.
            places: Where fields stand that came from another record.
        """
        self._place = place
        self._values = dict(values)
        self._lines = lines or {}
        self._places = places or {}

    def changed_by(self, other: "Record") -> "Record":
        """The same record with the fields of another one in place of its own; each remembers where it stands."""
        places = {**self._places, **{field: other.place_of(field) for field in other.left}}
        return Record(self._place, {**self._values, **other.left}, self._lines, places)

    def without(self, *fields: str) -> "Record":
        """The same record without some fields."""
        kept = {field: value for field, value in self._values.items() if field not in fields}
        return Record(self._place, kept, self._lines, self._places)

    def copy(self) -> "Record":
        """The same record, to be taken apart once more."""
        return Record(self._place, self._values, self._lines, self._places)

    @property
    def left(self) -> Mapping[str, Any]:
        """The fields that nobody took yet."""
        return self._values

    def place_of(self, field: str) -> Place:
        """Where a field stands; one that is missing, where the record begins."""
        if field in self._places:
            return self._places[field]
        file, line = self._place
        return file, self._lines.get(field, line)

    def fail(self, field: str, problem: str) -> NoReturn:
        """Raise the error that names file, line and field.

        Raises:
            DataFileError: Always; whoever edited the file corrects it.
        """
        file, line = self.place_of(field)
        raise DataFileError(f"{file}, line {line}, {field}: {problem}.")

    def has(self, field: str) -> bool:
        """Tell whether the field is there and isn't empty or null."""
        return self._values.get(field) not in (None, "")

    def holds_text(self, field: str) -> bool:
        """Tell whether the field is a text, where a mapping or a list may stand as well."""
        return isinstance(self._values.get(field), str)

    def text(self, field: str) -> str:
        """Take a text that isn't empty."""
        return self._take(field, str, "a text")

    def slug(self, field: str, joint: str) -> str:
        """Take a name of lower-case words and numbers joined by a character; it may lead a path or a URL."""
        text = self.text(field)
        if re.fullmatch(rf"[a-z][a-z0-9]*({joint}[a-z0-9]+)*", text) is None:
            self.fail(field, f"{text!r} must be lower-case words joined by {joint}")
        return text

    def number(self, field: str) -> int:
        """Take a whole number."""
        value = self._take(field, int, "a whole number")
        if isinstance(value, bool):
            self.fail(field, f"a whole number is needed, not {value!r}")
        return value

    def flag(self, field: str) -> bool:
        """Take true or false."""
        return self._take(field, bool, "true or false")

    def scalar(self, field: str) -> str | int | bool:
        """Take a text, a whole number or a truth value."""
        value = self._take(field, object, "a text, a whole number or a truth value")
        if not isinstance(value, str | int | bool):
            self.fail(field, f"a text, a whole number or a truth value is needed, not {value!r}")
        return value

    def optional(self, field: str, reader: Callable[[str], _T]) -> _T | None:
        """Take the field with `reader`; None when it is absent, empty or null."""
        if self.has(field):
            return reader(field)
        self._values.pop(field, None)
        return None

    def day(self, field: str) -> date:
        """Take a date, written year-month-day."""
        text = self.text(field)
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fail(field, f"{text!r} is not a date such as 2018-06-05")

    def member(self, field: str, kind: type[_E]) -> _E:
        """Take one of the values of an enumeration."""
        text = self.text(field)
        try:
            return kind(text)
        except ValueError:
            self.fail(field, f"{text!r} is none of {', '.join(kind)}")

    def texts(self, field: str) -> tuple[str, ...]:
        """Take a list of texts, at least one."""
        values = self._take(field, list, "a list")
        if not all(isinstance(value, str) and value for value in values):
            self.fail(field, "each entry must be a text")
        return tuple(values)

    def numbers(self, field: str) -> tuple[int, ...]:
        """Take a list of whole numbers, at least one."""
        values = self._take(field, list, "a list")
        if not all(type(value) is int for value in values):
            self.fail(field, "each entry must be a whole number")
        return tuple(values)

    def records(self, field: str) -> list["Record"]:
        """Take a list of mappings, at least one."""
        values = self._take(field, list, "a list")
        if not all(isinstance(value, dict) for value in values):
            self.fail(field, "each entry must be a mapping")
        file = self.place_of(field)[0]
        return [_as_record(file, value) for value in values]

    def record(self, field: str) -> "Record":
        """Take a mapping."""
        return _as_record(self.place_of(field)[0], self._take(field, dict, "a mapping"))

    def all_texts(self) -> dict[str, str]:
        """Take every field there is, each a text."""
        return {field: self.text(field) for field in list(self._values)}

    def finish(self) -> None:
        """Refuse fields that nobody took: a misspelt optional field must not go unnoticed.

        Raises:
            DataFileError: There is one.
        """
        for field in self._values:
            self.fail(field, "no such field is known here")

    def _take(self, field: str, kind: type[_T], wanted: str) -> _T:
        if not self.has(field):
            self.fail(field, f"{wanted} is needed, but it is empty or missing")
        value = self._values.pop(field)
        if not isinstance(value, kind) or value == []:
            self.fail(field, f"{wanted} is needed, not {value!r}")
        return value


def read_csv(file: Path, columns: tuple[str, ...], name: str | None = None) -> Iterator[Record]:
    """Yield the rows of a CSV file with a header line, in order.

    Args:
        file: UTF-8.
        columns: The header the file must have.
        name: What messages call the file; its own name unless given.

    Raises:
        DataFileError: File missing, not UTF-8, another header, or a row with too few or too many values.
    """
    name = name or file.name
    reader = csv.reader(_read(file, name).splitlines(keepends=True), strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != columns:
            raise DataFileError(f"{name}, line 1: the header must be {','.join(columns)}.")
        for values in reader:
            if len(values) != len(columns):
                raise DataFileError(
                    f"{name}, line {reader.line_num}: {len(columns)} values are needed, not {len(values)}."
                )
            yield Record((name, reader.line_num), dict(zip(columns, values, strict=True)))
    except csv.Error as error:
        raise DataFileError(f"{name}, line {reader.line_num}: {error}.") from error


def read_yaml(file: Path, name: str | None = None) -> Record:
    """Return the mapping that a YAML file holds.

    Args:
        file: UTF-8.
        name: What messages call the file; its own name unless given.

    Raises:
        DataFileError: File missing, not UTF-8, not YAML, a key given twice, or not a mapping.
    """
    name = name or file.name
    try:
        loaded = yaml.load(_read(file, name), Loader=_LineLoader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataFileError(f"{name}, line {line}: {error.problem}.") from error
    except yaml.YAMLError as error:  # a character that YAML doesn't allow; its message ends with where that is
        raise DataFileError(f"{name} can't be read: {str(error).splitlines()[0]}.") from error
    if not isinstance(loaded, dict):
        raise DataFileError(f"{name}, line 1: a mapping is needed.")
    return _as_record(name, loaded)


def _read(file: Path, name: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{name} can't be read: {error}.") from error


def _as_record(file: str, values: dict[str, Any]) -> Record:
    # Not taken out of `values`: an alias in YAML gives the same mapping twice.
    lines = values[_LINE]
    return Record((file, lines[_LINE]), {field: value for field, value in values.items() if field != _LINE}, lines)


class _LineLoader(yaml.CSafeLoader):
    """The safe loader, with the lines of each mapping and its keys, and no duplicate keys."""


def _construct_mapping(loader: yaml.CSafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    lines = {_LINE: node.start_mark.line + 1}
    values: dict[str, Any] = {_LINE: lines}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node)
        if not isinstance(key, str) or key in values:
            problem = f"the key {key!r} is given twice or is not a text"
            raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
        values[key] = loader.construct_object(value_node, deep=True)
        lines[key] = key_node.start_mark.line + 1
    return values


_LineLoader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
