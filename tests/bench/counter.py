"""Measures metrics alone: facts into its tables, and how long a report takes of a quarter of millions.

The facts are those of the national mix, played in memory; the quarter is made by SQL straight into the tables. Nothing
else runs but PostgreSQL and this process.

    PYTHONPATH=.:sdk .venv/bin/python -m tests.bench.counter --dossiers 40000 --blocks 4 --quarter 3000000
"""

import argparse
import gc
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psutil
import psycopg

from services.contracts.counting_rules import CountingRules, EarlyEnd, SuspendedRule
from services.metrics.adapters.consumer import CountingConsumer
from services.metrics.adapters.reader import SqlCountReader
from services.metrics.adapters.report_reader import SqlReportReader
from services.metrics.application.ports import Dimension, Selection
from services.metrics.application.report import ask_report
from services.metrics.application.statistics import ask_statistics
from services.metrics.counter import YOUNG_OBJECTS
from services.runtime.database import Database
from services.runtime.logs import configure_logs
from services.runtime.streams import FactSlice, decode_block, encode_block
from tests.bench import mix
from tests.support.facts import MONDAY
from tests.support.servers import running_servers


def measure(payloads: Sequence[bytes], dossiers: int, blocks_at_once: int) -> dict[str, Any]:
    """Count a ledger, so many blocks in a transaction; CPU of this process and of PostgreSQL by dossier."""
    with running_servers() as servers:
        database = Database(servers.database_urls["metrics"], schema="metrics", process="bench", max_connections=1)
        database.open()
        consumer = CountingConsumer()
        # As the counter process does; and a counter never holds a whole ledger.
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)
        facts = 0
        with psycopg.connect(servers.owner_url, autocommit=True) as owner:
            (pid,) = owner.execute("SELECT pg_backend_pid()").fetchone() or (0,)
            postgres = psutil.Process(pid).parent()
            assert postgres is not None
            before, own_before, started = _cpu(postgres), time.process_time(), time.perf_counter()
            for start in range(0, len(payloads), blocks_at_once):
                blocks = tuple(map(decode_block, payloads[start : start + blocks_at_once]))
                facts += sum(block.count for block in blocks)
                with database.transaction() as transaction:
                    consumer.load_positions(transaction, [("s", 0)])
                    consumer.apply(transaction, [FactSlice("s", 0, blocks[-1].last, None, blocks)])
            seconds = time.perf_counter() - started
            own, servers_cpu = time.process_time() - own_before, _cpu(postgres) - before
            sizes = owner.execute(
                "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
                " WHERE relnamespace = 'metrics'::regnamespace AND relkind = 'r' ORDER BY 2 DESC"
            ).fetchall()
        database.close()
    return {
        "dossiers": dossiers,
        "facts": facts,
        "blocks_at_once": blocks_at_once,
        "facts_per_second": round(facts / seconds),
        "microseconds_per_dossier": {
            "counter": round(own / dossiers * 1e6, 1),
            "postgresql": round(servers_cpu / dossiers * 1e6, 1),
        },
        "megabytes": {name: round(size / 2**20, 1) for name, size in sizes if size > 2**17},
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
    INSERT INTO metrics.tally (sandbox_id, partition, day, procedure_id, office_code, level, channel, filed, received,
        resolved_early, returned)
    SELECT 's', 0, day, procedure_id, office_code, 4, channel, sum(came), sum(came), sum(gone), sum(gone)
    FROM (
        SELECT day, procedure_id, office_code, channel, 1 AS came, 0 AS gone FROM life
        UNION ALL SELECT day + days, procedure_id, office_code, channel, 0, 1 FROM life WHERE fate > 0.02
    ) AS events
    GROUP BY 3, 4, 5, 7
"""
_OPEN = """
    INSERT INTO metrics.open_dossier
    SELECT 's', 0, number, procedure_id, office_code, 4, channel, day, 0, day, true, day,
        (day + 5)::timestamptz, 'working-days', NULL, NULL, NULL
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
        owner.execute(_LIVES, (dossiers,))
        for statement in (_TALLIES, _OPEN, _CONTESTED, _LATE, "ANALYZE"):
            owner.execute(statement)
        tables = ("tally", "open_dossier", "contested_end", "late_span")
        rows = {table: owner.execute(f"SELECT count(*) FROM metrics.{table}").fetchone()[0] for table in tables}  # type: ignore[index]
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
    parser.add_argument("--dossiers", type=int, default=40_000)
    parser.add_argument("--blocks", type=int, nargs="+", default=[1, 4, 8], help="in one transaction")
    parser.add_argument("--quarter", type=int, default=0, help="dossiers of a quarter to report on; 0: none")
    arguments = parser.parse_args()
    configure_logs("bench", "info")
    payloads = list(map(encode_block, mix.played(mix.lines(arguments.dossiers)).log.take_blocks()))
    for blocks_at_once in arguments.blocks:
        print(json.dumps(measure(payloads, arguments.dossiers, blocks_at_once)))
    if arguments.quarter:
        print(json.dumps(measure_answers(arguments.quarter)))


if __name__ == "__main__":
    main()
