"""The robot's habits, read from `services/processing/data/robot.yaml`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from services.processing.domain.robot import RobotPolicy
from services.runtime.errors import ConfigurationError

_PATH: Final = Path(__file__).parent.parent / "data" / "robot.yaml"


def load_robot_policies(procedure_ids: Iterable[str], path: Path = _PATH) -> dict[str, RobotPolicy]:
    """A policy for each procedure: the file's default with the procedure's own values on top.

    Raises:
        ConfigurationError: unknown procedure, unknown or missing value.
    """
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    own: dict[str, dict[str, Any]] = data["procedures"]
    known = list(procedure_ids)
    if unknown := sorted(own.keys() - set(known)):
        raise ConfigurationError(f"{path.name}: procedures: {', '.join(unknown)}: not in the catalogue.")
    return {procedure_id: _policy(path, {**data["default"], **own.get(procedure_id, {})}) for procedure_id in known}


def _policy(path: Path, values: dict[str, Any]) -> RobotPolicy:
    try:
        typed: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else float(value) for name, value in values.items()
        }
        policy = RobotPolicy(**typed)
    except TypeError as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    # A step at the very instant of a filing would come before or after the next filing of that instant, depending on
    # how the filings were cut into requests; so would the ledger.
    for name, value in typed.items():
        if name.endswith("_minutes") and not 1 <= value[0] <= value[1]:
            raise ConfigurationError(f"{path.name}: {name}: least and most, from 1 upwards, not {list(value)}.")
    return policy
