"""Who follows the steps of a run: what it can't go on with is told to whoever waits."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from motcua import Advanced

from services.simulator import watching
from services.simulator.door import Door, PortalError
from services.simulator.watching import Follower, Step

NINE = datetime(2018, 4, 2, 9, 0, tzinfo=UTC)


class OneStepDoor:
    """Settles a step, and then fails."""

    def __init__(self, failure: Exception) -> None:
        self._failures = [failure]

    def settle(self, upto: Advanced | None) -> Advanced:
        if upto is None:
            return Advanced(NINE, True, True, {})
        raise self._failures.pop()


@pytest.mark.parametrize("failure", [PortalError("refused"), KeyError("is_settled"), ValueError("not JSON")])
def test_who_waits_is_told_why_nobody_follows_any_more(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    monkeypatch.setattr(watching, "SETTLE_PATIENCE_SECONDS", 10.0)
    follower = Follower(cast("Door", OneStepDoor(failure)))
    later = NINE + timedelta(hours=1)
    follower.follow(Step(NINE, None, 0))
    follower.follow(Step(later, Advanced(later, False, False, {})))
    with pytest.raises(type(failure)) as caught:
        follower.wait(later)
    assert caught.value is failure
    # What settled before did so.
    assert (follower.settled_to, set(follower.settled_at)) == (NINE, {0})
    follower.close()
