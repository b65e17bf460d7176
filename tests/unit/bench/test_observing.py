"""Who looks on while something is measured."""

import threading

import pytest

from tests.bench.errors import MeasuringError
from tests.bench.observing import Onlooker


def test_it_looks_until_the_block_ends() -> None:
    looked = threading.Event()

    def look(stopping: threading.Event) -> None:
        while not stopping.wait(0.001):
            looked.set()

    before = threading.active_count()
    with Onlooker(look):
        assert looked.wait(10)
    assert threading.active_count() == before


def blind(_stopping: threading.Event) -> None:
    raise OSError("the server closed the connection")


def test_what_was_not_watched_to_the_end_gives_no_figures() -> None:
    with pytest.raises(MeasuringError) as caught, Onlooker(blind):
        pass
    assert str(caught.value.__cause__) == "the server closed the connection"


def test_what_went_wrong_in_the_block_comes_first() -> None:
    with pytest.raises(KeyboardInterrupt), Onlooker(blind):
        raise KeyboardInterrupt
