"""Numbers, states and channels of declarations."""

from datetime import timedelta

import pytest

from services.contracts.identifiers import is_declaration_number
from services.contracts.vocabulary import CustomsChannel, Status
from services.portal.domain.registers.declaration_history import branches_of, refunded_vnd
from services.portal.domain.registers.declarations import (
    LAST_DOSSIER_NUMBER,
    STATE_OF_CHECK,
    ChannelShares,
    DeclarationState,
    Direction,
    declaration_number,
    direction_of,
    is_own,
    own_base,
    pick_channel,
    split_number,
)
from services.portal.domain.registers.draws import draw
from services.portal.domain.registers.registers import EventKind, RegisterEvent
from tests.support.declarations import REGISTERED_AT, make_declaration

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("dossier_number", [1, 42, 9_999_999, LAST_DOSSIER_NUMBER])
def test_a_dossier_gives_its_declaration_a_number_of_its_own(direction: Direction, dossier_number: int) -> None:
    base = own_base(direction, dossier_number)
    number = declaration_number(base, 3)
    assert is_declaration_number(number)
    assert split_number(number) == (base, 3)
    assert (direction_of(base), is_own(base)) == (direction, True)
    assert number[:3] == f"{direction.digit}00"


def test_numbers_of_both_directions_and_all_dossiers_differ() -> None:
    bases = {own_base(direction, number) for direction in Direction for number in range(1, 2000)}
    assert len(bases) == 2 * 1999


@pytest.mark.parametrize("dossier_number", [0, LAST_DOSSIER_NUMBER + 1])
def test_there_is_no_number_beyond_the_range(dossier_number: int) -> None:
    with pytest.raises(ValueError, match="No declaration number"):
        own_base(Direction.IMPORT, dossier_number)


@pytest.mark.parametrize("number", ["107096649442", "101234567890", "301234567890", "101000000000"])
def test_numbers_of_real_declarations_are_never_ours(number: str) -> None:
    assert not is_own(split_number(number)[0])


def test_nothing_known_means_registered() -> None:
    declaration = make_declaration()
    assert (declaration.state, declaration.clearance_at) == (DeclarationState.REGISTERED, None)


@pytest.mark.parametrize("status", Status)
def test_the_clearance_dossier_says_where_a_declaration_stands(status: Status) -> None:
    resolved_at = REGISTERED_AT + HOUR
    declaration = make_declaration(dossier_number=1, check_status=status, check_resolved_at=resolved_at)
    is_cleared = status in {Status.PROCESSED, Status.RETURNED}
    assert declaration.state is STATE_OF_CHECK[status]
    assert (declaration.state is DeclarationState.CLEARED) == is_cleared
    assert declaration.clearance_at == (resolved_at if is_cleared else None)


def test_a_refused_clearance_isnt_one() -> None:
    at = REGISTERED_AT + HOUR
    declaration = make_declaration(check_status=Status.RETURNED, check_resolved_at=at, not_cleared_at=at)
    assert (declaration.state, declaration.clearance_at) == (DeclarationState.NOT_CLEARED, None)


def test_what_was_cancelled_stays_so_and_remembers_its_clearance() -> None:
    at = REGISTERED_AT + HOUR
    declaration = make_declaration(check_status=Status.RETURNED, check_resolved_at=at, cancelled_at=at + HOUR)
    assert (declaration.state, declaration.clearance_at) == (DeclarationState.CANCELLED, at)


def test_a_given_clearance_goes_before_the_dossier() -> None:
    declaration = make_declaration(cleared_at=REGISTERED_AT, check_status=Status.SUBMITTED)
    assert (declaration.state, declaration.clearance_at) == (DeclarationState.CLEARED, REGISTERED_AT)


@pytest.mark.parametrize(
    ("drawn", "channel"),
    [
        (0.0, CustomsChannel.RED),
        (0.0499, CustomsChannel.RED),
        (0.05, CustomsChannel.YELLOW),
        (0.4099, CustomsChannel.YELLOW),
        (0.41, CustomsChannel.GREEN),
        (0.999, CustomsChannel.GREEN),
    ],
)
def test_channels_follow_the_shares(drawn: float, channel: CustomsChannel) -> None:
    assert pick_channel(ChannelShares(yellow=0.36, red=0.05), drawn) is channel


def test_whoever_is_all_red_is_red_whatever_is_drawn() -> None:
    shares = ChannelShares(yellow=0.0, red=1.0)
    assert {pick_channel(shares, draw(7, number)) for number in range(500)} == {CustomsChannel.RED}


def test_draws_depend_on_seed_and_number_alone_and_are_spread() -> None:
    drawn = [draw(7, number) for number in range(1, 4001)]
    assert drawn == [draw(7, number) for number in range(1, 4001)]
    assert all(0 <= value < 1 for value in drawn)
    assert drawn[:5] != [draw(8, number) for number in range(1, 6)]
    for tenth in range(10):
        share = sum(tenth <= value * 10 < tenth + 1 for value in drawn) / len(drawn)
        assert 0.08 < share < 0.12


def test_draws_stay_what_they_are() -> None:
    """A declaration registered with the same seed and number has the same channel after every upgrade."""
    assert [round(draw(7, number), 6) for number in (1, 2, 3)] == [0.813312, 0.084035, 0.875357]


def _event(position: int, kind: EventKind, **detail: object) -> RegisterEvent:
    return RegisterEvent(
        sandbox_id="s1",
        position=position,
        register="declaration",
        key="10123456789",
        kind=kind,
        occurred_at=REGISTERED_AT + position * HOUR,
        recorded_at=REGISTERED_AT,
        dossier_number=position,
        dossier_filed_at=REGISTERED_AT,
        detail=detail,
    )


def test_branches_are_all_numbers_that_a_declaration_has_had() -> None:
    events = [
        _event(3, EventKind.TAX_REFUNDED, amount_vnd=5),
        _event(2, EventKind.AMENDED, number="101234567892", previous_number="101234567891"),
        _event(1, EventKind.AMENDED, number="101234567891", previous_number="101234567890"),
    ]
    branches = branches_of(make_declaration("101234567892"), events)
    assert [(branch.number, branch.dossier_number) for branch in branches] == [
        ("101234567890", None),
        ("101234567891", 1),
        ("101234567892", 2),
    ]
    assert branches[1].since == REGISTERED_AT + HOUR
    assert refunded_vnd(events) == 5


def test_an_amendment_that_found_no_room_makes_no_branch() -> None:
    """Two dossiers for the last branch were granted at the same time."""
    events = [_event(1, EventKind.AMENDED, number="101234567899", previous_number="101234567899")]
    assert [branch.number for branch in branches_of(make_declaration("101234567899"), events)] == ["101234567899"]
