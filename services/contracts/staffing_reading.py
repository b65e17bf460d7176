"""Takes decoded JSON or YAML apart value by value, and keeps each mistake with its pointer instead of stopping there.

Knows types, ranges and pointers (RFC 6901), not what a staffing is.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar

_E = TypeVar("_E", bound=StrEnum)

_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME: Final = 40
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Problem(NamedTuple):
    """A mistake."""

    pointer: str  #: to the value, as a JSON pointer; empty: the whole
    code: str  #: stable
    message: str  #: one sentence, for people


class Reader:
    """Reads values; what can't be taken gives `None`, and a problem."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._told: set[str] = set()

    def fail(self, pointer: str, code: str, message: str) -> None:
        """Keep a mistake."""
        self.problems.append(Problem(pointer, code, message))
        self._told.add(pointer)

    def is_told(self, pointer: str) -> bool:
        """Whether a mistake has been kept of what is missing, or of what it would be a part of."""
        while pointer and pointer not in self._told:
            pointer = pointer.rpartition("/")[0]
        return pointer in self._told

    def fields(
        self, pointer: str, value: Any, *, required: Sequence[str] = (), optional: Sequence[str] = ()
    ) -> Mapping[str, Any]:
        """A mapping with certain keys; what it has of them."""
        if not isinstance(value, Mapping):
            self._wrong_type(pointer, "an object", value)
            return {}
        for name in required:
            if name not in value:
                self.fail(f"{pointer}/{name}", "required", "Missing data for required field.")
        for name in value:
            if name not in required and name not in optional:
                self.fail(f"{pointer}/{_escaped(name)}", "unknown-field", "Unknown field.")
        return {name: value[name] for name in (*required, *optional) if name in value}

    def items(self, pointer: str, value: Any, *, most: int, least: int = 0) -> Iterator[tuple[str, str, Any]]:
        """The entries of a mapping whose keys are names: pointer, key, value."""
        if value is None and self.is_told(pointer):
            return
        if not isinstance(value, Mapping):
            self._wrong_type(pointer, "an object", value)
            return
        if not self._is_sized(pointer, len(value), least, most):
            return
        for key, entry in value.items():
            where = f"{pointer}/{_escaped(key)}"
            if not isinstance(key, str):
                self.fail(where, "wrong-type", "A name must be text.")
            else:
                yield where, key, entry

    def elements(self, pointer: str, value: Any, *, most: int, least: int = 0) -> Iterator[tuple[str, Any]]:
        """The elements of a list: pointer, value."""
        if value is None and self.is_told(pointer):
            return
        if not isinstance(value, list | tuple):
            self._wrong_type(pointer, "a list", value)
        elif self._is_sized(pointer, len(value), least, most):
            for place, element in enumerate(value):
                yield f"{pointer}/{place}", element

    def text(self, pointer: str, value: Any) -> str | None:
        """A text that isn't empty."""
        if value is None and self.is_told(pointer):
            return None
        if isinstance(value, str) and value:
            return value
        self._wrong_type(pointer, "a text", value)
        return None

    def name(self, pointer: str, value: str) -> None:
        """A name of our own making."""
        if len(value) > _LONGEST_NAME or _NAME.fullmatch(value) is None:
            what = f"Must be lower-case letters and digits in words joined by -, up to {_LONGEST_NAME} characters."
            self.fail(pointer, "wrong-shape", what)

    def known(self, pointer: str, value: str, known: Collection[str] | None, code: str, what: str) -> None:
        """A name that must be one of those that there are."""
        if known is not None and value not in known:
            self.fail(pointer, code, f"There is no {what} `{value}`.")

    def choice(self, pointer: str, value: Any, kind: type[_E]) -> _E | None:
        """One of the values of an enumeration."""
        if value is None and self.is_told(pointer):
            return None
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        self.fail(pointer, "not-a-choice", f"Must be one of: {', '.join(kind)}.")
        return None

    def whole(self, pointer: str, value: Any, least: int, most: int) -> int | None:
        """A whole number within bounds."""
        if value is None and self.is_told(pointer):
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong_type(pointer, "a whole number", value)
            return None
        return value if self._is_within(pointer, value, least, most) else None

    def number(self, pointer: str, value: Any, least: float, most: float) -> float | None:
        """A number within bounds."""
        if value is None and self.is_told(pointer):
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong_type(pointer, "a number", value)
            return None
        return value if self._is_within(pointer, value, least, most) else None

    def time_of_day(self, pointer: str, value: Any) -> int | None:
        """Minutes after midnight, 24:00 included. YAML reads 06:00 without quotes as a number."""
        if value is None and self.is_told(pointer):
            return None
        if isinstance(value, str) and _TIME.fullmatch(value):
            return int(value[:2]) * 60 + int(value[3:])
        self.fail(pointer, "wrong-shape", 'Must be a time of day in quotes, "00:00" to "24:00".')
        return None

    def day(self, pointer: str, value: Any) -> date | None:
        """A day; YAML gives a date for one without quotes."""
        if value is None and self.is_told(pointer):
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            if isinstance(value, str) and _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.fail(pointer, "wrong-shape", "Must be a day, such as 2018-06-05.")
        return None

    def _is_within(self, pointer: str, value: float, least: float, most: float) -> bool:
        if least <= value <= most:
            return True
        self.fail(
            pointer, "out-of-range", f"Must be greater than or equal to {least} and less than or equal to {most}."
        )
        return False

    def _is_sized(self, pointer: str, count: int, least: int, most: int) -> bool:
        if least <= count <= most:
            return True
        self.fail(pointer, "wrong-length", f"Length must be between {least} and {most}.")
        return False

    def _wrong_type(self, pointer: str, wanted: str, value: Any) -> None:
        self.fail(pointer, "wrong-type", f"Must be {wanted}, not {type(value).__name__}.")


def _escaped(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")
