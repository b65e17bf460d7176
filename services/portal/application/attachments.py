"""Uploading files, and handing them in with a dossier.

A file is uploaded first and named by a filing, or by a later request while the office takes papers. It belongs to one
dossier at most. "Uploaded" is said only when the file is on disk.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.contracts.vocabulary import Status
from services.portal.application.ports import DoorUnit
from services.portal.application.problems import problem
from services.portal.domain.attachments import (
    FILES_PER_DOSSIER,
    LARGEST_DOSSIER_BYTES,
    LARGEST_FILE_BYTES,
    LARGEST_WAITING_BYTES,
    WAITING_FILES,
    AttachedFile,
    Attachment,
    AttachmentRef,
    Stage,
    safe_file_name,
    stage_in,
)
from services.portal.domain.sandbox import Dossier, Filed, Sandbox, Submission
from services.runtime.clock import virtual_now
from services.runtime.errors import ProblemError


class Kind(Protocol):
    """A kind of file."""

    @property
    def content_type(self) -> str:
        """On the wire."""
        ...

    @property
    def extension(self) -> str:
        """With its dot."""
        ...

    @property
    def name(self) -> str:
        """For people."""
        ...


class AttachmentStore(Protocol):
    """Reads what is kept of files; the door's transactions write it."""

    def attachment(self, sandbox_id: str, attachment_id: str) -> Attachment | None:
        """One file, without its content."""
        ...

    def attachments(self, sandbox_id: str, number: int) -> list[Attachment]:
        """A dossier's files, in the order in which they were handed in."""
        ...

    def content(self, sandbox_id: str, attachment_id: str) -> bytes | None:
        """What is in a file."""
        ...


def upload(
    unit: DoorUnit,
    sandbox_id: str,
    *,
    content: bytes,
    file_name: str,
    kind: Kind | None,
    allowed: Iterable[Kind],
    real_now: datetime,
) -> Attachment:
    """Keep a file.

    Args:
        unit: Transaction of the door.
        sandbox_id: Where.
        content: All of it.
        file_name: As the sender calls it.
        kind: What it is by its content; None: nothing that is taken.
        allowed: What is taken, for the answer.
        real_now: On the wall's clock.

    Raises:
        ProblemError: `attachment-empty`, `body-too-large`, `attachment-kind-not-taken`, `attachments-full`.
    """
    if not content:
        raise problem("attachment-empty")
    if len(content) > LARGEST_FILE_BYTES:
        raise problem("body-too-large", limit_bytes=LARGEST_FILE_BYTES)
    if kind is None:
        raise problem("attachment-kind-not-taken", kinds=", ".join(item.name for item in allowed))
    unit.lock_sandbox(sandbox_id)  # of two uploads at once the second sees the first
    waiting = unit.waiting_files(sandbox_id)
    if waiting.file_count >= WAITING_FILES or waiting.size_bytes + len(content) > LARGEST_WAITING_BYTES:
        raise problem("attachments-full", limit=WAITING_FILES, limit_bytes=LARGEST_WAITING_BYTES)
    attachment = Attachment(
        sandbox_id=sandbox_id,
        attachment_id=f"att_{secrets.token_hex(8)}",
        file_name=safe_file_name(file_name, kind.extension),
        content_type=kind.content_type,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).digest(),
        uploaded_at=real_now,
    )
    unit.add_attachment(attachment, content)
    return attachment


def attachment_refusals(
    unit: DoorUnit, sandbox_id: str, submissions: Sequence[Submission]
) -> list[ProblemError | None]:
    """For each submission why its files can't be handed in with it; asks the database once for all of them.

    Files that can are locked until the end of the transaction. Of two submissions that name the same file the first
    gets it.
    """
    wanted = {ref.attachment_id for submission in submissions for ref in submission.attachments}
    if not wanted:
        return [None] * len(submissions)
    free = dict(unit.lock_free_attachments(sandbox_id, sorted(wanted)))
    refusals: list[ProblemError | None] = []
    for submission in submissions:
        refusal = _refusal(submission.attachments, free, taken_bytes=0, taken_files=0)
        refusals.append(refusal)
        if refusal is None:
            for ref in submission.attachments:
                del free[ref.attachment_id]
    return refusals


def files_of(filed: Filed) -> list[AttachedFile]:
    """The files that are handed in with a dossier's filing."""
    return [
        AttachedFile(ref, filed.number, place, Stage.RECEIPT, filed.filed_at)
        for place, ref in enumerate(filed.submission.attachments, start=1)
    ]


def hand_in(
    unit: DoorUnit, dossier: Dossier, refs: Sequence[AttachmentRef], sandbox: Sandbox, real_now: datetime
) -> list[AttachedFile]:
    """Add files to a dossier that has been filed.

    Args:
        unit: Transaction of the door.
        dossier: As it was read; its status is read again under lock.
        refs: At least one.
        sandbox: The dossier's, for its clock.
        real_now: On the wall's clock.

    Raises:
        ProblemError: `not-filed-yet`, `attachments-not-taken` in this status, or as `attachment_refusals`.
    """
    now = virtual_now(sandbox.clock, real_now)
    if dossier.filed_at > now:
        raise problem("not-filed-yet", filed_at=dossier.filed_at.isoformat())
    there = unit.lock_dossier_files(dossier.sandbox_id, dossier.number)
    stage = stage_in(there.status)
    if stage is None:
        raise problem("attachments-not-taken", status=Status(there.status).slug)
    free = unit.lock_free_attachments(dossier.sandbox_id, sorted({ref.attachment_id for ref in refs}))
    refusal = _refusal(refs, free, taken_bytes=there.size_bytes, taken_files=there.file_count)
    if refusal is not None:
        raise refusal
    files = [
        AttachedFile(ref, dossier.number, there.file_count + index, stage, now)
        for index, ref in enumerate(refs, start=1)
    ]
    unit.attach(dossier.sandbox_id, files)
    return files


def _refusal(
    refs: Sequence[AttachmentRef], free: Mapping[str, int], *, taken_bytes: int, taken_files: int
) -> ProblemError | None:
    """Why these can't be added to a dossier that has so much; `free`: size by id of those that may be taken."""
    errors = []
    seen: set[str] = set()
    for index, ref in enumerate(refs):
        if ref.attachment_id not in free or ref.attachment_id in seen:
            errors.append(
                {
                    "pointer": f"/attachments/{index}/attachment_id",
                    "code": "not-available",
                    "detail": "No uploaded file that waits has this id; it may have expired or belong to a dossier.",
                    "detail_vi": "Không có tệp đã tải lên nào đang chờ với mã này; tệp có thể đã hết hạn hoặc đã thuộc"
                    " một hồ sơ.",
                }
            )
        seen.add(ref.attachment_id)
    if errors:
        return problem("attachment-not-available", count=len(errors), errors=errors)
    total_bytes = taken_bytes + sum(free[ref.attachment_id] for ref in refs)
    if total_bytes > LARGEST_DOSSIER_BYTES or taken_files + len(refs) > FILES_PER_DOSSIER:
        return problem("attachments-too-large", limit_bytes=LARGEST_DOSSIER_BYTES, limit=FILES_PER_DOSSIER)
    return None
