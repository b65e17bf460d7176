"""The shipped catalogue, the demonstration's preset and a small national one with all that they file, loaded once."""

import pytest

from services.contracts.catalogue import Catalogue
from services.simulator.crowd import Crowd, Filing
from services.simulator.preset import Preset
from services.simulator.preset_files import load_preset
from tests.support import crowds
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
    return crowds.dossiers(Crowd(ha_tinh, catalogue, ha_tinh.seed.value))


@pytest.fixture(scope="session")
def national(catalogue: Catalogue) -> Preset:
    return crowds.small_national(catalogue)


@pytest.fixture(scope="session")
def national_lines(national: Preset, catalogue: Catalogue) -> list[crowds.Line]:
    """Everything that it files, as it is sent."""
    return list(crowds.lines(Crowd(national, catalogue, 7)))


@pytest.fixture(scope="session")
def whole_quarter(catalogue: Catalogue) -> Crowd:
    """Three million filings; no line of them is made."""
    return Crowd(load_preset("national-2018-q2", catalogue), catalogue, 2018)
