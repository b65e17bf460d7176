"""How units score: the nine indices of Circular 01/2018/TT-VPCP art. 13, the sum, and the class of art. 15.

Each index gives 0 to 2 points: 18 in all. Three of them follow from what is counted here; the others ask about people,
rooms and letters, and are told as not measured, never guessed. Sums are over what is measured, and say so; the class of
a unit is what its sum would be over all nine if the others scored alike; that is ours, not the circular's.

Source: domain facts 7.1; the names and numbers of the indices as a public implementation prints them. The circular
dates from 23/11/2018; earlier quarters are scored alike.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, NamedTuple, Self

from services.contracts.labels import Label

#: Points that an index gives at most, and all of them together.
MOST_POINTS: Final = Decimal(2)
ALL_POINTS: Final = Decimal(18)

_TENTH: Final = Decimal("0.1")


class UnitClass(StrEnum):
    """What a unit is rated (art. 15)."""

    EXCELLENT = "excellent"  #: xuất sắc, from 15 points
    GOOD = "good"  #: tốt, from 12
    FAIR = "fair"  #: khá, from 9
    AVERAGE = "average"  #: trung bình, from 6
    WEAK = "weak"  #: yếu


UNIT_CLASS_LABELS: Final = {
    UnitClass.EXCELLENT: Label("xuất sắc", "excellent"),
    UnitClass.GOOD: Label("tốt", "good"),
    UnitClass.FAIR: Label("khá", "fair"),
    UnitClass.AVERAGE: Label("trung bình", "average"),
    UnitClass.WEAK: Label("yếu", "weak"),
}

_FROM_POINTS: Final = (
    (15, UnitClass.EXCELLENT),
    (12, UnitClass.GOOD),
    (9, UnitClass.FAIR),
    (6, UnitClass.AVERAGE),
)


class Index(NamedTuple):
    """One of the nine."""

    number: int
    name: Label
    is_measured: bool


INDICES: Final = (
    Index(
        1,
        Label("Tổng thời gian giải quyết thủ tục so với quy định", "Time taken, against the time allowed"),
        True,
    ),
    Index(
        2,
        Label("Thời gian thực hiện của từng cơ quan tham gia giải quyết", "Time taken by each body that takes part"),
        False,
    ),
    Index(
        3,
        Label("Số lần phải liên hệ với nơi tiếp nhận để hoàn thiện hồ sơ", "Times the applicant had to complete it"),
        True,
    ),
    Index(
        4,
        Label("Số cơ quan, đơn vị phải liên hệ để hoàn thiện hồ sơ", "Bodies the applicant had to contact"),
        False,
    ),
    Index(
        5,
        Label("Tiếp nhận, giải quyết, trả kết quả tại Bộ phận Một cửa", "Work done at the one-stop unit"),
        False,
    ),
    Index(6, Label("Công khai các thủ tục hành chính", "Publicity of procedures"), False),
    Index(7, Label("Thái độ của cán bộ, công chức", "Attitude of officers"), False),
    Index(8, Label("Tiếp thu, giải trình phản ánh, kiến nghị", "Answers to complaints and proposals"), False),
    Index(
        9,
        Label("Tiến độ và chất lượng cung cấp dịch vụ công trực tuyến", "Progress and quality of online services"),
        True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCounts:
    """What a unit's quarter was.

    Attributes:
        early: Resolved before the due day.
        on_time: Resolved on it.
        overdue: Resolved after it.
        resolved: All that were resolved, with a limit or without.
        asked_once: Of them, asked once to complete the dossier, before or after receipt.
        asked_again: Of them, asked more often.
        received: Received in the quarter.
        online_received: Of them, online.
        online_late: Online dossiers resolved late in the quarter, or pending and late at its end.
    """

    early: int = 0
    on_time: int = 0
    overdue: int = 0
    resolved: int = 0
    asked_once: int = 0
    asked_again: int = 0
    received: int = 0
    online_received: int = 0
    online_late: int = 0

    def __add__(self, other: Self) -> Self:
        """Both together."""
        names = type(self).__dataclass_fields__
        return type(self)(**{name: getattr(self, name) + getattr(other, name) for name in names})


def sum_counts(counts: Iterable[UnitCounts]) -> UnitCounts:
    """Several units together."""
    return sum(counts, UnitCounts())


class Services(NamedTuple):
    """How many procedures there are, and how many at level 3 or 4."""

    total: int
    at_level_3_or_4: int


@dataclass(frozen=True, slots=True)
class IndexScore:
    """Points of one index; None: not measured, or nothing to measure in this quarter."""

    index: Index
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class UnitScore:
    """A unit's quarter."""

    counts: UnitCounts
    scores: Sequence[IndexScore]

    @property
    def measured(self) -> list[IndexScore]:
        """Indices that have points."""
        return [score for score in self.scores if score.points is not None]

    @property
    def points(self) -> Decimal:
        """Sum over what is measured."""
        return sum((score.points for score in self.measured if score.points is not None), Decimal(0))

    @property
    def most_points(self) -> Decimal:
        """What that sum could be at most."""
        return MOST_POINTS * len(self.measured)

    @property
    def projected_points(self) -> Decimal | None:
        """The sum over all nine if the others scored alike; None when nothing is measured."""
        return _rounded(self.points * ALL_POINTS / self.most_points) if self.measured else None

    @property
    def unit_class(self) -> UnitClass | None:
        """By the projected sum; None when nothing is measured."""
        points = self.projected_points
        if points is None:
            return None
        return next((found for least, found in _FROM_POINTS if points >= least), UnitClass.WEAK)


def score_unit(counts: UnitCounts, services: Services) -> UnitScore:
    """Score a unit's quarter."""
    points = {1: _time_points(counts), 3: _contact_points(counts), 9: _online_points(counts, services)}
    return UnitScore(counts, [IndexScore(index, points.get(index.number)) for index in INDICES])


def _rounded(value: Decimal) -> Decimal:
    """To one decimal, half up (art. 15)."""
    return value.quantize(_TENTH, ROUND_HALF_UP)


def _average(points: int, dossiers: int) -> Decimal | None:
    return _rounded(Decimal(points) / dossiers) if dossiers else None


def _time_points(counts: UnitCounts) -> Decimal | None:
    """Index 1: 2 for shorter than allowed, 1 for equal, 0 for longer; on average over what had a limit."""
    return _average(2 * counts.early + counts.on_time, counts.early + counts.on_time + counts.overdue)


def _contact_points(counts: UnitCounts) -> Decimal | None:
    """Index 3: 2 when the applicant never had to come back, 1 for once, 0 for more; on average.

    Having to come back is measured as being asked for a supplement: the portal sees no other contact.
    """
    never = counts.resolved - counts.asked_once - counts.asked_again
    return _average(2 * never + counts.asked_once, counts.resolved)


def _online_points(counts: UnitCounts, services: Services) -> Decimal | None:
    """Index 9: with a fifth of procedures at level 3-4 and no online dossier late, by the share filed online."""
    if not counts.received or not services.total:
        return None
    if counts.online_late or services.at_level_3_or_4 * 5 < services.total:
        return Decimal("0.0")
    share = Decimal(counts.online_received) / counts.received
    if share >= Decimal("0.30"):
        return Decimal("2.0")
    return Decimal("1.0") if share >= Decimal("0.15") else Decimal("0.0")
