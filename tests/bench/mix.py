"""Declarations of the national quarter in small numbers, for the parts of the bench that need no more."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

import orjson

from services.casework.engine import PartitionRun, Rules
from services.casework.robot_files import load_robot_policies
from services.contracts.catalogue import Catalogue
from services.contracts.commands import AcceptedDossier
from services.contracts.vocabulary import OfficerKind
from services.law.calendar import CalendarBook
from services.runtime.catalogue import load_catalogue
from services.runtime.clock import real_now
from services.simulator.crowd import Crowd
from services.simulator.preset_files import load_preset
from services.simulator.windows import CHANNELS, Window

#: The quarter that the figures are about.
PRESET = "national-2018-q2"

#: Part of the quarter that they are taken from: the whole of it takes a while to draw.
_FRACTION = 0.05

#: The day from which they are taken: a Tuesday with nothing special about it.
_FIRST_DAY = 9


@dataclass(frozen=True, slots=True)
class Line:
    """One declaration, as it is sent and as processing is told of it."""

    body: bytes
    accepted: AcceptedDossier


@cache
def catalogue() -> Catalogue:
    """The shipped one."""
    return load_catalogue()


@cache
def lines(count: int) -> tuple[Line, ...]:
    """So many declarations, numbered from 1.

    The mix has one per cent of other dossiers, which name declarations that a sandbox of their own doesn't have.
    """
    preset = load_preset(PRESET, catalogue())
    crowd = Crowd(preset.scaled(_FRACTION), catalogue(), preset.seed.value)
    found: list[Line] = []
    for plan in crowd.plans[_FIRST_DAY:]:
        found += _declarations(crowd, crowd.window(plan.index))
        if len(found) >= count:
            return tuple(renumbered(found[:count], 0))
    raise ValueError(f"{_FRACTION} of the preset hasn't {count} declarations")


def _declarations(crowd: Crowd, window: Window) -> Iterator[Line]:
    columns = window.columns
    for place, body in enumerate(window.declaration_lines):
        applicant = crowd.applicants[int(columns.applicant[place])]
        yield Line(
            body,
            AcceptedDossier(
                int(columns.numbers[place]),
                columns.procedure_ids[int(columns.procedure[place])],
                columns.office_codes[int(columns.office[place])],
                "online",
                applicant.kind,
                applicant.identifier,
                datetime.fromtimestamp(int(columns.filed_at[place]), UTC).isoformat(),
                {"customs_channel": CHANNELS[int(columns.customs_channel[place]) - 1]},
            ),
        )


def without_instant(line: Line) -> bytes:
    """The line for a sandbox whose clock says when it is filed."""
    body = orjson.loads(line.body)
    del body["filed_at"]
    return orjson.dumps(body)


def renumbered(wanted: Sequence[Line], after: int) -> list[Line]:
    """The same declarations with numbers that follow another one."""
    return [
        replace(line, accepted=line.accepted._replace(number=number))
        for number, line in enumerate(wanted, start=after + 1)
    ]


def played(wanted: Iterable[Line], head_position: int = 0) -> PartitionRun:
    """All of their lives, played in memory by the engine; the facts wait in the run's log, behind a position."""
    rules = Rules(
        CalendarBook(catalogue().calendar), catalogue().procedures, load_robot_policies(catalogue().procedures)
    )
    run = PartitionRun(
        rules=rules, seed=1, officer=OfficerKind.ROBOT, head_position=head_position, recorded_at=real_now()
    )
    run.accept((line.accepted for line in wanted), _BEFORE)
    run.play(list(run.cases), (_AFTER, 0))
    return run


#: Before anything is filed, and after everything has happened.
_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
_AFTER = datetime(2030, 1, 1, tzinfo=UTC)
