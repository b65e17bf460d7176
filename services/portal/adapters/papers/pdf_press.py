"""Draws, signs and checks PDF files, with libraries that are imported when the first file needs them.

fpdf2, fontTools and pyHanko take a second to import: the portal starts without them, as do its relay and projector.

Making a paper is a tenth of a second of computing, which threads can't share. So papers are made one after the other,
and whoever finds too many waiting is told to come again: other requests shall not starve for them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from typing import Final

from services.portal.application.problems import problem
from services.portal.domain.papers.issuers import Issuer
from services.portal.domain.papers.sheets import Sheet
from services.portal.domain.papers.signing import Credentials, Verification

#: Counted up when `pdf_rendering` or `pdf_signing` make other bytes of the same sheet than before.
RENDERER_VERSION: Final = 1

#: Papers that are being made or wait for it, in one process; a third of its threads.
PRESS_SEATS: Final = 16

# Imports inside functions: see above.
# ruff: noqa: PLC0415


class PdfPress:
    """`PaperPress` on fpdf2 and pyHanko; one a process."""

    def __init__(self) -> None:
        self._seats = threading.BoundedSemaphore(PRESS_SEATS)
        self._press = threading.Lock()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._seats.acquire(blocking=False):
            raise problem("papers-busy", headers={"Retry-After": "1"})
        try:
            with self._press:
                yield
        finally:
            self._seats.release()

    @cached_property
    def version(self) -> str:
        """See `PaperPress.version`; another version of a library may draw differently."""
        return f"{RENDERER_VERSION} {version('fpdf2')} {version('fonttools')} {version('pyhanko')}"

    def draw(self, sheet: Sheet) -> bytes:
        """See `PaperPress.draw`."""
        from services.portal.adapters.papers.pdf_rendering import render

        with self._turn():
            return render(sheet)

    def sign(self, pdf: bytes, sheet: Sheet, issuer: Issuer, credentials: Credentials) -> bytes:
        """See `PaperPress.sign`."""
        from services.portal.adapters.papers.pdf_signing import sign

        with self._turn():
            return sign(pdf, credentials, signed_by=issuer.name, place=issuer.place, at=sheet.issued_at)

    def verify(self, pdf: bytes, authority: bytes) -> Verification:
        """See `PaperPress.verify`."""
        from services.portal.adapters.papers.pdf_signing import verify

        with self._turn():
            return verify(pdf, authority)
