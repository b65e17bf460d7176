"""Which declaration of its own an enterprise's dossier names, so that the register takes it.

Most dossiers name one that was cleared some time before: a green one, since those are cleared for certain, by rule and
at once. An amendment during clearance names one that is filed in the same window and has to be checked. None is named
twice: an amendment gives it another number, a cancellation ends it.
"""

from bisect import bisect_left
from itertools import chain
from typing import Final

import numpy as np

from services.contracts.catalogue import Effect, Procedure
from services.contracts.form_fields import FieldKind, FormField
from services.contracts.vocabulary import CustomsChannel
from services.simulator.declarations import DeclarationColumns
from services.simulator.draws import Draws
from services.simulator.preset import Declarations
from services.simulator.windows import CHANNELS

#: No declaration of the period: one from before is named.
FROM_BEFORE: Final = -1

_GREEN: Final = CHANNELS.index(CustomsChannel.GREEN) + 1
_DAY_SECONDS: Final = 24 * 60 * 60

#: During clearance is so long after the registration at most, if there is a declaration to name (seconds); ours.
_DURING_SECONDS: Final = 3 * 60 * 60

#: So many declarations of an enterprise are looked at before one from before the period is named instead.
_LOOKED_AT: Final = 200

#: What can happen to exports as well as to imports; everything else is about what the example of its field is.
_EITHER: Final = frozenset({Effect.AMEND_DECLARATION, Effect.CANCEL_DECLARATION})


def named_field(procedure: Procedure) -> FormField | None:
    """The field that names a declaration of the register; `None`: the form has none."""
    for field in procedure.form:
        if field.must_be_registered and field.kind is FieldKind.DECLARATION_NUMBER:
            return field
    return None


def must_be_import(procedure: Procedure, field: FormField) -> bool | None:
    """Whether the declaration is one of imports; `None`: it may be either."""
    has_direction = field.name.startswith(("import_", "export_"))
    return None if procedure.effect in _EITHER and not has_direction else str(field.example).startswith("1")


class Namer:
    """Finds declarations to name.

    Args:
        columns: All declarations.
        plan: Their kinds, and how long after its registration one is named.
        filer_count: The first so many enterprises file dossiers.
        draws: One for each question.
    """

    def __init__(self, columns: DeclarationColumns, plan: Declarations, filer_count: int, draws: Draws) -> None:
        self._columns = columns
        self._is_import = [share.is_import for share in plan.kinds]
        self._after_days = plan.named_after_days
        self._filer_count = filer_count
        self._draws = draws
        self._named: set[int] = set()
        green = np.flatnonzero((columns.channel == _GREEN) & (columns.enterprise < filer_count))
        order = np.argsort(columns.enterprise[green], kind="stable")
        self._places = green[order].astype(np.int32)
        self._edges = np.searchsorted(columns.enterprise[self._places], np.arange(filer_count + 1))

    def cleared(self, enterprise: int, filed: int, window_start: int, *, is_import: bool | None) -> int:
        """A cleared declaration of an enterprise, or `FROM_BEFORE`.

        Args:
            enterprise: Whose.
            filed: When the dossier is filed, in seconds from the start of the period.
            window_start: When its window begins, likewise: what is registered shortly before isn't cleared for certain.
            is_import: What it must be; `None`: either.
        """
        least, most = self._after_days.least, self._after_days.most
        days = least * (most / least) ** self._draws.ratio()
        latest = min(filed - int(days * _DAY_SECONDS), window_start - least * _DAY_SECONDS)
        if latest < 0 or enterprise >= self._filer_count:
            return FROM_BEFORE
        own = self._places[self._edges[enterprise] : self._edges[enterprise + 1]]
        last = bisect_left(own, self._first_at(latest + 1))
        for place in map(int, own[max(last - _LOOKED_AT, 0) : last][::-1]):
            if is_import in {None, self._is_import[self._columns.kind[place]]} and place not in self._named:
                self._named.add(place)
                return place
        return FROM_BEFORE

    def being_checked(self, filed: int, window_start: int) -> int:
        """A declaration that somebody who files dossiers has registered shortly before, or `FROM_BEFORE`.

        Args:
            filed: When the dossier is filed, in seconds from the start of the period.
            window_start: When its window begins, likewise: what was registered before may have been cleared.
        """
        ratio = self._draws.ratio()
        earliest, first, last = map(self._first_at, (window_start, max(filed - _DURING_SECONDS, window_start), filed))
        start = first + int(ratio * (last - first))
        for place in chain(range(start, last), range(start - 1, earliest - 1, -1)):
            if self._may_be_checked(place):
                self._named.add(place)
                return place
        return FROM_BEFORE

    def _first_at(self, offset: int) -> int:
        """The place of the first declaration that is registered then or later."""
        # In the column's own type: for any other one numpy would turn the whole column into it, each time.
        return int(np.searchsorted(self._columns.offset, np.int32(offset)))

    def _may_be_checked(self, place: int) -> bool:
        is_checked = self._columns.channel[place] != _GREEN
        return bool(is_checked and self._columns.enterprise[place] < self._filer_count) and place not in self._named
