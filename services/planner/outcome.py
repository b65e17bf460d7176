"""What a plan or a comparison came to, in figures: sums by skill, and the JSON form (versioned)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.contracts.staffing import Staffing
from services.contracts.timeliness import Timeliness
from services.planner.planning import NO_SKILL, QueuePlan
from services.planner.playing import Ends
from services.planner.search import Band, Trial, band_of
from services.planner.staffing_changes import officers_at, with_officers
from services.planner.workload import Queue
from services.runtime.errors import MotcuaError

#: Version of the JSON form; keys are only ever added.
JSON_VERSION: Final = 1

_HOUR_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer to "how many officers keep it on time".

    Attributes:
        queues: The busiest first.
        target_ratio: What had to be reached.
        seeds: One a replication.
        staffing: The one that was given, with the fewest officers at each queue that reaches the target.
        confirmed: One run of everything with it.
        confirmed_seconds: How long that took, in real time.
        taken_away: See `planning.take_away`; empty: it wasn't asked for.
    """

    queues: Sequence[QueuePlan]
    target_ratio: float
    seeds: Sequence[int]
    staffing: Staffing
    confirmed: Mapping[Queue, Ends]
    confirmed_seconds: float
    taken_away: Mapping[Queue, Sequence[Trial]]

    @property
    def unreachable(self) -> list[Queue]:
        """Queues for which there is no answer."""
        return [plan.queue for plan in self.queues if plan.fewest is None]


@dataclass(frozen=True, slots=True)
class OfficePlan:
    """All queues of an office together.

    Attributes:
        arrivals: Dossiers a replication that need an officer, on average.
        load: Officers that would be busy all the time.
        officers_now: In the staffing that was given.
        officers: In the one that was found.
        on_time: With these, over replications; of the queues for which there is an answer. `None`: there is none.
    """

    office_code: str
    arrivals: float
    load: float
    officers_now: int
    officers: int
    on_time: Band | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Several queues together."""

    on_time_count: int
    limited_count: int
    open_count: int
    dossier_count: int

    @property
    def on_time_ratio(self) -> float:
        """Early or on time of all that had a limit; 1 when none had."""
        return self.on_time_count / self.limited_count if self.limited_count else 1.0


def totals(ends: Iterable[Ends]) -> Totals:
    """Sums of runs."""
    found = list(ends)
    return Totals(
        sum(one.on_time_count for one in found),
        sum(one.limited_count for one in found),
        sum(one.open_count for one in found),
        sum(one.open_count + one.settled_count for one in found),
    )


def by_office(plan: Plan) -> list[OfficePlan]:
    """The offices of a plan, the busiest first."""
    offices: dict[str, list[QueuePlan]] = {}
    for one in plan.queues:
        offices.setdefault(one.queue.office_code, []).append(one)
    found = [
        OfficePlan(
            code,
            sum(one.arrivals for one in queues),
            sum(one.load for one in queues),
            sum(one.officers_now for one in queues),
            sum(officers_at(plan.staffing, one.queue) for one in queues),
            _band_together([one.fewest.best for one in queues if one.fewest is not None], plan.seeds),
        )
        for code, queues in offices.items()
    ]
    return sorted(found, key=lambda office: (-office.load, office.office_code))


def _band_together(trials: Sequence[Trial], seeds: Iterable[int]) -> Band | None:
    """Of several queues, replication by replication."""
    if not trials:
        return None
    ratios = [
        totals(trial.replications[seed] for trial in trials if seed in trial.replications).on_time_ratio
        for seed in seeds
    ]
    return band_of(ratios, least=0.0, most=1.0)


def planned_staffing(staffing: Staffing, plans: Iterable[QueuePlan]) -> Staffing:
    """The staffing with the officers that were found; queues without an answer keep theirs."""
    found = {plan.queue: plan.fewest.best.officers for plan in plans if plan.fewest is not None}
    return with_officers(staffing, found)


class UnconfirmedError(MotcuaError):
    """The run of everything didn't come to what the search found: a mistake of ours, and the plan is worth nothing.

    Attributes:
        queues: Where it came out otherwise.
    """

    def __init__(self, queues: Sequence[Queue]) -> None:
        super().__init__(", ".join(map(" ".join, queues)))
        self.queues = tuple(queues)


def confirm(plans: Sequence[QueuePlan], confirmed: Mapping[Queue, Ends], seed: int) -> None:
    """Hold a run of everything against the search: with the same filings, draws and officers it has to count the same.

    Args:
        plans: What the search found; of queues without an answer it says nothing.
        confirmed: What came of each queue when all were run with the fewest officers.
        seed: Of that run; one of the search's replications.

    Raises:
        UnconfirmedError: A queue came out otherwise, wasn't run, or was never searched.
    """
    unanswered = {plan.queue for plan in plans if plan.fewest is None}
    searched = {plan.queue: plan.fewest.best.replications.get(seed) for plan in plans if plan.fewest is not None}
    run = {queue for queue in confirmed if queue.skill != NO_SKILL} - unanswered
    others = [
        queue
        for queue in sorted(searched.keys() | run)
        if _counts(searched.get(queue)) != _counts(confirmed.get(queue))
    ]
    if others:
        raise UnconfirmedError(others)


def _counts(ends: Ends | None) -> tuple[Mapping[Timeliness, int], int, int] | None:
    """`None`: with this seed nothing comes to the queue."""
    return None if ends is None else (ends.timely, ends.settled_count, ends.open_count)


def wait_hours(ends: Iterable[Ends], quantile: float) -> float:
    """So many of the dossiers waited no longer, from receipt to being taken up; hours of the calendar.

    Args:
        ends: Runs, taken together.
        quantile: 0 to 1.
    """
    waited = sorted(seconds for one in ends for seconds in one.waited_seconds)
    if not waited:
        return 0.0
    return waited[min(int(quantile * len(waited)), len(waited) - 1)] / _HOUR_SECONDS


def plan_as_json(plan: Plan, about: Mapping[str, Any], office_names: Mapping[str, str]) -> dict[str, Any]:
    """A plan for programs, and for its page."""
    confirmed = totals(plan.confirmed.values())
    return {
        "version": JSON_VERSION,
        "kind": "plan",
        **about,
        "target_ratio": plan.target_ratio,
        "seeds": list(plan.seeds),
        "queues": [_queue_as_json(one) for one in plan.queues],
        "offices": [_office_as_json(one, office_names) for one in by_office(plan)],
        "taken_away": [
            {"office": queue.office_code, "skill": queue.skill, "trials": [_trial_as_json(one) for one in trials]}
            for queue, trials in plan.taken_away.items()
        ],
        "confirmed": {
            "dossiers": confirmed.dossier_count,
            "on_time_ratio": confirmed.on_time_ratio,
            "open": confirmed.open_count,
            "seconds": plan.confirmed_seconds,
        },
        "staffing": plan.staffing.to_wire(),
    }


def _queue_as_json(plan: QueuePlan) -> dict[str, Any]:
    fewest = plan.fewest
    return {
        "office": plan.queue.office_code,
        "skill": plan.queue.skill,
        "dossiers": plan.arrivals,
        "load_erlang": plan.load,
        "officers_now": plan.officers_now,
        "officers": fewest.best.officers if fewest else None,
        "on_time": _trial_as_json(fewest.best) if fewest else None,
        "with_one_less": _trial_as_json(fewest.one_less) if fewest and fewest.one_less else None,
        "wait_hours_95": wait_hours(fewest.best.replications.values(), 0.95) if fewest else None,
    }


def _office_as_json(office: OfficePlan, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "office": office.office_code,
        "name": names[office.office_code],
        "dossiers": office.arrivals,
        "load_erlang": office.load,
        "officers_now": office.officers_now,
        "officers": office.officers,
        "on_time": _band_as_json(office.on_time) if office.on_time else None,
    }


def _trial_as_json(trial: Trial) -> dict[str, Any]:
    return {"officers": trial.officers, **_band_as_json(trial.on_time), "is_complete": trial.is_complete}


def _band_as_json(band: Band) -> dict[str, float]:
    return {"mean": band.mean, "low": band.low, "high": band.high}


@dataclass(frozen=True, slots=True)
class Compared:
    """Two staffings at some queues.

    Attributes:
        officers: Of the first and of the second.
        on_time: Likewise, over replications.
        difference: The second less the first, replication by replication.
        wait_hours_95: Of the first and of the second.
    """

    officers: tuple[int, int]
    on_time: tuple[Band, Band]
    difference: Band
    wait_hours_95: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two staffings side by side, with the same filings and draws.

    Attributes:
        names: Of the staffings.
        by_skill: All offices together.
        by_office: All skills together.
        total: Everything that needs an officer.
    """

    names: tuple[str, str]
    seeds: Sequence[int]
    by_skill: Mapping[str, Compared]
    by_office: Mapping[str, Compared]
    total: Compared


def compare(
    names: tuple[str, str],
    staffings: tuple[Staffing, Staffing],
    runs: Mapping[int, tuple[Mapping[Queue, Ends], Mapping[Queue, Ends]]],
) -> Comparison:
    """Set two staffings side by side.

    Args:
        names: Of them.
        staffings: With the same skills.
        runs: By seed, what came of each queue with the first and with the second.
    """
    queues = {queue for pair in runs.values() for one in pair for queue in one if queue.skill != NO_SKILL}
    skills = sorted({queue.skill for queue in queues})
    offices = sorted({queue.office_code for queue in queues})
    return Comparison(
        names,
        sorted(runs),
        {skill: _compared(staffings, runs, [one for one in queues if one.skill == skill]) for skill in skills},
        {code: _compared(staffings, runs, [one for one in queues if one.office_code == code]) for code in offices},
        _compared(staffings, runs, sorted(queues)),
    )


def _compared(
    staffings: tuple[Staffing, Staffing],
    runs: Mapping[int, tuple[Mapping[Queue, Ends], Mapping[Queue, Ends]]],
    queues: Sequence[Queue],
) -> Compared:
    ratios: tuple[list[float], list[float]] = ([], [])
    ends: tuple[list[Ends], list[Ends]] = ([], [])
    for seed in sorted(runs):
        for place, run in enumerate(runs[seed]):
            found = [run[queue] for queue in queues if queue in run]
            ends[place].extend(found)
            ratios[place].append(totals(found).on_time_ratio)
    return Compared(
        officers=(
            sum(officers_at(staffings[0], queue) for queue in queues),
            sum(officers_at(staffings[1], queue) for queue in queues),
        ),
        on_time=(band_of(ratios[0], least=0.0, most=1.0), band_of(ratios[1], least=0.0, most=1.0)),
        difference=band_of([theirs - ours for ours, theirs in zip(*ratios, strict=True)]),
        wait_hours_95=(wait_hours(ends[0], 0.95), wait_hours(ends[1], 0.95)),
    )


def comparison_as_json(
    comparison: Comparison, about: Mapping[str, Any], office_names: Mapping[str, str]
) -> dict[str, Any]:
    """A comparison for programs, and for its page."""
    return {
        "version": JSON_VERSION,
        "kind": "comparison",
        **about,
        "names": list(comparison.names),
        "seeds": list(comparison.seeds),
        "by_skill": {skill: _compared_as_json(one) for skill, one in comparison.by_skill.items()},
        "by_office": {
            code: {"name": office_names[code], **_compared_as_json(one)} for code, one in comparison.by_office.items()
        },
        "total": _compared_as_json(comparison.total),
    }


def _compared_as_json(one: Compared) -> dict[str, Any]:
    return {
        "officers": list(one.officers),
        "on_time": [_band_as_json(band) for band in one.on_time],
        "difference": _band_as_json(one.difference),
        "wait_hours_95": list(one.wait_hours_95),
    }
