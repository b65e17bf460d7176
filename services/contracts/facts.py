"""Facts: what processing says has happened, one per ledger position, and the stream entries that carry them.

A fact is a row of the ledger. Positions are gapless within (sandbox, partition), so a consumer recognises a duplicate
(position not above its own) and a gap (position above its own + 1) without trusting the transport. It has both times:
`occurred_at` on the sandbox's clock, `recorded_at` on the wall's. A fact with a `refusal` says that a requested action
was not carried out; nothing about the dossier changed.

Wire form: one stream entry holds a batch: a header and `rows`, lists in the order of `Fact`'s fields, instants as RFC
3339 text. Fields are only ever added at the end. Batches without facts share an entry (`services.runtime.streams`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, Self

#: Stream of facts of one lane; lane = partition % `FACT_LANES`. A stream, trimmed by length; may be lost at any time.
FACT_STREAM: Final = "motcua:facts:{lane}"
#: How many streams carry facts; two consumers of different lanes never touch the same dossier.
FACT_LANES: Final = 4


class Fact(NamedTuple):
    """One thing that happened to one dossier."""

    position: int  #: 1, 2, 3 … within sandbox and partition
    number: int  #: the dossier's number in its sandbox
    action: str
    status_before: int | None  #: `None` when it was filed
    status: int
    actor: str
    reason: str | None
    note: str | None
    occurred_at: datetime  #: on the sandbox's clock
    recorded_at: datetime  #: on the wall's clock
    due_at: datetime | None  #: due as things stand; `None`: no limit, not received, or suspended
    limit_unit: str | None  #: unit of the statutory limit; `None`: the law states none
    received_at: datetime | None
    procedure_id: str
    level: int  #: level of online service, 1 to 4
    office_code: str
    channel: str
    applicant_kind: str
    applicant_id: str
    command_id: str | None  #: the requested action that this answers
    refusal: str | None  #: a `Refusal`: the action was not carried out
    detail: Mapping[str, Any] | None = None  #: what the action brought beside, see `services.contracts.details`

    def to_row(self) -> list[Any]:
        """Wire form."""
        return list(self)

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Inverse of `to_row` after JSON; fields added later than this code are ignored."""
        fact = list(row[: len(cls._fields)])
        for index in _INSTANT_INDEXES:
            if fact[index] is not None:
                fact[index] = datetime.fromisoformat(fact[index])
        return cls(*fact)


_INSTANT_INDEXES: Final = tuple(
    Fact._fields.index(name) for name in ("occurred_at", "recorded_at", "due_at", "received_at")
)


@dataclass(frozen=True, slots=True)
class FactBatch:
    """One stream entry: facts of one partition without gaps between them, or none at all (a head announcement).

    `ack` may be believed by a consumer once its own position has reached `head`.
    """

    sandbox_id: str
    partition: int
    head: int  #: last position of the partition's ledger when this was published
    ack: int  #: sequence of the last command carried out at that head
    facts: tuple[Fact, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """JSON form; instants are left to the encoder."""
        return {
            "v": 1,
            "sandbox_id": self.sandbox_id,
            "partition": self.partition,
            "head": self.head,
            "ack": self.ack,
            "rows": [fact.to_row() for fact in self.facts],
        }

    @classmethod
    def from_wire(cls, data: dict[str, Any]) -> Self:
        """Inverse of `to_wire` after JSON."""
        return cls(
            sandbox_id=data["sandbox_id"],
            partition=data["partition"],
            head=data["head"],
            ack=data["ack"],
            facts=tuple(Fact.from_row(row) for row in data["rows"]),
        )
