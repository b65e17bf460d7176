"""Log files of the processes: their end, following them, and keeping them from growing for ever.

Written by the processes themselves; what is in them is up to each service (`services/runtime/logs.py`).
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from services.runtime.clock import pause

#: A log is cut when it is larger; the part before stays beside it as `NAME.log.1`, once.
LARGEST_BYTES: Final = 20 * 1024 * 1024

#: As much of a log's end is looked at for its last lines.
TAIL_BYTES: Final = 64 * 1024


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a log; empty when there is none."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            return file.read().decode(errors="replace").splitlines()[-lines:]
    except OSError:
        return []


def keep_short(folder: Path, largest_bytes: int = LARGEST_BYTES) -> None:
    """Cut every log in `folder` that has grown too large.

    Copied and emptied in place: the writers have the file open for appending and go on at its new end. A line written
    between the copy and the cut is lost; a log may lose a line, a disk may not fill up.
    """
    for path in folder.glob("*.log"):
        try:
            if path.stat().st_size > largest_bytes:
                shutil.copyfile(path, path.with_name(f"{path.name}.1"))
                with path.open("r+b") as file:
                    file.truncate(0)
        except OSError:
            continue


class Follower:
    """Reads what is added to a log; starts at its present end or at `offset`."""

    def __init__(self, path: Path, offset: int | None = None) -> None:
        self._path = path
        self._offset = _size(path) if offset is None else offset
        self._rest = b""

    def new_lines(self) -> list[str]:
        """Whole lines added since the last call."""
        size = _size(self._path)
        if size < self._offset:  # it was cut
            self._offset = 0
        if size == self._offset:
            return []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = self._rest + file.read()
            self._offset = file.tell()
        *whole, self._rest = data.split(b"\n")
        return [line.decode(errors="replace") for line in whole]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def follow(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Lines as they are written to any of the logs, with the log; never ends."""
    followers = {path: Follower(path) for path in paths}
    while True:
        for path, follower in followers.items():
            for line in follower.new_lines():
                yield path, line
        pause(0.2)
