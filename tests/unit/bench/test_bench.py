"""What the bench makes of what its parts have measured."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bench import bench

RUN = {
    "dossiers_per_second": 5000.0,
    "facts_per_second": 20_000.0,
    "last_tenth": 0.95,
    "memory_gib": 1.5,
    "memory_growth": 0.01,
    "disk_quarter_gb": 5.0,
}


def test_ratios_are_of_steps_and_of_time() -> None:
    found = bench.figures_of(
        {"quarter": RUN, "messages": {"steps_per_second": 500.0}, "floor": {"sum_us_per_dossier": 80.0}}
    )
    assert found["beside_messages"] == pytest.approx(40)
    assert found["beside_floor"] == pytest.approx(2.5)


def test_what_was_not_measured_has_no_figure() -> None:
    assert bench.figures_of({}) == {}
    assert "beside_floor" not in bench.figures_of({"quarter": RUN})
    assert bench.figures_of({"received": {"received_ms": {"p50": 20.0, "p95": 80.0}}}) == {"received_p95_ms": 80.0}


@pytest.mark.parametrize("arguments", [["nonsense"], ["--fraction", "0"], ["--fraction", "1.5"]])
def test_what_makes_no_sense_is_refused_before_anything_starts(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        bench.main(arguments)
    assert stopped.value.code == 2


@pytest.fixture
def handlers() -> Iterator[None]:
    """Signals interrupt, rather than end the tests; afterwards they do what they did before."""
    known = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    for number in known:
        signal.signal(number, signal.default_int_handler)
    yield
    for number, handler in known.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_only_the_first_signal_interrupts(monkeypatch: pytest.MonkeyPatch, first: signal.Signals) -> None:
    """Ctrl-C comes from the terminal, and at once SIGTERM from the launcher: the stack is stopped all the same."""
    tidied: list[str] = []

    def measure(_asked: Any, _result: Any) -> bool:
        try:
            os.kill(os.getpid(), first)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                os.kill(os.getpid(), number)
            tidied.append("stack")
        return False

    monkeypatch.setattr(bench, "_measure", measure)
    assert bench.main([]) == 130
    assert tidied == ["stack"]


@pytest.mark.usefixtures("handlers")
def test_what_is_ignored_from_the_beginning_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under `nohup` it outlives its terminal."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def measure(_asked: Any, _result: Any) -> bool:
        os.kill(os.getpid(), signal.SIGHUP)
        return False

    monkeypatch.setattr(bench, "_measure", measure)
    assert bench.main([]) == 0
