"""The road not taken: a Celery message for each step of each dossier, done as one would do it.

`step` takes its dossier's row, lets the same engine carry out what is due next, and writes in one transaction what the
pipeline writes: the row, the fact in a ledger, the read model's row, the count of its day. Then it publishes the fact
and sends the message for the step after it. It has it easier than the pipeline: nothing is validated and nobody reads
what it publishes. `nothing` only counts itself: what Celery alone takes.
"""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
import redis
from celery import Celery
from psycopg import Connection
from psycopg_pool import ConnectionPool

from services.casework.case import Case
from services.casework.engine import PartitionRun, Rules
from services.casework.robot_files import load_robot_policies
from services.contracts.commands import AcceptedDossier
from services.contracts.facts import Fact
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import OfficerKind
from services.law.calendar import CalendarBook
from services.processing.adapters.dossier_rows import packed, unpacked
from services.runtime.catalogue import load_catalogue
from services.runtime.celery_app import make_celery
from services.runtime.clock import real_now
from services.runtime.streams import encode_block

REDIS_URL = os.environ["BENCH_REDIS_URL"]

#: Counted in Redis, so that the sender sees how far it has come.
NOTHINGS, STEPS, ENDED = "bench:nothings", "bench:steps", "bench:ended"
_STREAM = "bench:facts"
_SEED = 1

#: Before anything is filed.
_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)

TABLES = """
    CREATE TABLE dossier (
        number bigint PRIMARY KEY, status smallint NOT NULL, next_at timestamptz, state text NOT NULL
    );
    CREATE INDEX ON dossier (next_at, number);
    CREATE TABLE ledger (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number bigint NOT NULL, block bytea NOT NULL
    );
    CREATE TABLE shown (
        number bigint PRIMARY KEY, status smallint NOT NULL, status_at timestamptz NOT NULL, due_at timestamptz
    );
    CREATE TABLE tally (
        day date, procedure_id text, office_code text, action text, facts integer NOT NULL,
        PRIMARY KEY (day, procedure_id, office_code, action)
    );
"""

app: Celery = make_celery(REDIS_URL)
app.conf.update(task_create_missing_queues=True, task_queues=None, task_default_queue="bench")
# Messages as small as these are fetched a few at a time.
app.conf.update(worker_prefetch_multiplier=4)

_redis = redis.Redis.from_url(REDIS_URL)


@cache
def _rules() -> Rules:
    catalogue = load_catalogue()
    return Rules(CalendarBook(catalogue.calendar), catalogue.procedures, load_robot_policies(catalogue.procedures))


@cache
def _pool() -> ConnectionPool:
    return ConnectionPool(os.environ["BENCH_DATABASE_URL"], min_size=1, max_size=1, open=True)


@app.task(name="bench.nothing")  # type: ignore[untyped-decorator]
def nothing(number: int) -> None:
    """Nothing but a message."""
    del number
    _redis.incr(NOTHINGS)


@app.task(name="bench.accept")  # type: ignore[untyped-decorator]
def accept(row: list[Any]) -> None:
    """A dossier is filed: its row, and its first step."""
    run, dossier = _run(), AcceptedDossier(*row)
    run.accept([dossier], _BEFORE)
    with _pool().connection() as connection:
        payload = _carry_out(connection, run, run.cases[dossier.number])
    _hand_on(run, payload)


@app.task(name="bench.step")  # type: ignore[untyped-decorator]
def step(number: int) -> None:
    """A dossier's next step."""
    run = _run()
    with _pool().connection() as connection:
        row = connection.execute("SELECT state FROM dossier WHERE number = %s FOR UPDATE", [number]).fetchone()
        assert row is not None
        run.load([unpacked(orjson.loads(row[0]), _rules().procedures)])
        payload = _carry_out(connection, run, run.cases[number])
    _hand_on(run, payload)


def _run() -> PartitionRun:
    return PartitionRun(rules=_rules(), seed=_SEED, officer=OfficerKind.ROBOT, head_position=0, recorded_at=real_now())


def _carry_out(connection: "Connection[tuple[Any, ...]]", run: PartitionRun, case: Case) -> bytes:
    """The step that is planned, and what follows in the same instant; returns the facts as they travel."""
    assert case.next_step is not None
    run.play([case.number], (case.next_step.at, case.number))
    payload = encode_block(run.log.blocks()[0])
    with connection.pipeline():
        connection.execute(
            "INSERT INTO dossier VALUES (%s, %s, %s, %s) ON CONFLICT (number)"
            " DO UPDATE SET status = excluded.status, next_at = excluded.next_at, state = excluded.state",
            [
                case.number,
                case.status,
                case.next_step.at if case.next_step else None,
                orjson.dumps(packed(case)).decode(),
            ],
        )
        connection.execute("INSERT INTO ledger (number, block) VALUES (%s, %s)", [case.number, payload])
        for fact in run.facts:
            _tell(connection, fact)
    return payload


def _hand_on(run: PartitionRun, payload: bytes) -> None:
    """After the transaction: publish, and send the message for what comes next."""
    (case,) = run.cases.values()
    pipe = _redis.pipeline(transaction=False)
    pipe.xadd(_STREAM, {"block": payload}, maxlen=1000, approximate=True)
    pipe.incrby(STEPS, len(run.log))
    if case.next_step is None:
        pipe.incr(ENDED)
    pipe.execute()
    if case.next_step is not None:
        step.delay(case.number)


def _tell(connection: "Connection[tuple[Any, ...]]", fact: Fact) -> None:
    """What projector and counter make of a fact."""
    connection.execute(
        "INSERT INTO shown VALUES (%s, %s, %s, %s) ON CONFLICT (number)"
        " DO UPDATE SET status = excluded.status, status_at = excluded.status_at, due_at = excluded.due_at",
        [fact.number, fact.status, fact.occurred_at, fact.due_at],
    )
    connection.execute(
        "INSERT INTO tally VALUES (%s, %s, %s, %s, 1) ON CONFLICT (day, procedure_id, office_code, action)"
        " DO UPDATE SET facts = tally.facts + 1",
        [vietnamese_day(fact.occurred_at), fact.procedure_id, fact.office_code, fact.action],
    )
