"""Filing: one dossier or thousands, the same way.

"Filed" is said only after the transaction that holds the dossier, its form and the command to processing is on disk.
Requests that come at the same moment share a transaction (`FilingDesk`): the one that has the desk writes for all who
stand in the queue by then, so that waiting for the disk is paid once. It hands the desk on to the first who came
meanwhile, and only then are those it wrote for told: the next transaction runs while they answer.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, NamedTuple

from services.contracts.catalogue import Procedure
from services.contracts.commands import (
    DOSSIERS_PER_COMMAND,
    AcceptedDossier,
    CommandType,
    WaitingDossiers,
    accept_data,
    accept_waiting_data,
    partition_of,
)
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import ClockMode
from services.portal.application.attachments import attachment_refusals, files_of
from services.portal.application.ports import Answer, Door, DoorUnit, NewCommand, OnceKey, RealNow
from services.portal.application.problems import problem
from services.portal.domain.sandbox import Filed, Sandbox, Submission
from services.portal.domain.traits import form_traits, trait_fields
from services.runtime.clock import virtual_now
from services.runtime.compact import compact
from services.runtime.errors import ContendedError, ProblemError, UnavailableError

#: How far ahead of a manual clock a dossier may be filed.
FILED_AHEAD: Final = timedelta(days=366)

#: So many dossiers of a partition that are all filed for later are packed before they are sent.
LEAST_PACKED: Final = 200


@dataclass(slots=True)
class FilingRequest:
    """Submissions of one request, and what becomes of them.

    Args:
        sandbox_id: where.
        submissions: valid by their forms.
        answer: makes the HTTP answer of what was filed; called inside the transaction, so that it can be kept.
        once: idempotency key.
    """

    sandbox_id: str
    submissions: Sequence[Submission]
    answer: Callable[[Sequence[Filed | ProblemError]], Answer]
    once: OnceKey | None = None
    result: Answer | None = None
    error: Exception | None = None
    turn: threading.Event = field(default_factory=threading.Event)  #: it is done, or the desk is its own

    @property
    def is_done(self) -> bool:
        """Whether something has become of it."""
        return self.result is not None or self.error is not None


class FilingRules:
    """What filing asks about procedures again and again, looked up once.

    Attributes:
        traits: Fields of each procedure's form that processing is told.
        limited: Procedures that can't be filed on every day: the law that they stand in isn't in force on all of them.
    """

    def __init__(self, procedures: Mapping[str, Procedure]) -> None:
        self.traits = {name: trait_fields(procedure) for name, procedure in procedures.items()}
        self.limited = {
            name: procedure
            for name, procedure in procedures.items()
            if procedure.in_force_from is not None or procedure.in_force_until is not None
        }


class FilingDesk:
    """Where filings are written, several requests in one transaction; one desk a process."""

    def __init__(self, door: Door, procedures: Mapping[str, Procedure], real_now: RealNow) -> None:
        self._door = door
        self._rules = FilingRules(procedures)
        self._real_now = real_now
        self._lock = threading.Lock()
        self._queue: list[FilingRequest] = []
        self._is_taken = False  #: somebody has the desk; otherwise nobody waits

    def file(self, request: FilingRequest) -> Answer:
        """File, and return the answer once it is on disk.

        Raises:
            ProblemError: nothing of this request was written.
        """
        with self._lock:
            has_desk, self._is_taken = not self._is_taken, True
            self._queue.append(request)
        if not has_desk:
            request.turn.wait()
        if not request.is_done:
            self._serve()
        if request.error is not None:
            raise request.error
        assert request.result is not None  # done without error
        return request.result

    def _serve(self) -> None:
        """Write for all who stand in the queue, the first of which has the desk; hand it on, then tell them."""
        requests = self._next_requests()
        try:
            self._write(requests)
        finally:
            with self._lock:
                following = self._queue[0] if self._queue else None
                self._is_taken = following is not None
            if following is not None:
                following.turn.set()
            for request in requests:
                request.turn.set()

    def _next_requests(self) -> list[FilingRequest]:
        """Who stands in the queue, but of those with the same Idempotency-Key the first: the next learns its answer."""
        taken: list[FilingRequest] = []
        left: list[FilingRequest] = []
        keys: set[tuple[str, str]] = set()
        with self._lock:
            for request in self._queue:
                key = (request.once.scope, request.once.key) if request.once else None
                (left if key in keys else taken).append(request)
                if key:
                    keys.add(key)
            self._queue = left
        return taken

    def _write(self, requests: Sequence[FilingRequest]) -> None:
        """One transaction for all; if that fails, one for each, so that a bad one doesn't take others with it."""
        is_written = False
        try:
            with self._door.unit() as unit:
                results = file_requests(unit, requests, self._rules, self._real_now())
                is_written = True
        except Exception as error:  # noqa: BLE001 - told to each request below
            # When the commit failed, nobody knows whether all is on disk: a second try could file everything twice.
            # When the database is away, it is away for each of them; in a deadlock it wasn't, and rolled all back.
            is_away = isinstance(error, UnavailableError) and not isinstance(error, ContendedError)
            if len(requests) == 1 or is_written or is_away:
                for request in requests:
                    request.error = error
            else:
                for request in requests:
                    self._write([request])
            return
        for request, result in zip(requests, results, strict=True):
            request.result = result


def file_requests(
    unit: DoorUnit, requests: Sequence[FilingRequest], rules: FilingRules, real_now: datetime
) -> list[Answer]:
    """File the submissions of all requests. Sandboxes are locked in order of their id: two desks never deadlock."""
    answers: dict[int, Answer] = {}
    by_sandbox: dict[str, list[int]] = defaultdict(list)
    for index, request in sorted(enumerate(requests), key=lambda item: item[1].once.key if item[1].once else ""):
        if request.once and (known := unit.claim(request.once)):
            answers[index] = known
        else:
            by_sandbox[request.sandbox_id].append(index)
    for sandbox_id, indexes in sorted(by_sandbox.items()):
        here = [(index, requests[index]) for index in sorted(indexes)]
        answers |= _file_into(unit, sandbox_id, here, rules, real_now)
    return [answers[index] for index in range(len(requests))]


def _file_into(
    unit: DoorUnit,
    sandbox_id: str,
    requests: Sequence[tuple[int, FilingRequest]],
    rules: FilingRules,
    real_now: datetime,
) -> dict[int, Answer]:
    """File what was asked of one sandbox; returns the answers by the requests' places."""
    sandbox = unit.lock_sandbox(sandbox_id)
    now = virtual_now(sandbox.clock, real_now)
    submissions = [submission for _, request in requests for submission in request.submissions]
    outcomes = _numbered(sandbox, _judged(unit, sandbox, submissions, rules, now), now, real_now)
    if filed := [one for one in outcomes if isinstance(one, Filed)]:
        unit.file(filed, _accept_commands(filed, now))
        if files := [file for one in filed if one.submission.attachments for file in files_of(one)]:
            unit.attach(sandbox_id, files)
    answers: dict[int, Answer] = {}
    rest = iter(outcomes)
    for index, request in requests:
        answers[index] = request.answer(list(islice(rest, len(request.submissions))))
        if request.once:
            unit.keep_answer(request.once, answers[index])
    return answers


class _Admitted(NamedTuple):
    """What is filed, and the traits with which it is."""

    submission: Submission
    traits: Mapping[str, str]


def _numbered(
    sandbox: Sandbox, verdicts: Iterable[_Admitted | ProblemError], now: datetime, real_now: datetime
) -> list[Filed | ProblemError]:
    """What was admitted gets the numbers after the sandbox's last."""
    outcomes: list[Filed | ProblemError] = []
    number = sandbox.last_number
    partition_count = sandbox.partition_count
    for verdict in verdicts:
        if isinstance(verdict, ProblemError):
            outcomes.append(verdict)
            continue
        submission, traits = verdict
        number += 1
        partition = partition_of(submission.office_code, partition_count)
        filed_at = submission.filed_at or now
        outcomes.append(Filed(sandbox.sandbox_id, number, partition, filed_at, real_now, submission, traits or None))
    return outcomes


def _judged(
    unit: DoorUnit, sandbox: Sandbox, submissions: Sequence[Submission], rules: FilingRules, now: datetime
) -> Iterator[_Admitted | ProblemError]:
    """For each submission why it isn't filed, or as what it is. Files and registers are asked for once for all.

    The registers come last: what they find nothing against is entered in them, and has to be filed.
    """
    refusals = _refusals(unit, sandbox, submissions, rules, now)
    to_check = [one for one, refusal in zip(submissions, refusals, strict=True) if refusal is None]
    findings = iter(unit.check_registers(sandbox, to_check, now) if to_check else ())
    for submission, refusal in zip(submissions, refusals, strict=True):
        if refusal is not None:
            yield refusal
            continue
        errors, found_traits, found_submission = next(findings)
        if errors:
            yield problem("not-in-register", count=len(errors), errors=errors)
            continue
        final = found_submission or submission
        traits = form_traits(rules.traits[final.procedure_id], final.form)
        yield _Admitted(final, {**traits, **found_traits} if found_traits else traits)


def _refusals(
    unit: DoorUnit, sandbox: Sandbox, submissions: Sequence[Submission], rules: FilingRules, now: datetime
) -> list[ProblemError | None]:
    """Why submissions can't be filed whatever the registers say; `None`: nothing is in the way."""
    limited = rules.limited
    of_files = attachment_refusals(unit, sandbox.sandbox_id, submissions)
    return [
        (None if one.filed_at is None else _refusal_of_instant(one.filed_at, sandbox, now))
        or (_refusal_of_day(limited[one.procedure_id], one.filed_at or now) if one.procedure_id in limited else None)
        or refusal_of_files
        for one, refusal_of_files in zip(submissions, of_files, strict=True)
    ]


def _refusal_of_day(procedure: Procedure, filed_at: datetime) -> ProblemError | None:
    """A procedure can be filed while the law that it stands in is in force."""
    first_on, last_on = procedure.in_force_from, procedure.in_force_until
    day = vietnamese_day(filed_at)
    if (first_on is None or day >= first_on) and (last_on is None or day <= last_on):
        return None
    return problem(
        "procedure-not-in-force",
        procedure=procedure.procedure_id,
        first=first_on or "…",
        last=last_on or "…",
        day=day,
        errors=[
            {
                "pointer": "/procedure",
                "code": "not-in-force",
                "detail": f"Can't be filed on {day}.",
                "detail_vi": f"Không thể nộp vào ngày {day}.",
            }
        ],
    )


def _refusal_of_instant(filed_at: datetime, sandbox: Sandbox, now: datetime) -> ProblemError | None:
    if sandbox.clock.mode is not ClockMode.MANUAL:
        return problem("filed-at-not-allowed", errors=[{"pointer": "/filed_at", "code": "not-allowed"}])
    if not now <= filed_at <= now + FILED_AHEAD:
        return problem(
            "filed-at-out-of-range",
            now=now.isoformat(),
            latest=(now + FILED_AHEAD).isoformat(),
            errors=[{"pointer": "/filed_at", "code": "out-of-range"}],
        )
    return None


def _accept_commands(filed: Sequence[Filed], now: datetime) -> list[NewCommand]:
    by_partition: dict[int, list[Filed]] = defaultdict(list)
    for one in filed:
        by_partition[one.partition].append(one)
    return [
        NewCommand(
            partition, CommandType.ACCEPT_DOSSIERS, now, _accept_data(items[start : start + DOSSIERS_PER_COMMAND], now)
        )
        for partition, items in sorted(by_partition.items())
        for start in range(0, len(items), DOSSIERS_PER_COMMAND)
    ]


def _accept_data(filed: Sequence[Filed], now: datetime) -> dict[str, Any]:
    """Packed where it is worth it and nobody will look into it soon."""
    rows = list(map(_accepted, filed))
    if len(filed) >= LEAST_PACKED and (first_at := min(one.filed_at for one in filed)) > now:
        return accept_waiting_data(WaitingDossiers(len(rows), first_at, compact(list(map(list, rows)))))
    return accept_data(rows)


def _accepted(filed: Filed) -> AcceptedDossier:
    submission = filed.submission
    return AcceptedDossier(
        filed.number,
        submission.procedure_id,
        submission.office_code,
        submission.channel,
        submission.applicant_kind,
        submission.applicant_id,
        filed.filed_at.isoformat(),
        filed.traits,
    )
