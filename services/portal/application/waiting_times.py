"""Asking how long dossiers waited."""

from typing import Protocol

from services.portal.domain.waiting_times import WaitingTimes


class WaitingTimesReader(Protocol):
    """Knows every dossier's instants."""

    def waiting_times(self, sandbox_id: str) -> list[WaitingTimes]:
        """How long dossiers waited, by procedure, in order of the id; looks at each dossier of the sandbox.

        Raises:
            ProblemError: `waiting-times-busy` when too many ask at once; `waiting-times-timeout`.
        """
        ...
