"""What the launcher says, in both languages."""

import string

import pytest

from services.launcher.messages import MESSAGES, say
from services.runtime.language import language


@pytest.mark.parametrize("key", MESSAGES)
def test_both_languages_say_the_same_things(key: str) -> None:
    vietnamese, english = (
        sorted((name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name) for text in MESSAGES[key]
    )
    assert vietnamese == english


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "vi_VN", "LC_ALL": "en_GB"}, "en"),
        ({"LANG": "en_GB", "MOTCUA_LANG": "vi"}, "vi"),
        ({"LANG": "vi_VN", "MOTCUA_LANG": "en"}, "en"),
    ],
)
def test_the_setting_decides_then_the_locale(environment: dict[str, str], expected: str) -> None:
    assert language(environment) == expected


def test_a_sentence_is_said_in_the_persons_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_LANG", "en")
    assert say("died-signal", name="processing worker", number=9) == "processing worker died (signal 9), restarting"
    monkeypatch.setenv("MOTCUA_LANG", "vi")
    assert "processing worker" in say("died-signal", name="processing worker", number=9)
