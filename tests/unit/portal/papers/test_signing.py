"""Signatures: intact says valid, one changed byte says not, and nothing that a stranger sends breaks the check."""

import hashlib
import logging
import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from asn1crypto.cms import ContentInfo
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from cryptography.x509.oid import NameOID

from services.contracts.catalogue import AuthorityLevel
from services.portal.adapters.papers.certificates import make_authority, make_issuer_certificate, to_pem
from services.portal.adapters.papers.pdf_rendering import render
from services.portal.adapters.papers.pdf_signing import sign, verify
from services.portal.domain.papers.composing import compose
from services.portal.domain.papers.issuers import Issuer, issuer_of
from services.portal.domain.papers.papers import papers_of
from services.portal.domain.papers.signing import Certified, Credentials, Verification
from tests.support.fakes import the_catalogue
from tests.support.papers import Story, a_source, the_words
from tests.support.poppler import needs_poppler, signature_of

SIGNED_AT = datetime(2019, 6, 5, 2, 30, tzinfo=UTC)
#: Bytes that tests change, spread over a file.
SAMPLES = 10


@cache
def authority() -> Certified:
    return make_authority("0123456789")


@cache
def office() -> Issuer:
    return issuer_of("30CF", the_catalogue().offices["30CF"], AuthorityLevel.BRANCH)


@cache
def credentials() -> Credentials:
    return Credentials(make_issuer_certificate(authority(), office()), authority().certificate)


@cache
def unsigned() -> bytes:
    source = a_source(the_catalogue(), story=Story().received())
    paper = papers_of(source, the_words().templates)[0]
    return render(compose(paper, source, the_words(), "http://127.0.0.1:8080/lookup"))


@cache
def signed(by: Credentials | None = None, at: datetime = SIGNED_AT) -> bytes:
    return sign(unsigned(), by or credentials(), signed_by=office().name, place="Hà Tĩnh", at=at)


def test_what_is_intact_is_valid_and_tells_who_signed_it_and_when() -> None:
    assert verify(signed(), authority().certificate) == Verification(
        is_signed=True,
        is_intact=True,
        is_trusted=True,
        issuer_code="30CF",
        issuer_name="Chi cục Hải quan cửa khẩu Cảng Vũng Áng Hà Tĩnh",
        signed_at=SIGNED_AT,
        dossier_id="000.00.00.G12-190605-000123",
        paper_id="receipt-2",
    )


def test_a_signature_is_the_same_each_time() -> None:
    assert signed() == signed()
    assert signed() != signed(at=SIGNED_AT.replace(hour=3))


def test_signing_leaves_the_paper_as_it_is() -> None:
    assert signed().startswith(unsigned())


@pytest.mark.parametrize(
    "identifier", [b"A" * 16, b"\x00" * 16, b"\xfe\xff" * 8, b"\xef\xbb\xbf" + b"a" * 13, b"\x9f" * 16]
)
def test_every_identifier_of_a_file_can_be_signed(identifier: bytes) -> None:
    """Some look like text, and are none."""
    digits = identifier.hex().upper().encode()
    content = re.sub(rb"/ID \[<[0-9A-F]{32}><[0-9A-F]{32}>\]", b"/ID [<%b><%b>]" % (digits, digits), unsigned())
    assert content != unsigned()
    done = sign(content, credentials(), signed_by=office().name, place="Hà Tĩnh", at=SIGNED_AT)
    assert verify(done, authority().certificate).is_valid
    assert done == sign(content, credentials(), signed_by=office().name, place="Hà Tĩnh", at=SIGNED_AT)
    (first,) = re.findall(rb"/ID \[ ?<([0-9a-fA-F]{32})>", done[len(content) :])
    assert first.upper() == digits


@pytest.mark.parametrize(
    "at", [datetime(2000, 1, 2, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)]
)
def test_every_instant_that_a_clock_can_show_verifies(at: datetime) -> None:
    found = verify(signed(at=at), authority().certificate)
    assert found.is_valid
    assert found.signed_at == at


def test_one_changed_byte_anywhere_is_seen() -> None:
    """In what is signed, and in the signature's own bytes, which nothing covers."""
    content = signed()
    _, start, end, _ = map(int, re.findall(rb"/ByteRange \[ *(\d+) (\d+) (\d+) (\d+)", content)[0])
    draw = random.Random(7)
    places = draw.sample(range(len(content)), SAMPLES) + draw.sample(range(start, end), SAMPLES)
    for place in [*places, start, start + 1, end - 2, end - 1]:
        for change in (0x01, 0x20):  # the second one turns a hexadecimal digit into its other case
            changed = bytearray(content)
            changed[place] ^= change
            assert not verify(bytes(changed), authority().certificate).is_valid, (place, change)


def test_a_signature_with_more_in_it_is_not_ours() -> None:
    """Certificates that nobody needs can be added to a container without breaking the signature."""
    content = signed()
    _, start, end, _ = map(int, re.findall(rb"/ByteRange \[ *(\d+) (\d+) (\d+) (\d+)", content)[0])
    info = ContentInfo.load(bytes.fromhex(content[start + 1 : end - 1].decode()), strict=False)
    info["content"]["certificates"].append(Certificate.load(make_authority("other").certificate))
    digits = info.dump(force=True).hex().upper().ljust(end - start - 2, "0").encode()
    changed = content[: start + 1] + digits + content[end - 1 :]
    found = verify(changed, authority().certificate)
    assert (found.is_trusted, found.is_intact) == (True, False)


def test_what_is_added_at_the_end_is_seen() -> None:
    for more in (b"\n", b"%comment\n", unsigned(), signed()):
        assert not verify(signed() + more, authority().certificate).is_valid


def test_what_is_cut_off_is_seen() -> None:
    content = signed()
    for length in (0, 10, len(unsigned()), len(content) - 1, len(content) // 2):
        assert not verify(content[:length], authority().certificate).is_valid


def test_an_unsigned_paper_is_not_signed() -> None:
    assert verify(unsigned(), authority().certificate) == Verification(is_signed=False)


@pytest.mark.parametrize(
    "junk",
    [b"", b"junk", b"%PDF-1.7\n", b"\x00" * 1000, b"%PDF-1.7\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF"],
)
def test_junk_is_not_signed(junk: bytes) -> None:
    assert verify(junk, authority().certificate) == Verification(is_signed=False)


def test_a_signature_of_another_sandbox_is_intact_but_not_trusted(caplog: pytest.LogCaptureFixture) -> None:
    other = make_authority("9999999999")
    stranger = Credentials(make_issuer_certificate(other, office()), other.certificate)
    with caplog.at_level(logging.DEBUG):
        found = verify(signed(stranger), authority().certificate)
    assert (found.is_intact, found.is_trusted, found.is_valid) == (True, False, False)
    assert found.issuer_code is None  # a name that anybody can write into a certificate
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_certificate_that_names_our_authority_without_its_key_is_not_trusted() -> None:
    forged = make_authority("0123456789")  # the same subject, another key
    stranger = Credentials(make_issuer_certificate(forged, office()), forged.certificate)
    assert not verify(signed(stranger), authority().certificate).is_trusted


def test_the_key_never_shows() -> None:
    assert "private_key" not in repr(credentials())
    key = credentials().issuer.private_key
    assert key not in signed()
    assert load_der_private_key(key, None).key_size == 2048  # type: ignore[union-attr]


def test_certificates_name_the_office_and_say_that_they_are_a_mock() -> None:
    certificate = x509.load_der_x509_certificate(credentials().issuer.certificate)
    subject = {item.oid: item.value for item in certificate.subject}
    assert subject[NameOID.COMMON_NAME] == office().name
    assert subject[NameOID.ORGANIZATIONAL_UNIT_NAME] == "30CF"
    assert "MOCK" in str(subject[NameOID.ORGANIZATION_NAME])
    root = x509.load_der_x509_certificate(authority().certificate)
    certificate.verify_directly_issued_by(root)
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.content_commitment, usage.key_cert_sign) == (True, True, False)


def test_a_long_name_is_shortened_as_certificates_want_it() -> None:
    long = replace(office(), name="Chi cục " + "rất dài " * 20)
    certificate = x509.load_der_x509_certificate(make_issuer_certificate(authority(), long).certificate)
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert str(name.value).startswith("Chi cục rất dài")
    assert str(name.value).endswith("…")
    assert len(str(name.value).encode()) <= 64


def test_every_issuer_of_the_catalogue_gets_a_certificate() -> None:
    """The library counts bytes, of which a Vietnamese letter has up to three."""
    longest = max(
        (issuer_of(code, item, level) for code, item in the_catalogue().offices.items() for level in AuthorityLevel),
        key=lambda issuer: len(issuer.name.encode()),
    )
    assert len(longest.name.encode()) > 64
    assert make_issuer_certificate(authority(), longest).certificate


def test_the_pem_is_for_people_too() -> None:
    pem = to_pem(authority().certificate)
    fingerprint = hashlib.sha256(authority().certificate).hexdigest().upper()
    assert pem.splitlines()[1].replace(":", "").removeprefix("SHA-256 ") == fingerprint
    assert x509.load_pem_x509_certificate(pem.encode()).subject.rfc4514_string() in pem


def test_the_signature_holds_with_the_issuers_key_alone() -> None:
    """Read without the library that made it: the certificate in the file is the one that was given."""
    content = signed()
    assert credentials().issuer.certificate.hex().encode() in content.lower()
    certificate = x509.load_der_x509_certificate(credentials().issuer.certificate)
    public_key = certificate.public_key()
    assert isinstance(public_key, RSAPublicKey)
    root_key = x509.load_der_x509_certificate(authority().certificate).public_key()
    assert isinstance(root_key, RSAPublicKey)
    hash_algorithm = certificate.signature_hash_algorithm
    assert hash_algorithm is not None
    root_key.verify(certificate.signature, certificate.tbs_certificate_bytes, PKCS1v15(), hash_algorithm)


@needs_poppler
def test_an_independent_reader_says_intact(tmp_path: Path) -> None:
    told = signature_of(signed(), tmp_path)
    assert told["Signature Validation"] == "Signature is Valid."
    assert told["Signer Certificate Common Name"] == office().name
    assert told["Signing Time"] == "Jun 05 2019 02:30:00"
    assert told["Signature Type"] == "ETSI.CAdES.detached"
    assert told["Signing Hash Algorithm"] == "SHA-256"


@needs_poppler
def test_an_independent_reader_says_no_longer_when_a_byte_has_changed(tmp_path: Path) -> None:
    changed = bytearray(signed())
    changed[len(unsigned()) // 2] ^= 1
    assert signature_of(bytes(changed), tmp_path)["Signature Validation"] == "Digest Mismatch."


@needs_poppler
def test_an_independent_reader_finds_no_signature_where_there_is_none(tmp_path: Path) -> None:
    assert signature_of(unsigned(), tmp_path) == {}
