"""Watching a stack while something runs: processor time by process, memory, how many facts are counted.

Reads what the system and PostgreSQL know of themselves, once a second; what costs more to find out, every few seconds.
Takes less than two per cent of a core.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import psutil
import psycopg

from services.launcher.stack import Stack
from tests.bench.errors import MeasuringError
from tests.bench.figures import Point

EVERY_SECONDS: Final = 1.0

#: To see which processes there are, and to add up their memory, takes longer.
PROCESSES_EVERY_SECONDS: Final = 5.0

#: Half a hundredth of a core goes there.
YARDSTICK_EVERY_SECONDS: Final = 2.0

#: Entries that the yardstick makes and sorts: some milliseconds, and more than the processor's nearest caches hold.
_YARDSTICK_ENTRIES: Final = 10_007

#: Of PostgreSQL's processes, those that serve nobody in particular.
_OWN: Final = "itself"


class Onlooker:
    """A thread that looks at something again and again, from entry to exit of its `with` block.

    Args:
        look: Looks until the event is set, waiting with `Event.wait` in between.
    """

    def __init__(self, look: Callable[[threading.Event], None]) -> None:
        self._look = look
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error: Exception | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stop looking.

        Raises:
            MeasuringError: it had stopped by itself, so that figures would be of a part only. What went wrong in the
                block comes first.
        """
        self._stopping.set()
        self._thread.join()
        if self._error is not None and kind is None:
            raise MeasuringError("what was measured wasn't watched to the end") from self._error

    def _run(self) -> None:
        try:
            self._look(self._stopping)
        except Exception as error:  # noqa: BLE001 - it is raised where somebody sees it
            self._error = error


class Observer:
    """Watches from entry to exit of its `with` block.

    Args:
        stack: whose processes are watched.
        others: further processes by name, such as the crowd's; they may end meanwhile.
    """

    def __init__(self, stack: Stack, others: Mapping[str, int] | None = None) -> None:
        self._stack = stack
        self._others = dict(others or {})
        self._roots: dict[str, int] = {}
        self._first: dict[tuple[str, int], float] = {}
        self._last: dict[tuple[str, int], float] = {}
        self._cpu: list[tuple[float, dict[str, float]]] = []
        self._applications: dict[int, str] = {}
        self._processes: list[tuple[str, psutil.Process]] = []
        self._onlooker = Onlooker(self._watch)
        self._began = 0.0
        #: Bytes resident, everything together, by seconds since the beginning.
        self.memory: list[Point] = []
        #: Largest reading of each process (bytes).
        self.memory_by_process: dict[str, float] = {}
        #: Facts that metrics has counted since the beginning.
        self.facts: list[Point] = []
        #: Processor seconds that the same work took, again and again: more when a shared machine gives less.
        self.yardstick: list[Point] = []

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.perf_counter() - self._began

    @property
    def counted_seconds(self) -> float:
        """When metrics had counted everything that it has counted by now; what comes later is no part of the work."""
        return next((at for at, facts in self.facts if facts >= self.facts[-1][1]), 0.0)

    @property
    def last_seconds(self) -> float:
        """When it was looked last."""
        return self._cpu[-1][0]

    def cpu_seconds(self, until: float) -> dict[str, float]:
        """Processor time of each process and its children, PostgreSQL's by whom it served, up to a time."""
        readings = [used for at, used in self._cpu if at <= until] or [self._cpu[0][1]]
        return readings[-1]

    def cpu_seconds_between(self, since: float, until: float) -> dict[str, float]:
        """As `cpu_seconds`, from one time to another."""
        before = self.cpu_seconds(since)
        return {name: used - before.get(name, 0.0) for name, used in self.cpu_seconds(until).items()}

    def __enter__(self) -> Self:
        state = self._stack.state()
        assert state is not None
        self._roots = {record.name: record.pid for record in state.processes if record.is_alive()} | self._others
        self._roots["supervisor"] = state.pid
        self._began = time.perf_counter()
        with psycopg.connect(self._stack.database_url(), autocommit=True) as owner:
            self._facts_before = _facts(owner)
            self._read_applications(owner)
        self._processes = self._found_processes()
        self._read_cpu(self._first)
        self._note_cpu()
        self._read_memory()
        self.yardstick.append((0.0, yardstick_seconds()))
        self._onlooker.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._onlooker.__exit__(kind, error, trace)

    def _watch(self, stopping: threading.Event) -> None:
        processes_at = yardstick_at = 0.0
        with psycopg.connect(self._stack.database_url(), autocommit=True, application_name="bench") as owner:
            while not stopping.wait(EVERY_SECONDS):
                self._note_cpu()
                self.facts.append((self.seconds, _facts(owner) - self._facts_before))
                if self.seconds - yardstick_at >= YARDSTICK_EVERY_SECONDS:
                    yardstick_at = self.seconds
                    self.yardstick.append((yardstick_at, yardstick_seconds()))
                if self.seconds - processes_at >= PROCESSES_EVERY_SECONDS:
                    processes_at = self.seconds
                    self._read_applications(owner)
                    self._processes = self._found_processes()
                    self._read_memory()

    def _read_applications(self, owner: "psycopg.Connection[Any]") -> None:
        """Whom each of PostgreSQL's processes serves."""
        rows = owner.execute("SELECT pid, application_name FROM pg_stat_activity WHERE backend_type = 'client backend'")
        self._applications.update(rows.fetchall())

    def _note_cpu(self) -> None:
        # A process that has ended keeps what it had used when it was last seen.
        self._read_cpu(self._last)
        used: dict[str, float] = defaultdict(float)
        for key, seconds in self._last.items():
            used[key[0]] += seconds - self._first.get(key, 0.0)
        self._cpu.append((self.seconds, dict(used)))

    def _read_cpu(self, into: dict[tuple[str, int], float]) -> None:
        for name, process in self._processes:
            with suppress(psutil.Error):
                times = process.cpu_times()
                into[name, process.pid] = times.user + times.system

    def _read_memory(self) -> None:
        by_process: dict[str, float] = defaultdict(float)
        for name, process in self._processes:
            with suppress(psutil.Error, OSError):
                by_process[name.split(" for ")[0]] += resident_bytes(process)
        self.memory.append((self.seconds, sum(by_process.values())))
        for name, size in by_process.items():
            self.memory_by_process[name] = max(size, self.memory_by_process.get(name, 0.0))

    def _found_processes(self) -> list[tuple[str, psutil.Process]]:
        """Every process with its name, which is that of the nearest root above it."""
        parents = {process.pid: process.info["ppid"] for process in psutil.process_iter(["ppid"])}
        roots = {pid: name for name, pid in self._roots.items()}
        found: list[tuple[str, psutil.Process]] = []
        for pid in parents:
            above: int | None = pid
            while above is not None and above not in roots:
                above = parents.get(above)
            if above is not None:
                name = roots[above]
                with suppress(psutil.Error):
                    found.append((self._postgres_name(pid) if name == "postgres" else name, psutil.Process(pid)))
        return found

    def _postgres_name(self, pid: int) -> str:
        return f"postgres for {self._applications.get(pid, _OWN)}"


def yardstick_seconds() -> float:
    """Processor time that work which is always the same takes just now."""
    began = time.thread_time()
    made = {place * 7919 % _YARDSTICK_ENTRIES: place for place in range(2 * _YARDSTICK_ENTRIES)}
    sorted(made.items())
    return time.thread_time() - began


def _facts(owner: "psycopg.Connection[Any]") -> float:
    row = owner.execute("SELECT coalesce(sum(position), 0) FROM metrics.position").fetchone()
    return float(row[0]) if row else 0.0


def resident_bytes(process: psutil.Process) -> int:
    """Memory in use; what several share is divided among them where the system tells it (Linux)."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return int(process.memory_info().rss)


def disk_bytes(stack: Stack) -> dict[str, int]:
    """Size of the data folder's parts, PostgreSQL's write-ahead log apart: it is recycled, however much is written."""
    sizes: dict[str, int] = defaultdict(int)
    root = stack.folder.path
    for path in root.rglob("*"):
        with suppress(OSError):
            if path.is_file() and not path.is_symlink():
                part = path.relative_to(root).parts[0]
                sizes["wal" if "pg_wal" in path.parts else part] += path.stat().st_blocks * 512
    return dict(sizes)
