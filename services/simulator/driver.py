"""Puts a crowd through a portal: files window by window ahead of a sandbox's manual clock, and moves the clock.

While a step of the clock is being worked on, the next ones are filed already; the crowd waits only when it is several
steps ahead, or needs to know what has become of something. The model is open: a filing has the instant that the crowd
meant, however long the services take. Everything goes through the portal's HTTP API. Nothing is printed: whoever calls
is told by a callback how far it has come, and gets the outcome.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from motcua import Client

from services.contracts.staffing import Staffing
from services.contracts.vocabulary import STATUS_BY_SLUG
from services.runtime.clock import monotonic_seconds, real_now
from services.runtime.errors import MotcuaError
from services.simulator.door import Door, patiently
from services.simulator.earlier import DECLARATIONS_PATH, EarlierEntries
from services.simulator.pace import Pace
from services.simulator.run_log import Refused, RunLog, RunState, StepTimes
from services.simulator.sent import Sent, count_sent
from services.simulator.steps import StepPlan, steps_of
from services.simulator.watching import Follower, NotSettledError, Step, Watcher
from services.simulator.windows import UNDECIDED_ENDS, Ended, Window, WindowMaker

#: Lines in one request; the portal takes no more.
MOST_LINES: Final = 10_000

#: Steps that may not have settled when one more is filed: enough of them wait that workers never do, and that a unit of
#: theirs holds as much as it may.
STEPS_AHEAD: Final = 3

#: When no more come, the clock moves on by this until everything has ended.
WAITING_STEP: Final = timedelta(days=7)

#: Counting may be behind a settled sandbox for this long (seconds).
_COUNTED_PATIENCE_SECONDS: Final = 300.0


#: The portal knows for a day what it has answered under an Idempotency-Key; this leaves time to ask for it.
ANSWERS_REMEMBERED_FOR: Final = timedelta(hours=23)


class ForgottenRunError(MotcuaError):
    """A run was ended in the middle of a window too long ago to be gone on with; the message is its id."""


class Stage(StrEnum):
    """What is going on."""

    OPENING = "opening"  #: the sandbox is made, or found again
    FILING = "filing"  #: dossiers come and are worked on
    FINISHING = "finishing"  #: no more come; the last ones are waited for
    RECOUNTING = "recounting"  #: the ledger is counted again


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come, as far as it has been counted.

    Attributes:
        now: What was to happen up to here has happened.
        total_count: Filings of the whole workload.
        sent_count: Sent so far; some may be ahead of the clock still.
        filed_count: Filed so far by the clock.
        ended_count: Of these, at their end.
        in_time_count: Resolved before or on the due day.
        limited_count: Resolved, with a time limit.
        rate_now: Dossiers a second that come to their end, lately; `None`: not known yet.
        rate_mean: The same since this session began.
        seconds_left: At that rate.
    """

    stage: Stage
    now: datetime
    total_count: int
    sent_count: int = 0
    filed_count: int = 0
    ended_count: int = 0
    in_time_count: int = 0
    limited_count: int = 0
    rate_now: float | None = None
    rate_mean: float | None = None
    seconds_left: float | None = None

    @property
    def backlog(self) -> int:
        """Filed, and not at their end."""
        return self.filed_count - self.ended_count


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it, in the portal's own words.

    Attributes:
        sent: What was sent, counted by the crowd.
        by_procedure: `GET /api/v1/statistics` at the end, with rows by procedure; the others likewise.
        waiting: `GET /api/v1/statistics/waiting`, at the end.
        recount: `POST /api/v1/statistics/recount`, at the end.
        now: Where the sandbox's clock stands.
    """

    sent: Sent
    by_procedure: Mapping[str, Any]
    by_office: Mapping[str, Any]
    by_day: Mapping[str, Any]
    waiting: Mapping[str, Any]
    recount: Mapping[str, Any]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What a run files, and into what kind of sandbox.

    Attributes:
        crowd: Who files what and when.
        earlier: Finds what has to be entered in registers before.
        name: The sandbox's, for people.
        staffing: Of its offices; `None`: the robot is never busy.
        longest_wait: After the last window, for the last dossier.
    """

    crowd: WindowMaker
    earlier: EarlierEntries
    name: str
    staffing: Staffing | None
    longest_wait: timedelta


def run(admin: Client, workload: Workload, log: RunLog, on_progress: Callable[[Progress], None]) -> Outcome:
    """Put a workload through a sandbox, until every dossier has ended or the longest wait is over.

    A run whose log says that it has come some way goes on from there.

    Args:
        admin: A client with the administrator's key.
        workload: What to file.
        log: Kept up to date, so that the run can be gone on with.
        on_progress: Called whenever there is news, from several threads, one at a time.

    Raises:
        MotcuaError: it can't go on; the sandbox stays as it is, and so does the log.
    """
    key = log.key or _open_sandbox(admin, workload, log)
    with Client(admin.url, key) as sandbox, Client(admin.url, key) as second, Client(admin.url, key) as third:
        started = _Run(Door(sandbox), workload, log, on_progress)
        return started.play(Follower(Door(second)), lambda tell: Watcher(Door(third), tell))


def _open_sandbox(admin: Client, workload: Workload, log: RunLog) -> str:
    plan = log.state.plan

    def ask() -> tuple[str, str]:
        with admin.open_sandbox(
            name=workload.name,
            seed=plan.seed,
            now=workload.crowd.plans[0].start,
            partitions=plan.partitions,
            staffing=workload.staffing.to_wire() if workload.staffing else None,
            expected_dossiers=sum(plan.count for plan in workload.crowd.plans) or None,
            # A lost answer is asked for again: the key is told once only.
            idempotency_key=plan.run_id,
        ) as opened:
            return opened.key, opened.request("GET", "/api/v1/sandbox").json()["sandbox_id"]

    key, sandbox_id = patiently(ask, admin.url)
    log.keep_sandbox(sandbox_id, key)
    return key


class _Run:
    """One session of a run."""

    def __init__(self, door: Door, workload: Workload, log: RunLog, on_progress: Callable[[Progress], None]) -> None:
        self._door = door
        self._workload = workload
        self._crowd = workload.crowd
        self._log = log
        self._start = self._clock_at = self._fed_until = self._crowd.plans[0].start
        total_count = sum(plan.count for plan in self._crowd.plans)
        self._teller = _Teller(total_count, _seen_to_happen(log.state, self._start), on_progress)
        self._begun = monotonic_seconds()
        self._seconds_before = log.state.seconds
        self._waited_before = log.state.crowd_waited_seconds
        self._waited_seconds = 0.0
        self._times: list[StepTimes] = list(log.state.steps)
        self._refused: list[Refused] = list(log.state.refused)
        self._refused_lately: list[Refused] = []  #: in windows that don't count as filed yet
        self._asked: list[Step] = []

    def play(self, follower: Follower, watch: Callable[[Callable[[Mapping[str, Any]], None]], Watcher]) -> Outcome:
        self._follower = follower
        watcher = watch(lambda counts: self._teller.count(counts, self._follower.settled_to))
        try:
            self._take_up()
            for plan in steps_of(self._crowd.plans):
                if plan.windows[-1].index >= self._log.state.windows_done:
                    self._file(plan)
            self._finish()
            return self._outcome()
        finally:
            watcher.close()
            follower.close()
            self._keep()

    def _take_up(self) -> None:
        """Find out where the run stands."""
        self._teller.enter(Stage.OPENING)
        asked = self._door.clock()
        state = self._log.state
        self._check_is_remembered(asked.now)
        self._follow(Step(asked.now, asked))
        self._log.keep(sessions=state.sessions + 1)
        # What the portal refused before is refused still; what it has filed isn't sent again.
        self._crowd.refused([item.number for item in self._refused])
        done = self._crowd.plans[: state.windows_done]
        self._teller.sent(sum(plan.count for plan in done) - len(self._refused))
        if done and len(done) == len(self._crowd.plans):
            # All has been filed: the crowd makes the last window once more to know what it was.
            self._wait(done[-1].fed_until)
            self._feed(done[-1].fed_until)
            self._crowd.window(done[-1].index)

    def _check_is_remembered(self, now: datetime) -> None:
        """Whether the portal still knows what it has answered, as far as that matters.

        Raises:
            ForgottenRunError: something was filed of a window that isn't done, too long ago to be told apart.
        """
        done = self._log.state.windows_done
        if real_now() - self._log.kept_at < ANSWERS_REMEMBERED_FOR or done == len(self._crowd.plans):
            return
        following = self._crowd.plans[done]
        is_untouched = self._door.filed_count() == following.first_number - 1 - len(self._refused)
        if not is_untouched or now > following.start:
            raise ForgottenRunError(self._run_id)

    def _file(self, plan: StepPlan) -> None:
        """File what belongs to a step, as far as an earlier session hasn't, and move the clock."""
        self._teller.enter(Stage.FILING)
        self._wait(plan.needed_until)
        if len(self._asked) > STEPS_AHEAD:
            self._wait(self._asked[-STEPS_AHEAD - 1].to)
        begun = self._elapsed
        for window in plan.windows:
            if window.index >= self._log.state.windows_done:
                self._feed(window.fed_until)
                self._send(self._crowd.window(window.index), plan.start)
                # The last one counts as filed when the clock has been moved.
                if window is not plan.windows[-1]:
                    self._keep(windows_done=window.index + 1)
        last = plan.windows[-1].index
        asked = self._door.advance(plan.end, f"{self._run_id}:{last}:advance")
        self._times.append(StepTimes(plan.end.isoformat(), plan.count, begun, self._elapsed))
        self._follow(Step(plan.end, asked, len(self._times) - 1))
        self._keep(windows_done=last + 1)

    def _wait(self, to: datetime) -> None:
        """Wait until all up to an instant has happened."""
        if (self._follower.settled_to or self._start) < to:
            reached = next(step.to for step in self._asked if step.to >= to)
            self._waited_seconds += self._follower.wait(reached)

    def _follow(self, step: Step) -> None:
        self._clock_at = max(step.to, self._clock_at)
        self._asked = [*self._asked[-STEPS_AHEAD - 1 :], step]
        self._follower.follow(step)

    def _feed(self, until: datetime) -> None:
        """Tell the crowd whose matter was never decided."""
        if until <= self._fed_until or not self._crowd.refiled_procedure_ids:
            return
        self._fed_until = until
        for status in sorted(UNDECIDED_ENDS):
            found = self._door.dossiers(status=status.slug, procedure=",".join(self._crowd.refiled_procedure_ids))
            ended = (
                Ended(item["number"], STATUS_BY_SLUG[item["status"]], datetime.fromisoformat(item["status_at"]))
                for item in found
            )
            self._crowd.feed(end for end in ended if end.ended_at <= until)

    def _send(self, window: Window, now: datetime) -> None:
        """Send a window's lines; those that the portal refuses are noted and told to the crowd."""
        key = f"{self._run_id}:{window.plan.index}"
        entries = self._workload.earlier.entries(window.dossier_lines, now)
        for part, first in enumerate(range(0, len(entries.declarations), MOST_LINES)):
            lines = entries.declarations[first : first + MOST_LINES]
            self._door.send(DECLARATIONS_PATH, b"\n".join(lines), f"{key}:declarations:{part}")
        for part, (path, entry) in enumerate(entries.others):
            self._door.enter(path, entry, f"{key}:entry:{part}")
        refused: list[Refused] = []
        for part, body in enumerate(window.bodies(MOST_LINES)):
            taken = self._door.send(body.path, body.data, f"{key}:{part}")
            self._teller.sent(taken.filed_count)
            refused += [
                Refused(body.first_number + line - 1, problem["code"])
                for line, problem in sorted(taken.problems.items())
            ]
        if refused:
            self._refused_lately += refused
            self._crowd.refused([item.number for item in refused])

    def _finish(self) -> None:
        """Move on until every dossier has come to its end, or the longest wait is over."""
        self._teller.enter(Stage.FINISHING)
        last_at = self._crowd.plans[-1].end
        if self._clock_at == last_at and self._workload.longest_wait > timedelta(0):
            # What was filed last hasn't ended: workers needn't wait until somebody has looked.
            self._move_on(1)
        self._wait(self._clock_at)
        number = self._log.state.steps_waited
        while not self._has_all_ended() and self._clock_at < last_at + self._workload.longest_wait:
            number += 1
            self._move_on(number)
            self._wait(self._clock_at)
        self._keep(ended_seconds=self._elapsed)

    def _move_on(self, number: int) -> None:
        """Move the clock by one more step in which nobody files."""
        to = self._crowd.plans[-1].end + number * WAITING_STEP
        self._follow(Step(to, self._door.advance(to, f"{self._run_id}:wait:{number}")))
        self._keep(steps_waited=number)

    def _has_all_ended(self) -> bool:
        self._wait_until_counted()
        counts = self._door.statistics("none")
        self._teller.count(counts, self._follower.settled_to)
        return self._teller.ended_count >= self._teller.sent_count

    def _wait_until_counted(self) -> None:
        gives_up_at = monotonic_seconds() + _COUNTED_PATIENCE_SECONDS
        while not self._door.settle(None, must_be_counted=True).is_counted:
            if monotonic_seconds() > gives_up_at:
                raise NotSettledError(f"{self._clock_at.isoformat()}, {_COUNTED_PATIENCE_SECONDS:.0f} s")

    def _outcome(self) -> Outcome:
        self._teller.enter(Stage.RECOUNTING)
        self._wait_until_counted()
        refused = {item.number for item in self._refused}
        outcome = Outcome(
            sent=count_sent(self._crowd, len(self._crowd.plans), refused),
            by_procedure=self._door.statistics("procedure"),
            by_office=self._door.statistics("office"),
            by_day=self._door.statistics("day"),
            waiting=self._door.waiting(),
            recount=self._door.recount(),
            now=self._clock_at,
        )
        self._keep(is_finished=True)
        return outcome

    @property
    def _run_id(self) -> str:
        return self._log.state.plan.run_id

    @property
    def _elapsed(self) -> float:
        return self._seconds_before + monotonic_seconds() - self._begun

    def _keep(self, **changes: Any) -> None:
        """Note how far it has come, with what the follower has seen meanwhile."""
        if "windows_done" in changes:
            # Not before: whoever goes on makes an unfinished window anew, and hears of its refusals again.
            self._refused += self._refused_lately
            self._refused_lately = []
        for number, at in self._follower.settled_at.items():
            self._times[number] = replace(self._times[number], settled=self._seconds_before + at - self._begun)
        self._log.keep(
            **changes,
            seconds=self._elapsed,
            crowd_waited_seconds=self._waited_before + self._waited_seconds,
            refused=tuple(self._refused),
            steps=tuple(self._times),
        )


def _seen_to_happen(state: RunState, start: datetime) -> datetime:
    """Up to where an earlier session has seen everything happen; `start`: there was none, or it saw nothing."""
    return max((datetime.fromisoformat(step.to) for step in state.steps if step.settled is not None), default=start)


class _Teller:
    """Puts together how far it has come, for whoever looks on; called from several threads."""

    def __init__(self, total_count: int, start: datetime, on_progress: Callable[[Progress], None]) -> None:
        self._lock = threading.Lock()
        self._progress = Progress(Stage.OPENING, start, total_count)
        self._pace = Pace(total_count)
        self._on_progress = on_progress

    @property
    def sent_count(self) -> int:
        return self._progress.sent_count

    @property
    def ended_count(self) -> int:
        return self._progress.ended_count

    def enter(self, stage: Stage) -> None:
        """Another stage begins."""
        if stage is not self._progress.stage or stage is Stage.OPENING:
            self._tell(stage=stage)

    def sent(self, count: int) -> None:
        """So many more have been filed."""
        self._tell(sent_count=self._progress.sent_count + count)

    def count(self, counts: Mapping[str, Any], settled_to: datetime | None) -> None:
        """How the counts are now."""
        total = counts["total"]
        ended = sum(int(total[name]) for name in ("refused_at_intake", "withdrawn", "stopped", "returned"))
        with self._lock:
            self._pace.note(monotonic_seconds(), ended)
        self._tell(
            now=settled_to or self._progress.now,
            filed_count=int(total["filed"]),
            ended_count=ended,
            in_time_count=int(total["on_time_ratio"]["numerator"]),
            limited_count=int(total["on_time_ratio"]["denominator"]),
            rate_now=self._pace.now,
            rate_mean=self._pace.mean,
            seconds_left=self._pace.seconds_left,
        )

    def _tell(self, **changes: Any) -> None:
        with self._lock:
            self._progress = replace(self._progress, **changes)
            self._on_progress(self._progress)
