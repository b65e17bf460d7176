"""What may stand in a query string, and what is said about the rest."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema
from werkzeug.datastructures import MultiDict

from services.contracts.counting_rules import (
    RULE_CHOICES,
    ApologyRule,
    CountingRules,
    EarlyEnd,
    PeriodBy,
    SuspendedRule,
)
from services.contracts.vocabulary import Channel
from services.metrics.application.ports import Dimension, Selection
from services.metrics.application.report import REPORT_DIMENSIONS
from services.runtime.errors import ProblemError

_SHORT_TEXT = validate.Length(min=1, max=100)

#: Stands for no breakdown at all.
_NO_GROUP = "none"


class SandboxQuery(Schema):
    """A question about one sandbox."""

    class Meta:
        """Strict: a misspelt filter must not answer another question."""

        unknown = RAISE

    sandbox_id = fields.String(required=True, validate=_SHORT_TEXT)


class _SelectionQuery(SandboxQuery):
    """Which dossiers, by their cell and on the clock."""

    now = fields.AwareDateTime(required=True, format="iso", default_timezone=None)
    first_on = fields.Date(data_key="from")
    last_on = fields.Date(data_key="until")
    procedure_ids = fields.List(fields.String(validate=_SHORT_TEXT), data_key="procedure_id")
    office_codes = fields.List(fields.String(validate=_SHORT_TEXT), data_key="office_code")
    department_code = fields.String(validate=_SHORT_TEXT)
    level = fields.Integer(validate=validate.Range(1, 4))
    channel = fields.String(validate=validate.OneOf(list(Channel)))

    @validates_schema
    def check_period(self, data: Mapping[str, Any], **_: Any) -> None:
        """A period ends on or after the day it begins."""
        first_on: date | None = data.get("first_on")
        last_on: date | None = data.get("last_on")
        if first_on and last_on and last_on < first_on:
            raise ValidationError("Before the first day.", "until")


class StatisticsQuery(_SelectionQuery):
    """A question about counts."""

    group_by = fields.List(fields.String(validate=validate.OneOf([*Dimension, _NO_GROUP])))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[Selection, tuple[Dimension, ...]]:
        """The question in the words of the application; each dimension once, in the order asked."""
        group_by = _dimensions(data.pop("group_by", ()))
        return _selection(data), group_by


class ReportQuery(_SelectionQuery):
    """A question for the official report."""

    first_on = fields.Date(data_key="from", required=True)
    last_on = fields.Date(data_key="until", required=True)
    group_by = fields.List(fields.String(validate=validate.OneOf([*REPORT_DIMENSIONS, _NO_GROUP])))
    period_by = fields.Enum(PeriodBy, by_value=True)
    ended_early = fields.Enum(EarlyEnd, by_value=True)
    apology = fields.Enum(ApologyRule, by_value=True)
    suspended = fields.Enum(SuspendedRule, by_value=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[Selection, tuple[Dimension, ...], CountingRules]:
        """The question in the words of the application."""
        group_by = _dimensions(data.pop("group_by", ()))
        rules = CountingRules(**{name: data.pop(name) for name in RULE_CHOICES if name in data})
        return _selection(data), group_by, rules


def _dimensions(names: Iterable[str]) -> tuple[Dimension, ...]:
    return tuple(Dimension(name) for name in dict.fromkeys(names) if name != _NO_GROUP)


def _selection(data: dict[str, Any]) -> Selection:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    values["now"] = values["now"].astimezone(UTC)
    return Selection(**values)


def load_query(schema: Schema, arguments: "MultiDict[str, str]") -> Any:
    """The query string as the schema sees it.

    Raises:
        ProblemError: `invalid-query`, with a pointer to each parameter that is wrong.
    """
    try:
        return schema.load(_plain(schema, arguments))
    except ValidationError as error:
        raise ProblemError(
            "invalid-query", 422, "The query string is not right; `errors` says where.", errors=list(_errors(error))
        ) from error


def _plain(schema: Schema, arguments: "MultiDict[str, str]") -> dict[str, Any]:
    """Lists may be repeated or separated by commas; of anything else given twice, no single value is right."""
    lists = {field.data_key or name for name, field in schema.fields.items() if isinstance(field, fields.List)}
    plain: dict[str, Any] = {}
    for name, values in arguments.lists():
        if name in lists:
            plain[name] = [part.strip() for value in values for part in value.split(",") if part.strip()]
        else:
            plain[name] = values[0] if len(values) == 1 else values
    return plain


def _errors(error: ValidationError) -> Iterator[dict[str, str]]:
    for name, messages in error.messages_dict.items():
        for detail in _texts(messages):
            yield {"pointer": f"/{name}", "code": "invalid", "detail": detail}


def _texts(messages: Any) -> Iterator[str]:
    if isinstance(messages, dict):
        for inner in messages.values():
            yield from _texts(inner)
    elif isinstance(messages, list):
        yield from map(str, messages)
    else:
        yield str(messages)
