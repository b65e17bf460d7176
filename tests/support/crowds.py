"""Crowds for tests: a national preset made small, and what a crowd files as plain JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from services.contracts.catalogue import Catalogue
from services.simulator.crowd import Crowd, Filing
from services.simulator.preset import Preset
from services.simulator.preset_files import load_preset
from services.simulator.preset_keys import Change
from services.simulator.windows import Window

#: Many dossiers beside the declarations, so that each kind of both is there.
SMALL = {
    "declaration_count": 12_000,
    "declaring_enterprise_count": 800,
    "dossier_count": 3_000,
    "enterprise_count": 400,
    "individual_count": 20,
}


def small_national(catalogue: Catalogue, name: str = "national-2018-q2", **more: object) -> Preset:
    """A quarter that is short of declarations; with these figures other than that."""
    changes = {**SMALL, **more}
    return load_preset(name, catalogue, [Change(key, str(value)) for key, value in changes.items()])


def dossiers(crowd: Crowd) -> list[Filing]:
    """All dossiers of a crowd that has made none yet."""
    return [filing for plan in crowd.plans for filing in crowd.dossiers(plan.index)]


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is sent, with the number that it gets."""

    number: int
    window: int
    body: dict[str, Any]

    @property
    def is_declaration(self) -> bool:
        return "declarant" in self.body


def lines(windows: Iterable[Window]) -> Iterator[Line]:
    """Everything in windows, in the order in which it is sent."""
    for window in windows:
        texts = [*window.declaration_lines, *window.dossier_lines]
        for number, text in zip(window.columns.numbers.tolist(), texts, strict=True):
            yield Line(number, window.plan.index, orjson.loads(text))
