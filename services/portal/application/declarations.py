"""Declarations: registering, entering existing ones, and the messages that change one before it is cleared.

Registering files the clearance dossier with everybody else's (`filing`): number, channel and row come from the check of
the registers in that transaction. After clearance a declaration changes through dossiers alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.contracts.vocabulary import Action, Actor, ApplicantKind, Channel, CustomsChannel, Reason
from services.portal.application.acting import ActionRequest, request_actions
from services.portal.application.clearance import DOCUMENTS
from services.portal.application.lifecycle_guide import LifecycleGuide
from services.portal.application.ports import DoorUnit
from services.portal.application.problems import problem
from services.portal.application.register_ports import RegisterWriter
from services.portal.domain.registers.declarations import (
    LAST_BRANCH,
    Declaration,
    DeclarationKind,
    DeclarationState,
    Direction,
    NewDeclaration,
    Origin,
    is_own,
    split_number,
)
from services.portal.domain.registers.registers import EventKind, RegisterChanges
from services.portal.domain.sandbox import Dossier, Sandbox, Submission
from services.runtime.errors import ProblemError

_OPEN_STATES = frozenset({DeclarationState.REGISTERED, DeclarationState.UNDER_CHECK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A declaration as somebody wants it registered."""

    kind: DeclarationKind
    office_code: str
    declarant_kind: ApplicantKind
    declarant_id: str
    declarant_name: str
    channel: CustomsChannel | None
    filed_at: datetime | None
    content: Mapping[str, Any]  #: what else it says: fields of the clearance dossier's form

    def to_submission(self) -> Submission:
        """The dossier that will clear it; its form and its procedure follow from number and channel."""
        return Submission(
            procedure_id=DOCUMENTS,
            office_code=self.office_code,
            channel=Channel.ONLINE,
            applicant_kind=self.declarant_kind,
            applicant_id=self.declarant_id,
            applicant_name=self.declarant_name,
            filed_at=self.filed_at,
            form=self.content,
            declaration=NewDeclaration(kind=self.kind.code, direction=self.kind.direction, channel=self.channel),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredDeclaration:
    """An existing declaration as somebody gives it: for a test that needs one with a past.

    Instants that are left out are taken from the sandbox's clock.
    """

    number: str
    kind: DeclarationKind
    office_code: str
    declarant_id: str
    channel: CustomsChannel | None
    state: DeclarationState  #: registered, cleared or cancelled
    registered_at: datetime | None
    cleared_at: datetime | None


def enter_declarations(
    unit: DoorUnit,
    writer: RegisterWriter,
    sandbox_id: str,
    given: Sequence[EnteredDeclaration],
    *,
    earliest: datetime,
    now: datetime,
) -> list[Declaration | ProblemError]:
    """Enter existing declarations, without dossiers; two statements, however many.

    Args:
        unit: the door's transaction, with the sandbox locked: nobody else enters the same number.
        writer: of the registers.
        sandbox_id: where.
        given: as they were given.
        earliest: what the calendar doesn't know can't be entered: terms run from it.
        now: what the sandbox's clock shows.

    Returns:
        For each what was entered, or why it wasn't.
    """
    known = set(writer.declarations(unit, sandbox_id, (split_number(one.number)[0] for one in given)))
    results: list[Declaration | ProblemError] = []
    for one in given:
        base = split_number(one.number)[0]
        entered = _refusal(one, base in known, earliest, now) or _entered(one, sandbox_id, now)
        if isinstance(entered, Declaration):
            known.add(base)
        results.append(entered)
    writer.add_declarations(unit, [one for one in results if isinstance(one, Declaration)])
    return results


def _refusal(given: EnteredDeclaration, is_known: bool, earliest: datetime, now: datetime) -> ProblemError | None:
    if is_own(split_number(given.number)[0]):
        return problem("declaration-number-reserved", number=given.number)
    if is_known:
        return problem("declaration-exists", number=given.number)
    for name in ("registered_at", "cleared_at"):
        at = getattr(given, name)
        if at is not None and not earliest <= at <= now:
            return _out_of_order(name, *outside_words(earliest, now))
    if given.registered_at and given.cleared_at and given.cleared_at < given.registered_at:
        return _out_of_order("cleared_at", "Before it was registered.", "Trước khi tờ khai được đăng ký.")
    return None


def outside_words(earliest: datetime, now: datetime) -> tuple[str, str]:
    """What an instant is told that lies before what the calendar knows, or after the sandbox's now."""
    first, last = earliest.isoformat(), now.isoformat()
    return f"Must lie between {first} and the sandbox's now, {last}.", f"Phải nằm giữa {first} và thời điểm {last}."


def _out_of_order(field: str, detail: str, detail_vi: str) -> ProblemError:
    error = {"pointer": f"/{field}", "code": "out-of-range", "detail": detail, "detail_vi": detail_vi}
    return problem("invalid-body", count=1, errors=[error])


def _entered(given: EnteredDeclaration, sandbox_id: str, now: datetime) -> Declaration:
    base, branch = split_number(given.number)
    registered_at = given.registered_at or given.cleared_at or now
    cleared_at = (given.cleared_at or registered_at) if given.state is DeclarationState.CLEARED else given.cleared_at
    is_cancelled = given.state is DeclarationState.CANCELLED
    return Declaration(
        sandbox_id=sandbox_id,
        base=base,
        branch=branch,
        kind=given.kind.code,
        office_code=given.office_code,
        declarant_id=given.declarant_id,
        channel=given.channel,
        origin=Origin.ENTERED,
        registered_at=registered_at,
        cleared_at=cleared_at,
        cancelled_at=(cleared_at or registered_at) if is_cancelled else None,
    )


def message_names(direction: Direction) -> tuple[str, str]:
    """What VNACCS calls the messages that amend and that cancel before clearance; the second one is ours.

    Cancelling is asked for with form 06 of annex II, which no message of the guide carries: `HUY` stands for it.
    """
    return ("IDA01" if direction is Direction.IMPORT else "EDA01"), "HUY"


class DeclarationMessages:
    """What a declarant may do to a declaration before it is cleared, without a dossier."""

    def __init__(self, writer: RegisterWriter, guide: LifecycleGuide) -> None:
        self._writer = writer
        self._guide = guide

    def amend(
        self, unit: DoorUnit, sandbox: Sandbox, number: str, content: dict[str, Any], now: datetime
    ) -> Declaration:
        """IDA01 or EDA01: a new branch at once.

        Args:
            unit: the door's transaction, with the sandbox locked.
            sandbox: whose.
            number: the current one.
            content: what is amended; told in the event.
            now: what the sandbox's clock shows.

        Raises:
            ProblemError: `not-found`, `declaration-not-current`, `declaration-not-open`, `declaration-closed` or
                `declaration-full`; nothing was written.
        """
        message = message_names(direction=_direction(number))[0]
        found = self._open(unit, sandbox, number, message, now, instead="amendment-after-clearance")
        if found.branch >= LAST_BRANCH:
            raise problem("declaration-full", number=number)
        amended = replace(found, branch=found.branch + 1)
        self._writer.save_declaration(unit, amended)
        changes = RegisterChanges()
        detail = {"number": amended.number, "previous_number": number, "message": message, **content}
        changes.tell_of_declaration(amended, EventKind.AMENDED, now, None, detail)
        self._writer.write(unit, changes)
        return amended

    def cancel(
        self,
        unit: DoorUnit,
        sandbox: Sandbox,
        number: str,
        *,
        reason: str,
        check: Dossier | None,
        now: datetime,
        real_now: datetime,
    ) -> Declaration:
        """Cancelled at once, before clearance; its clearance dossier is withdrawn.

        Args:
            unit: the door's transaction, with the sandbox locked.
            sandbox: whose.
            number: the current one.
            reason: in the declarant's words.
            check: the clearance dossier, as it was read before.
            now: what the sandbox's clock shows.
            real_now: the wall's time.

        Raises:
            ProblemError: as `amend`.
        """
        message = message_names(direction=_direction(number))[1]
        found = self._open(unit, sandbox, number, message, now, instead="declaration-cancellation")
        cancelled = replace(found, cancelled_at=now)
        self._writer.save_declaration(unit, cancelled)
        changes = RegisterChanges()
        changes.tell_cancelled(cancelled, now, found.dossier_number)
        self._writer.write(unit, changes)
        # What was cancelled needn't be checked any more.
        if check is not None and check.filed_at <= now and Action.WITHDRAW in self._guide.actions(check):
            request_actions(unit, sandbox.sandbox_id, [(check, _withdrawal(reason))], real_now)
        return cancelled

    def _open(
        self, unit: DoorUnit, sandbox: Sandbox, number: str, message: str, now: datetime, *, instead: str
    ) -> Declaration:
        """The declaration, locked, if the message still works."""
        base, branch = split_number(number)
        found = self._writer.lock_declaration(unit, sandbox.sandbox_id, base)
        if found is None or found.registered_at > now:
            raise problem("not-found", what="declaration", name=number)
        if found.branch != branch:
            raise problem("declaration-not-current", number=number, current=found.number, message=message)
        if found.state in _OPEN_STATES:
            return found
        if found.state is DeclarationState.CANCELLED:
            raise problem("declaration-closed", number=number, state=found.state)
        advice = "declaration-cancellation" if found.state is DeclarationState.NOT_CLEARED else instead
        raise problem("declaration-not-open", number=number, state=found.state, message=message, instead=advice)


def _withdrawal(reason: str) -> ActionRequest:
    return ActionRequest(
        action=Action.WITHDRAW,
        actor=Actor.APPLICANT,
        reason=Reason.APPLICANT_WISH,
        note=reason,
        expected_version=None,
    )


def _direction(number: str) -> Direction:
    return Direction.IMPORT if number.startswith(str(Direction.IMPORT.digit)) else Direction.EXPORT
