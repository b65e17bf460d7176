"""Papers and attachments as the page of a dossier lists them, and what a check of a paper found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.contracts.labels import Label
from services.portal.application.papers import ListedPaper
from services.portal.domain.attachments import Attachment, CopyKind, Stage
from services.portal.domain.papers.signing import Verification
from services.portal.web.language import current_language, gettext


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper in a list."""

    paper_id: str
    title: str
    form: str  #: Vietnamese; empty when it follows no official form
    issued_at: datetime
    is_signed: bool


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A file in a list."""

    attachment_id: str
    document: str  #: in the applicant's words
    file_name: str
    size_kib: int
    copy_kind: Label
    stage: Label
    attached_at: datetime | None


@dataclass(frozen=True, slots=True)
class VerificationPage:
    """What a check found, in a sentence, with what the file says of itself when it can be believed."""

    is_valid: bool
    verdict: str
    issuer_name: str
    signed_at: datetime | None
    dossier_id: str


#: LoaiBan and HinhThucThu of the national portal; wording ours.
_COPY_KINDS: Final = {
    CopyKind.ORIGINAL: Label("Bản chính", "Original"),
    CopyKind.COPY: Label("Bản sao", "Copy"),
    CopyKind.ELECTRONIC: Label("Bản điện tử", "Electronic"),
}
_STAGES: Final = {
    Stage.RECEIPT: Label("Nộp cùng hồ sơ", "Handed in with the dossier"),
    Stage.SUPPLEMENT: Label("Nộp bổ sung", "Handed in as a supplement"),
    Stage.RESULT: Label("Nộp khi nhận kết quả", "Handed in for the result"),
}


def paper_rows(papers: Sequence[ListedPaper]) -> list[PaperRow]:
    """In the language of the page."""
    is_vietnamese = current_language() == "vi"
    return [
        PaperRow(
            item.paper.paper_id,
            item.title_vi if is_vietnamese else item.title_en,
            item.form,
            item.paper.issued_at,
            item.paper.is_signed,
        )
        for item in papers
    ]


def attachment_rows(files: Sequence[Attachment]) -> list[AttachmentRow]:
    """In the order in which they were handed in."""
    return [
        AttachmentRow(
            file.attachment_id,
            file.document or file.file_name,
            file.file_name,
            -(-file.size_bytes // 1024),
            _COPY_KINDS[CopyKind(file.copy_kind or 0)],
            _STAGES[Stage(file.stage or Stage.RECEIPT)],
            file.attached_at,
        )
        for file in files
    ]


def verification_page(found: Verification) -> VerificationPage:
    """What a check found."""
    return VerificationPage(
        is_valid=found.is_valid,
        verdict=_verdict(found),
        issuer_name=found.issuer_name or "",
        signed_at=found.signed_at,
        dossier_id=found.dossier_id or "",
    )


def _verdict(found: Verification) -> str:
    if found.is_valid:
        return gettext("This paper is intact: nothing in it has changed since the office signed it.")
    if not found.is_signed:
        return gettext("This file carries no signature that can be read. It isn't a paper of this sandbox.")
    if not found.is_intact:
        return gettext("This file has been changed since it was signed. Don't rely on it.")
    return gettext("This file is intact, but it wasn't signed under this sandbox's authority.")
