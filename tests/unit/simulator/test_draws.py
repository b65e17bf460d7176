"""Seeded chance: the same for the same seed and purpose, and shares that add up."""

import pytest

from services.simulator.draws import Draws, Wheel, share_out


def test_the_same_seed_and_purpose_give_the_same_draws() -> None:
    first, again, other_purpose, other_seed = Draws(7, "a"), Draws(7, "a"), Draws(7, "b"), Draws(8, "a")
    values = [first.ratio() for _ in range(5)]
    assert [again.ratio() for _ in range(5)] == values
    assert [other_purpose.ratio() for _ in range(5)] != values
    assert [other_seed.ratio() for _ in range(5)] != values


def test_a_draw_never_changes_from_version_to_version_of_python() -> None:
    """If this fails, every seeded run of the past gives another ledger."""
    draws = Draws(2020, "population")
    assert [draws.between(0, 999) for _ in range(5)] == PINNED


PINNED = [141, 903, 179, 545, 744]


def test_a_column_is_what_as_many_draws_would_have_given() -> None:
    one_by_one, at_once = Draws(7, "a"), Draws(7, "a")
    assert at_once.ratio() == one_by_one.ratio()
    # More than the generator makes at a time, and twice, so that its place in between counts.
    assert at_once.column(1000).tolist() == [one_by_one.ratio() for _ in range(1000)]
    assert at_once.column(3).tolist() == [one_by_one.ratio() for _ in range(3)]
    assert at_once.ratio() == one_by_one.ratio()


def test_an_order_has_every_place_once() -> None:
    order = Draws(1, "order").order(1000).tolist()
    assert sorted(order) == list(range(1000))
    assert order != list(range(1000))
    assert order == Draws(1, "order").order(1000).tolist()


def test_a_wheel_stops_for_a_column_where_it_stops_for_each() -> None:
    wheel, draws = Wheel([0, 3, 0.5, 0, 1]), Draws(1, "wheel")
    assert wheel.places(Draws(1, "wheel").column(500)).tolist() == [wheel.turn(draws) for _ in range(500)]


def test_both_ends_of_a_range_come() -> None:
    draws = Draws(1, "range")
    assert {draws.between(3, 5) for _ in range(100)} == {3, 4, 5}


def test_shuffling_loses_nothing_and_leaves_the_original() -> None:
    items = list(range(50))
    shuffled = Draws(1, "order").shuffled(items)
    assert sorted(shuffled) == items == list(range(50))
    assert shuffled != items


def test_a_wheel_follows_its_weights_and_never_stops_at_nothing() -> None:
    draws, wheel = Draws(1, "wheel"), Wheel([0, 3, 0, 1, 0])
    turns = [wheel.turn(draws) for _ in range(4000)]
    assert set(turns) == {1, 3}
    assert turns.count(1) == pytest.approx(3000, rel=0.05)


@pytest.mark.parametrize("total", [0, 1, 7, 366, 1579])
@pytest.mark.parametrize("weights", [[1], [1, 1, 1], [46, 33, 8, 3, 3, 7], [0.1, 0.2, 0.7]])
def test_shares_add_up_and_lie_within_one_of_proportion(total: int, weights: list[float]) -> None:
    shares = share_out(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1


def test_everybody_gets_the_least_share_first() -> None:
    assert share_out(5, [1000, 1, 1], at_least=1) == [3, 1, 1]
