"""Serving a WSGI application with granian: a main process that listens, and workers that answer.

The application is imported by the workers only. SIGTERM and SIGINT end everything within `STOP_SECONDS`; a worker whose
main process was killed ends at once, so that the port is free for the next one. A worker that dies ends the main
process: whoever supervises it starts a clean one.
"""

import multiprocessing
import os
import threading
from multiprocessing.connection import wait
from typing import Final

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

#: Seconds that requests in progress have to end when the server is told to stop.
STOP_SECONDS: Final = 3


def serve(target: str, bind: str, port: int, *, threads: int, workers: int = 1) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        target: `module:attribute` of the WSGI application; the module is imported in each worker.
        bind: address to listen on.
        port: TCP port to listen on.
        threads: requests that a worker answers at a time.
        workers: worker processes.

    Raises:
        SystemExit: a worker died.
    """
    Granian(
        target,
        address=bind,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        websockets=False,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
    ).serve()


def end_with_main_process() -> None:
    """End this worker when its main process is gone; call once, where the application is built."""
    parent = multiprocessing.parent_process()
    if parent is None:  # not a worker: a test, or another server
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="end-with-main-process", daemon=True).start()
