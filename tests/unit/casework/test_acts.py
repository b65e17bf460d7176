"""What the law allows once the status does: each action with its article, and that a refusal changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.casework.acts import REFUSALS, move
from services.casework.case import Case
from services.contracts.catalogue import AuthorityLevel
from services.contracts.details import MOST_VND
from services.contracts.vocabulary import Action, Actor, Refusal, Status
from services.law.deadlines import open_step_due_at
from tests.support.cases import NINE, make_case, rules

CALENDAR = rules().calendar
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def do(case: Case, action: Action, actor: Actor, at: datetime, **detail: Any) -> Any:
    """Carry out; what its fact would say beside."""
    return move(case, action, actor, at, CALENDAR, detail=detail or None)


def refusal(case: Case, action: Action, actor: Actor, at: datetime, **detail: Any) -> Refusal:
    """Why not; nothing has changed."""
    before = repr(case)
    with pytest.raises(REFUSALS) as refused:
        do(case, action, actor, at, **detail)
    assert repr(case) == before
    found: Refusal = refused.value.refusal
    return found


def in_process(procedure_id: str = "overpaid-tax", **changes: Any) -> Case:
    """Received and taken up on Monday at nine."""
    return make_case(
        procedure_id=procedure_id, **{"status": Status.IN_PROCESS, "received_at": NINE, "status_at": NINE, **changes}
    )


def iso(at: datetime) -> str:
    return at.isoformat()


# One complete request (Decree 61/2018/NĐ-CP art. 15.3, 17.2, 19.4)


def test_a_supplement_is_asked_for_once_before_receipt_and_once_after() -> None:
    case = make_case()
    do(case, Action.REQUEST_SUPPLEMENT, Actor.OFFICER, NINE + HOUR)
    do(case, Action.RESUBMIT, Actor.APPLICANT, NINE + 2 * HOUR)
    assert refusal(case, Action.REQUEST_SUPPLEMENT, Actor.OFFICER, NINE + 3 * HOUR) is Refusal.ALREADY_DONE
    do(case, Action.RECEIVE, Actor.OFFICER, NINE + 3 * HOUR)
    do(case, Action.REQUEST_SUPPLEMENT, Actor.OFFICER, NINE + 4 * HOUR)
    do(case, Action.SUPPLEMENT, Actor.APPLICANT, NINE + 5 * HOUR)
    assert refusal(case, Action.REQUEST_SUPPLEMENT, Actor.OFFICER, NINE + 6 * HOUR) is Refusal.ALREADY_DONE
    assert case.turn == 2


def test_a_late_request_for_a_supplement_is_late_and_not_forbidden() -> None:
    case = in_process()
    do(case, Action.REQUEST_SUPPLEMENT, Actor.OFFICER, NINE + 20 * DAY)
    assert case.status is Status.SUPPLEMENT_REQUESTED


# Money


@pytest.mark.parametrize("amount", [1, 20_000, MOST_VND])
def test_a_payment_has_an_amount(amount: int) -> None:
    case = in_process()
    assert do(case, Action.REQUEST_PAYMENT, Actor.OFFICER, NINE + HOUR, amount_vnd=amount) == {"amount_vnd": amount}
    assert case.deadline is not None
    assert case.deadline.is_suspended


@pytest.mark.parametrize("amount", [0, -1, MOST_VND + 1, "200000", 1.5, True, None])
def test_no_amount_is_no_request(amount: Any) -> None:
    assert (
        refusal(in_process(), Action.REQUEST_PAYMENT, Actor.OFFICER, NINE + HOUR, amount_vnd=amount)
        is Refusal.UNFIT_DETAIL
    )


def test_a_fee_need_not_be_said_and_where_there_is_none_it_must() -> None:
    assert do(in_process("ipr-recordation"), Action.REQUEST_PAYMENT, Actor.OFFICER, NINE + HOUR) == {
        "amount_vnd": 200_000
    }
    assert refusal(in_process(), Action.REQUEST_PAYMENT, Actor.OFFICER, NINE + HOUR) is Refusal.UNFIT_DETAIL


def payment_requested(at: datetime = NINE + HOUR) -> Case:
    case = in_process()
    do(case, Action.REQUEST_PAYMENT, Actor.OFFICER, at, amount_vnd=500_000)
    return case


def test_it_is_paid_when_the_bank_debited_and_the_limit_goes_on_when_customs_knows() -> None:
    """Circular 184/2015/TT-BTC art. 4.1; that the limit rests is ours."""
    case = payment_requested()
    paid_at, known_at = NINE + 3 * HOUR, NINE + 4 * HOUR
    recorded = do(case, Action.PAY, Actor.BANK, known_at, paid_at=iso(paid_at), payment_id="18-0001")
    assert recorded == {"paid_at": iso(paid_at), "payment_id": "18-0001"}
    assert case.status is Status.IN_PROCESS
    assert case.deadline is not None
    assert case.deadline.suspensions[-1].ended_at == known_at


def test_an_officer_who_records_a_payment_means_now() -> None:
    assert do(payment_requested(), Action.PAY, Actor.OFFICER, NINE + 2 * HOUR) == {"paid_at": iso(NINE + 2 * HOUR)}


@pytest.mark.parametrize(
    "detail",
    [
        {"paid_at": iso(NINE + 9 * HOUR)},  # not yet
        {"paid_at": "2018-06-04T09:00:00"},  # where?
        {"paid_at": "yesterday"},
        {"paid_at": "9999-12-31T23:59:59-12:00"},
        {"paid_at": 7},
        {"paid_at": iso(NINE), "payment_id": ""},
        {"paid_at": iso(NINE), "payment_id": "x" * 300},
        {"amount_vnd": 5},
    ],
)
def test_a_payment_that_can_not_be_is_not_recorded(detail: dict[str, Any]) -> None:
    assert refusal(payment_requested(), Action.PAY, Actor.BANK, NINE + 2 * HOUR, **detail) is Refusal.UNFIT_DETAIL


@pytest.mark.parametrize(
    ("debited_at", "recorded_on"),
    [
        # Monday 17:30, after the cut-off: Tuesday 8:00. Friday evening and Sunday: Monday.
        (datetime(2018, 6, 4, 10, 30, tzinfo=UTC), datetime(2018, 6, 5, 1, 0, tzinfo=UTC)),
        (datetime(2018, 6, 8, 10, 30, tzinfo=UTC), datetime(2018, 6, 11, 1, 0, tzinfo=UTC)),
        (datetime(2018, 6, 10, 3, 0, tzinfo=UTC), datetime(2018, 6, 11, 1, 0, tzinfo=UTC)),
    ],
)
def test_a_debit_after_the_cut_off_reaches_customs_with_the_next_working_day(
    debited_at: datetime, recorded_on: datetime
) -> None:
    """Circular 184/2015/TT-BTC art. 17.2."""
    case = payment_requested()
    detail = do(case, Action.DEBIT, Actor.BANK, debited_at, paid_at=iso(debited_at), payment_id="18-0001")
    assert detail == {"paid_at": iso(debited_at), "payment_id": "18-0001", "recorded_on": iso(recorded_on)}
    assert case.status is Status.PAYMENT_REQUESTED
    assert case.deadline is not None
    assert case.deadline.is_suspended


def test_a_debit_is_under_way_once() -> None:
    case = payment_requested()
    evening = datetime(2018, 6, 4, 10, 30, tzinfo=UTC)
    do(case, Action.DEBIT, Actor.BANK, evening, paid_at=iso(evening), payment_id="18-0001")
    again = refusal(case, Action.DEBIT, Actor.BANK, evening + HOUR, paid_at=iso(evening), payment_id="18-0002")
    assert again is Refusal.ALREADY_DONE
    do(case, Action.PAY, Actor.OFFICER, evening + HOUR)
    assert case.particulars.debit is None


def test_a_debit_says_what_was_debited() -> None:
    assert refusal(payment_requested(), Action.DEBIT, Actor.BANK, NINE + 2 * HOUR) is Refusal.UNFIT_DETAIL


# Apology (Decree 61/2018/NĐ-CP art. 19.9): in time, once, with a new date

#: Five working days from Monday: next Monday, 17:00.
DUE = datetime(2018, 6, 11, 10, 0, tzinfo=UTC)


def test_an_apology_gives_a_new_date_and_moves_no_due_date() -> None:
    case = in_process()
    assert case.due_at(CALENDAR) == DUE
    recorded = do(case, Action.APOLOGIZE, Actor.OFFICER, NINE + DAY, new_date_at=iso(DUE + 3 * DAY))
    assert recorded == {"new_date_at": iso(DUE + 3 * DAY), "due_at": iso(DUE)}
    assert case.due_at(CALENDAR) == DUE
    assert case.status is Status.IN_PROCESS
    again = refusal(case, Action.APOLOGIZE, Actor.LEADER, NINE + 2 * DAY, new_date_at=iso(DUE + 9 * DAY))
    assert again is Refusal.ALREADY_DONE


def test_an_apology_comes_at_the_latest_on_the_last_working_day_before() -> None:
    friday = datetime(2018, 6, 8, 10, 0, tzinfo=UTC)
    promise = {"new_date_at": iso(DUE + 3 * DAY)}
    later = friday + timedelta(seconds=1)
    assert refusal(in_process(), Action.APOLOGIZE, Actor.OFFICER, later, **promise) is Refusal.TOO_LATE
    do(in_process(), Action.APOLOGIZE, Actor.OFFICER, friday, **promise)


@pytest.mark.parametrize(
    "new_date_at", [iso(DUE), iso(DUE - DAY), "2018-06-20T10:00:00", "soon", iso(datetime(2900, 1, 1, tzinfo=UTC)), 5]
)
def test_a_new_date_lies_after_the_old_one(new_date_at: Any) -> None:
    given = refusal(in_process(), Action.APOLOGIZE, Actor.OFFICER, NINE + DAY, new_date_at=new_date_at)
    assert given is Refusal.UNFIT_DETAIL


def test_an_instant_is_kept_in_utc() -> None:
    recorded = do(in_process(), Action.APOLOGIZE, Actor.OFFICER, NINE + DAY, new_date_at="2018-06-20T17:00:00+07:00")
    assert recorded["new_date_at"] == "2018-06-20T10:00:00+00:00"


def test_without_a_limit_there_is_nothing_to_be_late_for() -> None:
    case = in_process("storage-extension")
    given = refusal(case, Action.APOLOGIZE, Actor.OFFICER, NINE + DAY, new_date_at=iso(DUE))
    assert given is Refusal.NOT_PROVIDED


def test_an_apology_may_come_before_the_dossier_is_taken_up() -> None:
    case = make_case(procedure_id="overpaid-tax", status=Status.RECEIVED, received_at=NINE)
    do(case, Action.APOLOGIZE, Actor.LEADER, NINE + DAY, new_date_at=iso(DUE + DAY))
    assert case.status is Status.RECEIVED
    assert case.acted_at == NINE + DAY


# Extensions: as many as the procedure's law has, by the leader, while the step runs


def test_an_extension_is_used_up() -> None:
    """Advance rulings: 30 days, 60 if complex (Law 54/2014 art. 28)."""
    case = in_process("advance-ruling-classification")
    before = case.due_at(CALENDAR)
    assert before is not None
    recorded = do(case, Action.EXTEND, Actor.LEADER, NINE + 20 * DAY)
    assert {key: recorded[key] for key in ("step_id", "amount", "unit")} == {
        "step_id": "decision",
        "amount": 60,
        "unit": "calendar-days",
    }
    assert recorded["article"]
    after = case.due_at(CALENDAR)
    assert after is not None
    assert (after - before).days in range(28, 33)
    assert refusal(case, Action.EXTEND, Actor.LEADER, NINE + 21 * DAY) is Refusal.ALREADY_DONE


def test_two_extensions_follow_one_another() -> None:
    """Wrong goods, verified abroad: 45 working days, twice 45 more (Circular 39/2018/TT-BTC art. 20)."""
    case = in_process("wrong-shipment-foreign-verification")
    for amount in (90, 135):
        assert do(case, Action.EXTEND, Actor.LEADER, NINE + 30 * DAY)["amount"] == amount
    assert refusal(case, Action.EXTEND, Actor.LEADER, NINE + 31 * DAY) is Refusal.ALREADY_DONE


def test_what_the_law_does_not_extend_stays() -> None:
    assert refusal(in_process(), Action.EXTEND, Actor.LEADER, NINE + HOUR) is Refusal.NOT_PROVIDED
    assert refusal(in_process("storage-extension"), Action.EXTEND, Actor.LEADER, NINE + HOUR) is Refusal.NOT_PROVIDED


def test_an_extension_comes_before_the_end() -> None:
    case = in_process("aeo-recognition")
    ends_at = case.due_at(CALENDAR)
    assert ends_at is not None
    assert refusal(case, Action.EXTEND, Actor.LEADER, ends_at + HOUR) is Refusal.TOO_LATE
    do(case, Action.EXTEND, Actor.LEADER, ends_at)


def test_an_officer_does_not_extend() -> None:
    assert refusal(in_process("aeo-recognition"), Action.EXTEND, Actor.OFFICER, NINE) is Refusal.ACTOR_NOT_ALLOWED


# Steps: 10 working days of inspection and 5 to decide (Decree 68/2016/NĐ-CP, warehouses)


def test_a_step_hands_over_to_the_next_and_the_decision_waits_for_it() -> None:
    case = in_process("bonded-warehouse-recognition")
    assert refusal(case, Action.GRANT, Actor.LEADER, NINE + HOUR) is Refusal.STEP_OPEN
    assert do(case, Action.COMPLETE_STEP, Actor.OFFICER, NINE + 2 * DAY) == {"step_id": "inspection"}
    # Wednesday; five working days later.
    assert case.due_at(CALENDAR) == datetime(2018, 6, 13, 10, 0, tzinfo=UTC)
    do(case, Action.GRANT, Actor.LEADER, NINE + 3 * DAY)
    assert case.status is Status.PROCESSED


def test_a_refusal_waits_for_nothing() -> None:
    case = in_process("bonded-warehouse-recognition")
    do(case, Action.REFUSE, Actor.LEADER, NINE + HOUR)
    assert case.status is Status.PROCESSED


@pytest.mark.parametrize(
    ("procedure_id", "detail", "why"),
    [
        ("bonded-warehouse-recognition", {"step_id": "no-such-step"}, Refusal.UNFIT_DETAIL),
        ("bonded-warehouse-recognition", {"step_id": 3}, Refusal.UNFIT_DETAIL),
        ("bonded-warehouse-recognition", {"step_id": "decision"}, Refusal.NOT_PROVIDED),
        ("overpaid-tax", {}, Refusal.NOT_PROVIDED),
        ("storage-extension", {}, Refusal.NOT_PROVIDED),
    ],
)
def test_steps_that_are_none(procedure_id: str, detail: dict[str, Any], why: Refusal) -> None:
    assert refusal(in_process(procedure_id), Action.COMPLETE_STEP, Actor.OFFICER, NINE + HOUR, **detail) is why


def test_no_step_is_done_twice() -> None:
    case = in_process("bonded-warehouse-recognition")
    do(case, Action.COMPLETE_STEP, Actor.OFFICER, NINE + HOUR, step_id="inspection")
    for detail in ({}, {"step_id": "inspection"}):
        given = refusal(case, Action.COMPLETE_STEP, Actor.OFFICER, NINE + 2 * HOUR, **detail)
        assert given is Refusal.ALREADY_DONE


def test_milestones_come_in_their_order_and_do_not_move_the_end() -> None:
    """Refund, inspect first (Circular 39/2018/TT-BTC art. 129)."""
    case = in_process("refund-inspect-first")
    due_at = case.due_at(CALENDAR)
    later = refusal(case, Action.COMPLETE_STEP, Actor.OFFICER, NINE + HOUR, step_id="conclusion")
    assert later is Refusal.STEP_OPEN
    assert do(case, Action.COMPLETE_STEP, Actor.OFFICER, NINE + HOUR) == {"step_id": "inspection-decision"}
    assert case.due_at(CALENDAR) == due_at


# Who else has a say


def test_a_dossier_goes_up_and_never_down() -> None:
    """Circular 39/2018/TT-BTC art. 134."""
    case = in_process("debt-instalment")
    assert case.authority_level is AuthorityLevel.BRANCH
    assert do(case, Action.FORWARD, Actor.OFFICER, NINE + HOUR, to_level="department") == {"to_level": "department"}
    assert case.authority_level is AuthorityLevel.DEPARTMENT
    assert case.office_code == "30CF"
    for to_level in ("department", "branch", "heaven", 4, None):
        given = refusal(case, Action.FORWARD, Actor.OFFICER, NINE + 2 * HOUR, to_level=to_level)
        assert given is Refusal.UNFIT_DETAIL
    do(case, Action.FORWARD, Actor.OFFICER, NINE + 2 * HOUR, to_level="ministry")


def test_a_unit_is_asked_with_a_stated_time() -> None:
    """Decree 61/2018/NĐ-CP art. 19.5."""
    case = in_process()
    asked = {"unit": "Cục Thuế xuất nhập khẩu", "answer_by": iso(NINE + 2 * DAY)}
    assert do(case, Action.CONSULT, Actor.OFFICER, NINE + HOUR, **asked) == asked
    assert refusal(case, Action.CONSULT, Actor.OFFICER, NINE + 2 * HOUR, **asked) is Refusal.ALREADY_DONE
    other = refusal(case, Action.GIVE_OPINION, Actor.OFFICER, NINE + 3 * HOUR, unit="Chi cục Kiểm định")
    assert other is Refusal.UNFIT_DETAIL
    # Late is late, and still an answer.
    assert do(case, Action.GIVE_OPINION, Actor.OFFICER, NINE + 4 * DAY) == asked
    assert refusal(case, Action.GIVE_OPINION, Actor.OFFICER, NINE + 4 * DAY) is Refusal.ALREADY_DONE
    do(case, Action.CONSULT, Actor.OFFICER, NINE + 4 * DAY, unit="Ngân hàng", answer_by=iso(NINE + 5 * DAY))


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"unit": "A"},
        {"unit": " ", "answer_by": iso(NINE + DAY)},
        {"unit": "A", "answer_by": iso(NINE + HOUR)},
        {"unit": "A", "answer_by": iso(NINE)},
        {"unit": "A", "answer_by": iso(NINE + DAY), "by": "phone"},
    ],
)
def test_half_a_question_is_none(detail: dict[str, Any]) -> None:
    assert refusal(in_process(), Action.CONSULT, Actor.OFFICER, NINE + HOUR, **detail) is Refusal.UNFIT_DETAIL


def test_nobody_answers_who_was_not_asked() -> None:
    assert refusal(in_process(), Action.GIVE_OPINION, Actor.OFFICER, NINE + HOUR, unit="A") is Refusal.UNFIT_DETAIL


def test_a_refund_is_put_on_the_stricter_track_and_nowhere_else() -> None:
    """Circular 39/2018/TT-BTC art. 129.4a."""
    case = in_process("refund-first")
    for traits in ({}, {"track": "refund-first"}, {"track": 1}, {"colour": "red"}, "inspect-first", None):
        given = refusal(case, Action.RECLASSIFY, Actor.OFFICER, NINE + HOUR, traits=traits)
        assert given is Refusal.UNFIT_DETAIL
    do(case, Action.RECLASSIFY, Actor.LEADER, NINE + HOUR, traits={"track": "inspect-first"})
    assert case.traits == {"track": "inspect-first"}
    # 40 days from Monday, 4 June: Saturday, 14 July, so the Monday after.
    assert case.due_at(CALENDAR) == datetime(2018, 7, 16, 10, 0, tzinfo=UTC)
    again = refusal(case, Action.RECLASSIFY, Actor.OFFICER, NINE + DAY, traits={"track": "inspect-first"})
    assert again is Refusal.UNFIT_DETAIL


def test_where_the_law_knows_one_way_there_is_no_other() -> None:
    given = refusal(in_process(), Action.RECLASSIFY, Actor.OFFICER, NINE + HOUR, traits={"track": "inspect-first"})
    assert given is Refusal.NOT_PROVIDED


# Results


def decided(channel: str = "in-person", procedure_id: str = "overpaid-tax") -> Case:
    case = in_process(procedure_id, channel=channel)
    do(case, Action.GRANT, Actor.LEADER, NINE + HOUR)
    return case


@pytest.mark.parametrize("channel", ["in-person", "post"])
def test_an_early_result_is_announced_beforehand(channel: str) -> None:
    """Decree 61/2018/NĐ-CP art. 20.4."""
    case = decided(channel)
    early = refusal(case, Action.RETURN_RESULT, Actor.OFFICER, NINE + DAY)
    assert early is Refusal.ANNOUNCEMENT_MISSING
    do(case, Action.ANNOUNCE_EARLY_RESULT, Actor.OFFICER, NINE + DAY)
    assert case.status is Status.PROCESSED
    assert refusal(case, Action.ANNOUNCE_EARLY_RESULT, Actor.OFFICER, NINE + DAY) is Refusal.ALREADY_DONE
    do(case, Action.RETURN_RESULT, Actor.OFFICER, NINE + DAY)


def test_on_the_day_itself_nothing_is_announced() -> None:
    case = decided()
    assert refusal(case, Action.ANNOUNCE_EARLY_RESULT, Actor.OFFICER, DUE) is Refusal.TOO_LATE
    do(case, Action.RETURN_RESULT, Actor.OFFICER, DUE - timedelta(hours=8))


def test_online_the_portal_has_told_already() -> None:
    do(decided("online"), Action.RETURN_RESULT, Actor.OFFICER, NINE + 2 * HOUR)


def test_without_a_limit_no_result_is_early() -> None:
    case = decided(procedure_id="storage-extension")
    assert refusal(case, Action.ANNOUNCE_EARLY_RESULT, Actor.OFFICER, NINE + DAY) is Refusal.NOT_PROVIDED
    do(case, Action.RETURN_RESULT, Actor.OFFICER, NINE + DAY)


def test_early_is_before_the_date_that_was_given_last() -> None:
    case = in_process(channel="in-person")
    do(case, Action.APOLOGIZE, Actor.OFFICER, NINE + DAY, new_date_at=iso(DUE + 9 * DAY))
    do(case, Action.GRANT, Actor.LEADER, DUE + DAY)
    assert refusal(case, Action.RETURN_RESULT, Actor.OFFICER, DUE + 2 * DAY) is Refusal.ANNOUNCEMENT_MISSING


def test_a_dossier_is_rated_once_in_the_words_of_the_circular() -> None:
    """Circular 32/2017/TT-BTTTT art. 12."""
    case = decided("online")
    do(case, Action.RETURN_RESULT, Actor.OFFICER, NINE + 2 * HOUR)
    for satisfaction in ("delighted", None, 3):
        given = refusal(case, Action.RATE, Actor.APPLICANT, NINE + 3 * HOUR, satisfaction=satisfaction)
        assert given is Refusal.UNFIT_DETAIL
    recorded = do(case, Action.RATE, Actor.APPLICANT, NINE + 3 * HOUR, satisfaction="very-satisfied")
    assert recorded == {"satisfaction": "very-satisfied"}
    assert case.status is Status.RETURNED
    again = refusal(case, Action.RATE, Actor.APPLICANT, NINE + 4 * HOUR, satisfaction="not-satisfied")
    assert again is Refusal.ALREADY_DONE


@pytest.mark.parametrize(
    ("action", "actor"), [(Action.GRANT, Actor.LEADER), (Action.STOP, Actor.OFFICER), (Action.EXTEND, Actor.LEADER)]
)
def test_what_takes_no_detail_is_given_none(action: Action, actor: Actor) -> None:
    case = in_process("aeo-recognition")
    assert refusal(case, action, actor, NINE + HOUR, amount_vnd=5) is Refusal.UNFIT_DETAIL


def test_what_changes_no_status_does_not_begin_it_anew() -> None:
    """Silence is counted from the request, whatever was said since."""
    case = payment_requested(NINE + HOUR)
    evening = datetime(2018, 6, 4, 10, 30, tzinfo=UTC)
    do(case, Action.DEBIT, Actor.BANK, evening, paid_at=iso(evening), payment_id="18-0001")
    assert case.status_at == NINE + HOUR
    assert case.acted_at == evening
    do(case, Action.PAY, Actor.OFFICER, evening + HOUR)
    assert case.acted_at == case.status_at == evening + HOUR


def test_the_open_step_has_a_term_of_its_own() -> None:
    case = in_process("bonded-warehouse-recognition")
    assert case.deadline is not None
    assert open_step_due_at(case.deadline, CALENDAR) == datetime(2018, 6, 18, 10, 0, tzinfo=UTC)
    assert case.due_at(CALENDAR) == datetime(2018, 6, 25, 10, 0, tzinfo=UTC)
