"""The official report on how dossiers were resolved: its columns, its headings and the sums that must hold.

The same thirteen columns as form II.06a (era of Circular 02/2017/TT-VPCP) and as form 06/VPCP/KSTT (Circular
01/2020/TT-VPCP of 21/10/2020); only number and title differ. Metrics fills it, the portal lays it out. Dossiers of
procedures without a statutory limit fit no column of the form, which asks of each whether it was in time: they are
counted beside it, by sums of their own.

Source: domain facts 7.2; headings as public implementations of both forms have them. The day from which the newer form
is used is that of its circular: its day in force wasn't found.
"""

from dataclasses import dataclass, fields
from datetime import date
from typing import Final, Self

#: From this day on the report is form 06/VPCP/KSTT.
NEWER_FORM_FROM: Final = date(2020, 10, 21)

TITLE_VI: Final = "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC TẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI QUYẾT TTHC"
UNIT_OF_COUNT_VI: Final = "Số hồ sơ TTHC"


class BrokenReportError(Exception):
    """Sums that must hold in every report don't: the numbers are wrong, and nobody may see them as a report."""


@dataclass(frozen=True, slots=True)
class FormVersion:
    """Which form a report is."""

    number: str
    circular_vi: str


OLDER_FORM: Final = FormVersion("II.06a/VPCP/KSTT", "Thông tư số 02/2017/TT-VPCP")
NEWER_FORM: Final = FormVersion("06/VPCP/KSTT", "Thông tư số 01/2020/TT-VPCP ngày 21/10/2020")


def form_of(last_on: date) -> FormVersion:
    """The form in use at a period's end.

    >>> form_of(date(2018, 6, 30)).number, form_of(date(2020, 12, 31)).number
    ('II.06a/VPCP/KSTT', '06/VPCP/KSTT')
    """
    return NEWER_FORM if last_on >= NEWER_FORM_FROM else OLDER_FORM


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns 3 to 13 of one row; 1 is its number, 2 its name."""

    received_total: int = 0  #: 3, tổng số
    received_online: int = 0  #: 4, trong kỳ: trực tuyến
    received_direct_post: int = 0  #: 5, trong kỳ: trực tiếp, dịch vụ bưu chính
    carried_over: int = 0  #: 6, từ kỳ trước
    resolved_total: int = 0  #: 7, tổng số
    resolved_before_due: int = 0  #: 8, trước hạn
    resolved_on_time: int = 0  #: 9, đúng hạn
    resolved_overdue: int = 0  #: 10, quá hạn
    pending_total: int = 0  #: 11, tổng số
    pending_in_time: int = 0  #: 12, trong hạn
    pending_overdue: int = 0  #: 13, quá hạn

    def __add__(self, other: Self) -> Self:
        """Two rows together."""
        return type(self)(**{name: getattr(self, name) + getattr(other, name) for name in COLUMN_NAMES})

    def check(self) -> Self:
        """Return this row.

        Raises:
            BrokenReportError: 3=4+5+6, 7=8+9+10, 11=12+13 or 3=7+11 doesn't hold, or a number is negative.
        """
        sums = {
            "3=4+5+6": self.received_total - (self.received_online + self.received_direct_post + self.carried_over),
            "7=8+9+10": self.resolved_total
            - (self.resolved_before_due + self.resolved_on_time + self.resolved_overdue),
            "11=12+13": self.pending_total - (self.pending_in_time + self.pending_overdue),
            "3=7+11": self.received_total - (self.resolved_total + self.pending_total),
        }
        broken = [name for name, difference in sums.items() if difference]
        negative = [name for name in COLUMN_NAMES if getattr(self, name) < 0]
        if broken or negative:
            raise BrokenReportError(f"sums: {broken}, negative: {negative}, in {self}")
        return self

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not any(getattr(self, name) for name in COLUMN_NAMES)


#: Names of columns 3 to 13 on the wire, in order.
COLUMN_NAMES: Final = tuple(field.name for field in fields(Columns))

#: Number in the form of each.
COLUMN_NUMBERS: Final = {name: number for number, name in enumerate(COLUMN_NAMES, start=3)}


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutLimit:
    """What is counted beside the form: dossiers for which the law states no limit."""

    received_online: int = 0
    received_direct_post: int = 0
    carried_over: int = 0
    resolved: int = 0
    pending: int = 0

    def __add__(self, other: Self) -> Self:
        """Two rows together."""
        return type(self)(**{name: getattr(self, name) + getattr(other, name) for name in WITHOUT_LIMIT_NAMES})

    @property
    def received_total(self) -> int:
        """Received in the period or carried over."""
        return self.received_online + self.received_direct_post + self.carried_over

    def check(self) -> Self:
        """Return this row.

        Raises:
            BrokenReportError: received isn't resolved and pending together, or a number is negative.
        """
        if self.received_total != self.resolved + self.pending or any(
            getattr(self, name) < 0 for name in WITHOUT_LIMIT_NAMES
        ):
            raise BrokenReportError(f"without limit: {self}")
        return self

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not any(getattr(self, name) for name in WITHOUT_LIMIT_NAMES)


#: Names of those numbers on the wire, in order.
WITHOUT_LIMIT_NAMES: Final = tuple(field.name for field in fields(WithoutLimit))
