"""The crowd's settings."""

from dataclasses import dataclass

from services.runtime.settings import setting


@dataclass(frozen=True, slots=True)
class CatalogueSettings:
    """Where the catalogue is: all that a preset or a staffing needs to be read."""

    catalogue_dir: str = setting(
        "MOTCUA_CATALOGUE_DIR", "str", "Folder of your own procedures, forms, offices and days off", ""
    )


@dataclass(frozen=True, slots=True)
class SimulatorSettings(CatalogueSettings):
    """What the crowd needs to know of the machine; where the portal is comes with the command."""

    admin_key: str = setting("MOTCUA_ADMIN_KEY", "str", "Key that may create sandboxes", secret=True)
