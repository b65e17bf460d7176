"""Fields that take JSON at its word."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.portal.api.strict_fields import TEXT_PATTERN, Text


def is_text(value: str) -> bool:
    try:
        Text().deserialize(value)
    except ValidationError:
        return False
    return True


@given(st.text(st.characters(max_codepoint=0x300), max_size=8))
def test_text_is_what_the_published_pattern_says(value: str) -> None:
    assert is_text(value) == bool(re.fullmatch(TEXT_PATTERN, value))


@pytest.mark.parametrize("value", ["x" * 500_000 + "\x01", " " * 500_000, " " * 500_000 + "\x01"])
def test_a_long_text_is_refused_at_once(value: str) -> None:
    started_at = time.process_time()
    assert not is_text(value)
    assert time.process_time() - started_at < 1
