"""The collector rests during work in bulk, and only then."""

import gc

import pytest

from services.runtime.memory import collector_paused


def test_the_collector_is_back_after_the_work() -> None:
    assert gc.isenabled()
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_is_back_after_work_that_failed() -> None:
    with pytest.raises(RuntimeError), collector_paused():
        raise RuntimeError
    assert gc.isenabled()
