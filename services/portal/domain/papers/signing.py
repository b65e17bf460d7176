"""Who signs papers: a sandbox's own certificate authority, and the certificates that it gives to offices.

Values only; keys are made and used in adapters.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate with its private key.

    Attributes:
        certificate: X.509, DER.
        private_key: PKCS #8, DER, not encrypted; never shown, never logged.
    """

    certificate: bytes
    private_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an issuer signs with.

    Attributes:
        issuer: Its certificate and key.
        authority: Certificate of the sandbox's authority, DER, which goes into each signature beside the issuer's.
    """

    issuer: Certified
    authority: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a check of a PDF file found.

    Attributes:
        is_signed: Whether it carries a signature at all; everything below says nothing without one.
        is_intact: Whether no byte has changed since it was signed, and nothing was added.
        is_trusted: Whether it was signed with a certificate of this sandbox's authority.
        issuer_code: Of the signer; None: not told by a certificate of this authority.
        issuer_name: The signer in the words of the certificate, which may be shortened; in full if it is one of ours.
        signed_at: The signing time that the signature states.
        dossier_id: Which the file says that it belongs to; only as good as `is_intact` and `is_trusted`.
        paper_id: Likewise.
    """

    is_signed: bool
    is_intact: bool = False
    is_trusted: bool = False
    issuer_code: str | None = None
    issuer_name: str | None = None
    signed_at: datetime | None = None
    dossier_id: str | None = None
    paper_id: str | None = None

    @property
    def is_valid(self) -> bool:
        """Whether it is what an office of this sandbox signed."""
        return self.is_signed and self.is_intact and self.is_trusted
