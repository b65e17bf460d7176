"""Who files: made-up enterprises and individuals with valid numbers and Vietnamese names, some far busier than others.

Their dossiers are not made here.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from services.contracts.identifiers import make_tax_code
from services.contracts.vocabulary import ApplicantKind
from services.runtime.records import read_yaml
from services.simulator.draws import Draws, Wheel, share_out
from services.simulator.preset import Declarations, Preset

_NAMES: Final = Path(__file__).parent / "data" / "names.yaml"

#: First digits of every tax code: a range code that no province has (from memory), so that none is a real enterprise's.
_TAX_CODE_START: Final = "99"

#: First digits of every personal number: the first three are a province, and none is 000 (from memory).
_CITIZEN_ID_START: Final = "000"

#: So many names are made before an enterprise gets a number behind its name.
_TRIES: Final = 100


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who files.

    Attributes:
        identifier: what the applicant is known by; for an individual the personal number.
        tax_code: what goes into forms; individuals have one, too.
        office_code: the office where most of the applicant's dossiers go.
    """

    kind: ApplicantKind
    identifier: str
    name: str
    tax_code: str
    office_code: str


@dataclass(frozen=True, slots=True)
class NameParts:
    """Syllables to make names of."""

    company_forms: tuple[str, ...]
    company_trades: tuple[str, ...]
    company_first_words: tuple[str, ...]
    company_second_words: tuple[str, ...]
    surnames: tuple[str, ...]
    middle_names: tuple[str, ...]
    given_names: tuple[str, ...]


def load_name_parts(file: Path = _NAMES) -> NameParts:
    """The shipped syllables."""
    row = read_yaml(file)
    parts = NameParts(**{field: row.texts(field) for field in NameParts.__dataclass_fields__})
    row.finish()
    return parts


def population(preset: Preset, draws: Draws) -> list[Applicant]:
    """Everybody: enterprises, busiest first, then individuals; no number and no enterprise's name comes twice.

    Those that file dossiers are the first of the enterprises, and the individuals. Where declarations are registered,
    offices get enterprises so that their declarations are shared out as trade is, however few file most of them.
    """
    parts = load_name_parts()
    office_wheel = Wheel([share.weight for share in preset.offices])
    taken: set[str] = set()

    def office() -> str:
        return preset.offices[office_wheel.turn(draws)].office_code

    enterprises = [
        Applicant(ApplicantKind.ENTERPRISE, code, _company_name(parts, draws, taken), code, office())
        for code in _tax_codes(preset.all_enterprise_count, draws, taken)
    ]
    individuals = [
        Applicant(ApplicantKind.CITIZEN, _citizen_id(draws, taken), _person_name(parts, draws), code, office())
        for code in _tax_codes(preset.individual_count.value, draws, taken)
    ]
    if preset.declarations:
        homes = _homes(declarations_by_enterprise(preset.declarations), [share.weight for share in preset.offices])
        codes = [share.office_code for share in preset.offices]
        enterprises = [replace(one, office_code=codes[home]) for one, home in zip(enterprises, homes, strict=True)]
    return enterprises + individuals


def dossiers_by_applicant(preset: Preset, count: int) -> list[int]:
    """How many of so many dossiers each of those files who file any: at least one each, fewer with every rank."""
    return _by_rank(count, preset.subject_count, preset.activity_skew_percent.value)


def declarations_by_enterprise(declarations: Declarations) -> list[int]:
    """How many declarations each enterprise registers; likewise."""
    return _by_rank(
        declarations.count.value, declarations.enterprise_count.value, declarations.activity_skew_percent.value
    )


def _by_rank(total: int, subjects: int, skew_percent: int) -> list[int]:
    exponent = skew_percent / 100
    return share_out(total, [1 / rank**exponent for rank in range(1, subjects + 1)], at_least=1)


def _homes(activity: Sequence[int], weights: Sequence[int]) -> list[int]:
    """The place of an office for each enterprise: always the one that is farthest from its share of all activity."""
    scale = sum(activity) / sum(weights)
    missing = [(-weight * scale, place) for place, weight in enumerate(weights)]
    heapq.heapify(missing)
    homes = []
    for count in activity:
        lacks, place = missing[0]
        homes.append(place)
        heapq.heapreplace(missing, (lacks + count, place))
    return homes


def _tax_codes(count: int, draws: Draws, taken: set[str]) -> list[str]:
    codes: list[str] = []
    while len(codes) < count:
        code = make_tax_code(f"{_TAX_CODE_START}{draws.between(0, 9_999_999):07d}")
        if code is not None and code not in taken:
            taken.add(code)
            codes.append(code)
    return codes


def _citizen_id(draws: Draws, taken: set[str]) -> str:
    while (number := f"{_CITIZEN_ID_START}{draws.between(0, 999_999_999):09d}") in taken:
        pass
    taken.add(number)
    return number


def _company_name(parts: NameParts, draws: Draws, taken: set[str]) -> str:
    for _ in range(_TRIES):
        if (name := _any_company_name(parts, draws)) not in taken:
            break
    else:
        # The syllables are used up.
        name = f"{name} {len(taken)}"
    taken.add(name)
    return name


def _any_company_name(parts: NameParts, draws: Draws) -> str:
    first, second = draws.pick(parts.company_first_words), draws.pick(parts.company_second_words)
    while second == first:
        second = draws.pick(parts.company_second_words)
    return f"{draws.pick(parts.company_forms)} {draws.pick(parts.company_trades)} {first} {second}"


def _person_name(parts: NameParts, draws: Draws) -> str:
    return f"{draws.pick(parts.surnames)} {draws.pick(parts.middle_names)} {draws.pick(parts.given_names)}"
