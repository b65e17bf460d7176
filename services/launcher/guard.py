"""Ends the process groups of a supervisor that died without doing so itself (SIGKILL, out of memory).

A script of its own with nothing but the standard library, run by the supervisor with a pipe as standard input: lines
`+GROUP SIGNAL` and `-GROUP` say which groups exist. When the pipe closes, whatever is still listed gets its signal and,
a few seconds later, SIGKILL. The parent-death signal alone (Linux) would reach the children but not the grandchildren.
"""

import os
import signal
import sys
import time

#: Seconds between the polite signal and SIGKILL.
GRACE_SECONDS = 4.0


def main() -> int:
    """Read until the supervisor is gone, then clean up."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        group, _, number_text = line[1:].strip().partition(" ")
        if line.startswith("+"):
            groups[int(group)] = int(number_text)
        else:
            groups.pop(int(group), None)
    for group, number in groups.items():
        _signal(group, number)
    deadline = time.monotonic() + GRACE_SECONDS  # noqa: TID251 - imports nothing of ours, to start in no time
    while any(_signal(group, 0) for group in groups) and time.monotonic() < deadline:  # noqa: TID251
        time.sleep(0.05)  # noqa: TID251
    for group in groups:
        _signal(group, signal.SIGKILL)
    return 0


def _signal(group: int, number: int) -> bool:
    """Whether anyone was there to get it."""
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
