"""Whatever a schema of ours can say about a field is said in Vietnamese as fully as in English."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields, validate

from services.portal.api.sentences import in_vietnamese
from services.portal.api.strict_fields import Day, Duration, Instant, Text, Truth, Whole
from services.portal.api.submissions import field_errors


class Everything(Schema):
    """A field of each kind."""

    choice = fields.String(validate=validate.OneOf(["red", "green"]))
    between = Whole(validate=validate.Range(min=3, max=7))
    at_least = Whole(validate=validate.Range(min=3))
    at_most = Whole(validate=validate.Range(max=7))
    short = fields.String(validate=validate.Length(max=2))
    long = fields.String(validate=validate.Length(min=2))
    sized = fields.String(validate=validate.Length(min=2, max=3))
    exact = fields.String(validate=validate.Length(equal=2))
    shape = fields.String(validate=validate.Regexp("^a$"))
    text = Text()
    truth = Truth()
    day = Day()
    instant = Instant()
    duration = Duration()
    table = fields.Dict()
    items = fields.List(fields.String())


WRONG: dict[str, Any] = {
    "choice": "blue", "between": 9, "at_least": 1, "at_most": 9, "short": "abc", "long": "a", "sized": "abcd",
    "exact": "abc", "shape": "b", "text": " ", "truth": 1, "day": "5/6", "instant": "now", "duration": "1 day",
    "table": [], "items": "x",
}  # fmt: skip


def told(wrong: dict[str, Any]) -> Iterator[dict[str, str]]:
    try:
        Everything().load(wrong)
    except ValidationError as error:
        yield from field_errors(error.messages)


@pytest.mark.parametrize("name", sorted(WRONG))
def test_every_kind_of_mistake_has_a_sentence_of_its_own(name: str) -> None:
    (error,) = told({name: WRONG[name]})
    assert error["pointer"] == f"/{name}"
    assert error["detail_vi"] == in_vietnamese(error["detail"])
    values = re.findall(r"[0-9]+|red, green", error["detail"])
    assert [value for value in values if value not in error["detail_vi"]] == []


def test_a_sentence_that_is_not_known_has_the_one_of_its_code() -> None:
    (error,) = field_errors({"field": ["Not a valid tax code: whatever."]})
    assert error["code"] == "bad-tax-code"
    assert error["detail_vi"].startswith("Mã số thuế không hợp lệ")
