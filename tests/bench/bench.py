"""Measures a whole motcua on this machine, and prints each figure beside what it must reach.

`tests/bench/README.md` says how to read it. Everything that is compared runs in the same
call, one after the other, so that ratios hold on a noisy machine.
"""

import argparse
import json
import os
import platform
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

import psutil

from services.launcher.errors import LauncherError
from services.launcher.stack import Stack
from tests.bench.figures import target_table, text_table
from tests.bench.filing import filing_rate
from tests.bench.floor import Floor
from tests.bench.latency import received_latency
from tests.bench.messages import one_message_each
from tests.bench.quarter import quarter
from tests.bench.scaling import scaling
from tests.bench.stacks import running, stack_in_bulk
from tests.bench.startup import startup

#: Parts that share a stack made for a crowd, and one made for people and tests, in the order in which they run. The
#: floor is measured on both sides of what is compared with it: a machine that is shared gives more at one time than at
#: another.
_IN_BULK: Final = ("floor", "quarter", "messages", "floor")
_AT_THE_DOOR: Final = ("filing", "received")
PARTS: Final = tuple(dict.fromkeys(("startup", *_IN_BULK, *_AT_THE_DOOR, "scaling")))

#: What runs when nothing is asked: everything that the table needs.
_USUAL: Final = frozenset((*_IN_BULK, *_AT_THE_DOOR))

#: What ends it; what is ignored already, as under `nohup`, stays so.
_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked, and show it."""
    asked = _asked(arguments)
    _interrupt_on_signals()
    result: dict[str, Any] = {"machine": _machine(), "fraction": asked.fraction}
    try:
        failed = _measure(asked, result)
    except KeyboardInterrupt:
        return 130
    except LauncherError as error:
        print(error, file=sys.stderr)
        return 1
    result["figures"] = figures_of(result)
    result["load_average_after"] = os.getloadavg()
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    _show(result)
    return 1 if failed else 0


def _interrupt_on_signals() -> None:
    """SIGTERM and a closed terminal do what Ctrl-C does: stacks are stopped, and their folders go away.

    What comes after the first signal is ignored: a terminal's Ctrl-C reaches us and whoever started us, who then sends
    SIGTERM, and that must not keep us from tidying up.
    """
    wanted = [one for one in _SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        for one in wanted:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    for one in wanted:
        signal.signal(one, interrupt)


def _measure(asked: argparse.Namespace, result: dict[str, Any]) -> bool:
    """Put into the result what each part has found; returns whether any went wrong."""
    parts = asked.parts or _USUAL
    say = _Saying()
    failed = False

    def measure(part: str, work: Callable[[Callable[[str], None]], Any]) -> None:
        nonlocal failed
        if part in parts:
            try:
                result[part] = work(say.of(part))
            except Exception:  # noqa: BLE001 - what the other parts measure still counts
                failed = True
                say.of(part)(traceback.format_exc())

    measure("startup", startup)
    for sharing, usual_stack in ((_IN_BULK, stack_in_bulk), (_AT_THE_DOOR, Stack)):
        if any(part in parts for part in sharing):
            with running(usual_stack()) as stack:
                floor = Floor(stack)
                for part in sharing:
                    measure(part, floor.measure if part == "floor" else partial(_run, part, stack, asked.fraction))
    measure("scaling", lambda tell: scaling(tell, asked.fraction, partitions=asked.partitions, workers=asked.workers))
    return failed


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./motcua bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all the table needs by default"
    )
    parser.add_argument("--fraction", type=float, default=0.02, metavar="F", help="of the quarter; 1 is all of it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured")
    parser.add_argument("--partitions", type=_numbers, default=[1, 2, 4], metavar="N,…", help="for `scaling`")
    parser.add_argument("--workers", type=_numbers, default=[1, 2], metavar="N,…", help="for `scaling`")
    asked = parser.parse_args(arguments)
    if unknown := [part for part in asked.parts if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    if not 0 < asked.fraction <= 1:
        parser.error("the fraction is more than 0 and at most 1")
    return asked


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _run(part: str, stack: Stack, fraction: float, say: Callable[[str], None]) -> dict[str, Any]:
    match part:
        case "quarter":
            return quarter(stack, say, fraction)
        case "messages":
            return one_message_each(stack, say)
        case "filing":
            return filing_rate(stack, say)
        case _:
            return received_latency(stack, say)


def figures_of(result: Mapping[str, Any]) -> dict[str, float]:
    """The figures of the table, as far as the parts that they come from have run."""
    figures: dict[str, float] = {}
    if run := result.get("quarter"):
        same_names = ("dossiers_per_second", "last_tenth", "memory_gib", "memory_growth", "disk_quarter_gb")
        figures |= {name: run[name] for name in same_names}
        if messages := result.get("messages"):
            figures["beside_messages"] = run["facts_per_second"] / messages["steps_per_second"]
        if lowest := result.get("floor"):
            figures["beside_floor"] = 1e6 / run["dossiers_per_second"] / lowest["sum_us_per_dossier"]
    if filing := result.get("filing"):
        figures["filing_beside_bare"] = filing["filing_beside_bare"]
    if received := result.get("received"):
        figures["received_p95_ms"] = received["received_ms"]["p95"]
    return figures


def _machine() -> dict[str, Any]:
    return {
        "cpus": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load_average_before": os.getloadavg(),
    }


class _Saying:
    """Says what is going on, on the error stream: the standard output is for what came of it."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    def of(self, part: str) -> Callable[[str], None]:
        """For one part."""

        def say(text: str) -> None:
            print(f"[{time.perf_counter() - self._began:6.0f} s] {part}: {text}", file=sys.stderr, flush=True)

        return say


def _of_the_machine(run: Mapping[str, Any]) -> str:
    speed = run["machine_in_last_tenth"]
    return (
        f"In the last tenth the machine itself was {speed:.2f} times as fast as in the first, by a yardstick;\n"
        f"beside that the last tenth was {run['last_tenth'] / speed:.2f} times as fast."
    )


def _show(result: Mapping[str, Any]) -> None:
    if result["figures"]:
        print(target_table(result["figures"]))
    if run := result.get("quarter"):
        parts = [run[part] for part in ("cpu_us_per_dossier", "cpu_us_first_tenth", "cpu_us_last_tenth")]
        used: list[tuple[Any, ...]] = [("processor time, us a dossier", "all", "first tenth", "last tenth")]
        used += [(name, *(part.get(name, 0.0) for part in parts)) for name in parts[0]]
        used += [("together", *(round(sum(part.values()), 1) for part in parts))]
        print(f"\n{run['dossiers']:,} dossiers, {run['facts']:,} steps in {run['seconds']:.0f} s\n")
        print(text_table(used))
        print(_of_the_machine(run))
    if lowest := result.get("floor"):
        rows: list[tuple[Any, ...]] = [("floor, us a dossier", "elapsed", "processor")]
        rows += [(name, us, lowest["cpu_us_per_dossier"].get(name, 0)) for name, us in lowest["us_per_dossier"].items()]
        spread = lowest["sum_us_of_rounds"]
        print(f"\n{text_table(rows)}")
        print(f"rounds from {spread['least']:.1f} to {spread['most']:.1f} us, median {spread['median']:.1f}")
    if scaled := result.get("scaling"):
        rows = [("partitions", "workers", "dossiers/s", "cores used", "us a dossier")]
        rows += [(row["partitions"], row["workers"], round(row["dossiers_per_second"]),
                  round(row["cpu_cores_used"], 2), round(row["cpu_us_sum"])) for row in scaled]  # fmt: skip
        print(f"\n{text_table(rows)}")
    others = {part: result[part] for part in ("startup", "messages", "filing", "received") if part in result}
    for part, found in others.items():
        print(f"\n{part}: {json.dumps(found, indent=2)}")


if __name__ == "__main__":
    sys.exit(main())
