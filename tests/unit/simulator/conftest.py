"""The shipped catalogue and the demonstration's preset, loaded once."""

import pytest

from services.contracts.catalogue import Catalogue
from services.simulator.crowd import Filing, filings
from services.simulator.preset import Preset
from services.simulator.preset_files import load_preset
from tests.support import filings as shipped


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return shipped.catalogue()


@pytest.fixture(scope="session")
def ha_tinh(catalogue: Catalogue) -> Preset:
    return load_preset("ha-tinh-2020", catalogue)


@pytest.fixture(scope="session")
def crowd(ha_tinh: Preset, catalogue: Catalogue) -> list[Filing]:
    """All its filings, with the preset's own seed."""
    return list(filings(ha_tinh, catalogue, ha_tinh.seed.value))
