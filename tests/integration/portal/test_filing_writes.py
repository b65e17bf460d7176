"""What filing writes: the same whether a few dossiers come or many, and every text as it was sent."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from services.contracts.commands import CommandBatch
from services.contracts.vocabulary import ApplicantKind, Channel
from services.portal.adapters.sql_door import SqlDoor
from services.portal.adapters.sql_filings import FEW_FILED
from services.portal.adapters.sql_outbox import SqlOutbox
from services.portal.adapters.sql_reader import SqlReader
from services.portal.application.filing import FilingDesk, FilingRequest
from services.portal.application.ports import Answer
from services.portal.domain.sandbox import Filed, Submission
from services.runtime.database import Database
from services.runtime.errors import ProblemError
from tests.support.fakes import NOW, a_sandbox
from tests.support.filings import catalogue
from tests.support.servers import Servers

REAL = datetime(2026, 1, 5, 1, 2, 3, 456789, tzinfo=UTC)

#: What COPY, JSON and arrays write in another way.
TEXTS = ('Công ty "A"', "a\\b", "a\\N", "a\tb", "a\nb\r\nc", "{a,b}", "a'b", "\\.", "𠀀 x", "NULL")


@pytest.fixture
def database(servers: Servers) -> Iterator[Database]:
    servers.empty_schema("portal")
    opened = Database(servers.database_urls["portal"], schema="portal", process="tests")
    opened.open()
    yield opened
    opened.close()


def submissions(count: int) -> list[Submission]:
    return [
        Submission(
            procedure_id="refund-first",
            office_code=("30CF", "02CI")[place % 2],
            channel=Channel.ONLINE,
            applicant_kind=ApplicantKind.ENTERPRISE,
            applicant_id="0100109106",
            applicant_name=TEXTS[place % len(TEXTS)],
            filed_at=NOW + timedelta(hours=place),
            form={"note": TEXTS[place % len(TEXTS)], "first_time": True, "place": place},
        )
        for place in range(count)
    ]


def file(database: Database, sandbox_id: str, wanted: list[Submission]) -> list[Filed]:
    with SqlDoor(database).unit() as unit:
        unit.add_sandbox(a_sandbox(sandbox_id=sandbox_id, last_number=0))
    results: list[Filed | ProblemError] = []

    def answer(outcomes: Sequence[Filed | ProblemError]) -> Answer:
        results.extend(outcomes)
        return Answer(200, b"")

    FilingDesk(SqlDoor(database), catalogue().procedures, lambda: REAL).file(FilingRequest(sandbox_id, wanted, answer))
    return [one for one in results if isinstance(one, Filed)]


@pytest.mark.parametrize("count", [len(TEXTS), FEW_FILED + len(TEXTS)], ids=["few", "many"])
def test_what_was_filed_is_read_as_it_was_sent(database: Database, count: int) -> None:
    wanted = submissions(count)
    filed = file(database, "s", wanted)
    reader = SqlReader(database)
    assert len(filed) == count
    for number, (one, submission) in enumerate(zip(filed, wanted, strict=True), 1):
        assert reader.dossier("s", number) == one.dossier()
        assert reader.form("s", number) == submission.form
    sandbox = reader.sandbox("s")
    assert sandbox is not None
    assert sandbox.last_number == count


def test_processing_is_told_of_few_as_of_many(database: Database) -> None:
    told = []
    for sandbox_id, size in (("few", FEW_FILED), ("many", FEW_FILED + 1)):
        file(database, sandbox_id, submissions(size))
        with SqlOutbox(database).unsent(REAL, 100) as waiting:
            batches = [CommandBatch.from_wire(orjson.loads(orjson.dumps(part.to_wire()))) for part in waiting]
        assert {batch.sandbox_id for batch in batches} == {sandbox_id}
        commands = [(batch.partition, command) for batch in batches for command in batch.commands]
        assert [command.sequence for _, command in commands] == [1] * len(commands)
        told.append([(name, command.type, command.at, command.data["dossiers"][:40]) for name, command in commands])
    assert told[0] == told[1]
