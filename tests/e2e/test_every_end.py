"""Each procedure of the catalogue, filed through the API with a valid form, reaches each of its possible ends.

People decide here, so that every end is reached on purpose. What they do to the dossiers of all procedures is sent in
one batch; each test then looks at what became of one procedure's.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import pytest
from motcua import Client

from services.contracts.catalogue import LimitRule, Procedure, SilenceOutcome
from services.launcher.stack import Stack
from tests.support.filings import catalogue, filing

#: Before the refund law of 2020; procedures that came later are filed four years on.
DAYS: Final = (date(2018, 6, 5), date(2022, 6, 7))

#: Requests at a time.
THREADS: Final = 8

#: Longer than any term that an applicant's silence ends.
SILENCE_DAYS: Final = 120


class Act(NamedTuple):
    """An action that somebody asks for."""

    action: str
    actor: str
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class End:
    """A way to an end: what people do, the status in which the dossier is left, and who took the last step."""

    acts: tuple[Act, ...]
    status: str
    actor: str


RECEIVE: Final = Act("receive", "officer")
START: Final = Act("start", "officer")
ASK: Final = Act("request-supplement", "officer")
RETURN: Final = Act("return-result", "officer")


def day_of(procedure: Procedure) -> date:
    """The first of the two days on which the procedure may be filed."""
    return next(day for day in DAYS if (procedure.in_force_from or day) <= day <= (procedure.in_force_until or day))


def ends(procedure: Procedure) -> dict[str, End]:
    """Every end that a procedure's dossiers have."""
    if procedure.automatic_when == {}:
        return {"at once": End((), "returned", "system")}
    begun = (RECEIVE, START)
    steps = tuple(Act("complete-step", "officer", {"step_id": step}) for step in _steps_before_the_last(procedure))
    decided = (*steps, Act("grant", "leader"), RETURN)
    silent_status = {
        SilenceOutcome.STOP: "stopped",
        SilenceOutcome.REFUSE: "processed",
        SilenceOutcome.RECLASSIFY: "in-process",
    }[procedure.supplement.silence_outcome]
    return {
        "not received": End((Act("refuse-intake", "officer"),), "not-received", "officer"),
        "withdrawn before receipt": End((Act("withdraw", "applicant"),), "withdrawn", "applicant"),
        "silent before receipt": End((ASK,), "stopped", "clock"),
        "withdrawn": End((*begun, Act("withdraw", "applicant")), "withdrawn", "applicant"),
        "stopped": End((*begun, Act("stop", "leader")), "stopped", "leader"),
        "granted": End((*begun, *decided), "returned", "officer"),
        "refused": End((*begun, Act("refuse", "leader"), RETURN), "returned", "officer"),
        "supplemented": End((*begun, ASK, Act("supplement", "applicant"), *decided), "returned", "officer"),
        "silent": End((*begun, ASK), silent_status, "clock"),
        "unpaid": End((*begun, Act("request-payment", "officer", {"amount_vnd": 20_000})), "stopped", "clock"),
    }


def _steps_before_the_last(procedure: Procedure) -> Iterator[str]:
    """Ids of what has to be done before the deciding step, in order, each step after its milestones."""
    day = day_of(procedure)
    rule = next(rule for rule in procedure.limit_rules if _is_in_force(rule, day) and not rule.when)
    for step in rule.steps[:-1]:
        yield from (milestone.step_id for milestone in step.milestones)
        yield step.step_id


def _is_in_force(rule: LimitRule, day: date) -> bool:
    return (rule.in_force_from or day) <= day <= (rule.in_force_until or day)


#: (procedure, end) to the dossier and its timeline.
Outcomes = dict[tuple[str, str], tuple[dict[str, Any], list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def outcomes(stack: Stack) -> Outcomes:
    """What became of one dossier for each end of each procedure."""
    by_day: dict[date, list[tuple[str, str, End]]] = defaultdict(list)
    for procedure_id, procedure in catalogue().procedures.items():
        by_day[day_of(procedure)] += [(procedure_id, name, end) for name, end in ends(procedure).items()]
    found: Outcomes = {}
    with Client(stack.portal_url, stack.admin_key) as admin:
        for day, cases in by_day.items():
            now = datetime.combine(day, datetime.min.time()).isoformat() + "+07:00"
            sandbox = admin.open_sandbox(name="ends", seed=3, now=now, officer="human", unknown_declarations="adopt")
            with sandbox:
                found |= _outcomes_of(sandbox, cases)
    return found


def _outcomes_of(sandbox: Client, cases: list[tuple[str, str, End]]) -> Outcomes:
    filed = sandbox.file_many(filing(procedure_id, applicant=index) for index, (procedure_id, _, _) in enumerate(cases))
    assert not filed.problems
    sandbox.advance(hours=9)
    acts = [
        {"dossier_id": dossier_id, "action": act.action, "actor": act.actor, "detail": act.detail}
        for dossier_id, (_, _, end) in zip(filed.dossier_ids, cases, strict=True)
        for act in end.acts
    ]
    results = sandbox.act_many(acts, wait_seconds=60)
    assert [result for result in results if result.get("outcome") != "done"] == []
    sandbox.advance(days=SILENCE_DAYS)
    with ThreadPoolExecutor(THREADS) as pool:
        dossiers = list(pool.map(sandbox.dossier, filed.dossier_ids))
        timelines = list(pool.map(sandbox.timeline, filed.dossier_ids))
    return {
        (procedure_id, name): (dossier, timeline)
        for (procedure_id, name, _), dossier, timeline in zip(cases, dossiers, timelines, strict=True)
    }


@pytest.mark.parametrize("procedure_id", list(catalogue().procedures))
def test_each_procedure_reaches_each_of_its_ends(outcomes: Outcomes, procedure_id: str) -> None:
    for name, end in ends(catalogue().procedures[procedure_id]).items():
        dossier, timeline = outcomes[procedure_id, name]
        steps = [entry["action"] for entry in timeline if entry["refusal"] is None]
        assert [entry["refusal"] for entry in timeline if entry["refusal"]] == [], (name, steps)
        assert (dossier["status"], timeline[-1]["actor"]) == (end.status, end.actor), (name, steps)
        asked = [act.action for act in end.acts]
        assert [action for action in steps if action in set(asked)] == asked, name


def test_the_catalogue_is_whole(outcomes: Outcomes) -> None:
    assert len({procedure_id for procedure_id, _ in outcomes}) == 113
