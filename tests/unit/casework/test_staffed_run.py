"""Staffed offices: who is taken up when, by whom, and what becomes of a dossier that waits."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.casework.case import Case
from services.casework.engine import PartitionRun, Rules
from services.casework.officers import is_to_be_withdrawn
from services.casework.robot import Robot
from services.casework.staffed_run import StaffedRun
from services.contracts.commands import CalendarOverride
from services.contracts.staffing import Staffing, staffing_from_wire
from services.contracts.timeliness import VIETNAM_TIME
from services.contracts.vocabulary import TERMINAL_STATUSES, OfficerKind, Status
from tests.support.cases import NINE, accepted, make_case, requested, rules
from tests.support.offices import EVER, ROSTERS, arriving, instants, plain_rules, play, staffed_run, staffing

#: A working day's limit, no fee, nothing in steps.
_PLAIN = "declaration-cancellation"


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of June 2018 in Vietnam; the 4th is a Monday."""
    return datetime(2018, 6, day, hour, minute, tzinfo=VIETNAM_TIME).astimezone(UTC)


def comes(number: int, at: datetime, **changes: Any) -> Case:
    return arriving(number, at, **{"procedure_id": _PLAIN, **changes})


def wire(**changes: Any) -> dict[str, Any]:
    """One officer in office hours, half an hour for each dossier."""
    return {
        "discipline": "first-come",
        "skills": {"dossiers": ["*"]},
        "service": {"*": {"mean_minutes": 30, "spread": "fixed"}},
        "shifts": {"day": {"hours": "office"}},
        "desks": [{"office": "*", "skill": "dossiers", "officers": 1, "shift": "day"}],
        **changes,
    }


def office(**changes: Any) -> Staffing:
    return staffing_from_wire(wire(**changes))


def desk(officers: int, shift: str = "day", **more: Any) -> dict[str, Any]:
    return {"office": "*", "skill": "dossiers", "officers": officers, "shift": shift, **more}


def run_of(who: Staffing, *cases: Case, **shares: float) -> StaffedRun:
    run = staffed_run(who, rules=plain_rules(**shares))
    play(run, cases)
    return run


def actions_of(run: PartitionRun, number: int = 1) -> list[str]:
    return [fact.action for fact in run.facts if fact.number == number]


class TestTaking:
    def test_an_officer_who_is_free_takes_a_dossier_at_once_and_is_done_after_the_service_time(self) -> None:
        run = run_of(office(), comes(1, NINE))
        assert actions_of(run)[:3] == ["receive", "start", "grant"]
        assert instants(run, "start") == {1: NINE}
        assert instants(run, "grant") == {1: NINE + timedelta(minutes=30)}

    def test_the_result_is_returned_as_anywhere(self) -> None:
        run = run_of(office(), comes(1, NINE))
        other = PartitionRun(rules=plain_rules(), seed=7, officer=OfficerKind.ROBOT, head_position=0, recorded_at=NINE)
        case = make_case(procedure_id=_PLAIN, status=Status.PROCESSED, status_at=instants(run, "grant")[1])
        case.next_step = other._planned(case)
        assert case.next_step is not None
        assert instants(run, "return-result")[1] == case.next_step.at

    def test_whoever_comes_while_the_officer_is_busy_waits(self) -> None:
        run = run_of(office(), comes(1, NINE), comes(2, NINE + timedelta(minutes=10)))
        assert instants(run, "start")[2] == instants(run, "grant")[1] == NINE + timedelta(minutes=30)

    def test_two_officers_have_two_dossiers(self) -> None:
        run = run_of(office(desks=[desk(2)]), *(comes(number, NINE) for number in (1, 2, 3)))
        assert instants(run, "start") == {1: NINE, 2: NINE, 3: NINE + timedelta(minutes=30)}

    def test_those_who_come_together_are_taken_by_number(self) -> None:
        run = run_of(office(), *(comes(number, NINE) for number in (5, 3, 4)))
        assert sorted(instants(run, "start"), key=instants(run, "start").__getitem__) == [3, 4, 5]

    def test_offices_work_side_by_side(self) -> None:
        run = run_of(office(), comes(1, NINE), comes(2, NINE, office_code="02CI"))
        assert instants(run, "start") == {1: NINE, 2: NINE}

    def test_each_skill_has_officers_of_its_own(self) -> None:
        who = office(
            skills={"goods": [_PLAIN], "dossiers": ["*"]},
            desks=[desk(1), {"office": "*", "skill": "goods", "officers": 1, "shift": "day"}],
        )
        run = run_of(who, comes(1, NINE), comes(2, NINE, procedure_id="amendment-after-clearance"))
        assert instants(run, "start") == {1: NINE, 2: NINE}

    def test_at_one_instant_dossiers_come_before_anybody_is_taken_up(self) -> None:
        """So an officer who is just done takes the first of all who wait then."""
        who = office(discipline="by-procedure", priorities={_PLAIN: 1})
        done = NINE + timedelta(minutes=30)
        run = run_of(
            who,
            comes(1, NINE),
            comes(2, NINE + timedelta(minutes=1), procedure_id="amendment-after-clearance"),
            comes(3, done),
        )
        assert instants(run, "start")[3] == done
        assert [fact.action for fact in run.facts if fact.occurred_at == done] == ["grant", "receive", "start"]

    def test_where_no_desk_serves_a_queue_dossiers_wait_for_ever(self) -> None:
        who = office(desks=[{"office": "02CI", "skill": "dossiers", "officers": 1, "shift": "day"}])
        run = run_of(who, comes(1, NINE))
        case = run.cases[1]
        assert (case.status, case.next_step, run.next_desk_at) == (Status.RECEIVED, None, None)
        assert case.due_at(rules().calendar) is not None

    def test_so_they_do_without_officers(self) -> None:
        run = run_of(office(desks=[desk(0)]), comes(1, NINE))
        assert (run.cases[1].status, run.next_desk_at) == (Status.RECEIVED, None)


class TestShifts:
    def test_who_comes_at_night_is_taken_up_in_the_morning(self) -> None:
        run = run_of(office(), comes(1, local(4, 20)), comes(2, local(4, 21)))
        assert instants(run, "start") == {1: local(5, 8), 2: local(5, 8, 30)}

    def test_work_is_put_down_at_noon_and_taken_up_again(self) -> None:
        run = run_of(office(), comes(1, local(4, 11, 45)))
        assert instants(run, "grant") == {1: local(4, 13, 15)}

    def test_what_ends_with_the_session_is_done_but_nothing_new_is_begun(self) -> None:
        run = run_of(office(), comes(1, local(1, 16, 30)), comes(2, local(1, 16, 40)))
        assert instants(run, "grant")[1] == local(1, 17)
        assert instants(run, "start")[2] == local(4, 8)

    def test_desks_of_two_shifts_serve_one_queue(self) -> None:
        who = office(
            shifts={"day": {"hours": "office"}, "late": {"days": "office", "from": "17:00", "to": "20:00"}},
            desks=[desk(1), desk(1, "late")],
        )
        run = run_of(who, comes(1, local(4, 16, 50)), comes(2, local(4, 16, 55)))
        # The day's officer goes on in the morning, the late one takes what waits.
        assert instants(run, "grant") == {1: local(5, 8, 20), 2: local(4, 17, 30)}

    def test_of_two_who_are_free_the_one_whose_desk_stands_first_takes_it(self) -> None:
        who = office(
            shifts={"day": {"hours": "office"}, "always": {"hours": "all"}}, desks=[desk(1, "always"), desk(1)]
        )
        run = run_of(who, comes(1, local(4, 16, 50)))
        assert instants(run, "grant") == {1: local(4, 17, 20)}

    def test_officers_on_leave_take_nothing_up(self) -> None:
        leave = [{"first_on": "2018-06-04", "last_on": "2018-06-05", "officers": 1}]
        run = run_of(office(desks=[desk(1, leave=leave)]), comes(1, NINE))
        assert instants(run, "start") == {1: local(6, 8)}

    def test_who_is_in_the_middle_of_a_dossier_finishes_it(self) -> None:
        leave = [{"first_on": "2018-06-05", "last_on": "2018-06-05", "officers": 1}]
        run = run_of(office(desks=[desk(1, leave=leave)]), comes(1, local(4, 16, 50)), comes(2, local(4, 16, 55)))
        assert instants(run, "grant")[1] == local(5, 8, 20)
        assert instants(run, "start")[2] == local(6, 8)

    def test_who_stays_while_others_are_away_does_the_work_alone(self) -> None:
        leave = [
            {"first_on": "2018-06-04", "last_on": "2018-06-04", "officers": 1},
            {"first_on": "2018-06-04", "last_on": "2018-06-05", "officers": 1},
        ]
        run = run_of(office(desks=[desk(3, leave=leave)]), *(comes(number, local(4, 16)) for number in range(1, 7)))
        starts = instants(run, "start")
        assert [starts[number] for number in range(1, 7)] == [
            local(4, 16),
            local(4, 16, 30),
            *[local(5, 8)] * 2,  # one is back
            *[local(5, 8, 30)] * 2,
        ]


class TestDisciplines:
    def test_earliest_deadline_takes_what_is_due_first(self) -> None:
        later = {"procedure_id": "overpaid-tax"}  # five working days instead of eight hours
        cases = [comes(1, NINE), comes(2, NINE + timedelta(minutes=1), **later), comes(3, NINE + timedelta(minutes=2))]
        starts = instants(run_of(office(discipline="earliest-deadline"), *cases), "start")
        assert starts[3] < starts[2]

    def test_what_has_no_limit_comes_last_then(self) -> None:
        without = next(
            key for key, found in rules().procedures.items() if all(not rule.steps for rule in found.limit_rules)
        )
        cases = [comes(1, NINE), comes(2, NINE + timedelta(minutes=1), procedure_id=without)]
        cases.append(comes(3, NINE + timedelta(minutes=20), procedure_id="overpaid-tax"))
        starts = instants(run_of(office(discipline="earliest-deadline"), *cases), "start")
        assert starts[3] < starts[2]

    def test_by_procedure_takes_ranks_first_and_within_a_rank_who_came_first(self) -> None:
        who = office(discipline="by-procedure", priorities={"overpaid-tax": 2, "amendment-after-clearance": 1})
        names = [_PLAIN, _PLAIN, "overpaid-tax", "amendment-after-clearance", "overpaid-tax"]
        cases = [
            comes(number, NINE + timedelta(minutes=number), procedure_id=name) for number, name in enumerate(names, 1)
        ]
        starts = instants(run_of(who, *cases), "start")
        assert sorted(starts, key=starts.__getitem__) == [1, 4, 3, 5, 2]


class TestPeopleOutside:
    def test_a_dossier_that_is_withdrawn_while_it_waits_leaves_the_queue(self) -> None:
        """The office is a week away; the limit is a day, and the applicant waits for a part of it."""
        leave = [{"first_on": "2018-06-04", "last_on": "2018-06-08", "officers": 1}]
        who = office(desks=[desk(1, leave=leave)])
        run = run_of(who, comes(1, NINE), comes(2, NINE), withdraw_share=1.0)
        assert actions_of(run) == ["receive", "withdraw"]
        assert run.next_desk_at is None

    def test_the_next_in_turn_takes_its_place(self) -> None:
        robot = Robot(7, plain_rules(withdraw_share=0.5).robot_policies, rules().calendar)
        withdrawn = {n: is_to_be_withdrawn(comes(n, NINE), robot) for n in range(1, 20)}
        first, third = [n for n, is_so in withdrawn.items() if not is_so][:2]
        second = next(n for n, is_so in withdrawn.items() if is_so and first < n < third)
        who = office(service={"*": {"mean_minutes": 480, "spread": "fixed"}})
        run = run_of(who, *(comes(n, NINE) for n in (first, second, third)), withdraw_share=0.5)
        assert actions_of(run, second) == ["receive", "withdraw"]
        assert instants(run, "start")[third] == instants(run, "grant")[first]

    def test_withdrawn_from_an_officers_hands_frees_the_officer(self) -> None:
        who = office(service={"*": {"mean_minutes": 480, "spread": "fixed"}})
        run = run_of(who, comes(1, NINE), comes(2, NINE + timedelta(minutes=1)), withdraw_share=1.0)
        assert actions_of(run) == ["receive", "start", "withdraw"]
        assert instants(run, "start")[2] == instants(run, "withdraw")[1]

    def test_who_is_decided_upon_before_has_not_withdrawn(self) -> None:
        who = office(service={"*": {"mean_minutes": 1, "spread": "fixed"}})
        assert "withdraw" not in actions_of(run_of(who, comes(1, NINE), withdraw_share=1.0))

    @pytest.mark.parametrize(
        ("share", "between"),
        [
            ("supplement_share", ["request-supplement", "supplement"]),
            ("payment_share", ["request-payment", "pay"]),
            ("consult_share", ["consult", "give-opinion"]),
        ],
    )
    def test_the_officer_is_free_while_others_are_waited_for(self, share: str, between: list[str]) -> None:
        run = run_of(office(), comes(1, NINE), **{share: 1.0})
        assert actions_of(run)[:6] == ["receive", "start", *between, "grant", "return-result"]
        asked, answered = (instants(run, action)[1] for action in between)
        assert asked == NINE + timedelta(minutes=30)
        # Taken up a second time: another service time, from the first instant at which somebody is there.
        assert instants(run, "grant")[1] == rules().calendar.add_working_minutes(answered, 30)
        # And while it was away, another one was served.
        run = run_of(office(), comes(1, NINE), comes(2, asked), **{share: 1.0})
        assert instants(run, "start")[2] == asked

    def test_a_dossier_that_was_away_queues_behind_those_who_came_meanwhile(self) -> None:
        run = run_of(office(), comes(1, NINE), payment_share=1.0)
        paid = instants(run, "pay")[1]
        run = run_of(
            office(), comes(1, NINE), *(comes(n, paid - timedelta(minutes=1)) for n in (2, 3)), payment_share=1.0
        )
        assert instants(run, "request-payment")[3] < instants(run, "grant")[1]

    def test_forwarding_and_steps_queue_again_each_time(self) -> None:
        who = office(service={"*": {"mean_minutes": 10, "spread": "fixed"}})
        run = run_of(who, comes(1, NINE, procedure_id="duty-free-shop-certificate"), forward_share=1.0)
        assert [(fact.action, fact.occurred_at - NINE) for fact in run.facts[1:5]] == [
            ("start", timedelta(0)),
            ("forward", timedelta(minutes=10)),
            ("complete-step", timedelta(minutes=20)),
            ("grant", timedelta(minutes=30)),
        ]

    def test_an_extension_is_given_in_time_or_not_at_all(self) -> None:
        name = "duty-reduction"
        soon = run_of(office(), comes(1, NINE, procedure_id=name), extend_share=1.0)
        assert actions_of(soon)[2:4] == ["extend", "grant"]
        leave = [{"first_on": "2018-06-04", "last_on": "2018-08-31", "officers": 1}]
        late = run_of(office(desks=[desk(1, leave=leave)]), comes(1, NINE, procedure_id=name), extend_share=1.0)
        assert actions_of(late)[2] == "grant"

    def test_a_supplement_is_asked_for_within_its_time_or_not_at_all(self) -> None:
        leave = [{"first_on": "2018-06-04", "last_on": "2018-06-15", "officers": 1}]
        who = office(desks=[desk(1, leave=leave)])
        run = run_of(who, comes(1, NINE, procedure_id="overpaid-tax"), supplement_share=1.0)
        assert actions_of(run)[1:3] == ["start", "grant"]

    def test_nobody_is_late_on_purpose(self) -> None:
        run = run_of(office(desks=[desk(50)]), *(comes(number, NINE) for number in range(1, 51)), late_share=1.0)
        assert {fact.action for fact in run.facts} == {"receive", "start", "grant", "return-result"}
        assert all(at == NINE + timedelta(minutes=30) for at in instants(run, "grant").values())


class TestDraws:
    def test_a_service_time_depends_on_the_dossier_alone(self) -> None:
        who = staffing(officers=1, mean_minutes=30)

        def taken(cases: list[Case]) -> timedelta:
            run = staffed_run(who, rules=plain_rules())
            play(run, cases)
            return instants(run, "grant")[5] - instants(run, "start")[5]

        alone = taken([comes(5, NINE)])
        assert taken([comes(number, NINE) for number in range(1, 9)]) == alone

    def test_each_time_a_dossier_is_taken_up_has_a_time_of_its_own(self) -> None:
        run = staffed_run(staffing(officers=1, mean_minutes=600), rules=plain_rules(payment_share=1.0))
        play(run, [comes(1, NINE)])
        first = instants(run, "request-payment")[1] - instants(run, "start")[1]
        assert instants(run, "grant")[1] - instants(run, "pay")[1] != first

    def test_the_seed_decides(self) -> None:
        def granted(seed: int) -> datetime:
            run = staffed_run(staffing(officers=1), seed=seed)
            play(run, [comes(1, NINE)])
            return instants(run, "grant")[1]

        assert granted(1) == granted(1) != granted(2)


class TestPeopleWhoAct:
    """Actions through the API: an automated sandbox takes them, too."""

    def waiting(self, **shares: float) -> StaffedRun:
        """The first is with the officer, the second waits."""
        run = staffed_run(office(), rules=plain_rules(**shares))
        run.load([comes(1, NINE), comes(2, NINE + timedelta(minutes=1))])
        run.play([1, 2], (NINE + timedelta(minutes=5), 2**63))
        return run

    def finish(self, run: StaffedRun) -> None:
        run.play([1, 2], EVER)

    def test_who_is_withdrawn_while_waiting_isnt_taken_up(self) -> None:
        run = self.waiting()
        run.act(requested(2, "withdraw", "applicant"), NINE + timedelta(minutes=10))
        self.finish(run)
        assert actions_of(run, 2) == ["receive", "withdraw"]

    def test_who_is_withdrawn_from_an_officers_hands_frees_the_officer_now(self) -> None:
        run = self.waiting()
        at = NINE + timedelta(minutes=10)
        run.act(requested(1, "withdraw", "applicant"), at)
        self.finish(run)
        assert actions_of(run, 1) == ["receive", "start", "withdraw"]
        assert instants(run, "start")[2] == at

    def test_who_asks_the_applicant_of_a_waiting_dossier_takes_it_out_of_the_queue_until_the_answer(self) -> None:
        run = self.waiting()
        run.act(requested(2, "request-supplement", "officer"), NINE + timedelta(minutes=10))
        self.finish(run)
        assert actions_of(run, 2)[:5] == ["receive", "request-supplement", "supplement", "grant", "return-result"]

    def test_what_leaves_it_to_the_officers_leaves_its_place_in_the_queue(self) -> None:
        run = self.waiting()
        run.load([comes(3, NINE + timedelta(minutes=6))])
        run.play([3], (NINE + timedelta(minutes=7), 2**63))
        run.act(requested(2, "forward", "officer", to_level="department"), NINE + timedelta(minutes=10))
        run.play([1, 2, 3], EVER)
        assert instants(run, "start")[2] == NINE + timedelta(minutes=30)
        assert instants(run, "start")[3] == NINE + timedelta(minutes=60)

    def test_what_is_done_to_a_dossier_in_hand_is_no_end_of_the_work_on_it(self) -> None:
        run = self.waiting()
        run.act(requested(1, "forward", "officer", to_level="department"), NINE + timedelta(minutes=10))
        self.finish(run)
        assert instants(run, "grant")[1] == NINE + timedelta(minutes=30)

    def test_whoever_decides_now_makes_room_for_the_next(self) -> None:
        run = self.waiting()
        at = NINE + timedelta(minutes=10)
        run.act(requested(1, "grant", "leader"), at)
        self.finish(run)
        assert instants(run, "start")[2] == at

    def test_who_starts_a_waiting_dossier_leaves_it_waiting(self) -> None:
        run = self.waiting()
        run.act(requested(2, "start", "officer"), NINE + timedelta(minutes=10))
        self.finish(run)
        assert actions_of(run, 2)[:3] == ["receive", "start", "grant"]
        assert instants(run, "grant")[2] == NINE + timedelta(minutes=60)


class TestAnotherCalendar:
    def moved(self, run: StaffedRun, day: int, *, is_working: bool, at: datetime) -> None:
        """A decision is made while the run stands at an instant."""
        override = CalendarOverride(local(day, 12).date(), is_working=is_working, name="", decision_number="1/QĐ")
        before, after = run._calendar, rules().calendars.with_overrides([override])
        run.use_calendar(after)
        run.reschedule(sorted(run.cases), before, {}, at)
        run.open_desks(_Written(run), at)
        run.play(sorted(run.cases), EVER)

    def half_way(self, who: Staffing, at: datetime, *cases: Case) -> StaffedRun:
        run = staffed_run(who)
        run.load(cases)
        run.play([case.number for case in cases], (at, 2**63))
        return run

    def test_work_in_hand_ends_when_what_was_left_of_it_is_done(self) -> None:
        at = local(4, 16, 55)
        run = self.half_way(office(), at, comes(1, local(4, 16, 50)), comes(2, local(4, 16, 52)))
        self.moved(run, 5, is_working=False, at=at)
        assert instants(run, "grant")[1] == local(6, 8, 20)
        assert instants(run, "start")[2] == local(6, 8, 20)

    def test_desks_open_on_a_day_that_is_worked_after_all(self) -> None:
        at = local(2, 10)  # a Saturday
        run = self.half_way(office(), at, comes(1, local(1, 20)))
        self.moved(run, 2, is_working=True, at=at)
        assert instants(run, "start") == {1: at}

    def test_a_queue_by_deadline_follows_the_deadlines(self) -> None:
        """One is due in days, the other in calendar days: a day off moves only the first."""
        who = office(discipline="earliest-deadline")
        names = {2: "overpaid-tax", 3: "duty-reduction"}
        at = NINE + timedelta(minutes=5)
        run = self.half_way(who, at, comes(1, NINE), *(comes(n, NINE, procedure_id=name) for n, name in names.items()))
        before = run.cases[2].work
        self.moved(run, 5, is_working=False, at=at)
        assert before is not None
        assert before.since == local(11, 17)
        rescheduled = next(fact for fact in run.facts if fact.number == 2 and fact.action == "reschedule")
        assert rescheduled.due_at == local(12, 17)
        assert instants(run, "start")[2] < instants(run, "start")[3]


class _Written:
    """`Backlog` of all that a run holds."""

    def __init__(self, run: StaffedRun) -> None:
        self._cases = list(run.cases.values())

    def at_work(self) -> list[Any]:
        counts = Counter(
            ((case.office_code, case.work.skill), case.work.team)
            for case in self._cases
            if case.work and case.work.team is not None
        )
        return [(key, team, count) for (key, team), count in counts.items()]

    def desks_waited_for(self) -> set[Any]:
        return {(case.office_code, case.work.skill) for case in self._cases if case.work and case.work.since}

    def heads(self, wanted: Any) -> list[list[Case]]:
        return [[case for case in self._cases if case.work and case.work.since] for _ in wanted]


def filings(count: int, every: timedelta, *, start: int = 1) -> list[Any]:
    names = sorted(rules().procedures)
    return [
        accepted(number, procedure_id=names[number % len(names)], filed_at=NINE + every * number)
        for number in range(start, start + count)
    ]


def filed(who: Staffing, rows: list[Any], law: Rules) -> StaffedRun:
    run = StaffedRun(staffing=who, rosters=ROSTERS, rules=law, seed=11, head_position=0, recorded_at=NINE)
    run.open_desks(None, NINE)
    run.accept(rows, NINE)
    run.play([row.number for row in rows], EVER)
    return run


class TestWholeLives:
    def test_every_dossier_of_every_procedure_comes_to_its_end_where_officers_suffice(self) -> None:
        who = office(desks=[desk(40)], service={"*": {"mean_minutes": 45, "spread": "exponential"}})
        run = filed(who, filings(113 * 6, timedelta(minutes=7)), rules())
        assert {case.procedure.procedure_id for case in run.cases.values()} == set(rules().procedures)
        assert {case.status for case in run.cases.values()} <= TERMINAL_STATUSES
        assert all(case.work is None and case.next_step is None for case in run.cases.values())
        assert run.next_desk_at is None

    def test_without_officers_whatever_was_received_waits_unless_it_is_withdrawn(self) -> None:
        run = filed(office(desks=[]), filings(113 * 2, timedelta(minutes=7)), rules())
        states = {case.status for case in run.cases.values() if case.received_at}
        # Some are resolved by the system at once.
        assert states == {Status.RECEIVED, Status.WITHDRAWN, Status.RETURNED}
        assert not {fact.action for fact in run.facts} & {"start", "grant", "refuse"}

    def test_with_officers_enough_a_dossier_goes_the_way_it_goes_without_a_staffing(self) -> None:
        """Same seed, same choices: but for what only lateness and its own time decide."""
        who = staffing(officers=200, mean_minutes=1, spread="fixed", hours="office")
        shares = {"supplement_share": 0.2, "payment_share": 0.1, "forward_share": 0.1, "consult_share": 0.1}
        law = plain_rules(**shares, refuse_share=0.2, extend_share=0.2, supplement_at_intake_share=0.1)
        rows = filings(113 * 3, timedelta(minutes=7))
        staffed = filed(who, rows, law)
        robot = PartitionRun(rules=law, seed=11, officer=OfficerKind.ROBOT, head_position=0, recorded_at=NINE)
        robot.accept(rows, NINE)
        robot.play([row.number for row in rows], EVER)

        def ways(run: PartitionRun) -> dict[int, list[str]]:
            return {
                row.number: [name for name in actions_of(run, row.number) if name != "announce-early-result"]
                for row in rows
            }

        assert ways(staffed) == ways(robot)
