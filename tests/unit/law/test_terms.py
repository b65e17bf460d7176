"""Terms beside the limit, by named examples; all times are local time of Vietnam."""

from datetime import timedelta

import pytest

from services.contracts.catalogue import (
    AuthorityLevel,
    SilenceOutcome,
    SupplementRule,
    SupplementTerms,
    TimeLimit,
    TimeUnit,
)
from services.contracts.vocabulary import Channel
from services.law import terms
from services.law.amendments import AmendmentRule, DeclarationTimes, amendment_window
from services.law.calendar import WorkingCalendar
from tests.support.limits import local, shipped_calendar

HOURS, DAYS, CALENDAR = TimeUnit.WORKING_HOURS, TimeUnit.WORKING_DAYS, TimeUnit.CALENDAR_DAYS


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return shipped_calendar()


def supplement_terms(notice: TimeLimit, silence: TimeLimit) -> SupplementTerms:
    return SupplementTerms(SupplementRule.RESTART, "", "", notice, "", silence, SilenceOutcome.STOP, "")


@pytest.mark.parametrize(
    ("amount", "unit", "since", "end"),
    [
        (8, HOURS, "2018-06-08T22:00", "2018-06-11T17:00"),
        (3, DAYS, "2018-06-08T22:00", "2018-06-13T17:00"),
        (40, CALENDAR, "2018-05-07T09:00", "2018-06-18T17:00"),
    ],
)
def test_a_limit_ends_as_its_unit_counts(
    calendar: WorkingCalendar, amount: int, unit: TimeUnit, since: str, end: str
) -> None:
    assert terms.end_of_limit(TimeLimit(amount, unit), local(since), calendar) == local(end)


@pytest.mark.parametrize(
    ("filed", "answered_by"),
    [
        ("2020-06-01T08:00", "2020-06-01T17:00"),
        ("2020-06-05T16:00", "2020-06-08T16:00"),  # Friday to Monday
        ("2020-06-06T03:00", "2020-06-08T17:00"),  # a Saturday night
    ],
)
def test_an_online_filing_is_answered_within_8_working_hours(
    calendar: WorkingCalendar, filed: str, answered_by: str
) -> None:
    assert terms.intake_answer_due_at(local(filed), calendar) == local(answered_by)


def test_notice_and_silence_are_the_procedures_own(calendar: WorkingCalendar) -> None:
    warehouses = supplement_terms(TimeLimit(5, DAYS), TimeLimit(30, DAYS))
    received = local("2018-06-04T09:00")
    assert terms.supplement_notice_due_at(warehouses, received, calendar) == local("2018-06-11T17:00")
    assert terms.silence_ends_at(warehouses, received, calendar) == local("2018-07-16T17:00")


@pytest.mark.parametrize(
    ("channel", "received", "handed_on"),
    [
        (Channel.ONLINE, "2018-06-09T23:00", "2018-06-09T23:00"),
        (Channel.IN_PERSON, "2018-06-08T14:59", "2018-06-08T17:00"),
        (Channel.IN_PERSON, "2018-06-08T15:00", "2018-06-08T17:00"),
        (Channel.IN_PERSON, "2018-06-08T15:01", "2018-06-11T08:00"),  # Friday after 15:00
        (Channel.POST, "2018-06-09T10:00", "2018-06-11T08:00"),  # a Saturday
        (Channel.POST, "2018-02-13T16:00", "2018-02-21T08:00"),  # the eve of Tết
    ],
)
def test_paper_after_15_hours_is_handed_on_the_next_working_day(
    calendar: WorkingCalendar, channel: Channel, received: str, handed_on: str
) -> None:
    assert terms.handed_on_by(channel, local(received), calendar) == local(handed_on)


@pytest.mark.parametrize(
    ("due", "latest"),
    [
        ("2018-06-12T17:00", "2018-06-11T17:00"),
        ("2018-06-11T17:00", "2018-06-08T17:00"),  # due on a Monday: Friday
        ("2018-02-21T17:00", "2018-02-13T17:00"),  # the first day after Tết
    ],
)
def test_an_apology_comes_a_working_day_before_the_due_day(calendar: WorkingCalendar, due: str, latest: str) -> None:
    assert terms.apology_latest_at(local(due), DAYS, calendar) == local(latest)
    assert terms.apology_latest_at(local(due), CALENDAR, calendar) == local(latest)


def test_an_apology_for_hours_comes_before_the_due_instant(calendar: WorkingCalendar) -> None:
    due = local("2018-06-12T10:00")
    assert due - terms.apology_latest_at(due, HOURS, calendar) == timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("amount_vnd", "months"),
    [
        (500_000_000, None),
        (500_000_001, 3),
        (1_000_000_000, 3),
        (1_000_000_001, 6),
        (2_000_000_000, 6),
        (2_000_000_001, 12),
    ],
)
def test_how_long_instalments_last_follows_the_amount(amount_vnd: int, months: int | None) -> None:
    assert terms.instalment_months(amount_vnd) == months


def test_who_allows_instalments_follows_where_the_debt_arose() -> None:
    assert [terms.INSTALMENT_LEVELS[place] for place in ("one-branch", "several-branches", "several-departments")] == [
        AuthorityLevel.BRANCH,
        AuthorityLevel.DEPARTMENT,
        AuthorityLevel.GENERAL_DEPARTMENT,
    ]


@pytest.mark.parametrize(
    ("amount_vnd", "days", "interest"),
    [(100_000_000, 10, 300_000), (100_000_000, 0, 0), (100_000_000, -3, 0), (3_333, 1, 0), (3_334, 1, 1)],
)
def test_late_interest_is_3_in_10_000_a_day(amount_vnd: int, days: int, interest: int) -> None:
    assert terms.late_interest_vnd(amount_vnd, days) == interest


@pytest.mark.parametrize(
    ("debited", "recorded"),
    [
        ("2018-06-08T15:59", "2018-06-08T15:59"),
        ("2018-06-08T16:00", "2018-06-08T16:00"),
        ("2018-06-08T16:01", "2018-06-11T08:00"),
        ("2018-06-09T09:00", "2018-06-11T08:00"),
        ("2018-12-28T23:00", "2018-12-28T23:00"),  # Monday 31/12/2018 is swapped away: the year's last working day
        ("2018-12-27T23:00", "2018-12-28T08:00"),
        ("2018-12-30T09:00", "2019-01-02T08:00"),  # a Sunday after it
    ],
)
def test_a_debit_after_the_cut_off_is_recorded_when_the_next_working_day_opens(
    calendar: WorkingCalendar, debited: str, recorded: str
) -> None:
    assert terms.payment_recorded_at(local(debited), calendar) == local(recorded)


@pytest.mark.parametrize(
    ("declared", "due"),
    [
        ("2018-06-30T23:59", "2018-07-10T17:00"),
        ("2018-05-01T00:00", "2018-06-11T17:00"),  # 10 June is a Sunday
        ("2018-12-05T09:00", "2019-01-10T17:00"),
    ],
)
def test_fees_of_a_month_are_due_by_the_10th_of_the_next(calendar: WorkingCalendar, declared: str, due: str) -> None:
    assert terms.monthly_fee_due_at(local(declared), calendar) == local(due)


REGISTERED = "2018-06-04T09:00"
#: Registered, routed, asked for, cleared, through the gate with a difference, audited.
CHANNEL, REQUESTED, CLEARED = "2018-06-04T09:05", "2018-06-05T10:00", "2018-06-06T15:00"
GATE, AUDIT = "2018-06-07T08:00", "2018-07-02T09:00"


@pytest.mark.parametrize(
    ("happened", "at", "rule", "penalised", "until"),
    [
        ({}, "2018-06-04T09:04", AmendmentRule.BEFORE_CHANNEL, False, None),
        # What comes later doesn't count yet.
        ({"channel_at": CHANNEL}, "2018-06-04T09:04", AmendmentRule.BEFORE_CHANNEL, False, None),
        ({"channel_at": CHANNEL}, "2018-06-04T09:05", AmendmentRule.BEFORE_CLEARANCE, True, None),
        (
            {"channel_at": CHANNEL, "requested_at": REQUESTED},
            "2018-06-12T17:00",
            AmendmentRule.ON_REQUEST,
            True,
            "2018-06-12T17:00",
        ),
        (
            {"channel_at": CHANNEL, "requested_at": REQUESTED},
            "2018-06-12T17:01",
            AmendmentRule.REQUEST_EXPIRED,
            True,
            None,
        ),
        (
            {"channel_at": CHANNEL, "cleared_at": CLEARED},
            "2018-06-20T09:00",
            AmendmentRule.AFTER_CLEARANCE,
            False,
            "2018-08-06T17:00",  # 60 days end on Sunday 5 August
        ),
        ({"cleared_at": CLEARED}, "2018-08-06T17:00", AmendmentRule.AFTER_CLEARANCE, False, "2018-08-06T17:00"),
        ({"cleared_at": CLEARED}, "2018-08-06T17:01", AmendmentRule.CLEARANCE_EXPIRED, True, None),
        (
            {"cleared_at": CLEARED, "gate_passed_at": GATE},
            "2018-06-14T17:00",
            AmendmentRule.AFTER_GATE,
            False,
            "2018-06-14T17:00",
        ),
        ({"cleared_at": CLEARED, "gate_passed_at": GATE}, "2018-06-15T08:00", AmendmentRule.GATE_EXPIRED, True, None),
        (
            {"cleared_at": CLEARED, "audit_decided_at": AUDIT},
            "2018-07-02T08:59",
            AmendmentRule.AFTER_CLEARANCE,
            False,
            "2018-08-06T17:00",
        ),
        ({"cleared_at": CLEARED, "audit_decided_at": AUDIT}, AUDIT, AmendmentRule.AUDIT_DECIDED, True, None),
    ],
)
def test_when_an_amendment_is_penalised(
    calendar: WorkingCalendar,
    happened: dict[str, str],
    at: str,
    *,
    rule: AmendmentRule,
    penalised: bool,
    until: str | None,
) -> None:
    times = DeclarationTimes(local(REGISTERED), **{name: local(text) for name, text in happened.items()})
    window = amendment_window(times, local(at), calendar)
    assert (window.rule, window.penalised, window.until) == (rule, penalised, until and local(until))
    assert "Đ" in window.article
