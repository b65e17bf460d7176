"""The filing desk: who shares a transaction, and what each is told when it fails."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.portal.application import filing
from services.portal.application.filing import FilingDesk, FilingRequest
from services.portal.application.ports import Answer, OnceKey


class DiskFullError(Exception):
    """Any failure."""


@dataclass
class FailingDoor:
    """A door whose commits fail as often as told."""

    failing_commits: int = 0
    units: int = 0

    @contextmanager
    def unit(self) -> Iterator[Any]:
        self.units += 1
        yield None
        if self.failing_commits:
            self.failing_commits -= 1
            raise DiskFullError


@dataclass
class Desk:
    """A desk, and what was filed at it, transaction by transaction."""

    door: FailingDoor
    desk: FilingDesk
    rounds: list[list[FilingRequest]] = field(default_factory=list)
    bad: list[FilingRequest] = field(default_factory=list)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    door = FailingDoor()
    made = Desk(door, FilingDesk(door, lambda: None))  # type: ignore[arg-type,return-value]

    def file_requests(_unit: Any, requests: Sequence[FilingRequest], _now: Any) -> list[Answer]:
        made.rounds.append(list(requests))
        if any(request in made.bad for request in requests):
            raise DiskFullError
        return [Answer(201, request.sandbox_id.encode()) for request in requests]

    monkeypatch.setattr(filing, "file_requests", file_requests)
    return made


def request(name: str, key: str | None = None, *, scope: str = "s") -> FilingRequest:
    once = OnceKey(scope, key, b"hash") if key else None
    return FilingRequest(name, [], lambda _: Answer(201, b""), once)


def queued(desk: Desk, *requests: FilingRequest) -> FilingRequest:
    """All but the last stand in the queue already; the last one comes and files for all."""
    *waiting, last = requests
    desk.desk._queue.extend(waiting)
    return last


def test_who_comes_at_the_same_moment_shares_a_transaction(desk: Desk) -> None:
    first, second, last = request("a"), request("b"), request("c")
    assert desk.desk.file(queued(desk, first, second, last)).body == b"c"
    assert desk.rounds == [[first, second, last]]
    assert first.result is not None
    assert first.result.body == b"a"


def test_the_same_key_waits_for_the_next_transaction(desk: Desk) -> None:
    """Within one transaction the second would find the key taken and no answer yet."""
    first, other_scope, again = request("a", "k"), request("b", "k", scope="t"), request("c", "k")
    desk.desk.file(queued(desk, first, other_scope, again))
    assert desk.rounds == [[first, other_scope], [again]]


def test_a_bad_request_does_not_take_others_with_it(desk: Desk) -> None:
    good, bad = request("a"), request("b")
    desk.bad = [bad]
    with pytest.raises(DiskFullError):
        desk.desk.file(queued(desk, good, bad))
    assert good.error is None
    assert desk.rounds == [[good, bad], [good], [bad]]


def test_when_the_commit_breaks_off_nothing_is_tried_again(desk: Desk) -> None:
    """Nobody knows whether it is on disk: trying again could file everything twice."""
    desk.door.failing_commits = 1
    first, second = request("a"), request("b")
    with pytest.raises(DiskFullError):
        desk.desk.file(queued(desk, first, second))
    assert desk.door.units == 1
    assert isinstance(first.error, DiskFullError)
    assert first.done.is_set()
