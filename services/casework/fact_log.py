"""What a run tells: its facts in order of position, as columns for the blocks in which the ledger keeps them.

A fact is kept as a plain tuple, and what never changes about a dossier with the dossier: the columns are made when they
are taken, a block at a time.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from services.casework.case import AFTER_DOSSIERS, Case
from services.contracts.catalogue import TimeUnit
from services.contracts.facts import DossierColumns, FactBlock, FactColumns
from services.contracts.vocabulary import Action, Actor, Reason, Refusal, Status
from services.law.calendar import WorkingCalendar

#: Facts in a block at most: what a block costs beside its facts vanishes, and its reader still holds it in memory.
MOST_FACTS: Final = 8192

# (case, action, status_before, status, actor, reason, note, occurred_at, due_at, limit_unit, received_at, command_id,
#  refusal, detail): a dossier goes on while its facts wait, so what it was like is noted with each.
_Row = tuple[Any, ...]
_CASE: Final = 0
_ACTION: Final = 1
_OCCURRED_AT: Final = 7

#: Of every member that may stand in a column. To look it up is many times faster than to ask the member.
_PLAIN: Final[Mapping[Any, Any]] = {
    None: None,
    **{member: member.value for kind in (Status, Action, Actor, Reason, Refusal, TimeUnit) for member in kind},
}


class FactLog:
    """Facts of one partition that follow each other without a gap, until they are taken.

    Args:
        head_position: Position of the partition's last fact so far.
        recorded_at: The wall's time, for every fact.
    """

    def __init__(self, head_position: int, recorded_at: datetime) -> None:
        self.head_position = head_position  #: of the last fact that was told
        # As it travels: the same for all, so the encoder needn't write it anew for each.
        self._recorded_at = recorded_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        self._rows: list[_Row] = []

    def __len__(self) -> int:
        """How many facts wait to be taken."""
        return len(self._rows)

    def append(  # noqa: PLR0917 - what every fact has; called for each, and keywords take their time
        self,
        case: Case,
        action: Action,
        status_before: int | None,
        actor: Actor,
        at: datetime,
        reason: str | None,
        calendar: WorkingCalendar,
        *,
        note: str | None = None,
        command_id: str | None = None,
        refusal: Refusal | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> int:
        """Tell of something that has just happened to a dossier; returns the fact's position.

        Args:
            case: As it is afterwards; filed.
            action: What was done; with a `refusal`: was asked for.
            status_before: `None`: it has been filed.
            actor: Who did it.
            at: When.
            reason: Why; one of `Reason`, unless who asked for it said something else.
            calendar: By which it is due.
            note: What whoever did it wrote.
            command_id: Of the request that this answers.
            refusal: Why it was not done.
            detail: What it brought beside, see `services.contracts.details`.
        """
        deadline = case.deadline
        steps = (deadline.rule if deadline is not None else case.rule(at)).steps
        self._rows.append(
            (
                case,
                action,
                status_before,
                case.status,
                actor,
                reason,
                note,
                at,
                case.due_at(calendar) if deadline is not None else None,
                steps[-1].limit.unit if steps else None,
                case.received_at,
                command_id,
                refusal,
                detail,
            )
        )
        self.head_position += 1
        return self.head_position

    def put_in_order(self, began: int, last: Action | None = None) -> None:
        """Put what was told of dossiers one after the other in the order of instants, ties by dossier number.

        Args:
            began: How many facts waited before the first of them; each dossier's own are in order.
            last: What comes behind all else at its instant, in the order in which it was told.
        """
        rows, first = self._rows[began:], self.head_position - len(self._rows) + began + 1
        # Seconds since the epoch are compared several times faster than instants, and hold microseconds exactly.
        seconds = [row[_OCCURRED_AT].timestamp() for row in rows]
        if last is None:
            numbers = [row[_CASE].number for row in rows]
        else:
            numbers = [AFTER_DOSSIERS if row[_ACTION] is last else row[_CASE].number for row in rows]
        order = sorted(zip(seconds, numbers, range(len(rows)), strict=True))
        self._rows[began:] = ordered = [rows[place] for _, _, place in order]
        for position, row in enumerate(ordered, first):
            row[_CASE].version = position

    def blocks(self, most_facts: int = MOST_FACTS) -> list[FactBlock]:
        """Return what waits, in blocks of so many facts at most."""
        rows, first = self._rows, self.head_position - len(self._rows) + 1
        return [
            self._block(first + start, rows[start : start + most_facts]) for start in range(0, len(rows), most_facts)
        ]

    def take_blocks(self, most_facts: int = MOST_FACTS) -> list[FactBlock]:
        """Return what waits, in blocks of so many facts at most; nothing waits afterwards."""
        blocks = self.blocks(most_facts)
        self._rows = []
        return blocks

    def forget(self) -> None:
        """Drop what waits, as if it hadn't been told: the next fact takes the first of its positions."""
        self.head_position -= len(self._rows)
        self._rows = []

    def _block(self, first: int, rows: list[_Row]) -> FactBlock:
        columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True))
        cases, actions, before, after, actors, reasons = columns[:6]
        notes, occurred_at, due_at, limit_units, received_at, command_ids, refusals, details = columns[6:]
        of_number: dict[int, Case] = {case.number: case for case in cases}
        places = {number: place for place, number in enumerate(of_number)}
        return FactBlock(
            first,
            _dossier_columns(of_number.values()),
            FactColumns(
                [places[case.number] for case in cases],
                _plain(actions),
                _plain(before),
                _plain(after),
                _plain(actors),
                [_PLAIN.get(reason, reason) for reason in reasons],
                list(notes),
                list(occurred_at),
                [self._recorded_at] * len(rows),
                list(due_at),
                _plain(limit_units),
                list(received_at),
                list(command_ids),
                _plain(refusals),
                list(details),
            ),
        )


def _plain(column: Iterable[Any]) -> list[Any]:
    """Numbers and texts as they travel, of members of enumerations."""
    return list(map(_PLAIN.__getitem__, column))


def _dossier_columns(cases: Collection[Case]) -> DossierColumns:
    return DossierColumns(
        [case.number for case in cases],
        [case.procedure.procedure_id for case in cases],
        [case.procedure.level for case in cases],
        [case.office_code for case in cases],
        [case.channel for case in cases],
        [case.applicant_kind for case in cases],
        [case.applicant_id for case in cases],
    )
