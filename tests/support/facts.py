"""Facts by hand: plain functions with defaults, and a small ledger that keeps track of each dossier's state.

Knows which status an action leads to, not whether it is allowed; deadlines are whatever the caller says.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from services.contracts.facts import Fact, FactBatch
from services.contracts.vocabulary import Action, Status

#: A Monday morning, nine o'clock in Vietnam.
MONDAY = datetime(2018, 6, 4, 2, 0, tzinfo=UTC)

#: Where an action leads; what is missing here leaves a dossier in its status.
STATUS_AFTER = {
    Action.SUBMIT: Status.SUBMITTED,
    Action.RECEIVE: Status.RECEIVED,
    Action.REFUSE_INTAKE: Status.NOT_RECEIVED,
    Action.REQUEST_SUPPLEMENT: Status.SUPPLEMENT_REQUESTED,
    Action.RESUBMIT: Status.SUBMITTED,
    Action.SUPPLEMENT: Status.IN_PROCESS,
    Action.START: Status.IN_PROCESS,
    Action.REQUEST_PAYMENT: Status.PAYMENT_REQUESTED,
    Action.PAY: Status.IN_PROCESS,
    Action.WITHDRAW: Status.WITHDRAWN,
    Action.STOP: Status.STOPPED,
    Action.GRANT: Status.PROCESSED,
    Action.REFUSE: Status.PROCESSED,
    Action.RETURN_RESULT: Status.RETURNED,
    Action.RESOLVE_AT_ONCE: Status.RETURNED,
}


def make_fact(**changes: Any) -> Fact:
    """A filing on Monday, but for what is said otherwise."""
    values: dict[str, Any] = {
        "position": 1,
        "number": 1,
        "action": Action.SUBMIT,
        "status_before": None,
        "status": int(Status.SUBMITTED),
        "actor": "applicant",
        "reason": None,
        "note": None,
        "occurred_at": MONDAY,
        "recorded_at": MONDAY,
        "due_at": None,
        "limit_unit": "working-days",
        "received_at": None,
        "procedure_id": "amend-after-clearance",
        "level": 4,
        "office_code": "30F1",
        "channel": "online",
        "applicant_kind": "enterprise",
        "applicant_id": "0100109106",
        "command_id": None,
        "refusal": None,
    }
    return Fact(**{**values, **changes})


@dataclass
class HandLedger:
    """Facts of one partition, in order."""

    facts: list[Fact] = field(default_factory=list)

    def file(self, number: int = 1, at: datetime = MONDAY, **changes: Any) -> Fact:
        """A new dossier."""
        return self._append(make_fact(number=number, occurred_at=at, **changes))

    def act(self, number: int, action: Action, at: datetime, *, due_at: datetime | None = None, **changes: Any) -> Fact:
        """The dossier's next step; `due_at` as it stands after it."""
        last = self.last(number)
        is_receipt = action in {Action.RECEIVE, Action.RESOLVE_AT_ONCE}
        after = {
            "action": action,
            "status_before": last.status,
            "status": int(STATUS_AFTER.get(action, last.status)),
            "occurred_at": at,
            "due_at": due_at,
            "received_at": at if is_receipt else last.received_at,
            "detail": None,
        }
        return self._append(last._replace(**{**after, **changes}))

    def refuse(self, number: int, action: Action, at: datetime) -> Fact:
        """A request that is not carried out."""
        last = self.last(number)
        return self._append(
            last._replace(action=action, status_before=last.status, occurred_at=at, refusal="illegal-transition")
        )

    def last(self, number: int) -> Fact:
        """The dossier's last fact."""
        found: Fact = next(fact for fact in reversed(self.facts) if fact.number == number and fact.refusal is None)
        return found

    def process(
        self,
        number: int = 1,
        *,
        filed_at: datetime = MONDAY,
        due_at: datetime | None,
        granted_at: datetime,
        **changes: Any,
    ) -> None:
        """Filed, received an hour later, started, granted, returned an hour later."""
        hour = timedelta(hours=1)
        self.file(number, filed_at, **changes)
        self.act(number, Action.RECEIVE, filed_at + hour, due_at=due_at)
        self.act(number, Action.START, filed_at + hour, due_at=due_at)
        self.act(number, Action.GRANT, granted_at, due_at=due_at)
        self.act(number, Action.RETURN_RESULT, granted_at + hour, due_at=due_at)

    def batch(self, sandbox_id: str, partition: int = 0, *, start: int = 1, stop: int | None = None) -> FactBatch:
        """Positions `start` to `stop` (the head when `None`) as a stream entry."""
        stop = len(self.facts) if stop is None else stop
        return FactBatch.of(sandbox_id, partition, head=len(self.facts), ack=0, facts=self.facts[start - 1 : stop])

    def _append(self, fact: Fact) -> Fact:
        self.facts.append(fact._replace(position=len(self.facts) + 1))
        return self.facts[-1]
