"""Makes certificates: a sandbox's authority, and those that it gives to offices. All of them say that they are a mock.

They hold on every day that a sandbox's clock can show, and today. Nothing is kept here (`sql_signing` does).
"""

from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

from services.portal.domain.papers.issuers import Issuer
from services.portal.domain.papers.signing import Certified

#: RSA with PKCS #1 v1.5 padding: the one scheme every reader of PDF knows whose signatures are the same each time.
KEY_BITS: Final = 2048

VALID_FROM: Final = datetime(2000, 1, 1, tzinfo=UTC)
VALID_UNTIL: Final = datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)

#: Who this is, in every subject.
ORGANISATION: Final = "MOCK - motcua, not an authority, no legal value"

#: Longest common name. X.520 allows 64 characters; the library counts bytes, and Vietnamese letters have up to three.
_COMMON_NAME_BYTES: Final = 64


def make_authority(sandbox_id: str) -> Certified:
    """Return a new authority of a sandbox, signed by itself."""
    key = _make_key()
    name = _name(f"MOCK motcua certificate authority {sandbox_id}", sandbox_id)
    return _certify(name, key, name, key, is_authority=True)


def make_issuer_certificate(authority: Certified, issuer: Issuer) -> Certified:
    """Return a new certificate of an issuer, signed by its sandbox's authority.

    Its subject is the issuer's name, shortened where a certificate has no room for it, and as unit its code.
    """
    signer = load_der_private_key(authority.private_key, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(signer, RSAPrivateKey)  # made above
    certificate = x509.load_der_x509_certificate(authority.certificate)
    return _certify(_name(issuer.name, issuer.code), _make_key(), certificate.subject, signer, is_authority=False)


def to_pem(certificate: bytes) -> str:
    """Return a DER certificate as PEM, with its subject and fingerprint above it for people."""
    loaded = x509.load_der_x509_certificate(certificate)
    fingerprint = loaded.fingerprint(SHA256()).hex(":").upper()
    head = f"Subject: {loaded.subject.rfc4514_string()}\nSHA-256: {fingerprint}\n"
    return head + loaded.public_bytes(Encoding.PEM).decode()


def _make_key() -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def _name(common_name: str, unit: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, _shortened(common_name)),
        ]
    )


def _shortened(name: str) -> str:
    whole, dots = name.encode(), "…"
    if len(whole) <= _COMMON_NAME_BYTES:
        return name
    return whole[: _COMMON_NAME_BYTES - len(dots.encode())].decode(errors="ignore").rstrip() + dots


def _certify(
    subject: x509.Name, key: RSAPrivateKey, issuer: x509.Name, signer: RSAPrivateKey, *, is_authority: bool
) -> Certified:
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_UNTIL)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, SHA256())
    )
    private_key = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return Certified(certificate.public_bytes(Encoding.DER), private_key)
