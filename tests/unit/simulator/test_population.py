"""Who files: valid numbers, names, and some far busier than others."""

from collections import Counter
from dataclasses import replace

import pytest

from services.contracts.identifiers import is_personal_number, is_tax_code
from services.contracts.vocabulary import ApplicantKind
from services.simulator import population as population_module
from services.simulator.draws import Draws
from services.simulator.population import (
    declarations_by_enterprise,
    dossiers_by_applicant,
    load_name_parts,
    population,
)
from services.simulator.preset import Preset


def with_individuals(preset: Preset, count: int) -> Preset:
    return replace(preset, individual_count=replace(preset.individual_count, value=count))


def test_numbers_are_valid_and_nobody_comes_twice(ha_tinh: Preset) -> None:
    everybody = population(with_individuals(ha_tinh, 100), Draws(1, "population"))
    kinds = [applicant.kind for applicant in everybody]
    assert (kinds.count(ApplicantKind.ENTERPRISE), kinds.count(ApplicantKind.CITIZEN)) == (366, 100)
    assert len({applicant.identifier for applicant in everybody}) == 466
    assert len({applicant.name for applicant in everybody if applicant.kind is ApplicantKind.ENTERPRISE}) == 366
    for applicant in everybody:
        assert is_tax_code(applicant.tax_code)
        check = is_tax_code if applicant.kind is ApplicantKind.ENTERPRISE else is_personal_number
        assert check(applicant.identifier)
        assert 5 < len(applicant.name) <= 200


def test_everybody_files_and_few_file_most(ha_tinh: Preset) -> None:
    counts = dossiers_by_applicant(ha_tinh, 1579)
    assert sum(counts) == 1579
    assert len(counts) == 366
    assert min(counts) >= 1
    assert counts == sorted(counts, reverse=True)
    assert 0.35 < sum(counts[:37]) / sum(counts) < 0.6, "the busiest tenth"


def test_without_skew_all_file_alike(ha_tinh: Preset) -> None:
    even = replace(ha_tinh, activity_skew_percent=replace(ha_tinh.activity_skew_percent, value=0))
    assert set(dossiers_by_applicant(even, 1579)) == {4, 5}


def test_names_stay_different_when_the_syllables_are_used_up(ha_tinh: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    few = replace(load_name_parts(), company_forms=("Công ty",), company_trades=("Thép",))
    monkeypatch.setattr(population_module, "load_name_parts", lambda: few)
    many = replace(ha_tinh, enterprise_count=replace(ha_tinh.enterprise_count, value=1_200))
    names = [applicant.name for applicant in population(many, Draws(1, "population"))]
    assert len(set(names)) == 1_200 > 30 * 29


def test_individuals_come_after_all_enterprises(national: Preset) -> None:
    everybody = population(national, Draws(1, "population"))
    assert [one.kind for one in everybody] == [ApplicantKind.ENTERPRISE] * 800 + [ApplicantKind.CITIZEN] * 20


def test_homes_are_given_so_that_offices_get_their_share(national: Preset) -> None:
    assert national.declarations is not None
    everybody = population(national, Draws(1, "population"))
    counts = declarations_by_enterprise(national.declarations)
    by_office = Counter[str]()
    for applicant, count in zip(everybody, counts, strict=False):
        by_office[applicant.office_code] += count
    all_weights = sum(share.weight for share in national.offices)
    for share in national.offices:
        expected = sum(counts) * share.weight / all_weights
        # Whoever comes last to an office brings at most so many as the least busy of those who came before.
        assert abs(by_office[share.office_code] - expected) <= max(0.05 * expected, 12)
