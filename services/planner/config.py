"""The planner's settings."""

from dataclasses import dataclass

from services.runtime.settings import setting


@dataclass(frozen=True, slots=True)
class PlannerSettings:
    """What the planner needs to know of the machine."""

    catalogue_dir: str = setting(
        "MOTCUA_CATALOGUE_DIR", "str", "Folder of your own procedures, forms, offices and days off", ""
    )
