"""A dossier as the work sees it, and what one transition does to it."""

from dataclasses import dataclass
from datetime import datetime

from services.contracts.catalogue import Procedure, SupplementRule
from services.contracts.vocabulary import Action, Actor, Reason, Status
from services.law import deadlines
from services.law.calendar import WorkingCalendar
from services.law.deadlines import Deadline
from services.law.effects import DeadlineEffect
from services.law.rules import rule_for
from services.processing.domain.lifecycle import Transition, transition


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing that will happen to a dossier if nobody does anything before."""

    at: datetime
    action: Action
    actor: Actor
    reason: Reason | None = None


@dataclass(slots=True, kw_only=True)
class Case:
    """State of one dossier: `move` changes what the lifecycle decides, whoever plays it `version` and `next_step`."""

    number: int
    procedure: Procedure
    office_code: str
    channel: str
    applicant_kind: str
    applicant_id: str
    filed_at: datetime
    status: Status | None = None  #: `None`: filed for an instant that hasn't come yet
    version: int = 0  #: ledger position of the last fact about it
    turn: int = 0  #: supplements asked for so far: one complete request is all an office has
    status_at: datetime  #: when it came into its status
    received_at: datetime | None = None
    deadline: Deadline | None = None  #: `None` before it is received
    next_step: NextStep | None = None

    @property
    def was_received(self) -> bool:
        """Whether the office has accepted it at intake."""
        return self.received_at is not None

    def due_at(self, calendar: WorkingCalendar) -> datetime | None:
        """When it is due as things stand; `None`: no limit, not received yet, or suspended."""
        return deadlines.due_at(self.deadline, calendar) if self.deadline else None

    def move(self, action: Action, actor: Actor, at: datetime) -> Transition:
        """Apply the lifecycle table.

        Raises:
            IllegalTransitionError: not allowed; nothing has changed.
        """
        row = transition(self.status, action, actor, was_received=self.was_received)
        self.status = row.after
        self.status_at = at
        if action is Action.REQUEST_SUPPLEMENT:
            self.turn += 1
        if row.effect is DeadlineEffect.START:
            self.received_at = at
            self.deadline = Deadline(rule_for(self.procedure, {}, at), at)
        elif self.deadline is not None:
            self.deadline = _affected(self.deadline, row.effect, at, self.procedure.supplement.rule)
        return row


def _affected(deadline: Deadline, effect: DeadlineEffect, at: datetime, rule: SupplementRule) -> Deadline:
    if effect is DeadlineEffect.SUSPEND:
        return deadlines.suspend(deadline, at)
    if effect is DeadlineEffect.CONTINUE and rule is SupplementRule.RESTART:
        return deadlines.restart(deadline, at)
    if effect in {DeadlineEffect.CONTINUE, DeadlineEffect.RESUME}:
        return deadlines.resume(deadline, at)
    return deadline
