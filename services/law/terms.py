"""Terms beside the statutory limit: what has to be done by when while a dossier or a payment is under way.

Pure functions of instants, each with its article. They say when a term ends, not what happens then. "From memory" and
"ours" mean what they mean in the catalogue: unverified, and without a source.
"""

from datetime import datetime, time, timedelta
from typing import Final

from services.contracts.catalogue import AuthorityLevel, SupplementTerms, TimeLimit, TimeUnit
from services.contracts.timeliness import VIETNAM_TIME, vietnamese_day
from services.contracts.vocabulary import Channel
from services.law.calendar import WorkingCalendar
from services.law.measures import end_of

#: How soon an online filing is answered. Source: Decree 45/2020/NĐ-CP (in force 22/05/2020), from memory; before that
#: day it is ours, so that intake has a term at all.
INTAKE_ANSWER: Final = TimeLimit(8, TimeUnit.WORKING_HOURS)

#: Paper received later than this is handed on the next working day. Source: Decree 61/2018/NĐ-CP art. 18.
HANDED_ON_UNTIL: Final = time(15, 0)

#: Debits up to this time reach customs at once. Ours: banks set their own, Circular 184/2015/TT-BTC only says that
#: there is one.
BANK_CUT_OFF: Final = time(16, 0)

#: Interest on a late payment or refund: so much of it a day, as a fraction. Source: Law 38/2019/QH14 art. 75.3, 0.03 %.
LATE_INTEREST_PER_DAY: Final = (3, 10_000)

#: Last day of the next month on which last month's fees may be paid. Source: Circular 274/2016/TT-BTC (33.3.TT.97.5).
MONTHLY_FEE_UNTIL_DAY: Final = 10

#: Who may let a debt be paid in instalments, by where it arose (trait `debt_arose_at`). Source: Circular 39/2018/TT-BTC
#: art. 134.
INSTALMENT_LEVELS: Final = {
    "one-branch": AuthorityLevel.BRANCH,
    "several-branches": AuthorityLevel.DEPARTMENT,
    "several-departments": AuthorityLevel.GENERAL_DEPARTMENT,
}

#: Over how much, in dong, for up to how many months; the largest amounts first. Source: Circular 39/2018/TT-BTC
#: art. 134.
_INSTALMENTS: Final = ((2_000_000_000, 12), (1_000_000_000, 6), (500_000_000, 3))


def end_of_limit(limit: TimeLimit, since: datetime, calendar: WorkingCalendar) -> datetime:
    """Return when a limit that nothing interrupts is used up.

    Working hours run from the instant, or from the next opening. In days, that of the event isn't counted and the last
    one ends with office hours; a last day off moves to the next working day.

    Source: Civil Code 2015 art. 147 and 148.5, from memory.
    """
    end = end_of(limit, since, (), calendar)
    assert end is not None  # nothing suspends it
    return end


# A dossier


def intake_answer_due_at(filed_at: datetime, calendar: WorkingCalendar) -> datetime:
    """Return by when an online filing is to be received, refused or sent back: 8 working hours (`INTAKE_ANSWER`)."""
    return end_of_limit(INTAKE_ANSWER, filed_at, calendar)


def supplement_notice_due_at(terms: SupplementTerms, received_at: datetime, calendar: WorkingCalendar) -> datetime:
    """Return until when the office should ask for a supplement; later it is late, not forbidden.

    Source: Decree 61/2018/NĐ-CP art. 19.4 (3 working days of receipt) or the procedure's own law: `notice_article`.
    """
    return end_of_limit(terms.notice_limit, received_at, calendar)


def silence_ends_at(terms: SupplementTerms, requested_at: datetime, calendar: WorkingCalendar) -> datetime:
    """Return until when an applicant who was asked for a supplement is waited for.

    Source: `silence_article` of the procedure, such as Decree 68/2016/NĐ-CP (30 working days).
    """
    return end_of_limit(terms.silence_limit, requested_at, calendar)


def handed_on_by(channel: Channel, received_at: datetime, calendar: WorkingCalendar) -> datetime:
    """Return by when a received dossier is with the unit that handles it.

    Online at once; paper by the end of the same working day, or at the start of the next when it came after 15:00.
    Paper that comes on a day off is handed on at the start of the next working day (ours).

    Source: Decree 61/2018/NĐ-CP art. 18.
    """
    if channel is Channel.ONLINE:
        return received_at
    day = vietnamese_day(received_at)
    if calendar.is_working_day(day) and _time_of_day(received_at) <= HANDED_ON_UNTIL:
        return calendar.end_of_working_day(day)
    return next_working_day_opens_at(received_at, calendar)


def apology_latest_at(due_at: datetime, unit: TimeUnit, calendar: WorkingCalendar) -> datetime:
    """Return until when an office may say that it will be late: that instant is still in time.

    The decree says "at the latest 1 day before": read as the end of the last working day before the day on which the
    dossier is due, because nobody is there to apologise on a day off (ours). A limit in working hours is shorter than
    that day; there the apology has to come before the due instant (ours): the last microsecond before it is returned.

    Source: Decree 61/2018/NĐ-CP art. 19.9.
    """
    if unit is TimeUnit.WORKING_HOURS:
        return due_at - timedelta(microseconds=1)
    day = vietnamese_day(due_at) - timedelta(days=1)
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return calendar.end_of_working_day(day)


# Money


def instalment_months(amount_vnd: int) -> int | None:
    """Return over how many months a debt may be paid at most; None when it is too small to be divided.

    Over 500 million to 1 billion dong 3 months, to 2 billion 6, above that 12.

    Source: Circular 39/2018/TT-BTC art. 134.
    """
    return next((months for over, months in _INSTALMENTS if amount_vnd > over), None)


def late_interest_vnd(amount_vnd: int, days: int) -> int:
    """Return the interest on what is paid or refunded late: 0.03 % a day, whole dong, rounded down (ours).

    Args:
        amount_vnd: What is late.
        days: Calendar days after the last day in time; 0 or less gives 0.

    Source: Law 38/2019/QH14 art. 75.3 for refunds; for late payment the same rate, from memory (art. 59.2a).
    """
    share, whole = LATE_INTEREST_PER_DAY
    return amount_vnd * max(days, 0) * share // whole


def payment_recorded_at(debited_at: datetime, calendar: WorkingCalendar) -> datetime:
    """Return when customs has a payment that the bank debited.

    At once up to the bank's cut-off; later, or on a day off (ours), when the next working day opens. On the last
    working day of a year the same day, however late. What counts as the date of payment is the debit all the same.

    Source: Circular 184/2015/TT-BTC art. 17.2; art. 4.1 for the date. The cut-off itself is ours (`BANK_CUT_OFF`).
    """
    day = vietnamese_day(debited_at)
    if calendar.is_working_day(day):
        is_last_of_year = calendar.add_working_days(day, 1).year != day.year
        if _time_of_day(debited_at) <= BANK_CUT_OFF or is_last_of_year:
            return debited_at
    return next_working_day_opens_at(debited_at, calendar)


def monthly_fee_due_at(declared_at: datetime, calendar: WorkingCalendar) -> datetime:
    """Return until when the fees of a month may be paid together: the 10th of the next month, or the next working day.

    Source: Circular 274/2016/TT-BTC (33.3.TT.97.5); a last day off: Civil Code 2015 art. 148.5, from memory.
    """
    day = vietnamese_day(declared_at)
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    last = day.replace(year=year, month=month, day=MONTHLY_FEE_UNTIL_DAY)
    while not calendar.is_working_day(last):
        last += timedelta(days=1)
    return calendar.end_of_working_day(last)


# Offices


def next_working_day_opens_at(at: datetime, calendar: WorkingCalendar) -> datetime:
    """Return the opening of the first working day after the day of an instant."""
    midnight = datetime.combine(vietnamese_day(at) + timedelta(days=1), time(0), VIETNAM_TIME)
    return calendar.next_working_instant(midnight)


def _time_of_day(at: datetime) -> time:
    return at.astimezone(VIETNAM_TIME).time()
