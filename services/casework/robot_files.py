"""The robot's habits, read from `services/casework/data/robot.yaml`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from services.casework.robot_policy import RobotPolicy
from services.runtime.errors import ConfigurationError

_PATH: Final = Path(__file__).parent / "data" / "robot.yaml"


def load_robot_policies(procedure_ids: Iterable[str], path: Path = _PATH) -> dict[str, RobotPolicy]:
    """A policy for each procedure: the file's default with the procedure's own values on top.

    Raises:
        ConfigurationError: unknown procedure, unknown or missing value, or one that can't be.
    """
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    own: dict[str, dict[str, Any]] = data["procedures"]
    known = list(procedure_ids)
    if unknown := sorted(own.keys() - set(known)):
        raise ConfigurationError(f"{path.name}: procedures: {', '.join(unknown)}: not in the catalogue.")
    usual = _policy(path, "default", data["default"])
    return {
        procedure_id: _policy(path, procedure_id, {**data["default"], **own[procedure_id]})
        if procedure_id in own
        else usual
        for procedure_id in known
    }


def _policy(path: Path, name: str, values: dict[str, Any]) -> RobotPolicy:
    try:
        return RobotPolicy(**{key: _typed(value) for key, value in values.items()})
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"{path.name}: {name}: {error}") from error


def _typed(value: Any) -> Any:
    if isinstance(value, list):
        if len(value) != 2 or not all(isinstance(bound, int | float) for bound in value):
            raise ValueError(f"least and most are needed, not {value}.")
        return tuple(value)
    return value if isinstance(value, str) else float(value)
