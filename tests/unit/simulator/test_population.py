"""Who files: valid numbers, names, and some far busier than others."""

from dataclasses import replace

from services.contracts.identifiers import is_personal_number, is_tax_code
from services.contracts.vocabulary import ApplicantKind
from services.simulator.draws import Draws
from services.simulator.population import dossiers_by_applicant, population
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
