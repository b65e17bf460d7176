"""Every word that people see has a name in both languages."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import pytest

from services.contracts import labels
from services.contracts.catalogue import (
    AuthorityLevel,
    Effect,
    ResultKind,
    Sector,
    SilenceOutcome,
    SupplementRule,
    TimeUnit,
)
from services.contracts.vocabulary import (
    Action,
    Actor,
    ApplicantKind,
    Channel,
    ClockMode,
    CustomsChannel,
    OfficerKind,
    Reason,
    Refusal,
    Satisfaction,
    Status,
)

NAMED: dict[str, type[Enum]] = {
    "STATUS_LABELS": Status,
    "ACTION_LABELS": Action,
    "ACTOR_LABELS": Actor,
    "REASON_LABELS": Reason,
    "REFUSAL_LABELS": Refusal,
    "CHANNEL_LABELS": Channel,
    "APPLICANT_KIND_LABELS": ApplicantKind,
    "CLOCK_MODE_LABELS": ClockMode,
    "OFFICER_KIND_LABELS": OfficerKind,
    "TIME_UNIT_LABELS": TimeUnit,
    "SATISFACTION_LABELS": Satisfaction,
    "CUSTOMS_CHANNEL_LABELS": CustomsChannel,
    "SECTOR_LABELS": Sector,
    "AUTHORITY_LEVEL_LABELS": AuthorityLevel,
    "RESULT_KIND_LABELS": ResultKind,
    "EFFECT_LABELS": Effect,
    "SILENCE_OUTCOME_LABELS": SilenceOutcome,
    "SUPPLEMENT_RULE_LABELS": SupplementRule,
}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_each_member_has_a_name_of_its_own_in_both_languages(name: str) -> None:
    named: Mapping[Any, labels.Label] = getattr(labels, name)
    assert set(named) == set(NAMED[name])
    for language in ("vi", "en"):
        texts = [getattr(label, language) for label in named.values()]
        assert all(text.strip() == text and text for text in texts)
        assert len(set(texts)) == len(texts)


def test_traits_that_registers_give_have_names_too() -> None:
    for label, values in labels.REGISTER_TRAIT_LABELS.values():
        assert values
        assert all(named.vi and named.en for named in (label, *values.values()))


def test_no_list_of_names_is_left_out() -> None:
    of_enumerations = {name for name in vars(labels) if name.endswith("_LABELS")} - {"REGISTER_TRAIT_LABELS"}
    assert of_enumerations == set(NAMED)
