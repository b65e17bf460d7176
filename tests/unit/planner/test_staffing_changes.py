"""Other officers at one queue: shared out over its shifts in proportion, and none is taken away as they become more."""

from hypothesis import given
from hypothesis import strategies as st

from services.contracts.staffing import staffing_from_wire
from services.planner.staffing_changes import share_out_one_by_one, with_officers
from services.planner.workload import Queue
from services.simulator.draws import share_out

QUEUE = Queue("02CI", "dossiers")

WEIGHTS = st.lists(st.integers(0, 40), min_size=1, max_size=6).filter(any)


@given(WEIGHTS, st.integers(0, 300))
def test_one_more_officer_takes_none_from_any_shift(weights: list[int], total: int) -> None:
    before, after = (share_out_one_by_one(count, weights) for count in (total, total + 1))
    assert (sum(before), sum(after)) == (total, total + 1)
    assert all(less <= more for less, more in zip(before, after, strict=True))


def test_largest_remainders_would_take_one() -> None:
    assert [share_out(count, [6, 6, 2]) for count in (10, 11)] == [[4, 4, 2], [5, 5, 1]]
    assert [share_out_one_by_one(count, [6, 6, 2]) for count in (10, 11)] == [[5, 4, 1], [5, 5, 1]]


@given(WEIGHTS, st.integers(1, 8))
def test_what_divides_evenly_is_shared_out_as_it_was(weights: list[int], times: int) -> None:
    assert share_out_one_by_one(times * sum(weights), weights) == [times * weight for weight in weights]


@given(st.lists(st.integers(0, 12), min_size=1, max_size=4), st.integers(0, 60))
def test_desks_of_a_queue_keep_their_order_and_none_loses_an_officer(officers: list[int], count: int) -> None:
    shifts = [f"shift-{place}" for place in range(len(officers))]
    staffing = staffing_from_wire(
        {
            "discipline": "first-come",
            "skills": {"dossiers": ["*"]},
            "service": {"*": {"mean_minutes": 30, "spread": "fixed"}},
            "shifts": {shift: {"hours": "all"} for shift in shifts},
            "desks": [
                {"office": "02CI", "skill": "dossiers", "officers": one, "shift": shift}
                for one, shift in zip(officers, shifts, strict=True)
            ],
        }
    )
    less, more = (with_officers(staffing, {QUEUE: some}).desks_of(*QUEUE) for some in (count, count + 1))
    assert [desk.shift for desk in more] == shifts
    assert sum(desk.officers for desk in more) == count + 1
    assert all(one.officers <= other.officers for one, other in zip(less, more, strict=True))
    if any(officers):
        assert all(desk.officers == 0 for desk, one in zip(more, officers, strict=True) if one == 0)
    else:
        assert max(desk.officers for desk in more) - min(desk.officers for desk in more) <= 1
