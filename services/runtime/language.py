"""In which language to speak to the person at the terminal. Logs of the services are not translated."""

from collections.abc import Mapping


def language(environment: Mapping[str, str]) -> str:
    """`vi` or `en`: what `MOTCUA_LANG` says, else the locale; English when neither is known."""
    for name in ("MOTCUA_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "").lower()
        if value:
            return "vi" if value.startswith("vi") else "en"
    return "en"
