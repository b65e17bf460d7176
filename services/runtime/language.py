"""In which language to speak to the person at the terminal. Logs of the services are not translated."""

import os
from collections.abc import Mapping
from typing import Protocol


def language(environment: Mapping[str, str]) -> str:
    """`vi` or `en`: what `MOTCUA_LANG` says, else the locale; English when neither is known."""
    for name in ("MOTCUA_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "").lower()
        if value:
            return "vi" if value.startswith("vi") else "en"
    return "en"


def is_vietnamese() -> bool:
    """Whether the person at this terminal reads Vietnamese."""
    return language(os.environ) == "vi"


class Say(Protocol):
    """Says a sentence in the person's language."""

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence with its placeholders filled in."""
        ...


def speaker(messages: Mapping[str, tuple[str, str]]) -> Say:
    """What says the sentences of a program.

    Args:
        messages: By key: in Vietnamese and in English; placeholders are the same in both.
    """

    def say(key: str, /, **values: object) -> str:
        vietnamese, english = messages[key]
        return (vietnamese if is_vietnamese() else english).format(**values)

    return say
