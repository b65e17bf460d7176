"""The words of an explained deadline, in Vietnamese and English, and what each rule of counting rests on.

Texts are templates in tables; nothing here decides anything. Articles that come with a procedure, a supplement or a
calendar entry are theirs; those here are of counting itself.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from services.contracts.catalogue import TimeUnit
from services.contracts.timeliness import VIETNAM_TIME, vietnamese_day
from services.contracts.vocabulary import Action
from services.law.reckoning import EntryKind


class Basis(StrEnum):
    """What an entry of an explanation rests on."""

    LAW = "law"  #: read in the text, or with the confidence of the catalogue's row
    MEMORY = "from-memory"  #: a law, unverified
    CALENDAR = "calendar"  #: an entry of the catalogue's calendar
    DECISION = "decision"  #: a decision of the sandbox's own
    OURS = "ours"  #: no source


class Text(NamedTuple):
    """The same in both languages."""

    vi: str
    en: str


class Phrase(NamedTuple):
    """How one kind of entry is told; when, amount, total, limit, name, why and span are filled in."""

    text: Text
    article: str | None
    basis: Basis


_DAY_OF_EVENT_ARTICLE: Final = "Bộ luật Dân sự 91/2015 Đ147"
_LAST_DAY_ARTICLE: Final = "Bộ luật Dân sự 91/2015 Đ148.5"
_WEEK_ARTICLE: Final = "QĐ 188/1999/QĐ-TTg"

PHRASES: Final[Mapping[EntryKind, Phrase]] = {
    EntryKind.DAY_OF_EVENT: Phrase(
        Text("{when}: ngày bắt đầu thời hạn, không tính", "{when}: the day on which the limit begins isn't counted"),
        _DAY_OF_EVENT_ARTICLE,
        Basis.MEMORY,
    ),
    EntryKind.WORKING_DAY: Phrase(
        Text("{when}: tính {amount}, cộng dồn {total}/{limit}", "{when}: {amount} counted, {total} of {limit}"),
        _WEEK_ARTICLE,
        Basis.MEMORY,
    ),
    EntryKind.WORKED_DAY: Phrase(
        Text(
            "{when}: ngày làm việc theo lịch ({name}), tính {amount}, cộng dồn {total}/{limit}",
            "{when}: worked by the calendar ({name}), {amount} counted, {total} of {limit}",
        ),
        None,
        Basis.CALENDAR,
    ),
    EntryKind.CALENDAR_DAY: Phrase(
        Text(
            "{when}: tính {amount}, kể cả ngày nghỉ, cộng dồn {total}/{limit}",
            "{when}: {amount} counted, days off included, {total} of {limit}",
        ),
        "Bộ luật Dân sự 91/2015 Đ147, Đ148",
        Basis.MEMORY,
    ),
    EntryKind.OFFICE_HOURS: Phrase(
        Text(
            "{when}: giờ hành chính, tính {amount}, cộng dồn {total}/{limit}",
            "{when}: office hours, {amount} counted, {total} of {limit}",
        ),
        _WEEK_ARTICLE,
        Basis.MEMORY,
    ),
    EntryKind.WEEKEND: Phrase(
        Text("{when}: nghỉ hằng tuần, không tính", "{when}: the weekend isn't counted"), _WEEK_ARTICLE, Basis.MEMORY
    ),
    EntryKind.HOLIDAY: Phrase(
        Text("{when}: {name}, không tính", "{when}: closed ({name}), not counted"), None, Basis.CALENDAR
    ),
    EntryKind.OFFICE_CLOSED: Phrase(
        Text("{when}: ngoài giờ hành chính, không tính", "{when}: the office is closed, not counted"),
        _WEEK_ARTICLE,
        Basis.MEMORY,
    ),
    EntryKind.MIDDAY_BREAK: Phrase(
        Text("{when}: nghỉ trưa, không tính", "{when}: midday break, not counted"), _WEEK_ARTICLE, Basis.MEMORY
    ),
    EntryKind.SUSPENDED: Phrase(
        Text("{when}: không tính, tạm dừng {why} {span}", "{when}: not counted, suspended {why} {span}"),
        None,
        Basis.OURS,
    ),
    EntryKind.DAY_OF_RETURN: Phrase(
        Text(
            "{when}: ngày thời hạn chạy lại, không tính (tạm dừng {why} {span})",
            "{when}: the day on which the limit goes on isn't counted (suspended {why} {span})",
        ),
        _DAY_OF_EVENT_ARTICLE,
        Basis.MEMORY,
    ),
    EntryKind.LAST_DAY_LEFT: Phrase(
        Text(
            "{when}: thời hạn tạm dừng trước khi hết hạn, ngày cuối cùng để lại sau khi chạy lại",
            "{when}: the limit was suspended before it ended, so its last day is left for afterwards",
        ),
        None,
        Basis.OURS,
    ),
    EntryKind.OFF_AT_THE_END: Phrase(
        Text(
            "{when}: ngày cuối cùng là ngày nghỉ, thời hạn kéo sang ngày làm việc tiếp theo",
            "{when}: the last day is off, the limit moves on to the next working day",
        ),
        _LAST_DAY_ARTICLE,
        Basis.MEMORY,
    ),
    EntryKind.MOVED_TO: Phrase(
        Text(
            "{when}: ngày làm việc tiếp theo, thời hạn kết thúc",
            "{when}: the next working day, on which the limit ends",
        ),
        _LAST_DAY_ARTICLE,
        Basis.MEMORY,
    ),
    EntryKind.COUNTED_AGAIN: Phrase(
        Text(
            "{when}: không tính, thời hạn được tính lại từ đầu khi hồ sơ đầy đủ",
            "{when}: not counted, the limit began again when the dossier was complete",
        ),
        None,
        Basis.LAW,
    ),
}

#: Why a limit was suspended.
CAUSES: Final[Mapping[Action, Text]] = {
    Action.REQUEST_SUPPLEMENT: Text("chờ bổ sung hồ sơ", "for a supplement"),
    Action.REQUEST_PAYMENT: Text("chờ nộp tiền", "for a payment"),
}

#: Summaries of a step and of the whole.
STEP_ENDS: Final = Text("Cộng {total}/{limit}; hết hạn {at}", "{total} of {limit}; due {at}")
STEP_STANDS: Final = Text("Đã tính {total}/{limit}; đang tạm dừng", "{total} of {limit} so far; standing still")
STEP_WAITS: Final = Text("Chưa bắt đầu: bước trước đang tạm dừng", "Not begun: the step before it stands still")
STEP_DONE: Final = Text("; đã hoàn thành {at}", "; done {at}")
STEP_EXTENDED: Final = Text("; đã gia hạn từ {limit}", "; extended from {limit}")
STEP_TOO_LATE: Final = Text(
    "; tạm dừng {span} sau khi hết hạn, không làm thay đổi", "; suspended {span}, after it had ended: nothing changes"
)
WHOLE_DUE: Final = Text("Hạn trả kết quả: {at}", "The result is due {at}")
WHOLE_STANDS: Final = Text(
    "Thời hạn đang tạm dừng, chưa xác định hạn trả kết quả", "The limit stands still; nothing is due meanwhile"
)
WHOLE_WITHOUT: Final = Text("Pháp luật không quy định thời hạn", "The law states no limit")

_WEEKDAYS: Final = Text("thứ Hai|thứ Ba|thứ Tư|thứ Năm|thứ Sáu|thứ Bảy|Chủ nhật", "Mon|Tue|Wed|Thu|Fri|Sat|Sun")
_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_UNITS: Final[Mapping[TimeUnit, Text]] = {
    TimeUnit.WORKING_DAYS: Text("ngày làm việc", "working day"),
    TimeUnit.CALENDAR_DAYS: Text("ngày", "day"),
    TimeUnit.WORKING_HOURS: Text("giờ làm việc", "working hour"),
}
_RANGE: Final = Text("từ {first} đến {last}", "{first} to {last}")
_SINCE: Final = Text("từ {first}", "since {first}")
_CLOCK: Final = Text("{hour}:{minute}{second} {day}", "{hour}:{minute}{second} {day}")
_TIME_PARTS: Final = (("giờ", "h", 3600), ("phút", "min", 60), ("giây", "s", 1))
_MICROSECOND: Final = timedelta(microseconds=1)


def fill(template: Text, **values: Text | str) -> Text:
    """Return a template with its values, each in the text's own language."""

    def one(index: int) -> str:
        return template[index].format(
            **{name: value if isinstance(value, str) else value[index] for name, value in values.items()}
        )

    return Text(one(0), one(1))


def day(at: datetime) -> Text:
    """Return the day of an instant in Vietnam, such as "thứ Hai 04/06/2018" and "Mon 4 Jun 2018"."""
    local = at.astimezone(VIETNAM_TIME)
    vi, en = (names.split("|")[local.weekday()] for names in _WEEKDAYS)
    return Text(f"{vi} {local:%d/%m/%Y}", f"{en} {local.day} {_MONTHS[local.month - 1]} {local.year}")


def last_day(until_at: datetime | None) -> date | None:
    """Return the last day in Vietnam of what goes up to an instant; None when it goes on."""
    return None if until_at is None else vietnamese_day(until_at - _MICROSECOND)


def instant(at: datetime) -> Text:
    """Return an instant with its day, to the second if it has any: "09:00 thứ Hai 04/06/2018"."""
    return fill(_CLOCK, **_clock(at), day=day(at))


def days(from_at: datetime, until_at: datetime | None) -> Text:
    """Return the days from one instant up to another that isn't part of them."""
    if until_at is None:
        return fill(_SINCE, first=day(from_at))
    first, last = day(from_at), day(until_at - _MICROSECOND)
    return first if first == last else fill(_RANGE, first=first, last=last)


def span(from_at: datetime, until_at: datetime | None) -> Text:
    """Return the time from one instant to another: "08:00-12:00 thứ Hai 04/06/2018"."""
    if until_at is None:
        return fill(_SINCE, first=instant(from_at))
    if day(from_at) != day(until_at - _MICROSECOND):
        return fill(_RANGE, first=instant(from_at), last=instant(until_at))
    begins, ends = ("{hour}:{minute}{second}".format(**_clock(at)) for at in (from_at, until_at))
    # The midnight that ends a day is its own 24:00, not the next one's 00:00.
    ends = "24:00" if day(until_at) != day(from_at) else ends
    return fill(Text("{begins}-{ends} {day}", "{begins}-{ends} {day}"), begins=begins, ends=ends, day=day(from_at))


def limit(amount: int, unit: TimeUnit) -> Text:
    """Return a limit in words: "6 ngày làm việc", "6 working days"."""
    name = _UNITS[unit]
    return Text(f"{amount} {name.vi}", f"{amount} {name.en}{'s' if amount != 1 else ''}")


def counted(amount: int, unit: TimeUnit) -> Text:
    """Return a count in words: "3 ngày", or microseconds of working hours as "1 giờ 30 phút"."""
    if unit is not TimeUnit.WORKING_HOURS:
        return limit(amount, unit)
    seconds = amount // 1_000_000
    parts: list[tuple[int, str, str]] = []
    for vi, en, size in _TIME_PARTS:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append((number, vi, en))
    return Text(
        " ".join(f"{number} {vi}" for number, vi, _ in parts) or "0 phút",
        " ".join(f"{number} {en}" for number, _, en in parts) or "0 min",
    )


def total(amount: int, unit: TimeUnit) -> Text:
    """Return a count that stands before its limit: days without their unit."""
    return counted(amount, unit) if unit is TimeUnit.WORKING_HOURS else Text(str(amount), str(amount))


def _clock(at: datetime) -> dict[str, str]:
    local = at.astimezone(VIETNAM_TIME)
    return {"hour": f"{local:%H}", "minute": f"{local:%M}", "second": f":{local:%S}" if local.second else ""}
