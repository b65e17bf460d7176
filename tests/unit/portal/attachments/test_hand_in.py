"""Uploading files and handing them in: how much is taken and when, and that a file belongs to one dossier."""

# ruff: noqa: ARG002 - the fake keeps the signatures of the port

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import cast

import pytest

from services.contracts.vocabulary import ApplicantKind, Channel, Status
from services.portal.adapters.papers.file_kinds import FILE_KINDS, PDF, XML
from services.portal.application import attachments as use_cases
from services.portal.application.attachments import attachment_refusals, files_of, hand_in
from services.portal.application.ports import DoorUnit
from services.portal.domain.attachments import (
    FILES_PER_DOSSIER,
    LARGEST_DOSSIER_BYTES,
    LARGEST_FILE_BYTES,
    LARGEST_WAITING_BYTES,
    WAITING_FILES,
    AttachedFile,
    Attachment,
    AttachmentRef,
    CopyKind,
    DossierFiles,
    Stage,
    WaitingFiles,
    safe_file_name,
    stage_in,
)
from services.portal.domain.sandbox import Filed, Submission
from services.runtime.errors import ProblemError
from tests.support.fakes import NOW, RECORDED, SANDBOX_ID, a_dossier, a_sandbox

MIB = 1024 * 1024


class FileUnit:
    """The part of the door's transaction that has to do with files, over a dictionary."""

    def __init__(self, sizes: Mapping[str, int] | None = None, there: DossierFiles | None = None) -> None:
        self.sizes = dict(sizes or {})
        self.there = there or DossierFiles(Status.SUBMITTED, 0, 0)
        self.questions: list[list[str]] = []
        self.attached: list[AttachedFile] = []
        self.added: list[tuple[Attachment, bytes]] = []
        self.is_locked = False

    def lock_sandbox(self, sandbox_id: str) -> None:
        self.is_locked = True

    def waiting_files(self, sandbox_id: str) -> WaitingFiles:
        assert self.is_locked
        return WaitingFiles(len(self.sizes), sum(self.sizes.values()))

    def add_attachment(self, attachment: Attachment, content: bytes) -> None:
        self.added.append((attachment, content))

    def lock_free_attachments(self, sandbox_id: str, attachment_ids: Sequence[str]) -> Mapping[str, int]:
        self.questions.append(list(attachment_ids))
        return {name: self.sizes[name] for name in attachment_ids if name in self.sizes}

    def lock_dossier_files(self, sandbox_id: str, number: int) -> DossierFiles:
        return self.there

    def attach(self, sandbox_id: str, files: Sequence[AttachedFile]) -> None:
        self.attached += files


def door(unit: FileUnit) -> DoorUnit:
    return cast("DoorUnit", unit)


def upload(unit: FileUnit, content: bytes = b"%PDF-", name: str = "a.pdf", *, is_taken: bool = True) -> Attachment:
    return use_cases.upload(
        door(unit), SANDBOX_ID, content=content, file_name=name, kind=PDF if is_taken else None, allowed=FILE_KINDS,
        real_now=RECORDED,
    )  # fmt: skip


def submission(*names: str) -> Submission:
    return Submission(
        procedure_id="refund-first",
        office_code="30CF",
        channel=Channel.ONLINE,
        applicant_kind=ApplicantKind.ENTERPRISE,
        applicant_id="0100109106",
        applicant_name="A",
        filed_at=None,
        form={},
        attachments=refs(*names),
    )


def refs(*names: str) -> tuple[AttachmentRef, ...]:
    return tuple(AttachmentRef(name, f"Giấy tờ {name}") for name in names)


def codes(refusals: Sequence[ProblemError | None]) -> list[str | None]:
    return [refusal.code if refusal else None for refusal in refusals]


def pointers(refusal: ProblemError | None) -> list[str]:
    assert refusal is not None
    return [error["pointer"] for error in refusal.errors]


def test_an_uploaded_file_is_kept_with_what_its_content_is() -> None:
    unit = FileUnit()
    file = upload(unit, b"%PDF-1.7 content", "..\\Hóa đơn.exe")
    assert unit.added == [(file, b"%PDF-1.7 content")]
    assert (file.file_name, file.content_type, file.size_bytes) == ("Hóa đơn.exe.pdf", "application/pdf", 16)
    assert file.sha256 == sha256(b"%PDF-1.7 content").digest()
    assert (file.uploaded_at, file.number, file.stage) == (RECORDED, None, None)


def test_ids_cannot_be_guessed_from_one_another() -> None:
    assert len({upload(FileUnit()).attachment_id for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("content", "is_taken", "code"),
    [
        (b"", True, "attachment-empty"),
        (b"", False, "attachment-empty"),
        (b"x" * (LARGEST_FILE_BYTES + 1), True, "body-too-large"),
        (b"MZ", False, "attachment-kind-not-taken"),
    ],
    ids=["empty", "empty of no kind", "too large", "of no kind"],
)
def test_what_cannot_be_uploaded(content: bytes, is_taken: bool, code: str) -> None:
    unit = FileUnit()
    with pytest.raises(ProblemError) as caught:
        upload(unit, content, is_taken=is_taken)
    assert caught.value.code == code
    assert unit.added == []


def test_the_largest_file_is_taken() -> None:
    assert upload(FileUnit(), b"x" * LARGEST_FILE_BYTES).size_bytes == LARGEST_FILE_BYTES


def test_a_refusal_names_what_is_taken() -> None:
    with pytest.raises(ProblemError) as caught:
        upload(FileUnit(), is_taken=False)
    for kind in FILE_KINDS:
        assert kind.name in str(caught.value.detail)


def test_a_sandbox_keeps_so_much_that_waits_and_no_more() -> None:
    unit = FileUnit({"att_1": LARGEST_WAITING_BYTES - 5})
    assert upload(unit, b"%PDF-").size_bytes == 5
    with pytest.raises(ProblemError) as caught:
        upload(unit, b"%PDF-1")
    assert caught.value.code == "attachments-full"


def test_a_sandbox_keeps_so_many_that_wait_and_no_more() -> None:
    unit = FileUnit({f"att_{place}": 1 for place in range(WAITING_FILES - 1)})
    assert upload(unit, b"%PDF-").size_bytes == 5
    unit.sizes["att_last"] = 5
    with pytest.raises(ProblemError) as caught:
        upload(unit, b"%PDF-")
    assert caught.value.code == "attachments-full"


def test_all_submissions_of_a_batch_are_asked_for_at_once() -> None:
    unit = FileUnit({"att_1": 1, "att_2": 2, "att_3": 3})
    wanted = [submission("att_3", "att_1"), submission(), submission("att_2"), submission("att_4")]
    assert codes(attachment_refusals(door(unit), SANDBOX_ID, wanted)) == [None, None, None, "attachment-not-available"]
    assert unit.questions == [["att_1", "att_2", "att_3", "att_4"]]


def test_submissions_without_files_ask_nothing() -> None:
    unit = FileUnit()
    assert attachment_refusals(door(unit), SANDBOX_ID, [submission(), submission()]) == [None, None]
    assert unit.questions == []


def test_of_two_submissions_with_the_same_file_the_first_gets_it() -> None:
    unit = FileUnit({"att_1": 1})
    refusals = attachment_refusals(door(unit), SANDBOX_ID, [submission("att_1"), submission("att_1")])
    assert codes(refusals) == [None, "attachment-not-available"]


def test_a_file_that_a_refused_submission_named_is_free_for_the_next() -> None:
    unit = FileUnit({"att_1": 1})
    refusals = attachment_refusals(door(unit), SANDBOX_ID, [submission("att_1", "att_9"), submission("att_1")])
    assert codes(refusals) == ["attachment-not-available", None]


def test_a_refusal_points_at_each_file_that_is_not_there_or_named_twice() -> None:
    unit = FileUnit({"att_1": 1})
    (refusal,) = attachment_refusals(door(unit), SANDBOX_ID, [submission("att_1", "att_8", "att_1", "att_9")])
    assert pointers(refusal) == [f"/attachments/{index}/attachment_id" for index in (1, 2, 3)]


def test_a_dossier_takes_fifty_mebibytes() -> None:
    sizes = {f"att_{index}": LARGEST_FILE_BYTES for index in range(5)} | {"att_more": 1}
    everything = submission(*list(sizes)[:5])
    assert sum(list(sizes.values())[:5]) == LARGEST_DOSSIER_BYTES
    assert attachment_refusals(door(FileUnit(sizes)), SANDBOX_ID, [everything]) == [None]
    (refusal,) = attachment_refusals(door(FileUnit(sizes)), SANDBOX_ID, [submission(*sizes)])
    assert refusal is not None
    assert refusal.code == "attachments-too-large"


def test_files_of_a_filing_are_numbered_and_belong_to_its_instant() -> None:
    filed = Filed(SANDBOX_ID, 7, 0, NOW, RECORDED, submission("att_2", "att_1"), None)
    files = files_of(filed)
    assert [(file.ref.attachment_id, file.place) for file in files] == [("att_2", 1), ("att_1", 2)]
    assert {(file.number, file.stage, file.attached_at) for file in files} == {(7, Stage.RECEIPT, NOW)}


def test_files_go_to_a_dossier_after_those_that_it_has() -> None:
    unit = FileUnit({"att_1": 10}, DossierFiles(Status.SUPPLEMENT_REQUESTED, 3, 100))
    (file,) = hand_in(door(unit), a_dossier(7), refs("att_1"), a_sandbox(), RECORDED)
    assert unit.attached == [file]
    assert (file.place, file.stage, file.number, file.attached_at) == (4, Stage.SUPPLEMENT, 7, NOW)


@pytest.mark.parametrize("status", list(Status))
def test_files_are_taken_when_the_office_may_ask_for_them(status: Status) -> None:
    unit = FileUnit({"att_1": 10}, DossierFiles(status, 0, 0))
    stages = {Status.SUBMITTED: 1, Status.SUPPLEMENT_REQUESTED: 2, Status.PROCESSED: 4}
    if status in stages:
        (file,) = hand_in(door(unit), a_dossier(), refs("att_1"), a_sandbox(), RECORDED)
        assert file.stage == stages[status]
        assert stage_in(status) == stages[status]
    else:
        with pytest.raises(ProblemError) as caught:
            hand_in(door(unit), a_dossier(), refs("att_1"), a_sandbox(), RECORDED)
        assert (caught.value.code, caught.value.status) == ("attachments-not-taken", 409)
        assert unit.attached == []


def test_a_dossier_that_is_filed_tomorrow_takes_nothing_today() -> None:
    dossier = replace(a_dossier(), filed_at=NOW + timedelta(days=1))
    with pytest.raises(ProblemError) as caught:
        hand_in(door(FileUnit({"att_1": 1})), dossier, refs("att_1"), a_sandbox(), RECORDED)
    assert caught.value.code == "not-filed-yet"


@pytest.mark.parametrize(
    ("there", "code"),
    [
        ((0, LARGEST_DOSSIER_BYTES - 10), None),
        ((0, LARGEST_DOSSIER_BYTES - 9), "attachments-too-large"),
        ((FILES_PER_DOSSIER - 1, 0), None),
        ((FILES_PER_DOSSIER, 0), "attachments-too-large"),
    ],
)
def test_what_a_dossier_has_counts(there: tuple[int, int], code: str | None) -> None:
    unit = FileUnit({"att_1": 10}, DossierFiles(Status.SUBMITTED, *there))
    if code is None:
        assert len(hand_in(door(unit), a_dossier(), refs("att_1"), a_sandbox(), RECORDED)) == 1
        return
    with pytest.raises(ProblemError) as caught:
        hand_in(door(unit), a_dossier(), refs("att_1"), a_sandbox(), RECORDED)
    assert caught.value.code == code


def test_numbers_are_those_of_the_national_portal() -> None:
    assert [int(kind) for kind in (CopyKind.ORIGINAL, CopyKind.COPY, CopyKind.ELECTRONIC)] == [0, 1, 2]
    assert [int(stage) for stage in (Stage.RECEIPT, Stage.SUPPLEMENT, Stage.RESULT)] == [1, 2, 4]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Hóa đơn.pdf", "Hóa đơn.pdf"),
        ("Ho\u0301a.pdf", "Hóa.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\a\\b.pdf", "b.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("gpj.\u202efdp.exe", "gpj.fdp.exe.pdf"),
        ('<">|?*:.pdf', "_______.pdf"),
        ("", "attachment.pdf"),
        (".pdf", "pdf.pdf"),
        ("...", "attachment.pdf"),
        ("/", "attachment.pdf"),
        ("a" * 500 + ".pdf", "a" * 200 + ".pdf"),
        ("ắ" * 500, "ắ" * 66 + ".pdf"),
        ("x.PDF", "x.PDF"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_file_name(name, PDF.extension) == safe


def test_the_ending_is_that_of_the_content() -> None:
    assert safe_file_name("page.html", XML.extension) == "page.html.xml"
    assert safe_file_name("scan.jpeg", ".jpg") == "scan.jpeg"
    assert safe_file_name("scan.TIFF", ".tif") == "scan.TIFF"
