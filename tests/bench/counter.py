"""Measures metrics alone: facts a second into its tables, and how long a report takes of a quarter of millions.

The facts are made here, as processing would publish them; the quarter is made by SQL straight into the tables. Nothing
else runs but PostgreSQL and this process.

    PYTHONPATH=.:sdk .venv/bin/python -m tests.bench.counter --dossiers 100000 --quarter 3000000
"""

import argparse
import gc
import heapq
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import psutil
import psycopg

from services.contracts.counting_rules import CountingRules, EarlyEnd, SuspendedRule
from services.contracts.facts import Fact
from services.contracts.vocabulary import Action, Status
from services.metrics.adapters.consumer import CountingConsumer
from services.metrics.adapters.reader import SqlCountReader
from services.metrics.adapters.report_reader import SqlReportReader
from services.metrics.application.ports import Dimension, Selection
from services.metrics.application.report import ask_report
from services.metrics.application.statistics import ask_statistics
from services.runtime.database import Database
from services.runtime.logs import configure_logs
from services.runtime.streams import FactSlice
from tests.support.facts import MONDAY, make_fact
from tests.support.servers import running_servers

#: Facts in one transaction: what the follower takes from the streams at a time when it is behind.
FACTS_PER_TRANSACTION = 8000

#: Shares of what isn't plain, about those of the robot.
SUPPLEMENT, WITHDRAWN, LATE, REFUSED = 0.05, 0.005, 0.004, 0.015


def life(number: int, draw: random.Random, offices: list[str], procedures: list[str]) -> Iterator[tuple[datetime, Any]]:
    """One dossier's facts without position: filed within a quarter, decided within days."""
    at = MONDAY + timedelta(minutes=draw.randrange(90 * 24 * 60))
    fact = make_fact(
        number=number,
        occurred_at=at,
        procedure_id=procedures[min(int(draw.expovariate(1.0)), len(procedures) - 1)],
        office_code=offices[min(int(draw.expovariate(0.03)), len(offices) - 1)],
        channel="online" if draw.random() < 0.8 else "in-person",
        applicant_id=f"{draw.randrange(5000):010}",
        limit_unit=None,
    )
    yield at, fact

    def step(action: Action, status: Status, minutes: float, **changes: Any) -> tuple[datetime, Fact]:
        nonlocal fact, at
        at += timedelta(minutes=minutes)
        fact = fact._replace(
            action=str(action), status_before=fact.status, status=int(status), occurred_at=at, **changes
        )
        return at, fact

    if draw.random() < REFUSED:
        yield step(Action.REFUSE_INTAKE, Status.NOT_RECEIVED, 30)
        return
    due_at = at + timedelta(days=5)
    received_at = at + timedelta(minutes=draw.uniform(5, 60))
    yield step(Action.RECEIVE, Status.RECEIVED, 60, received_at=received_at, due_at=due_at, limit_unit="working-days")
    yield step(Action.START, Status.IN_PROCESS, 10)
    if draw.random() < SUPPLEMENT:
        yield step(Action.REQUEST_SUPPLEMENT, Status.SUPPLEMENT_REQUESTED, 600, due_at=None)
        yield step(Action.SUPPLEMENT, Status.IN_PROCESS, 3000, due_at=at + timedelta(days=7))
    if draw.random() < WITHDRAWN:
        yield step(Action.WITHDRAW, Status.WITHDRAWN, 100)
        return
    days = 8.0 if draw.random() < LATE else draw.uniform(0.5, 4.5)
    yield step(Action.GRANT, Status.PROCESSED, days * 24 * 60)
    yield step(Action.RETURN_RESULT, Status.RETURNED, 60)


def ledger(count: int, seed: int) -> Iterator[Fact]:
    """All facts of a partition in order; lives are begun in order of filing, so few are open at a time."""
    draw = random.Random(seed)
    offices, procedures = [f"{n:04}" for n in range(375)], [f"procedure-number-{n:02}" for n in range(20)]
    lives = sorted(
        (next(one := life(number, draw, offices, procedures)), number, one) for number in range(1, count + 1)
    )
    heap: list[tuple[datetime, int, Fact, Iterator[tuple[datetime, Fact]]]] = []
    position = 0

    def until(limit: datetime | None) -> Iterator[Fact]:
        nonlocal position
        while heap and (limit is None or heap[0][0] <= limit):
            _, number, fact, rest = heapq.heappop(heap)
            position += 1
            yield fact._replace(position=position)
            if following := next(rest, None):
                heapq.heappush(heap, (following[0], number, following[1], rest))

    for (at, fact), number, rest in lives:
        heapq.heappush(heap, (at, number, fact, rest))
        yield from until(at)
    yield from until(None)


def measure(dossiers: int, seed: int) -> dict[str, Any]:
    """Count a ledger; CPU of this process and of PostgreSQL by dossier and by fact."""
    facts = list(ledger(dossiers, seed))
    gc.freeze()  # a counter never holds a whole ledger: its collector mustn't walk through it
    with running_servers() as servers:
        database = Database(servers.database_urls["metrics"], schema="metrics", process="bench", max_connections=1)
        database.open()
        consumer = CountingConsumer()
        with psycopg.connect(servers.owner_url, autocommit=True) as owner:
            (pid,) = owner.execute("SELECT pg_backend_pid()").fetchone() or (0,)
            postgres = psutil.Process(pid).parent()
            assert postgres is not None
            before, own_before, started = _cpu(postgres), time.process_time(), time.perf_counter()
            for start in range(0, len(facts), FACTS_PER_TRANSACTION):
                part = tuple(facts[start : start + FACTS_PER_TRANSACTION])
                with database.transaction() as transaction:
                    consumer.load_positions(transaction, [("s", 0)])
                    consumer.apply(transaction, [FactSlice("s", 0, part[-1].position, None, part)])
            seconds = time.perf_counter() - started
            own, servers_cpu = time.process_time() - own_before, _cpu(postgres) - before
            sizes = owner.execute(
                "SELECT relname, pg_total_relation_size(oid), (SELECT reltuples FROM pg_class AS c WHERE c.oid = p.oid)"
                " FROM pg_class AS p WHERE relnamespace = 'metrics'::regnamespace AND relkind = 'r' ORDER BY 2 DESC"
            ).fetchall()
        database.close()
    return {
        "dossiers": dossiers,
        "facts": len(facts),
        "facts_per_second": round(len(facts) / seconds),
        "microseconds_per_dossier": {
            "counter": round(own / dossiers * 1e6, 1),
            "postgresql": round(servers_cpu / dossiers * 1e6, 1),
        },
        "megabytes": {name: round(size / 2**20, 1) for name, size, _ in sizes if size > 2**17},
        "load_average": os.getloadavg(),
    }


#: A quarter's lives: received on some day, resolved within days; some withdrawn, some late for a while, some open.
_LIVES = """
    CREATE TEMP TABLE life AS
    SELECT number, date '2018-04-01' + (random() * 90)::int AS day, (random() * 5)::int AS days,
        lpad(least(374, floor(-ln(random() + 1e-9) / 0.03))::text, 4, '0') AS office_code,
        'procedure-number-' || least(19, floor(-ln(random() + 1e-9)))::int AS procedure_id,
        CASE WHEN random() < 0.8 THEN 'online' ELSE 'in-person' END AS channel, random() AS fate
    FROM generate_series(1, %s) AS number
"""
_TALLIES = """
    INSERT INTO metrics.tally
    SELECT 's', 0, day, procedure_id, office_code, 4, channel, sum(came), sum(came), 0, 0, sum(gone), 0, 0, 0, 0, 0,
        sum(gone), 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM (
        SELECT day, procedure_id, office_code, channel, 1 AS came, 0 AS gone FROM life
        UNION ALL SELECT day + days, procedure_id, office_code, channel, 0, 1 FROM life WHERE fate > 0.02
    ) AS events
    GROUP BY 3, 4, 5, 7
"""
_OPEN = """
    INSERT INTO metrics.open_dossier
    SELECT 's', 0, number, procedure_id, office_code, 4, channel, day, 0, day, true, day,
        (day + 5)::timestamptz, 'working-days', NULL, NULL
    FROM life WHERE fate <= 0.02
"""
_CONTESTED = """
    INSERT INTO metrics.contested_end
    SELECT 's', 0, number, procedure_id, office_code, 4, channel, day, day, day + days, true, 0, 'EEEE'
    FROM life WHERE fate BETWEEN 0.02 AND 0.06
"""
_LATE = """
    INSERT INTO metrics.late_span
    SELECT 's', 0, number, day, day + days + 1, 15, procedure_id, office_code, 4, channel
    FROM life WHERE fate BETWEEN 0.02 AND 0.04
"""


def measure_answers(dossiers: int) -> dict[str, Any]:
    """Seconds for the reports of a quarter, the last of several; rows in each table."""
    with running_servers() as servers, psycopg.connect(servers.owner_url, autocommit=True) as owner:
        owner.execute(_LIVES, (dossiers,))  # type: ignore[arg-type]
        for statement in (_TALLIES, _OPEN, _CONTESTED, _LATE, "ANALYZE"):
            owner.execute(statement)
        tables = ("tally", "open_dossier", "contested_end", "late_span")
        rows = {table: owner.execute(f"SELECT count(*) FROM metrics.{table}").fetchone()[0] for table in tables}  # type: ignore[index,arg-type]
        database = Database(servers.database_urls["metrics"], schema="metrics", process="bench", max_connections=1)
        database.open()
        quarter = Selection("s", MONDAY + timedelta(days=60), date(2018, 4, 1), date(2018, 6, 30))
        office = replace(quarter, office_codes=("0001",))
        other_rules = CountingRules(ended_early=EarlyEnd.LEFT_OUT, suspended=SuspendedRule.BY_DUE)
        questions: dict[str, Callable[[], object]] = {
            "report, all offices, by procedure": lambda: ask_report(reports, quarter, by_procedure, CountingRules()),
            "the same by other rules": lambda: ask_report(reports, quarter, by_procedure, other_rules),
            "report, all offices, by office": lambda: ask_report(reports, quarter, [Dimension.OFFICE], CountingRules()),
            "report, one office": lambda: ask_report(reports, office, by_procedure, CountingRules()),
            "statistics by procedure": lambda: ask_statistics(SqlCountReader(database), quarter, by_procedure),
        }
        reports, by_procedure = SqlReportReader(database), [Dimension.PROCEDURE]
        seconds = {name: round(min(_timed(question) for _ in range(3)), 2) for name, question in questions.items()}
        database.close()
    return {"dossiers": dossiers, "rows": rows, "seconds": seconds, "load_average": os.getloadavg()}


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _cpu(postgres: psutil.Process) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in [postgres, *postgres.children()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dossiers", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--quarter", type=int, default=0, help="dossiers of a quarter to report on; 0: none")
    arguments = parser.parse_args()
    configure_logs("bench", "info")
    for run in range(arguments.runs):
        print(json.dumps(measure(arguments.dossiers, run)))
    if arguments.quarter:
        print(json.dumps(measure_answers(arguments.quarter)))


if __name__ == "__main__":
    main()
