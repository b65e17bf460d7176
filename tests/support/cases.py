"""Dossiers, commands and rules for tests of processing: plain functions with defaults."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from services.casework.case import Case
from services.casework.engine import Rules
from services.casework.robot_files import load_robot_policies
from services.contracts.commands import (
    AcceptedDossier,
    CalendarOverride,
    ClockSetting,
    Command,
    CommandType,
    RequestedAction,
    accept_data,
    act_data,
    open_sandbox_data,
)
from services.contracts.staffing import Staffing
from services.contracts.vocabulary import ClockMode, OfficerKind, Status
from services.law.calendar import CalendarBook
from services.law.deadlines import Deadline
from services.law.rules import rule_for
from tests.support.filings import catalogue

#: A Monday morning, nine o'clock in Vietnam.
NINE = datetime(2018, 6, 4, 2, 0, tzinfo=UTC)


@cache
def rules() -> Rules:
    """The shipped law, catalogue and robot."""
    shipped = catalogue()
    return Rules(CalendarBook(shipped.calendar), shipped.procedures, load_robot_policies(shipped.procedures))


def make_case(number: int = 1, *, procedure_id: str = "refund-first", **changes: Any) -> Case:
    """A dossier filed on Monday at nine; received then, if `received_at` is given and nothing else is said."""
    procedure = catalogue().procedures[procedure_id]
    received_at = changes.get("received_at")
    values: dict[str, Any] = {
        "number": number,
        "procedure": procedure,
        "office_code": "30CF",
        "channel": "online",
        "applicant_kind": "enterprise",
        "applicant_id": "3000300002",
        "filed_at": NINE,
        "status": Status.SUBMITTED,
        "status_at": NINE,
        "deadline": Deadline(rule_for(procedure, changes.get("traits", {}), received_at), received_at)
        if received_at
        else None,
    }
    return Case(**{**values, **changes})


def accepted(
    number: int,
    *,
    procedure_id: str = "refund-first",
    filed_at: datetime = NINE,
    channel: str = "online",
    applicant_id: str = "3000300002",
    traits: Mapping[str, str] | None = None,
) -> AcceptedDossier:
    """A filed dossier as a command carries it."""
    return AcceptedDossier(
        number, procedure_id, "30CF", channel, "enterprise", applicant_id, filed_at.isoformat(), traits
    )


def requested(number: int, action: str, actor: str, *, version: int | None = None, **detail: Any) -> RequestedAction:
    """An action as a command carries it; its id says what it is about, keywords are its detail."""
    command_id = f"act_{number}_{action}_{actor}"
    return RequestedAction(command_id, number, action, actor, None, None, version, detail or None)


def clock(
    mode: ClockMode = ClockMode.MANUAL, *, at: datetime = NINE, real_at: datetime = NINE, speed: float = 1.0
) -> ClockSetting:
    """A clock that shows `at` at the real instant `real_at`."""
    return ClockSetting(mode, real_at, at, speed)


class Log:
    """A partition's command log, written one command after the other."""

    def __init__(
        self,
        *,
        seed: int = 7,
        officer: OfficerKind = OfficerKind.ROBOT,
        setting: ClockSetting | None = None,
        staffing: Staffing | None = None,
    ) -> None:
        setting = setting or clock()
        self.commands: list[Command] = []
        self._add(
            CommandType.OPEN_SANDBOX,
            setting.virtual_at,
            open_sandbox_data(seed=seed, clock=setting, officer=officer, staffing=staffing),
        )

    def accept(self, *rows: AcceptedDossier, at: datetime = NINE) -> Command:
        """Dossiers are filed."""
        return self._add(CommandType.ACCEPT_DOSSIERS, at, accept_data(rows))

    def act(self, *rows: RequestedAction, at: datetime = NINE) -> Command:
        """People act."""
        return self._add(CommandType.ACT, at, act_data(rows))

    def advance(self, *, at: datetime | None = None, **units: float) -> Command:
        """The clock moves: to an instant, or so far from nine o'clock."""
        return self._add(CommandType.ADVANCE, at or NINE + timedelta(**units), {})

    def override(self, *overrides: CalendarOverride, at: datetime = NINE) -> Command:
        """Days count otherwise from here on."""
        data = {"overrides": [item.to_wire() for item in overrides]}
        return self._add(CommandType.OVERRIDE_CALENDAR, at, data)

    def set_clock(self, setting: ClockSetting) -> Command:
        """The clock is set."""
        return self._add(CommandType.SET_CLOCK, setting.virtual_at, {"clock": setting.to_wire()})

    def _add(self, kind: CommandType, at: datetime, data: dict[str, Any]) -> Command:
        # Through the wire form: what processing gets has come through JSON.
        self.commands.append(Command.from_wire(Command(len(self.commands) + 1, kind, at, data).to_wire()))
        return self.commands[-1]

    def since(self, sequence: int) -> Sequence[Command]:
        """Commands from a sequence on."""
        return self.commands[sequence - 1 :]
