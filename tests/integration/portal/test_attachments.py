"""Attachments on PostgreSQL: on disk when told so, one dossier at most, gone when nobody wanted them."""

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import errors

from services.contracts.commands import ClockSetting
from services.contracts.vocabulary import ApplicantKind, Channel, ClockMode, OfficerKind, Status
from services.portal.adapters.papers.file_kinds import FILE_KINDS, PDF
from services.portal.adapters.papers.sql_attachments import SqlAttachments
from services.portal.adapters.sql_door import SqlDoor
from services.portal.adapters.sql_expiry import SqlExpiry
from services.portal.application.attachments import hand_in, upload
from services.portal.application.filing import FilingDesk, FilingRequest
from services.portal.application.ports import Answer
from services.portal.domain.attachments import Attachment, AttachmentRef, CopyKind, Stage
from services.portal.domain.sandbox import Dossier, Filed, Sandbox, Submission
from services.runtime.catalogue import load_catalogue
from services.runtime.database import Database
from services.runtime.errors import ProblemError
from tests.support.servers import Servers

REAL = datetime(2026, 1, 5, tzinfo=UTC)
#: A Tuesday, nine o'clock in Vietnam.
NOW = datetime(2018, 6, 5, 2, tzinfo=UTC)
SANDBOX = Sandbox(
    sandbox_id="s1",
    name="attachments",
    seed=1,
    partition_count=2,
    officer=OfficerKind.HUMAN,
    clock=ClockSetting(ClockMode.MANUAL, REAL, NOW),
    last_number=0,
    created_at=REAL,
)
PROCEDURES = load_catalogue().procedures


class World:
    """A sandbox with the portal's own parts over a real database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.door = SqlDoor(database)
        self.desk = FilingDesk(self.door, PROCEDURES, lambda: REAL)
        self.files = SqlAttachments(database)
        with self.door.unit() as unit:
            unit.add_sandbox(SANDBOX)

    def upload(self, content: bytes = b"%PDF-1.7", name: str = "a.pdf", at: datetime = REAL) -> str:
        with self.door.unit() as unit:
            return upload(
                unit, "s1", content=content, file_name=name, kind=PDF, allowed=FILE_KINDS, real_now=at
            ).attachment_id

    def file(self, *submissions: Submission) -> list[Dossier | ProblemError]:
        """What became of each; either all of them in one request, or nothing."""
        results: list[Dossier | ProblemError] = []

        def answer(outcomes: Sequence[Filed | ProblemError]) -> Answer:
            results.extend(one.dossier() if isinstance(one, Filed) else one for one in outcomes)
            return Answer(200, b"")

        self.desk.file(FilingRequest("s1", submissions, answer))
        return results

    def filed(self, *names: str) -> Dossier:
        (result,) = self.file(a_submission(*names))
        assert isinstance(result, Dossier), result
        return result

    def hand_in(self, dossier: Dossier, *names: str) -> None:
        with self.door.unit() as unit:
            hand_in(unit, dossier, refs(*names), SANDBOX, REAL)

    def of(self, dossier: Dossier) -> list[Attachment]:
        return self.files.attachments("s1", dossier.number)


def refs(*names: str) -> tuple[AttachmentRef, ...]:
    return tuple(AttachmentRef(name, f"Giấy tờ {index}", CopyKind.COPY) for index, name in enumerate(names, start=1))


def a_submission(*names: str) -> Submission:
    return Submission(
        procedure_id="storage-extension",
        office_code="30CF",
        channel=Channel.ONLINE,
        applicant_kind=ApplicantKind.ENTERPRISE,
        applicant_id="0100109106",
        applicant_name="Công ty A",
        filed_at=None,
        form={},
        attachments=refs(*names),
    )


@pytest.fixture
def world(servers: Servers) -> Iterator[World]:
    servers.empty_schema("portal")
    opened = Database(servers.database_urls["portal"], schema="portal", process="tests")
    opened.open()
    yield World(opened)
    opened.close()


def owner_fetch(servers: Servers, statement: str) -> Any:
    with psycopg.connect(servers.owner_url) as owner:
        return owner.execute(statement).fetchall()


def test_a_file_comes_back_as_it_went_in(world: World) -> None:
    content = os.urandom(3_000_000)
    name = world.upload(content, "Hóa đơn.pdf")
    assert world.files.content("s1", name) == content
    found = world.files.attachment("s1", name)
    assert found is not None
    assert (found.file_name, found.size_bytes, found.uploaded_at) == ("Hóa đơn.pdf", 3_000_000, REAL)
    assert found.number is None


def test_another_sandbox_does_not_see_it(world: World) -> None:
    name = world.upload()
    assert world.files.attachment("s2", name) is None
    assert world.files.attachment("s1", "\x00") is None
    assert world.files.content("s2", name) is None


def test_content_is_kept_out_of_line_and_as_it_is(world: World, servers: Servers) -> None:
    world.upload(b"%PDF" + b"0" * 1_000_000)
    storage = (
        "SELECT attstorage FROM pg_attribute WHERE attrelid = 'portal.attachment'::regclass AND attname = 'content'"
    )
    assert owner_fetch(servers, storage) == [(b"e",)] or owner_fetch(servers, storage) == [("e",)]
    assert owner_fetch(servers, "SELECT pg_column_size(content) FROM portal.attachment") == [(1_000_004,)]


def test_a_filing_takes_its_files_along(world: World) -> None:
    first, second = world.upload(b"%PDF-1"), world.upload(b"%PDF-22")
    dossier = world.filed(second, first)
    found = world.of(dossier)
    assert [(file.attachment_id, file.place, file.document) for file in found] == [
        (second, 1, "Giấy tờ 1"),
        (first, 2, "Giấy tờ 2"),
    ]
    assert {(file.copy_kind, file.stage, file.attached_at) for file in found} == {(CopyKind.COPY, Stage.RECEIPT, NOW)}


def test_a_file_belongs_to_one_dossier(world: World) -> None:
    name = world.upload()
    dossier = world.filed(name)
    (again,) = world.file(a_submission(name))
    assert isinstance(again, ProblemError)
    assert again.code == "attachment-not-available"
    with pytest.raises(ProblemError) as caught:
        world.hand_in(dossier, name)
    assert caught.value.code == "attachment-not-available"


def test_of_a_batch_only_those_whose_files_are_there_are_filed_and_numbers_have_no_gap(world: World) -> None:
    name = world.upload()
    results = world.file(a_submission(), a_submission("att_0000000000000000"), a_submission(name), a_submission(name))
    numbers = [result.number if isinstance(result, Dossier) else result.code for result in results]
    assert numbers == [1, "attachment-not-available", 2, "attachment-not-available"]


def test_of_many_filings_at_the_same_moment_one_gets_the_file(world: World) -> None:
    """And those that want the same two files in opposite order don't wait for each other for ever."""
    one, other = world.upload(), world.upload()
    barrier = threading.Barrier(8)

    def try_it(index: int) -> Dossier | ProblemError:
        # Each with a desk of its own, as processes have.
        desk_world = World.__new__(World)
        desk_world.desk = FilingDesk(world.door, PROCEDURES, lambda: REAL)
        barrier.wait(30)
        (result,) = World.file(desk_world, a_submission(*((one, other) if index % 2 else (other, one))))
        return result

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(try_it, range(8)))
    filed = [result for result in results if isinstance(result, Dossier)]
    assert len(filed) == 1
    assert {result.code for result in results if isinstance(result, ProblemError)} == {"attachment-not-available"}
    assert len(world.of(filed[0])) == 2


def test_a_whole_batch_takes_its_files_with_two_statements(
    world: World, monkeypatch: pytest.MonkeyPatch, servers: Servers
) -> None:
    names = [world.upload(b"%PDF-" + str(index).encode()) for index in range(100)]
    statements: list[str] = []
    execute = psycopg.Cursor.execute

    def counted(cursor: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        statements.append(str(query))
        return execute(cursor, query, *arguments, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", counted)
    results = world.file(*(a_submission(name) for name in names))
    assert all(isinstance(result, Dossier) for result in results)
    assert len([text for text in statements if "attachment" in text]) == 2
    assert owner_fetch(servers, "SELECT count(DISTINCT number) FROM portal.attachment") == [(100,)]


def set_status(servers: Servers, status: Status) -> None:
    """As if facts had told of it."""
    with psycopg.connect(servers.owner_url) as owner:
        owner.execute(
            "INSERT INTO portal.progress (sandbox_id, number, version, status_at, status)"
            " SELECT sandbox_id, number, 1, filed_at, %s FROM portal.filed_dossier"
            " ON CONFLICT (sandbox_id, number) DO UPDATE SET status = excluded.status",
            (int(status),),
        )


def test_files_are_handed_in_later_too(world: World, servers: Servers) -> None:
    dossier = world.filed(world.upload())
    for status, stage in ((Status.SUPPLEMENT_REQUESTED, Stage.SUPPLEMENT), (Status.PROCESSED, Stage.RESULT)):
        set_status(servers, status)
        world.hand_in(dossier, world.upload(), world.upload())
        assert {file.stage for file in world.of(dossier)[-2:]} == {stage}
    assert [file.place for file in world.of(dossier)] == [1, 2, 3, 4, 5]
    set_status(servers, Status.RETURNED)
    with pytest.raises(ProblemError) as caught:
        world.hand_in(dossier, world.upload())
    assert caught.value.code == "attachments-not-taken"


def test_two_who_hand_in_at_the_same_moment_get_places_of_their_own(world: World) -> None:
    dossier = world.filed()
    names = [world.upload() for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: world.hand_in(dossier, name), names))
    found = world.of(dossier)
    assert [file.place for file in found] == list(range(1, 9))
    assert {file.attachment_id for file in found} == set(names)


def test_files_that_nobody_wanted_go_after_a_day(world: World) -> None:
    now = datetime.now(UTC)
    kept, fresh, old = (world.upload(at=now - timedelta(hours=hours)) for hours in (25, 23, 25))
    dossier = world.filed(kept)
    expiry = SqlExpiry(world.database)
    assert expiry.remove(100) is False
    assert [file.attachment_id for file in world.of(dossier)] == [kept]
    assert world.files.attachment("s1", fresh) is not None
    assert world.files.attachment("s1", old) is None


def test_many_go_in_portions(world: World) -> None:
    for _ in range(5):
        world.upload(at=datetime.now(UTC) - timedelta(days=2))
    expiry = SqlExpiry(world.database)
    assert [expiry.remove(3), expiry.remove(3)] == [True, False]


def test_what_is_being_filed_at_this_moment_does_not_expire(world: World) -> None:
    name = world.upload(at=datetime.now(UTC) - timedelta(days=2))
    with world.door.unit() as unit:
        assert unit.lock_free_attachments("s1", [name]) == {name: 8}
        SqlExpiry(world.database).remove(100)
    assert world.files.attachment("s1", name) is not None


def test_the_portal_may_not_change_what_a_file_is(world: World) -> None:
    world.upload()
    for column, value in (("content", "''"), ("sha256", "''"), ("content_type", "'text/html'"), ("file_name", "''")):
        with pytest.raises(errors.InsufficientPrivilege), world.database.transaction() as transaction:
            transaction.execute(f"UPDATE attachment SET {column} = {value}")


def test_a_file_cannot_belong_to_a_dossier_that_is_not_there(world: World) -> None:
    world.upload()
    with pytest.raises(errors.ForeignKeyViolation), world.database.transaction() as transaction:
        transaction.execute("UPDATE attachment SET number = 77, place = 1")


def test_lists_of_files_have_an_index(world: World) -> None:
    dossier = world.filed(world.upload())
    with world.database.transaction() as transaction:
        transaction.execute("SET LOCAL enable_seqscan = off")
        plan = transaction.execute(
            "EXPLAIN SELECT attachment_id FROM attachment WHERE sandbox_id = 's1' AND number = %s ORDER BY place",
            (dossier.number,),
        ).fetchall()
    assert "ix_attachment__dossier" in str(plan)
