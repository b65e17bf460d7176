"""A dossier as the work sees it. What may be done to it, and what that changes: `services.casework.acts`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from services.casework.particulars import NOTHING_PARTICULAR, Particulars
from services.contracts.catalogue import AuthorityLevel, LimitRule, Procedure
from services.contracts.vocabulary import Action, Actor, Reason, Status
from services.law import deadlines
from services.law.calendar import WorkingCalendar
from services.law.deadlines import Deadline
from services.law.rules import rule_for

#: Of a dossier whose form says nothing about limits and routes; shared, never written to.
NO_TRAITS: Final[Mapping[str, str]] = {}


#: Behind every dossier's number, for what comes last at its instant; and still below what means "all of it".
AFTER_DOSSIERS: Final = 2**62


class NextStep(NamedTuple):
    """The one thing that will happen to a dossier if nobody does anything before."""

    at: datetime
    action: Action
    actor: Actor
    reason: Reason | None = None


class Work(NamedTuple):
    """How a dossier stands with the officers of a staffed office: it waits, one of them has it, or neither."""

    skill: str  #: that it needs
    taken: int = 0  #: how often an officer has taken it up
    turn: int = -1  #: of the dossier, when it came into a queue last
    rank: int | None = None  #: while it waits: its place in the queue; `rank`, then `since`, then its number decide
    since: datetime | None = None  #: while it waits: when it came, or its due instant, by the queue's discipline
    team: int | None = None  #: while an officer has it: of which team of the desk


@dataclass(slots=True, kw_only=True)
class Case:
    """State of one dossier: `acts.move` changes what the lifecycle decides, whoever plays it `version`, `next_step`."""

    number: int
    procedure: Procedure
    office_code: str
    channel: str
    applicant_kind: str
    applicant_id: str
    filed_at: datetime
    status: Status | None = None  #: `None`: filed for an instant that hasn't come yet
    version: int = 0  #: ledger position of the last fact about it
    turn: int = 0  #: supplements asked for so far
    status_at: datetime  #: when it came into its status
    received_at: datetime | None = None
    deadline: Deadline | None = None  #: `None` before it is received, and when it was resolved at once
    traits: Mapping[str, str] = field(default_factory=lambda: NO_TRAITS)  #: what of it decides about limits and routes
    particulars: Particulars = NOTHING_PARTICULAR
    next_step: NextStep | None = None
    work: Work | None = None  #: in a staffed sandbox, while it is with the officers or will come back to them
    #: `first_draws`, where many were drawn together; `None`: each is drawn when it is asked for.
    drawn: Sequence[float] | None = field(default=None, repr=False, compare=False)
    # The due instant of a deadline by a calendar, which is asked for more often than either changes.
    _due: tuple[Deadline, WorkingCalendar, datetime | None] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    @property
    def was_received(self) -> bool:
        """Whether the office has accepted it at intake."""
        return self.received_at is not None

    @property
    def acted_at(self) -> datetime:
        """The last thing that was done to it: what is planned is counted from here."""
        return self.particulars.acted_at or self.status_at

    @property
    def authority_level(self) -> AuthorityLevel:
        """Who has it."""
        return self.particulars.authority_level or self.procedure.authority_level

    def due_at(self, calendar: WorkingCalendar) -> datetime | None:
        """When it is due as things stand; `None`: no limit, not received yet, or suspended."""
        deadline, known = self.deadline, self._due
        if deadline is None:
            return None
        if known is not None and known[0] is deadline and known[1] is calendar:
            return known[2]
        due_at = deadlines.due_at(deadline, calendar)
        self._due = (deadline, calendar, due_at)
        return due_at

    def rule(self, at: datetime) -> LimitRule:
        """The limit that holds, or that would if it were received at an instant."""
        if self.deadline is not None:
            return self.deadline.rule
        return rule_for(self.procedure, self.traits, self.received_at or at)
