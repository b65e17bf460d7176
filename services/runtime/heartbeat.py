"""A sign of life for processes that don't speak HTTP: a file whose time of change is the last moment of progress.

`python -m services.runtime.heartbeat FILE [MAX_AGE_SECONDS]` exits 0 when the file is young enough: a container's
health check.
"""

import sys
from pathlib import Path

from services.runtime.clock import real_now


class Heartbeat:
    """Touches its file; does nothing when no file is configured."""

    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path else None

    def beat(self) -> None:
        """Say that there was progress just now."""
        if self._path:
            self._path.touch()


def age_seconds(path: Path) -> float | None:
    """Seconds since the last beat; `None` when there was none yet."""
    try:
        return real_now().timestamp() - path.stat().st_mtime
    except FileNotFoundError:
        return None


def main() -> int:
    """Exit code 0: alive."""
    max_age_seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    age = age_seconds(Path(sys.argv[1]))
    return 0 if age is not None and age <= max_age_seconds else 1


if __name__ == "__main__":
    sys.exit(main())
