"""Settings come from the environment only; each service has one frozen class, and all mistakes are told at once.

Names and meanings: `docs/reference/settings.md`, made from these classes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from environs import Env, EnvValidationError

from services.runtime.errors import ConfigurationError

T = TypeVar("T")


def setting(name: str, kind: str, meaning: str, default: Any = ..., *, secret: bool = False) -> Any:
    """A field of a settings class.

    Args:
        name: environment variable.
        kind: method of `environs.Env` that reads it: `str`, `int`, `float`, `bool`.
        meaning: one sentence, with the unit.
        default: value when unset; leave out for a setting that must be given.
        secret: never shown.
    """
    given = {} if default is ... else {"default": default}
    return field(
        **given,
        repr=not secret,
        kw_only=True,
        metadata={"name": name, "kind": kind, "meaning": meaning, "default": default, "secret": secret},
    )


def read_settings(settings_class: Callable[..., T]) -> T:
    """An instance filled from the environment.

    Raises:
        ConfigurationError: one message that names every setting that is missing or wrong.
    """
    env = Env(eager=False)
    values: dict[str, Any] = {}
    for name, spec in settings_class.__dataclass_fields__.items():  # type: ignore[attr-defined]
        meta = spec.metadata
        reader = getattr(env, meta["kind"])
        values[name] = reader(meta["name"]) if meta["default"] is ... else reader(meta["name"], meta["default"])
    try:
        env.seal()
    except EnvValidationError as error:
        problems = "; ".join(f"{name}: {', '.join(map(str, messages))}" for name, messages in _messages(error))
        raise ConfigurationError(f"The environment is not complete: {problems}") from error
    return settings_class(**values)


def _messages(error: EnvValidationError) -> list[tuple[str, list[Any]]]:
    messages: Any = error.error_messages
    return list(messages.items()) if isinstance(messages, dict) else [("environment", list(messages))]


@dataclass(frozen=True, slots=True)
class CommonSettings:
    """Read by every process."""

    redis_url: str = setting("MOTCUA_REDIS_URL", "str", "Redis or Valkey: broker and streams", secret=True)
    log_level: str = setting("MOTCUA_LOG_LEVEL", "str", "Lowest level that is logged", "info")
    heartbeat_file: str = setting(
        "MOTCUA_HEARTBEAT_FILE", "str", "File that a process without HTTP touches while it makes progress", ""
    )
    catalogue_dir: str = setting(
        "MOTCUA_CATALOGUE_DIR", "str", "Folder of your own procedures, forms, offices and days off", ""
    )
