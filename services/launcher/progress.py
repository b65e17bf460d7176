"""The line that says what a start is waiting for.

On a terminal it is rewritten in place; elsewhere (a CI log) each new state is a line of its own.
"""

import shutil
import sys
from types import TracebackType
from typing import Self

from services.launcher.messages import say
from services.launcher.state import Phase, ProcessState, StackState


class ProgressLine:
    """Prints sentences, and below them one line that changes."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout.isatty()
        self._shown = ""
        self._announced: set[str] = set()

    def show(self, state: StackState | None, lines: list[str]) -> None:
        """Say what the supervisor said, and what a starting stack is waiting for."""
        for line in lines:
            self.say(line)
        if state is None or state.phase is not Phase.STARTING:
            self._replace("")
            return
        up = {ProcessState.READY, ProcessState.DONE}
        # What has been started is being waited for; what hasn't, waits itself.
        started = [r.name for r in state.processes if r.state not in {*up, ProcessState.WAITING}]
        # Where lines can't be rewritten, fewer names than before are no news.
        if started and (self._is_terminal or not set(started) <= self._announced):
            self._replace(say("waiting", names=", ".join(name.replace("-", " ") for name in started)))
        self._announced = set(started)

    def say(self, sentence: str) -> None:
        """Print a sentence that stays."""
        self._replace("")
        print(sentence, flush=True)

    def _replace(self, line: str) -> None:
        if line == self._shown:
            return
        if self._is_terminal:
            # Longer than a line of the terminal, it would leave its beginning behind when it is rewritten.
            print(f"\r\033[K{line[: shutil.get_terminal_size().columns - 1]}", end="", flush=True)
        elif line:
            print(f"  {line}", flush=True)
        self._shown = line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._replace("")
