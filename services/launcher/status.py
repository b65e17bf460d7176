"""`./motcua status`: the processes of a stack as a table."""

import contextlib

import psutil
from rich.console import Console
from rich.table import Table

from services.launcher.messages import say
from services.launcher.state import ProcessRecord, StackState


def print_status(state: StackState) -> None:
    """Print one row a process."""
    table = Table(box=None, pad_edge=False)
    table.add_column(say("column-process"))
    table.add_column("pid", justify="right")
    table.add_column(say("column-state"))
    table.add_column(say("column-restarts"), justify="right")
    table.add_column(say("column-memory"), justify="right")
    table.add_column("url")
    for record in state.processes:
        memory = f"{memory_bytes(record) / 1024**2:.0f} MB" if record.pid else ""
        pid = str(record.pid or "")
        table.add_row(record.name.replace("-", " "), pid, record.state, str(record.restarts), memory, record.url)
    Console().print(table)


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
