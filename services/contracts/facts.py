"""Facts: what processing says has happened, one a ledger position, and the blocks in which they are kept and carried.

A fact is one position of the ledger. Positions are gapless within (sandbox, partition), so a consumer recognises a
duplicate (position not above its own) and a gap (position above its own + 1) without trusting the transport. It has
both times: `occurred_at` on the sandbox's clock, `recorded_at` on the wall's. A fact with a `refusal` says that a
requested action was not carried out; nothing about the dossier changed.

A block holds facts of one partition that follow each other without a gap. The ledger is a row of blocks; the same bytes
are written once, published and kept by whoever needs them, and nobody in between looks inside.

Wire form of a block: JSON of `first`, `dossiers` and `facts`, the latter two as columns: lists in the order of
`DossierColumns` and `FactColumns`, instants as RFC 3339 text in UTC. What never changes about a dossier stands once in
a block. Columns are only ever added at the end (docs/adr/0014-the-ledger-is-kept-in-blocks.md).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from operator import attrgetter
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


class DossierColumns(NamedTuple):
    """The dossiers that a block's facts are about, in the order in which they first appear; one list a field."""

    number: list[int]
    procedure_id: list[str]
    level: list[int]
    office_code: list[str]
    channel: list[str]
    applicant_kind: list[str]
    applicant_id: list[str]


class FactColumns(NamedTuple):
    """A block's facts in order of position; one list a field, all of one length, meanings as in `Fact`.

    Instants are RFC 3339 text in UTC (`2018-06-04T02:00:00Z`) once a block has travelled; before, they may still be
    `datetime`s.
    """

    dossier: list[int]  #: place in `DossierColumns`
    action: list[str]
    status_before: list[int | None]
    status: list[int]
    actor: list[str]
    reason: list[str | None]
    note: list[str | None]
    occurred_at: list[str]
    recorded_at: list[str]
    due_at: list[str | None]
    limit_unit: list[str | None]
    received_at: list[str | None]
    command_id: list[str | None]
    refusal: list[str | None]
    detail: list[Mapping[str, Any] | None]


@dataclass(frozen=True)
class FactBlock:
    """Facts of one partition with positions `first`, `first` + 1 … without a gap; at least one."""

    first: int
    dossiers: DossierColumns
    facts: FactColumns
    #: The bytes as which it came, for whoever keeps them; facts before `first` may be in them, too. `None`: it never
    #: travelled.
    payload: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def count(self) -> int:
        """How many facts."""
        return len(self.facts.dossier)

    @property
    def last(self) -> int:
        """Position of the last fact."""
        return self.first + self.count - 1

    @cached_property
    def rows(self) -> tuple[Fact, ...]:
        """The facts one by one; for whoever needs all of each."""
        return tuple(self._facts(range(self.first, self.last + 1), self.facts))

    def at(self, places: Sequence[int]) -> list[Fact]:
        """The facts at these places, counted from 0; for whoever needs but few of them."""
        columns = ([column[place] for place in places] for column in self.facts)
        return list(self._facts([self.first + place for place in places], columns)) if places else []

    def _facts(self, positions: Iterable[int], columns: Iterable[Sequence[Any]]) -> Iterator[Fact]:
        dossiers: list[Any] = list(zip(*self.dossiers, strict=True))
        rows: Any = zip(*columns, strict=True)
        for position, (dossier, *row) in zip(positions, rows, strict=True):
            unchanging = dossiers[dossier]
            yield Fact._make(
                (
                    position,
                    unchanging[0],
                    *row[:6],
                    *map(_instant, row[6:9]),
                    row[9],
                    _instant(row[10]),
                    *unchanging[1:],
                    *row[11:],
                )
            )

    def after(self, position: int) -> Self:
        """The part that follows a position; there is one."""
        skipped = position + 1 - self.first
        if skipped <= 0:
            return self
        rest: Any = (column[skipped:] for column in self.facts)
        return type(self)(position + 1, self.dossiers, FactColumns(*rest), self.payload)

    @classmethod
    def of(cls, facts: Sequence[Fact]) -> Self:
        """A block of facts that follow each other; for tests and tools, the worker fills columns."""
        places: dict[tuple[Any, ...], int] = {}
        dossier = [places.setdefault(_DOSSIER_FIELDS(fact), len(places)) for fact in facts]
        columns: Any = ([_text(getattr(fact, name)) for fact in facts] for name in FactColumns._fields[1:])
        dossiers: Any = map(list, zip(*places, strict=True))
        return cls(facts[0].position, DossierColumns(*dossiers), FactColumns(dossier, *columns))

    def to_wire(self) -> dict[str, Any]:
        """JSON form; instants are left to the encoder."""
        return {"v": 2, "first": self.first, "dossiers": list(self.dossiers), "facts": list(self.facts)}

    @classmethod
    def from_wire(cls, data: Mapping[str, Any], payload: bytes | None = None) -> Self:
        """Inverse of `to_wire` after JSON, with the bytes around it; columns added later than this code are ignored."""
        return cls(
            data["first"],
            DossierColumns(*data["dossiers"][: len(DossierColumns._fields)]),
            FactColumns(*data["facts"][: len(FactColumns._fields)]),
            payload,
        )


_DOSSIER_FIELDS: Final = attrgetter(*DossierColumns._fields)


def _instant(value: str | datetime | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _text(value: Any) -> Any:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


@dataclass(frozen=True, slots=True)
class FactBatch:
    """What a consumer gets: facts of one partition without gaps between them, or none at all (a head announcement).

    `ack` may be believed by a consumer once its own position has reached `head`.
    """

    sandbox_id: str
    partition: int
    head: int  #: last position of the partition's ledger when this was published
    ack: int  #: sequence of the last command carried out at that head
    block: FactBlock | None = None

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts one by one."""
        return self.block.rows if self.block else ()

    @classmethod
    def of(cls, sandbox_id: str, partition: int, *, head: int, ack: int, facts: Iterable[Fact] = ()) -> Self:
        """A batch of facts that follow each other; for tests and tools."""
        rows = list(facts)
        return cls(sandbox_id, partition, head, ack, FactBlock.of(rows) if rows else None)


class EncodedBatch(NamedTuple):
    """What travels: a `FactBatch` whose block is still bytes (`services.runtime.streams.encode_block`)."""

    sandbox_id: str
    partition: int
    head: int
    ack: int
    block: bytes | None = None
