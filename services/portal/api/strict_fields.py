"""Marshmallow fields that take JSON at its word: `"5"` is no number, `1` is not true, a time without offset is none."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields

#: Text without control characters but tab and line breaks, with at least one visible character. For readers of the
#: OpenAPI document only: searched as one pattern it takes time that grows with the square of the text's length.
TEXT_PATTERN: Final = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*[^\s\x00-\x1F\x7F][^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*$"

_CONTROL: Final = re.compile(r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]")
_VISIBLE: Final = re.compile(r"[^\s\x00-\x1F\x7F]")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)

#: ISO 8601 durations without years and months, whose length depends on the calendar.
DURATION_PATTERN: Final = (
    r"^P(?=[0-9T])(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,6})H)?(?:([0-9]{1,7})M)?(?:([0-9]{1,9})S)?)?$"
)
_DURATION: Final = re.compile(DURATION_PATTERN)


def read_day(text: str) -> date | None:
    """The calendar day that a text names as `YYYY-MM-DD`; `None`: none."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def read_instant(text: str) -> datetime | None:
    """The instant that a text names as RFC 3339 with its offset, in UTC; `None`: none."""
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC) if _INSTANT.fullmatch(text) else None
    except (ValueError, OverflowError):
        return None


class StrictSchema(Schema):
    """Refuses what it doesn't know."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE


class Text(fields.String):
    """A string that a person wrote."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if _CONTROL.search(text) or not _VISIBLE.search(text):
            raise ValidationError("Not a valid text: control characters, or nothing visible.")
        return text


class Whole(fields.Field[int]):
    """A JSON integer."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:  # noqa: ARG002
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("Not a valid integer.")
        return value


class Truth(fields.Field[bool]):
    """JSON true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise ValidationError("Not a valid boolean.")
        return value


class Day(fields.Field[date]):
    """A calendar day, `YYYY-MM-DD`."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:  # noqa: ARG002
        day = read_day(value) if isinstance(value, str) else None
        if day is None:
            raise ValidationError("Not a valid date: write it as 2018-06-05.")
        return day


class Instant(fields.Field[datetime]):
    """An RFC 3339 instant with its offset."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:  # noqa: ARG002
        instant = read_instant(value) if isinstance(value, str) else None
        if instant is None:
            raise ValidationError("Not a valid instant: write it with its offset, as 2018-06-05T08:30:00+07:00.")
        return instant


class Duration(fields.Field[timedelta]):
    """An ISO 8601 duration in weeks, days, hours, minutes and seconds."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> timedelta:  # noqa: ARG002
        match = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise ValidationError("Not a valid duration: write it as P60D or PT1H30M.")
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
