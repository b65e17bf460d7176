"""Files that belong to a dossier: how many, how large, when they are taken, and what they may be called.

Doesn't look into files (`services.portal.adapters.papers.file_kinds` does) and keeps none.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final, NamedTuple

from services.contracts.vocabulary import Status

#: Largest file, and all files of a dossier together.
LARGEST_FILE_BYTES: Final = 10 * 1024 * 1024
LARGEST_DOSSIER_BYTES: Final = 50 * 1024 * 1024

#: Files of a dossier, and of one request.
FILES_PER_DOSSIER: Final = 100

#: What a sandbox may keep in files that belong to no dossier yet, and how many.
LARGEST_WAITING_BYTES: Final = 500 * 1024 * 1024
WAITING_FILES: Final = 1000

#: How long a file waits for a dossier, on the wall's clock.
WAITING_FILES_KEPT_FOR: Final = timedelta(hours=24)

#: Without its ending. File systems take 255 bytes, of which a Vietnamese letter has up to three.
_NAME_BYTES: Final = 200
_NO_NAME: Final = "attachment"


class CopyKind(IntEnum):
    """What was handed in (LoaiBan of the national portal: 0, 1, 2)."""

    ORIGINAL = 0  #: bản chính
    COPY = 1  #: bản sao
    ELECTRONIC = 2  #: bản điện tử

    @property
    def slug(self) -> str:
        """The name on the wire."""
        return self.name.lower()


class WaitingFiles(NamedTuple):
    """What a sandbox has in files that belong to no dossier yet."""

    file_count: int
    size_bytes: int


class Stage(IntEnum):
    """When it was handed in (HinhThucThu of the national portal: 1, 2, 4)."""

    RECEIPT = 1  #: with the filing
    SUPPLEMENT = 2  #: when the office had asked for it
    RESULT = 4  #: before the result is handed over, such as an original to be compared

    @property
    def slug(self) -> str:
        """The name on the wire."""
        return self.name.lower()


COPY_KINDS: Final = {kind.slug: kind for kind in CopyKind}

#: In which status papers are taken, and as what. In others the office has all it may ask for (Decree 61/2018/NĐ-CP
#: art. 5.1, 15.3), or nothing is left to do.
_STAGES: Final = {
    Status.SUBMITTED: Stage.RECEIPT,
    Status.SUPPLEMENT_REQUESTED: Stage.SUPPLEMENT,
    Status.PROCESSED: Stage.RESULT,
}


def stage_in(status: int) -> Stage | None:
    """Return as what a paper is taken in a status; None when none is."""
    return _STAGES.get(Status(status))


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """An uploaded file as a filing names it.

    Attributes:
        document: Which paper of the dossier it is, in the applicant's words or the procedure's.
    """

    attachment_id: str
    document: str
    copy_kind: CopyKind = CopyKind.ELECTRONIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file without its content.

    Attributes:
        content_type: What its content shows it to be, never what the sender says.
        sha256: Of the content, 32 bytes.
        uploaded_at: On the wall's clock.
        number: Of the dossier that it belongs to; None: it waits for one.
        attached_at: On the sandbox's clock; None while it waits, as everything below `number`.
    """

    sandbox_id: str
    attachment_id: str
    file_name: str
    content_type: str
    size_bytes: int
    sha256: bytes
    uploaded_at: datetime
    number: int | None = None
    place: int | None = None
    document: str | None = None
    copy_kind: int | None = None
    stage: int | None = None
    attached_at: datetime | None = None


class AttachedFile(NamedTuple):
    """A file that becomes part of a dossier."""

    ref: AttachmentRef
    number: int
    place: int  #: among the dossier's files, from 1
    stage: Stage
    attached_at: datetime  #: on the sandbox's clock


class DossierFiles(NamedTuple):
    """What a dossier has, and whether it takes more."""

    status: int
    file_count: int
    size_bytes: int


def safe_file_name(name: str, extension: str) -> str:
    r"""Return a name under which a file can be saved anywhere: no folders, no control characters, the right ending.

    Args:
        name: As the sender gave it; may be anything.
        extension: That fits the content, with its dot.

    >>> safe_file_name("..\\tờ khai: số 1.exe", ".pdf")
    'tờ khai_ số 1.exe.pdf'
    >>> safe_file_name("Hóa đơn.PDF", ".pdf"), safe_file_name("/etc/", ".xml"), safe_file_name("  ", ".png")
    ('Hóa đơn.PDF', 'etc.xml', 'attachment.png')
    """
    composed = unicodedata.normalize("NFC", name)
    # Cc, Cf, Cs, Co, Cn: control characters, and such as turn the direction of writing.
    visible = "".join(letter for letter in composed if not unicodedata.category(letter).startswith("C"))
    parts = [part.strip(" .") for part in re.split(r"[/\\]", visible)]
    last = next((part for part in reversed(parts) if part), "")
    plain = re.sub(r"\s+", " ", re.sub(r'[<>:"|?*]', "_", last)).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    has_extension = bool(stem) and (dot + ending).lower() in _ENDINGS.get(extension, {extension})
    stem = stem if has_extension else plain
    short = stem.encode()[:_NAME_BYTES].decode(errors="ignore").strip(" .")
    return f"{short or _NO_NAME}{dot + ending if has_extension else extension}"


#: Endings that are as good as the first one.
_ENDINGS: Final = {".jpg": {".jpg", ".jpeg"}, ".tif": {".tif", ".tiff"}}
