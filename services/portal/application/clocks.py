"""A sandbox's clock: reading it, setting it, and moving a manual one until all that falls due has happened."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from services.contracts.commands import ClockSetting, CommandType
from services.contracts.vocabulary import ClockMode
from services.portal.application.ports import Counts, DoorUnit, NewCommand, Reader
from services.portal.application.problems import problem
from services.portal.application.waiting import WaitingRoom
from services.portal.domain.sandbox import Sandbox
from services.runtime.clock import monotonic_seconds, virtual_now
from services.runtime.errors import ProblemError

#: A clock that moves by itself is changed as of this far ahead in real time: until the change has reached processing,
#: processing goes on by the old setting, and nothing shall have happened after what the clock shows.
CHANGE_AHEAD: Final = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class ClockRange:
    """Instants that a clock may show: the calendar must know what lies ahead of them, too."""

    first_at: datetime
    last_at: datetime

    @classmethod
    def of_calendar(cls, first_on: date, last_on: date) -> "ClockRange":
        """From a month after the calendar's first day to a year before its last: terms reach back and ahead."""
        return cls(
            datetime.combine(first_on + timedelta(days=31), time(), UTC),
            datetime.combine(last_on.replace(year=last_on.year - 1), time(), UTC),
        )

    def check(self, at: datetime, pointer: str) -> None:
        """Raise a ProblemError (`clock-out-of-range`) for an instant outside; `pointer` is where it was asked for."""
        if not self.first_at <= at <= self.last_at:
            raise problem(
                "clock-out-of-range",
                first=self.first_at.date(),
                last=self.last_at.date(),
                to=at.isoformat(),
                errors=[{"pointer": pointer, "code": "out-of-range"}],
            )


@dataclass(frozen=True, slots=True)
class Settlement:
    """How far a sandbox has come with what it was told."""

    is_settled: bool  #: every command up to the asked one has been carried out and is visible in the read model
    is_counted: bool  #: and metrics has counted what came of it


def set_clock(unit: DoorUnit, sandbox: Sandbox, clock: ClockSetting) -> Mapping[int, int]:
    """Write a new setting for a locked sandbox; returns the command that each partition has to carry out."""
    unit.save_sandbox(replace(sandbox, clock=clock))
    data = {"clock": clock.to_wire()}
    return unit.append(
        sandbox.sandbox_id,
        [
            NewCommand(partition, CommandType.SET_CLOCK, clock.virtual_at, data)
            for partition in range(sandbox.partition_count)
        ],
    )


def changed_setting(
    sandbox: Sandbox, real_now: datetime, *, mode: ClockMode, speed: float, to: datetime | None
) -> ClockSetting:
    """The setting after a change of mode: time goes on from where it stands, or from `to`.

    Raises:
        ProblemError: `clock-backwards`.
    """
    now = virtual_now(sandbox.clock, real_now)
    if to is not None and to < now:
        raise problem("clock-backwards", now=now.isoformat(), to=to.isoformat())
    if sandbox.clock.mode is not ClockMode.MANUAL:
        now = virtual_now(sandbox.clock, real_now + CHANGE_AHEAD)
    return ClockSetting(mode, real_now, to or now, speed if mode is ClockMode.SCALED else 1.0)


def advance(unit: DoorUnit, sandbox: Sandbox, to: datetime) -> Mapping[int, int]:
    """Move a locked sandbox's manual clock; returns the command that each partition has to carry out.

    Raises:
        ProblemError: `clock-not-manual` or `clock-backwards`; nothing was written.
    """
    clock = sandbox.clock
    if clock.mode is not ClockMode.MANUAL:
        raise problem("clock-not-manual", mode=clock.mode)
    if to < clock.virtual_at:
        raise problem("clock-backwards", now=clock.virtual_at.isoformat(), to=to.isoformat())
    unit.save_sandbox(replace(sandbox, clock=replace(clock, virtual_at=to)))
    return unit.append(
        sandbox.sandbox_id,
        [NewCommand(partition, CommandType.ADVANCE, to, {}) for partition in range(sandbox.partition_count)],
    )


class Settler:
    """Waits until a sandbox has done what it was told."""

    def __init__(self, reader: Reader, counts: Counts, room: WaitingRoom) -> None:
        self._reader = reader
        self._counts = counts
        self._room = room

    def wait(
        self, sandbox_id: str, upto: Mapping[int, int] | None, timeout_seconds: float, *, must_be_counted: bool = True
    ) -> Settlement:
        """Wait for settlement.

        Args:
            sandbox_id: whose.
            upto: sequence to wait for, by partition; `None`: the ends of the log as they are now.
            timeout_seconds: real seconds; 0 asks without waiting.
            must_be_counted: wait until statistics show it, too; otherwise it is only said whether they do.
        """
        wanted = upto if upto is not None else self._reader.log_ends(sandbox_id)
        ends_at_seconds = monotonic_seconds() + timeout_seconds
        if not self._room.wait(sandbox_id, lambda: self._is_settled(sandbox_id, wanted), timeout_seconds):
            return Settlement(is_settled=False, is_counted=False)
        positions = self._reader.positions(sandbox_id)
        left_seconds = max(ends_at_seconds - monotonic_seconds(), 0.0) if must_be_counted else 0.0
        return Settlement(is_settled=True, is_counted=self._wait_counted(sandbox_id, positions, left_seconds))

    def _is_settled(self, sandbox_id: str, wanted: Mapping[int, int]) -> bool:
        done = self._reader.acknowledged(sandbox_id)
        return all(done.get(partition, 0) >= sequence for partition, sequence in wanted.items())

    def _wait_counted(self, sandbox_id: str, positions: Mapping[int, int], timeout_seconds: float) -> bool:
        """Metrics being away delays nothing: then the answer is simply no."""

        def is_counted() -> bool:
            counted = self._counts.positions(sandbox_id)
            return all(counted.get(partition, 0) >= position for partition, position in positions.items())

        try:
            return self._room.wait(sandbox_id, is_counted, timeout_seconds)
        except ProblemError:
            return False
