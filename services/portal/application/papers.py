"""A dossier's papers: which there are, each as a file, and whether a file that somebody has is one of them.

Papers aren't stored: they are composed from the read model's copy of the ledger, drawn and signed whenever somebody
wants one, and come out the same each time (docs/adr/0011-papers-are-rendered-on-demand.md).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol
from urllib.parse import urlencode

from services.contracts.catalogue import Effect, Office, Procedure
from services.portal.application.ports import Reader
from services.portal.application.problems import problem
from services.portal.domain.attachments import Attachment, Stage
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.papers.composing import compose, paper_issuer
from services.portal.domain.papers.issuers import Issuer, issuer_by_code
from services.portal.domain.papers.papers import Paper, PaperSource, PaperWords, papers_of
from services.portal.domain.papers.sheets import Sheet
from services.portal.domain.papers.signing import Credentials, Verification
from services.portal.domain.payments.payments import PaymentDocument
from services.portal.domain.sandbox import Dossier

#: Largest file that is checked.
LARGEST_VERIFIED_BYTES: Final = 10 * 1024 * 1024

#: Results that enter something new in a register, under a number or code that the paper tells.
_GIVING_CODES: Final = frozenset({Effect.ISSUE_CARGO_ID, Effect.REGISTER_FACILITY})


class PaperPress(Protocol):
    """Makes and checks files."""

    @property
    def version(self) -> str:
        """Changes when the same sheet is drawn differently."""
        ...

    def draw(self, sheet: Sheet) -> bytes:
        """The sheet as a PDF file; equal sheets give equal bytes."""
        ...

    def sign(self, pdf: bytes, sheet: Sheet, issuer: Issuer, credentials: Credentials) -> bytes:
        """The file with the issuer's signature; the same each time."""
        ...

    def verify(self, pdf: bytes, authority: bytes) -> Verification:
        """What a file is worth, against a sandbox's authority (DER)."""
        ...


class SigningKeys(Protocol):
    """Keys and certificates of a sandbox, made when they are first needed."""

    def authority(self, sandbox_id: str) -> bytes:
        """Certificate of the sandbox's authority, DER; one for good."""
        ...

    def authority_pem(self, sandbox_id: str) -> str:
        """The same as PEM, with its subject and fingerprint above it."""
        ...

    def credentials(self, sandbox_id: str, issuer: Issuer) -> Credentials:
        """What an issuer signs with; one certificate for good."""
        ...


class PaymentList(Protocol):
    """Payment documents."""

    def __call__(self, sandbox_id: str, number: int) -> Sequence[PaymentDocument]:
        """Of a dossier, in order of their issue."""
        ...


class FileList(Protocol):
    """Attachments."""

    def __call__(self, sandbox_id: str, number: int) -> Sequence[Attachment]:
        """Of a dossier, in the order in which they were handed in."""
        ...


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """A paper in a list.

    Attributes:
        form: Number and source of the official form on its day; empty: none.
    """

    paper: Paper
    title_vi: str
    title_en: str
    form: str


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A paper that is about to be made.

    Attributes:
        etag: Without quotes; another one when the bytes would differ.
        make: Draws and signs it.
    """

    paper: Paper
    etag: str
    file_name: str
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperOffice:
    """Where papers come from.

    Attributes:
        words: Read when first asked for.
        issued_codes: The number or code that a dossier's result gave, empty for none.
        pages_url: Where QR codes lead, without a slash at the end.
    """

    reader: Reader
    payments: PaymentList
    files: FileList
    procedures: Mapping[str, Procedure]
    offices: Mapping[str, Office]
    words: Callable[[], PaperWords]
    issued_codes: Callable[[str, int], str]
    press: PaperPress
    keys: SigningKeys
    pages_url: str

    def papers(self, dossier: Dossier) -> list[ListedPaper]:
        """The papers that a dossier has by now, in the order in which they came to be; the control sheet last."""
        source, words, url = self._source(dossier), self.words(), self._look_up_url(dossier)
        listed = []
        for paper in papers_of(source, words.templates):
            sheet = compose(paper, source, words, url)
            listed.append(ListedPaper(paper, _title(sheet), sheet.title_en, sheet.form))
        return listed

    def file(self, dossier: Dossier, paper_id: str) -> PaperFile:
        """One paper; nothing is drawn yet.

        Raises:
            ProblemError: `not-found`.
        """
        source, words = self._source(dossier), self.words()
        paper = next((item for item in papers_of(source, words.templates) if item.paper_id == paper_id), None)
        if paper is None:
            raise problem("not-found", what="paper", name=paper_id)
        sheet = compose(paper, source, words, self._look_up_url(dossier))
        issuer = paper_issuer(paper, source)
        credentials = self.keys.credentials(dossier.sandbox_id, issuer) if paper.is_signed else None

        def make() -> bytes:
            pdf = self.press.draw(sheet)
            return self.press.sign(pdf, sheet, issuer, credentials) if credentials else pdf

        # Sheets are values all the way down, so their representation stands for everything that is drawn.
        told = f"{self.press.version}\n{sheet!r}\n".encode() + (credentials.issuer.certificate if credentials else b"")
        name = f"{source.dossier_id}-{paper.paper_id}.pdf"
        return PaperFile(paper, hashlib.sha256(told).hexdigest()[:32], name, make)

    def verify(self, sandbox_id: str, pdf: bytes) -> Verification:
        """Whether a file is what an office of this sandbox signed.

        A certificate has little room for a name, so an office of ours is named as the catalogue has it.
        """
        found = self.press.verify(pdf, self.keys.authority(sandbox_id))
        if found.issuer_code is None:
            return found
        return replace(found, issuer_name=issuer_by_code(found.issuer_code, self.offices).name)

    def authority_pem(self, sandbox_id: str) -> str:
        """Certificate of the sandbox's authority, for people and for other verifiers."""
        return self.keys.authority_pem(sandbox_id)

    def _source(self, dossier: Dossier) -> PaperSource:
        where, number = dossier.sandbox_id, dossier.number
        procedure = self.procedures[dossier.procedure_id]
        return PaperSource(
            dossier=dossier,
            dossier_id=dossier_id(dossier),
            form=self.reader.form(where, number),
            timeline=self.reader.timeline(where, number),
            procedure=procedure,
            office=self.offices.get(dossier.office_code),
            offices=self.offices,
            payments=self.payments(where, number),
            issued_code=self.issued_codes(where, number) if procedure.effect in _GIVING_CODES else "",
            handed_in=[_told(file) for file in self.files(where, number) if file.stage == Stage.RECEIPT],
        )

    def _look_up_url(self, dossier: Dossier) -> str:
        query = urlencode({"sandbox": dossier.sandbox_id, "dossier_id": dossier_id(dossier)})
        return f"{self.pages_url}/lookup?{query}"


def _title(sheet: Sheet) -> str:
    """Title and subtitle as one sentence would have them."""
    title, subtitle = sheet.title.capitalize(), sheet.subtitle
    if subtitle.startswith("Về "):
        return f"{title} v{subtitle[1:]}"
    return f"{title} - {subtitle}" if subtitle else title


def _told(file: Attachment) -> str:
    return f"{file.document} ({file.file_name})"
