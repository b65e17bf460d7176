"""The real supervisor with a table of stand-ins: `python stand_in_supervisor.py DATA TABLE_JSON`.

The table is a list of objects: name, kind, behaviour, argument, after, niceness. While there is a file
`servers-are-away` in the data folder, the servers that are not in the table don't answer.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from services.launcher import probe, readiness, supervisor
from services.launcher.errors import LauncherError
from services.launcher.folder import REPOSITORY, DataFolder
from services.launcher.leftovers import remove_leftovers
from services.launcher.processes import Kind, ProcessSpec
from services.launcher.state import StackState, start_of
from services.launcher.watched import Launch

STAND_IN = Path(__file__).with_name("stand_in.py")


def main() -> int:
    folder = DataFolder(Path(sys.argv[1]))
    folder.prepare()
    # So that a test need not wait for what takes half a minute in life.
    readiness.STALE_SECONDS = 1.0
    readiness.FIRST_BEAT_SECONDS = 5.0
    readiness.SILENT_SECONDS = 1.0
    readiness.WEB_STALE_SECONDS = 3.0
    probe.PROBE_SECONDS = 0.2
    supervisor.SERVICE_STOP_SECONDS = 1.0
    with folder.lock():
        for name in remove_leftovers(folder):
            print(f"left over: {name}", flush=True)
        state = StackState(pid=os.getpid(), started=start_of(os.getpid()))
        rows = [_row(folder, row) for row in json.loads(sys.argv[2])]
        try:
            supervisor.Supervisor(
                folder,
                rows,
                state=state,
                working_folder=REPOSITORY,
                servers_answer=lambda: not (folder.path / "servers-are-away").exists(),
                ready_timeout_seconds=40.0,
            ).run(lifeline=True)
        except LauncherError as error:
            print(error.sentence, flush=True)
            return 1
    return 0


def _row(folder: DataFolder, row: dict[str, Any]) -> tuple[ProcessSpec, Launch]:
    name, argument, kind = row["name"], row.get("argument", ""), Kind(row["kind"])
    command = (sys.executable, "-S", str(STAND_IN), row["behaviour"], argument)
    url = f"http://127.0.0.1:{argument}" if kind is Kind.WEB else ""
    environment = {**os.environ, "MOTCUA_DATA": str(folder.path)}
    if kind is Kind.LOOP:
        environment["MOTCUA_HEARTBEAT_FILE"] = str(folder.heartbeats / name)
    spec = ProcessSpec(name, kind, command, tuple(row.get("after", ())), url=url, niceness=row.get("niceness", 0))
    return spec, Launch(environment)


if __name__ == "__main__":
    sys.exit(main())
