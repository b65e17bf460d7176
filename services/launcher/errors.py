"""The one error of the launcher: something a person can act on, said in one sentence.

No traceback is shown for it; the command line prints the sentence (and a log's end where that helps) and exits 1.
"""

from pathlib import Path


class LauncherError(Exception):
    """motcua can't do what it was asked; the sentence says why."""

    def __init__(self, sentence: str, *, log: Path | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        #: Log whose last lines explain the failure; `None` when the sentence is enough.
        self.log = log
