"""`./motcua status`: the processes of a stack as a table."""

import contextlib

import psutil

from services.launcher.messages import say
from services.launcher.state import ProcessRecord, StackState

#: Columns that are numbers, and so lie to the right.
NUMBERS = (1, 3, 4)


def status_lines(state: StackState) -> list[str]:
    """A heading and one line a process."""
    rows = [
        [
            say("column-process"),
            "pid",
            say("column-state"),
            say("column-restarts"),
            say("column-memory"),
            "url",
        ]
    ]
    for record in state.processes:
        memory = f"{memory_bytes(record) / 1024**2:.0f} MB" if record.pid else ""
        name, pid = record.name.replace("-", " "), str(record.pid or "")
        rows.append([name, pid, record.state, str(record.restarts), memory, record.url])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(_cell(row[i], i, width) for i, width in enumerate(widths)).rstrip() for row in rows]


def _cell(text: str, column: int, width: int) -> str:
    return text.rjust(width) if column in NUMBERS else text.ljust(width)


def memory_bytes(record: ProcessRecord) -> int:
    """Resident memory of a process and all it started; 0 when it is gone.

    What they share is counted once for each, so for PostgreSQL this is more than it really takes.
    """
    total = 0
    with contextlib.suppress(psutil.Error, OSError):
        leader = psutil.Process(record.pid)
        for process in [leader, *leader.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
    return total
