"""Where the systems around the portal take part in its transactions: when dossiers are filed, and when facts arrive.

The interfaces only; who implements them is put in at `services.portal.bootstrap`. Both are asked once for a whole
batch: a statement or a round trip per dossier is a defect.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from services.contracts.facts import Fact, FactBlock
from services.portal.application.ports import RegisterFinding
from services.portal.domain.sandbox import Sandbox, Submission
from services.runtime.database import Transaction


class RegisterCheck(Protocol):
    """What the registers say about filings."""

    def check(
        self, transaction: Transaction, sandbox: Sandbox, submissions: Sequence[Submission], now: datetime
    ) -> Sequence[RegisterFinding]:
        """Compare filings with the registers, in the transaction that files them.

        Whatever is found without errors is filed in this transaction, so what is entered for it (an adopted number)
        is there exactly when the dossier is.

        Args:
            transaction: Of the door; the sandbox's row is locked.
            sandbox: Whose registers.
            submissions: Valid by their forms, in the order in which they get their numbers: the first without errors
                the one after the sandbox's last, and so on.
            now: What the sandbox's clock shows.

        Returns:
            One finding for each, in the same order.
        """
        ...


class ToldFacts(NamedTuple):
    """Facts of a sandbox that somebody wants to be told of: of one block, in order."""

    sandbox_id: str
    block: FactBlock
    places: Sequence[int]  #: where in the block they are, counted from 0

    @property
    def facts(self) -> list[Fact]:
        """The facts one by one; for whoever needs all of each."""
        return self.block.at(self.places)


class FactFollower(Protocol):
    """Something that follows what happens to dossiers, in the transaction that projects it."""

    def wanted(self, block: FactBlock) -> Sequence[int]:
        """Which facts of a block it wants to be told of: their places, counted from 0, in order.

        Looks at columns. Most dossiers concern nobody beside, and are looked at by nobody.
        """
        ...

    def follow(self, transaction: Transaction, told: Sequence[ToldFacts]) -> None:
        """Take notice of new facts, of those that it wants: each comes once, a dossier's in their order.

        Called after the read model has been moved on; what it writes commits with the projector's position.

        Args:
            transaction: Of the projector.
            told: Of one or more sandboxes and partitions; never empty.
        """
        ...
