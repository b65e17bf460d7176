"""What an explanation says, by examples; that its due instants are right is shown in tests/property."""

from datetime import date, timedelta

import pytest

from services.contracts.catalogue import SilenceOutcome, SupplementRule, SupplementTerms, TimeLimit, TimeUnit
from services.contracts.commands import CalendarOverride
from services.contracts.vocabulary import Action
from services.law.calendar import CalendarBook, WorkingCalendar
from services.law.deadlines import Deadline, Suspension, complete_step, extend, restart, resume, suspend
from services.law.explain import ExplainedEntry, explain
from services.law.phrases import CAUSES, PHRASES, Basis
from services.law.reckoning import EntryKind as Kind
from tests.support.limits import calendar_data, local, one_step, rule_of, shipped_calendar, step

HOURS, DAYS, CALENDAR = TimeUnit.WORKING_HOURS, TimeUnit.WORKING_DAYS, TimeUnit.CALENDAR_DAYS
LIMIT = TimeLimit(3, DAYS)
TERMS = SupplementTerms(SupplementRule.PAUSE, "Luật QLT Đ75.1", "", LIMIT, "", LIMIT, SilenceOutcome.STOP, "")


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return shipped_calendar()


def days_of(entries: tuple[ExplainedEntry, ...]) -> list[tuple[str, str, str, float]]:
    """First day, last day, kind, and the count so far."""
    return [
        (f"{entry.from_on:%d/%m}", f"{entry.to_on:%d/%m}" if entry.to_on else "", entry.kind, entry.total)
        for entry in entries
    ]


def test_days_are_told_with_their_weekends_and_holidays(calendar: WorkingCalendar) -> None:
    # Tết 2018.
    found = explain(Deadline(one_step(TimeLimit(6, DAYS)), local("2018-02-12T10:00")), calendar)
    (only,) = found.steps
    assert days_of(only.entries) == [
        ("12/02", "12/02", Kind.DAY_OF_EVENT, 0),
        ("13/02", "13/02", Kind.WORKING_DAY, 1),
        *[(f"{day}/02", f"{day}/02", Kind.HOLIDAY, 1) for day in range(14, 21)],
        ("21/02", "23/02", Kind.WORKING_DAY, 4),
        ("24/02", "25/02", Kind.WEEKEND, 4),
        ("26/02", "27/02", Kind.WORKING_DAY, 6),
    ]
    tet = only.entries[4]
    assert tet.calendar_entry is not None
    assert tet.calendar_entry.name == "Tết Nguyên Đán"
    assert tet.calendar_entry.source
    assert (tet.article, tet.basis) == ("Bộ luật Lao động 10/2012 Đ115", Basis.CALENDAR)
    assert tet.text_vi == "thứ Sáu 16/02/2018: Tết Nguyên Đán, không tính"
    assert tet.text_en == "Fri 16 Feb 2018: closed (Tết Nguyên Đán), not counted"
    assert only.entries[0].article == "Bộ luật Dân sự 91/2015 Đ147"
    assert only.entries[-1].text_vi == (
        "từ thứ Hai 26/02/2018 đến thứ Ba 27/02/2018: tính 2 ngày làm việc, cộng dồn 6/6 ngày làm việc"
    )
    assert only.text_en == "6 of 6 working days; due 17:00 Tue 27 Feb 2018"
    assert found.text_vi == "Hạn trả kết quả: 17:00 thứ Ba 27/02/2018"


def test_the_holidays_of_2021_rest_on_the_later_labour_code(calendar: WorkingCalendar) -> None:
    found = explain(Deadline(one_step(TimeLimit(1, DAYS)), local("2020-12-31T10:00")), calendar)
    assert [entry.article for entry in found.steps[0].entries if entry.kind is Kind.HOLIDAY] == [
        "Bộ luật Lao động 45/2019 Đ112"
    ]


def test_hours_are_told_with_nights_breaks_and_a_swapped_saturday(calendar: WorkingCalendar) -> None:
    found = explain(Deadline(one_step(TimeLimit(8, HOURS)), local("2019-05-03T15:30:20")), calendar)
    (only,) = found.steps
    assert [(entry.kind, entry.counted, entry.total) for entry in only.entries] == [
        (Kind.OFFICE_HOURS, True, 5380 / 60),
        (Kind.OFFICE_CLOSED, False, 5380 / 60),
        (Kind.WORKED_DAY, True, 5380 / 60 + 240),
        (Kind.MIDDAY_BREAK, False, 5380 / 60 + 240),
        (Kind.WORKED_DAY, True, 480),
    ]
    assert only.entries[0].text_vi == (
        "15:30:20-17:00 thứ Sáu 03/05/2019: giờ hành chính, tính 1 giờ 29 phút 40 giây, "
        "cộng dồn 1 giờ 29 phút 40 giây/8 giờ làm việc"
    )
    assert only.entries[1].text_en.startswith("17:00 Fri 3 May 2019 to 08:00 Sat 4 May 2019: the office is closed")
    swapped = only.entries[2]
    assert swapped.calendar_entry is not None
    assert swapped.calendar_entry.name == "Làm bù cho ngày 29/04/2019"
    assert swapped.article == swapped.calendar_entry.source


def test_a_night_before_a_weekend_is_one_span_and_a_midnight_is_24_hours(calendar: WorkingCalendar) -> None:
    found = explain(Deadline(one_step(TimeLimit(2, HOURS)), local("2018-06-08T22:00")), calendar)
    assert [entry.kind for entry in found.steps[0].entries] == [
        Kind.OFFICE_CLOSED,
        Kind.WEEKEND,
        Kind.OFFICE_CLOSED,
        Kind.OFFICE_HOURS,
    ]
    assert found.steps[0].entries[0].text_vi == "22:00-24:00 thứ Sáu 08/06/2018: ngoài giờ hành chính, không tính"


def test_a_last_day_off_is_told_to_move(calendar: WorkingCalendar) -> None:
    found = explain(Deadline(one_step(TimeLimit(40, CALENDAR)), local("2018-05-07T09:00")), calendar)
    assert days_of(found.steps[0].entries) == [
        ("07/05", "07/05", Kind.DAY_OF_EVENT, 0),
        ("08/05", "16/06", Kind.CALENDAR_DAY, 40),
        ("17/06", "17/06", Kind.OFF_AT_THE_END, 40),
        ("18/06", "18/06", Kind.MOVED_TO, 40),
    ]
    assert found.steps[0].entries[-1].article == "Bộ luật Dân sự 91/2015 Đ148.5"


def test_a_pause_is_told_with_its_cause_and_article(calendar: WorkingCalendar) -> None:
    asked, answered = local("2018-06-05T10:00"), local("2018-06-08T15:00")
    owed, paid = local("2018-06-11T10:00"), local("2018-06-13T10:00")
    deadline = resume(suspend(Deadline(one_step(TimeLimit(6, DAYS)), local("2018-06-04T09:00")), asked), answered)
    deadline = resume(suspend(deadline, owed), paid)
    causes = {asked: Action.REQUEST_SUPPLEMENT, owed: Action.REQUEST_PAYMENT}
    entries = explain(deadline, calendar, terms=TERMS, causes=causes).steps[0].entries
    assert days_of(entries)[1:] == [
        ("05/06", "05/06", Kind.WORKING_DAY, 1),
        ("06/06", "07/06", Kind.SUSPENDED, 1),
        ("08/06", "08/06", Kind.DAY_OF_RETURN, 1),
        ("09/06", "10/06", Kind.WEEKEND, 1),
        ("11/06", "11/06", Kind.WORKING_DAY, 2),
        ("12/06", "12/06", Kind.SUSPENDED, 2),
        ("13/06", "13/06", Kind.DAY_OF_RETURN, 2),
        ("14/06", "15/06", Kind.WORKING_DAY, 4),
        ("16/06", "17/06", Kind.WEEKEND, 4),
        ("18/06", "19/06", Kind.WORKING_DAY, 6),
    ]
    pauses = [entry for entry in entries if entry.kind is Kind.SUSPENDED]
    assert [(entry.article, entry.basis) for entry in pauses] == [("Luật QLT Đ75.1", Basis.LAW), (None, Basis.OURS)]
    assert pauses[0].suspension == Suspension(asked, answered)
    assert pauses[0].text_vi == (
        "từ thứ Tư 06/06/2018 đến thứ Năm 07/06/2018: không tính, tạm dừng chờ bổ sung hồ sơ "
        "từ 10:00 thứ Ba 05/06/2018 đến 15:00 thứ Sáu 08/06/2018"
    )
    assert "for a payment" in pauses[1].text_en


def test_a_limit_that_stands_still_has_no_end(calendar: WorkingCalendar) -> None:
    rule = rule_of(step("check", TimeLimit(3, DAYS)), step("decision", TimeLimit(5, DAYS)))
    deadline = suspend(Deadline(rule, local("2018-06-04T09:00")), local("2018-06-05T10:00"))
    found = explain(deadline, calendar)
    check, decision = found.steps
    last = check.entries[-1]
    assert (last.kind, last.until_at, last.to_on, check.due_at) == (Kind.SUSPENDED, None, None, None)
    assert check.text_vi == "Đã tính 1/3 ngày làm việc; đang tạm dừng"
    assert (decision.started_at, decision.entries, decision.due_at) == (None, (), None)
    assert decision.text_en == "Not begun: the step before it stands still"
    assert (found.due_at, found.text_en) == (None, "The limit stands still; nothing is due meanwhile")


def test_a_request_on_the_last_day_leaves_it_for_afterwards(calendar: WorkingCalendar) -> None:
    deadline = Deadline(one_step(TimeLimit(40, CALENDAR)), local("2018-05-07T09:00"))
    deadline = resume(suspend(deadline, local("2018-06-18T10:00")), local("2018-06-22T10:00"))
    entries = explain(deadline, calendar).steps[0].entries
    assert days_of(entries)[1:] == [
        ("08/05", "15/06", Kind.CALENDAR_DAY, 39),
        ("16/06", "18/06", Kind.LAST_DAY_LEFT, 39),
        ("19/06", "21/06", Kind.SUSPENDED, 39),
        ("22/06", "22/06", Kind.DAY_OF_RETURN, 39),
        ("23/06", "23/06", Kind.CALENDAR_DAY, 40),
        ("24/06", "24/06", Kind.OFF_AT_THE_END, 40),
        ("25/06", "25/06", Kind.MOVED_TO, 40),
    ]
    assert entries[2].basis is Basis.OURS


def test_a_request_that_came_too_late_is_told_apart(calendar: WorkingCalendar) -> None:
    deadline = Deadline(one_step(TimeLimit(2, HOURS)), local("2018-06-08T08:00"))
    late = resume(suspend(deadline, local("2018-06-08T10:00")), local("2018-06-08T15:00"))
    (only,) = explain(late, calendar).steps
    assert only.due_at == local("2018-06-08T10:00")
    assert only.too_late == late.suspensions
    assert "không làm thay đổi" in only.text_vi


def test_a_restart_is_told_from_receipt_on(calendar: WorkingCalendar) -> None:
    received, completed = local("2018-06-04T09:00"), local("2018-06-14T15:00")
    deadline = restart(suspend(Deadline(one_step(TimeLimit(5, DAYS)), received), local("2018-06-07T10:00")), completed)
    found = explain(deadline, calendar, received_at=received, terms=TERMS)
    assert (found.received_at, found.started_at) == (received, completed)
    assert found.restarted is not None
    assert (found.restarted.from_at, found.restarted.until_at) == (received, completed)
    assert (found.restarted.kind, found.restarted.article) == (Kind.COUNTED_AGAIN, "Luật QLT Đ75.1")
    assert explain(deadline, calendar).restarted is None
    assert explain(deadline, calendar, received_at=completed).restarted is None


def test_steps_milestones_and_extensions_are_told_with_their_articles(calendar: WorkingCalendar) -> None:
    rule = rule_of(
        step(
            "check", TimeLimit(10, DAYS), milestones={"notice": TimeLimit(3, DAYS)}, extensions=(TimeLimit(20, DAYS),)
        ),
        step("decision", TimeLimit(5, DAYS)),
    )
    extended, _ = extend(Deadline(rule, local("2018-06-04T09:00")))
    done = complete_step(extended, local("2018-06-06T10:00"), "check")
    check, notice, decision = explain(done, calendar).steps
    assert [(part.step_id, part.within) for part in (check, notice, decision)] == [
        ("check", None),
        ("notice", "check"),
        ("decision", None),
    ]
    assert (check.limit, [grant.limit for grant in check.extensions]) == (TimeLimit(20, DAYS), [TimeLimit(20, DAYS)])
    assert check.text_en == (
        "20 of 20 working days; due 17:00 Mon 2 Jul 2018; extended from 10 working days; done 10:00 Wed 6 Jun 2018"
    )
    assert decision.started_at == check.completed_at == local("2018-06-06T10:00")
    assert decision.due_at == local("2018-06-13T17:00")


def test_an_override_is_told_with_its_decision(calendar: WorkingCalendar) -> None:
    storm = CalendarOverride(date(2018, 6, 6), is_working=False, name="Bão số 1", decision_number="12/QĐ-UBND")
    instead = CalendarOverride(date(2018, 6, 9), is_working=True, name="Làm bù", decision_number="13/QĐ-UBND")
    changed = CalendarBook(calendar_data()).with_overrides([storm, instead])
    entries = explain(Deadline(one_step(TimeLimit(4, DAYS)), local("2018-06-04T09:00")), changed).steps[0].entries
    told = {entry.kind: (entry.article, entry.basis) for entry in entries if entry.calendar_entry}
    assert told == {
        Kind.HOLIDAY: ("12/QĐ-UBND", Basis.DECISION),
        Kind.WORKED_DAY: ("13/QĐ-UBND", Basis.DECISION),
    }
    assert entries[-1].until_at == local("2018-06-09T17:00")


def test_a_law_without_a_limit_says_so(calendar: WorkingCalendar) -> None:
    found = explain(Deadline(one_step(None), local("2018-06-04T09:00")), calendar)
    assert (found.steps, found.due_at, found.text_en) == ((), None, "The law states no limit")


def test_every_kind_has_words_in_both_languages() -> None:
    assert set(PHRASES) == set(Kind)
    for text in [*(phrase.text for phrase in PHRASES.values()), *CAUSES.values()]:
        assert text.vi.strip()
        assert text.en.strip()
        assert text.vi != text.en


def test_start_and_end_are_those_of_the_deadline_to_the_microsecond(calendar: WorkingCalendar) -> None:
    started = local("2018-06-08T16:59") + timedelta(microseconds=7)
    (only,) = explain(Deadline(one_step(TimeLimit(2, HOURS)), started), calendar).steps
    assert only.entries[0].from_at == started
    assert only.due_at == local("2018-06-11T09:59") + timedelta(microseconds=7)
    assert only.counted == 120
