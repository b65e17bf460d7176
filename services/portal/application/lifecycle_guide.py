"""Which actions a status allows, as processing publishes it (`services/contracts/published/lifecycle.json`)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.contracts.vocabulary import STATUS_BY_SLUG, Action, Actor, Status
from services.law.effects import DeadlineEffect
from services.portal.domain.sandbox import Dossier

#: Who acts through the API; the others' actions come from the clock, from rules, and through payments.
PEOPLE: Final = frozenset({Actor.APPLICANT, Actor.OFFICER, Actor.LEADER})


class LifecycleGuide:
    """Looks up the published table; decides nothing."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._rows = [(STATUS_BY_SLUG[row["before"]], row) for row in rows if row["before"] is not None]
        self._effects = {
            (before, Action(row["action"])): DeadlineEffect(row["deadline_effect"]) for before, row in self._rows
        }

        self._allowed = {
            (status, was_received): {
                row["action"]: frozenset(row["actors"])
                for before, row in self._rows
                if before == status and row["needs_receipt"] in {None, was_received}
            }
            for status in Status
            for was_received in (False, True)
        }
        self._allowed_to_people = {
            key: sorted(action for action, actors in allowed.items() if actors & PEOPLE)
            for key, allowed in self._allowed.items()
        }

    def actions(self, dossier: Dossier) -> Mapping[str, frozenset[str]]:
        """Actions that the dossier's status allows, and who may take each."""
        return self._allowed[Status(dossier.status), dossier.received_at is not None]

    def actions_of_people(self, dossier: Dossier) -> Sequence[str]:
        """What of it an applicant, an officer or a leader may do, in order of the names."""
        return self._allowed_to_people[Status(dossier.status), dossier.received_at is not None]

    def actions_that_people_take(self) -> frozenset[str]:
        """Of all statuses together."""
        return frozenset(row["action"] for _, row in self._rows if PEOPLE & set(row["actors"]))

    def deadline_effect(self, before: int | None, action: str) -> DeadlineEffect:
        """What an action does to the time limit of a dossier in that status; for what has happened."""
        if before is None:
            return DeadlineEffect.NONE
        return self._effects[Status(before), Action(action)]
