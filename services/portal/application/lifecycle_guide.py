"""Which actions a status allows, as processing publishes it (`services/contracts/published/lifecycle.json`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.contracts.vocabulary import STATUS_BY_SLUG
from services.portal.domain.sandbox import Dossier


class LifecycleGuide:
    """Looks up the published table; decides nothing."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._rows = [(STATUS_BY_SLUG[row["before"]], row) for row in rows if row["before"] is not None]

    def actions(self, dossier: Dossier) -> dict[str, frozenset[str]]:
        """Actions that the dossier's status allows, and who may take each."""
        was_received = dossier.received_at is not None
        return {
            row["action"]: frozenset(row["actors"])
            for before, row in self._rows
            if before == dossier.status and row["needs_receipt"] in {None, was_received}
        }
