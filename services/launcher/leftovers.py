"""Ends what an earlier run left behind when supervisor and guard were both killed.

Only processes that are provably ours: the recorded pid with the recorded start, or a member of its group that carries
our data folder in its environment.
"""

import contextlib
import os
import shutil
import signal

import psutil

from services.launcher.folder import DataFolder
from services.launcher.state import ProcessRecord, StackState


def remove_leftovers(folder: DataFolder) -> list[str]:
    """Kill them and wait until they are gone; call with the folder's lock held.

    Returns:
        Names of the processes that were still there, empty when none was.
    """
    state = StackState.read(folder.state_file)
    if state is None:
        return []
    found = {record.name: _members(record, folder) for record in state.processes if record.pid}
    victims = [process for members in found.values() for process in members]
    for process in victims:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGKILL)
    psutil.wait_procs(victims, timeout=5)
    if state.temporary_folder:
        shutil.rmtree(state.temporary_folder, ignore_errors=True)
    return [name for name, members in found.items() if members]


def _members(record: ProcessRecord, folder: DataFolder) -> list[psutil.Process]:
    """What is left of a record's process group; nothing when the numbers belong to somebody else by now."""
    try:
        os.killpg(record.pid, 0)
    except OSError:
        return []
    leader_is_ours = record.is_alive()
    return [
        process
        for process in psutil.process_iter()
        if _group_of(process.pid) == record.pid and (leader_is_ours or _carries(process, folder))
    ]


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return 0


def _carries(process: psutil.Process, folder: DataFolder) -> bool:
    try:
        return bool(process.environ().get("MOTCUA_DATA") == str(folder.path))
    except (psutil.Error, OSError):
        return False
