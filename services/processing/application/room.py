"""How much a unit of work may still take up."""

from dataclasses import dataclass

from services.runtime.clock import monotonic_seconds


@dataclass(slots=True)
class Room:
    """What a unit may still take up: dossiers, until an instant; always some."""

    dossiers: int
    ends_at_seconds: float
    _has_taken: bool = False

    def take(self, dossiers: int) -> None:
        """So many have been taken up."""
        self.dossiers -= dossiers
        self._has_taken = True

    def is_used_up(self) -> bool:
        """Whether nothing new is taken up."""
        return self._has_taken and (self.dossiers <= 0 or monotonic_seconds() >= self.ends_at_seconds)
