"""Filing: one dossier or thousands, the same way.

"Filed" is said only after the transaction that holds the dossier, its form and the command to processing is on disk.
Requests that come at the same moment share a transaction (`FilingDesk`): the one that gets the desk writes for all who
stand in the queue by then, so that waiting for the disk is paid once.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from services.contracts.catalogue import Procedure
from services.contracts.commands import (
    DOSSIERS_PER_COMMAND,
    AcceptedDossier,
    CommandType,
    accept_data,
    partition_of,
)
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import ClockMode, Status
from services.portal.application.attachments import attachment_refusals, files_of
from services.portal.application.ports import Answer, Door, DoorUnit, FilingToCheck, NewCommand, OnceKey, RealNow
from services.portal.application.problems import problem
from services.portal.domain.sandbox import Dossier, Sandbox, Submission
from services.portal.domain.traits import form_traits
from services.runtime.clock import virtual_now
from services.runtime.errors import ContendedError, ProblemError, UnavailableError

#: How far ahead of a manual clock a dossier may be filed.
FILED_AHEAD: Final = timedelta(days=366)


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
    answer: Callable[[Sequence[Dossier | ProblemError]], Answer]
    once: OnceKey | None = None
    result: Answer | None = None
    error: Exception | None = None
    done: threading.Event = field(default_factory=threading.Event)


class FilingDesk:
    """Where filings are written, several requests in one transaction; one desk a process."""

    def __init__(self, door: Door, procedures: Mapping[str, Procedure], real_now: RealNow) -> None:
        self._door = door
        self._procedures = procedures
        self._real_now = real_now
        self._desk = threading.Lock()
        self._queue_lock = threading.Lock()
        self._queue: list[FilingRequest] = []

    def file(self, request: FilingRequest) -> Answer:
        """File, and return the answer once it is on disk.

        Raises:
            ProblemError: nothing of this request was written.
        """
        with self._queue_lock:
            self._queue.append(request)
        with self._desk:
            while not request.done.is_set():
                self._write(self._next_requests())
        if request.error is not None:
            raise request.error
        assert request.result is not None  # done without error
        return request.result

    def _next_requests(self) -> list[FilingRequest]:
        """Who stands in the queue, but of those with the same Idempotency-Key the first: the next learns its answer."""
        taken: list[FilingRequest] = []
        left: list[FilingRequest] = []
        keys: set[tuple[str, str]] = set()
        with self._queue_lock:
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
                results = file_requests(unit, requests, self._procedures, self._real_now())
                is_written = True
        except Exception as error:  # noqa: BLE001 - told to each request below
            # When the commit failed, nobody knows whether all is on disk: a second try could file everything twice.
            # When the database is away, it is away for each of them; in a deadlock it wasn't, and rolled all back.
            is_away = isinstance(error, UnavailableError) and not isinstance(error, ContendedError)
            if len(requests) == 1 or is_written or is_away:
                for request in requests:
                    request.error = error
                    request.done.set()
            else:
                for request in requests:
                    self._write([request])
            return
        for request, result in zip(requests, results, strict=True):
            request.result = result
            request.done.set()


def file_requests(
    unit: DoorUnit, requests: Sequence[FilingRequest], procedures: Mapping[str, Procedure], real_now: datetime
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
        answers |= _file_into(unit, sandbox_id, here, procedures, real_now)
    return [answers[index] for index in range(len(requests))]


def _file_into(
    unit: DoorUnit,
    sandbox_id: str,
    requests: Sequence[tuple[int, FilingRequest]],
    procedures: Mapping[str, Procedure],
    real_now: datetime,
) -> dict[int, Answer]:
    """File what was asked of one sandbox; returns the answers by the requests' places."""
    sandbox = unit.lock_sandbox(sandbox_id)
    now = virtual_now(sandbox.clock, real_now)
    wanted = [(index, submission) for index, request in requests for submission in request.submissions]
    judged = _judged(unit, sandbox, [submission for _, submission in wanted], procedures, now)
    outcomes: dict[int, list[Dossier | ProblemError]] = {index: [] for index, _ in requests}
    filed: list[tuple[Dossier, Submission]] = []
    for (index, _), verdict in zip(wanted, judged, strict=True):
        if isinstance(verdict, ProblemError):
            outcomes[index].append(verdict)
            continue
        number = sandbox.last_number + len(filed) + 1
        dossier = _dossier(sandbox, *verdict, number=number, now=now, real_now=real_now)
        filed.append((dossier, verdict.submission))
        outcomes[index].append(dossier)
    if filed:
        unit.add_dossiers([dossier for dossier, _ in filed], [submission.form for _, submission in filed])
        if files := [file for dossier, submission in filed for file in files_of(dossier, submission.attachments)]:
            unit.attach(sandbox_id, files)
        unit.append(sandbox_id, _accept_commands([dossier for dossier, _ in filed], now))
        unit.save_sandbox(replace(sandbox, last_number=sandbox.last_number + len(filed)))
    answers: dict[int, Answer] = {}
    for index, request in requests:
        answers[index] = request.answer(outcomes[index])
        if request.once:
            unit.keep_answer(request.once, answers[index])
    return answers


class _Admitted(NamedTuple):
    """What is filed, and the traits with which it is."""

    submission: Submission
    traits: Mapping[str, str]


def _judged(
    unit: DoorUnit,
    sandbox: Sandbox,
    submissions: Sequence[Submission],
    procedures: Mapping[str, Procedure],
    now: datetime,
) -> list[_Admitted | ProblemError]:
    """For each submission why it isn't filed, or as what it is. Files and registers are asked for once for all.

    The registers come last: what they find nothing against is entered in them, and has to be filed.
    """
    judged: list[_Admitted | ProblemError] = []
    to_check: list[tuple[int, FilingToCheck]] = []
    refusals = attachment_refusals(unit, sandbox.sandbox_id, submissions)
    for place, (submission, refusal_of_files) in enumerate(zip(submissions, refusals, strict=True)):
        procedure = procedures[submission.procedure_id]
        refusal = (
            _refusal_of_instant(submission.filed_at, sandbox, now)
            or _refusal_of_day(procedure, submission.filed_at or now)
            or refusal_of_files
        )
        if refusal is None:
            to_check.append((place, FilingToCheck(submission, procedure)))
        judged.append(refusal or _Admitted(submission, {}))
    if to_check:
        findings = unit.check_registers(sandbox, [filing for _, filing in to_check], now)
        for (place, _), finding in zip(to_check, findings, strict=True):
            if finding.errors:
                judged[place] = problem("not-in-register", count=len(finding.errors), errors=finding.errors)
                continue
            submission = finding.submission or submissions[place]
            traits = form_traits(procedures[submission.procedure_id], submission.form)
            judged[place] = _Admitted(submission, {**traits, **finding.traits})
    return judged


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


def _refusal_of_instant(filed_at: datetime | None, sandbox: Sandbox, now: datetime) -> ProblemError | None:
    if filed_at is None:
        return None
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


def _dossier(
    sandbox: Sandbox,
    submission: Submission,
    traits: Mapping[str, str],
    *,
    number: int,
    now: datetime,
    real_now: datetime,
) -> Dossier:
    filed_at = submission.filed_at or now
    return Dossier(
        sandbox_id=sandbox.sandbox_id,
        number=number,
        partition=partition_of(submission.office_code, sandbox.partition_count),
        procedure_id=submission.procedure_id,
        office_code=submission.office_code,
        channel=submission.channel,
        applicant_kind=submission.applicant_kind,
        applicant_id=submission.applicant_id,
        applicant_name=submission.applicant_name,
        filed_at=filed_at,
        recorded_at=real_now,
        status=Status.SUBMITTED,
        version=0,
        status_at=filed_at,
        received_at=None,
        due_at=None,
        limit_unit=None,
        new_date_at=None,
        resolved_at=None,
        traits=traits or None,
        later_traits=None,
    )


def _accept_commands(dossiers: Sequence[Dossier], now: datetime) -> list[NewCommand]:
    rows: dict[int, list[AcceptedDossier]] = defaultdict(list)
    for dossier in dossiers:
        rows[dossier.partition].append(
            AcceptedDossier(
                dossier.number,
                dossier.procedure_id,
                dossier.office_code,
                dossier.channel,
                dossier.applicant_kind,
                dossier.applicant_id,
                dossier.filed_at.isoformat(),
                dossier.traits,
            )
        )
    return [
        NewCommand(
            partition, CommandType.ACCEPT_DOSSIERS, now, accept_data(items[start : start + DOSSIERS_PER_COMMAND])
        )
        for partition, items in sorted(rows.items())
        for start in range(0, len(items), DOSSIERS_PER_COMMAND)
    ]
