"""What may stand in a query string, and what is said about the rest."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema
from werkzeug.datastructures import MultiDict

from services.contracts.vocabulary import Channel
from services.metrics.application.ports import Dimension, Selection
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


class StatisticsQuery(SandboxQuery):
    """A question about counts."""

    now = fields.AwareDateTime(required=True, format="iso", default_timezone=None)
    group_by = fields.List(fields.String(validate=validate.OneOf([*Dimension, _NO_GROUP])))
    first_on = fields.Date(data_key="from")
    last_on = fields.Date(data_key="until")
    procedure_id = fields.String(validate=_SHORT_TEXT)
    office_code = fields.String(validate=_SHORT_TEXT)
    level = fields.Integer(validate=validate.Range(1, 4))
    channel = fields.String(validate=validate.OneOf(list(Channel)))

    @validates_schema
    def check_period(self, data: Mapping[str, Any], **_: Any) -> None:
        """A period ends on or after the day it begins."""
        first_on: date | None = data.get("first_on")
        last_on: date | None = data.get("last_on")
        if first_on and last_on and last_on < first_on:
            raise ValidationError("Before the first day.", "until")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[Selection, tuple[Dimension, ...]]:
        """The question in the words of the application; each dimension once, in the order asked."""
        names = dict.fromkeys(name for name in data.pop("group_by", ()) if name != _NO_GROUP)
        data["now"] = data["now"].astimezone(UTC)
        return Selection(**data), tuple(Dimension(name) for name in names)


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
    lists = {name for name, field in schema.fields.items() if isinstance(field, fields.List)}
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
