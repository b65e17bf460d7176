"""Instants, durations, numbers and sentences as people read them, in the language of the page.

Instants are shown in Vietnamese time. Needs an application context for the language; decides nothing.
"""

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from flask_babel import format_date, format_datetime, format_decimal, format_percent, ngettext
from markupsafe import Markup, escape

from services.contracts.catalogue import TimeLimit, TimeUnit
from services.contracts.labels import TIME_UNIT_LABELS, Label
from services.contracts.timeliness import VIETNAM_TIME
from services.law import phrases
from services.portal.web.language import current_language, in_words

_MINUTES_PER_DAY: Final = 24 * 60

_INSTANT: Final = {"vi": "HH:mm EEEE, dd/MM/yyyy", "en": "HH:mm, EEEE d MMMM yyyy"}
_SHORT_INSTANT: Final = {"vi": "HH:mm dd/MM/yyyy", "en": "HH:mm, d MMM yyyy"}
_EXACT_INSTANT: Final = {"vi": "HH:mm:ss dd/MM/yyyy", "en": "HH:mm:ss, d MMM yyyy"}
_DAY: Final = {"vi": "dd/MM/yyyy", "en": "d MMMM yyyy"}


def instant(at: datetime) -> str:
    """Time, weekday and date: `17:00 thứ Sáu, 08/06/2018`."""
    text: str = format_datetime(at, _INSTANT[current_language()])
    # Vietnamese weekdays are capitalised at the start of a sentence only.
    return text.replace("Thứ", "thứ").replace("Chủ Nhật", "chủ nhật")


def short_instant(at: datetime) -> str:
    """Time and date: `17:00 08/06/2018`."""
    return str(format_datetime(at, _SHORT_INSTANT[current_language()]))


def exact_instant(at: datetime) -> str:
    """With seconds: `17:00:05 08/06/2018`."""
    return str(format_datetime(at, _EXACT_INSTANT[current_language()]))


def day(on: date) -> str:
    """A date: `08/06/2018`."""
    return str(format_date(on, _DAY[current_language()]))


def weekday_and_day(on: date) -> str:
    """A date with its weekday: `thứ Sáu 08/06/2018`."""
    text = phrases.day(datetime.combine(on, time(12), VIETNAM_TIME))
    return in_words(Label(text.vi, text.en))


def as_heading(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def number(value: float) -> str:
    """With the separators of the language: `1.579`."""
    return str(format_decimal(value))


def ratio(value: float | None) -> str:
    """A share in percent with one decimal, rounded down: 100% means every one. A dash for nothing to divide by."""
    return "—" if value is None else str(format_percent(math.floor(value * 1000) / 1000, "#,##0.0%"))


def dong(value: int) -> str:
    """An amount of money."""
    return f"{number(value)} ₫"


def limit(value: TimeLimit) -> str:
    """A time limit: `5 ngày làm việc`."""
    text = phrases.limit(value.amount, value.unit)
    return in_words(Label(text.vi, text.en))


def amount_of_time(amount: float, unit: str) -> str:
    """An amount in the unit of a limit: `1 ngày làm việc`, `1,5 giờ làm việc`."""
    if float(amount).is_integer():
        return limit(TimeLimit(int(amount), TimeUnit(unit))) if amount else "0"
    return f"{number(amount)} {in_words(TIME_UNIT_LABELS[TimeUnit(unit)])}"


def duration(span: timedelta) -> str:
    """The two largest units of a span: `2 ngày 4 giờ`; below a minute it is `0 phút`."""
    minutes = int(abs(span).total_seconds() // 60)
    days, rest = divmod(minutes, _MINUTES_PER_DAY)
    hours, left = divmod(rest, 60)
    texts = [
        ngettext("%(num)d day", "%(num)d days", days) if days else "",
        ngettext("%(num)d hour", "%(num)d hours", hours) if hours else "",
        ngettext("%(num)d minute", "%(num)d minutes", left) if (left or not minutes) else "",
    ]
    return " ".join([text for text in texts if text][:2])


def with_code(text: str) -> Markup:
    """Text in which `backticked` words are shown as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # an odd one out: leave it as it is
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def day_of_iso(text: str) -> str:
    """An ISO date of a form as a date; any other text as it is."""
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def choice(labels: Mapping[str, Label], value: str) -> str:
    """What a chosen value is called; the value itself when it isn't among the choices."""
    return in_words(labels[value]) if value in labels else value
