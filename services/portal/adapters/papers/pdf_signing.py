"""Signs PDF files (PAdES baseline B) and tells whether one is intact, by whom and when it was signed.

A signature is the same each time: RSA with PKCS #1 v1.5, the given instant as signing time, no time stamp of others.
Nothing is fetched from a network: the sandbox's authority is the only root, and it has no revocation lists. Whoever
imports this pays half a second for pyHanko, so it is imported when the first file is signed or checked.
"""

import asyncio
import hashlib
import logging
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from asn1crypto.cms import CMSAttributes, ContentInfo, DigestAlgorithms, SignedData
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import PdfSignedData
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from services.portal.domain.papers.signing import Credentials, Verification

#: Room for a signature in the file, in hexadecimal digits; ours with its two certificates takes about 6,500.
_RESERVED_DIGITS: Final = 12_000

_FIELD: Final = "Signature1"
_DIGEST: Final = "sha256"
_SHA256: Final = {"algorithm": _DIGEST}
_RSA: Final = {"algorithm": "sha256_rsa"}
_REASON: Final = "MOCK - MÔ PHỎNG"


def sign(pdf: bytes, credentials: Credentials, *, signed_by: str, place: str, at: datetime) -> bytes:
    """Return a PDF file with a signature over all of it.

    Args:
        pdf: Unsigned, as drawn.
        credentials: Of the issuer.
        signed_by: The issuer's name, which stands beside the certificate's.
        place: Where it is.
        at: Signing time, on the sandbox's clock.
    """
    writer = _Writer(BytesIO(pdf))
    writer.ensure_output_version((1, 7))
    writer.register_extension(ESIC_EXTENSION_1)
    steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(_FIELD)).write_cms(field_name=_FIELD, writer=writer)
    next(steps)
    signature = PdfSignedData(
        obj_type=pdf_name("/Sig"), subfilter=SigSeedSubFilter.PADES, timestamp=at, bytes_reserved=_RESERVED_DIGITS
    )
    for key, text in (("/Name", signed_by), ("/Location", place), ("/Reason", _REASON)):
        signature[pdf_name(key)] = generic.TextStringObject(text)
    steps.send(SigObjSetup(sig_placeholder=signature))
    prepared, output = steps.send(SigIOSetup(md_algorithm=_DIGEST, in_place=False))
    signer = _KeySigner(credentials)
    steps.send(asyncio.run(signer.async_sign(prepared.document_digest, _DIGEST, use_pades=True)))
    return bytes(output.getvalue())


class _Writer(IncrementalPdfFileWriter):
    """pyHanko's writer without what differs from one run to the next: random identifier, today's date."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> Any:
        first, _ = prev.trailer["/ID"]
        # The reader takes bytes for a text when they happen to be letters; a sixth of all identifiers are.
        told = first.original_bytes if isinstance(first, generic.TextStringObject) else first
        second = hashlib.md5(told).digest()  # noqa: S324 - no secret
        return generic.ArrayObject([generic.ByteStringObject(part) for part in (told, second)])

    def _update_meta(self) -> None:
        """The file's dates stay those of the paper."""


class _KeySigner(Signer):
    """Signs with a key of ours. pyHanko's own checks the key's numbers each time, which takes longer than signing."""

    def __init__(self, credentials: Credentials) -> None:
        store = SimpleCertificateStore()
        store.register(Certificate.load(credentials.authority))
        super().__init__(signing_cert=Certificate.load(credentials.issuer.certificate), cert_registry=store)
        key = load_der_private_key(credentials.issuer.private_key, None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(key, RSAPrivateKey)  # we make no others
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """See `Signer.async_sign_raw`."""
        if digest_algorithm != _DIGEST:
            raise SigningError(f"No digest but {_DIGEST} is used here.")
        return bytes(self._key.key_size // 8) if dry_run else self._key.sign(data, PKCS1v15(), SHA256())


def verify(pdf: bytes, authority: bytes) -> Verification:
    """Check a file that anybody may have sent.

    Args:
        pdf: What is said to be a PDF file, of any content.
        authority: Certificate of the sandbox's authority, DER.

    Returns:
        What was found; a file that can't be read isn't signed, a signature that can't be read isn't intact.
    """
    # It logs each certificate that it can't trace to the root, with a trace of calls; here that is one of the answers.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=False)
        signatures = reader.embedded_regular_signatures
    except Exception:  # noqa: BLE001 - whatever a stranger's file does to the parser, it isn't a signed paper
        return Verification(is_signed=False)
    if len(signatures) != 1:
        return Verification(is_signed=bool(signatures))
    try:
        return _verify_signature(pdf, reader, signatures[0], authority)
    except Exception:  # noqa: BLE001 - as above
        return Verification(is_signed=True)


def _verify_signature(pdf: bytes, reader: PdfFileReader, signature: Any, authority: bytes) -> Verification:
    signed_at = signature.self_reported_timestamp
    context = ValidationContext(
        trust_roots=[Certificate.load(authority)], allow_fetching=False, moment=signed_at, revocation_mode="soft-fail"
    )
    status = validate_pdf_signature(signature, signer_validation_context=context)
    subject = signature.signer_cert.subject.native
    info = reader.trailer_view["/Info"]
    covers_all = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    _, start, end, _ = signature.byte_range
    # Of a stranger's signature nobody knows what its own bytes should be; it isn't trusted anyway.
    is_as_written = not status.trusted or pdf[start:end] == b"<" + _container(signature, authority) + b">"
    is_intact = status.intact and status.valid and covers_all and is_as_written
    return Verification(
        is_signed=True,
        is_intact=bool(is_intact),
        is_trusted=bool(status.trusted),
        issuer_code=_text(subject.get("organizational_unit_name")) if status.trusted else None,
        issuer_name=_text(subject.get("common_name")),
        signed_at=signed_at,
        dossier_id=_text(info.get("/Subject")),
        paper_id=_text(info.get("/Keywords"), "MOCK, "),
    )


def _container(signature: Any, authority: bytes) -> bytes:
    """The signature's own bytes as we write them, in the file's hexadecimal digits with their padding.

    No signature covers them. A byte of the padding, or of a certificate that nobody needs, could be another one, and
    the signature would hold all the same. Parts that come from the file are encoded anew, each by itself: encoding all
    of them at once goes over the inner ones again and again, which takes a tenth of a second.
    """
    told = signature.signer_info
    signer = Certificate.load(signature.signer_cert.copy().dump(force=True))
    signed_attributes = CMSAttributes.load(told["signed_attrs"].copy().untag().dump(force=True))
    signer_info = {
        "version": "v1",
        "sid": {"issuer_and_serial_number": {"issuer": signer.issuer, "serial_number": signer.serial_number}},
        "digest_algorithm": _SHA256,
        "signature_algorithm": _RSA,
        "signed_attrs": signed_attributes,
        "signature": told["signature"].native,
    }
    content = {
        "version": "v1",
        "digest_algorithms": DigestAlgorithms([_SHA256]),
        "encap_content_info": {"content_type": "data"},
        "certificates": [Certificate.load(authority), signer],
        "signer_infos": [signer_info],
    }
    info = ContentInfo({"content_type": "signed_data", "content": SignedData(content)})
    return bytes(info.dump()).hex().upper().ljust(_RESERVED_DIGITS, "0").encode()


def _text(value: object, prefix: str = "") -> str | None:
    """A text as it stands in a file, without what we put before it."""
    return str(value).removeprefix(prefix)[:300] if value is not None else None
