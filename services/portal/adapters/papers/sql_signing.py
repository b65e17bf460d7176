"""Where signing keys are kept: in PostgreSQL, made when they are first needed, never changed.

Processes that need the same key at the same moment each make one; the first to write wins, and all read back what was
written. So a sandbox has one authority, and an issuer one certificate, without a lock that anybody waits for.
"""

# Imports inside functions: `cryptography` takes a tenth of a second, and most processes never make a key.
# ruff: noqa: PLC0415

from services.portal.domain.papers.issuers import Issuer
from services.portal.domain.papers.signing import Certified, Credentials
from services.runtime.database import Database


class SqlSigningKeys:
    """`SigningKeys` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def authority(self, sandbox_id: str) -> bytes:
        """See `SigningKeys.authority`."""
        return self._authority(sandbox_id).certificate

    def authority_pem(self, sandbox_id: str) -> str:
        """See `SigningKeys.authority_pem`."""
        from services.portal.adapters.papers.certificates import to_pem

        return to_pem(self.authority(sandbox_id))

    def credentials(self, sandbox_id: str, issuer: Issuer) -> Credentials:
        """See `SigningKeys.credentials`."""
        found = self._find_issuer(sandbox_id, issuer.code)
        if found is None:
            from services.portal.adapters.papers.certificates import make_issuer_certificate

            made = make_issuer_certificate(self._authority(sandbox_id), issuer)
            self._insert(
                "INSERT INTO signing_certificate (sandbox_id, issuer_code, certificate, private_key, created_at)"
                " VALUES (%s, %s, %s, %s, clock_timestamp()) ON CONFLICT DO NOTHING",
                (sandbox_id, issuer.code, made.certificate, made.private_key),
            )
            found = self._find_issuer(sandbox_id, issuer.code)
        assert found is not None  # just written, here or elsewhere
        return found

    def _authority(self, sandbox_id: str) -> Certified:
        statement = "SELECT certificate, private_key FROM signing_authority WHERE sandbox_id = %s"
        row = self._row(statement, (sandbox_id,))
        if row is None:
            from services.portal.adapters.papers.certificates import make_authority

            made = make_authority(sandbox_id)
            self._insert(
                "INSERT INTO signing_authority (sandbox_id, certificate, private_key, created_at)"
                " VALUES (%s, %s, %s, clock_timestamp()) ON CONFLICT DO NOTHING",
                (sandbox_id, made.certificate, made.private_key),
            )
            row = self._row(statement, (sandbox_id,))
        assert row is not None  # just written, here or elsewhere
        return Certified(row[0], row[1])

    def _find_issuer(self, sandbox_id: str, issuer_code: str) -> Credentials | None:
        row = self._row(
            "SELECT c.certificate, c.private_key, a.certificate FROM signing_certificate AS c"
            " JOIN signing_authority AS a USING (sandbox_id) WHERE c.sandbox_id = %s AND c.issuer_code = %s",
            (sandbox_id, issuer_code),
        )
        return Credentials(Certified(row[0], row[1]), row[2]) if row else None

    def _row(self, statement: str, arguments: tuple[str, ...]) -> tuple[bytes, ...] | None:
        with self._database.transaction() as transaction:
            row = transaction.execute(statement, arguments).fetchone()
        return tuple(bytes(value) for value in row) if row else None

    def _insert(self, statement: str, arguments: tuple[str | bytes, ...]) -> None:
        with self._database.transaction() as transaction:
            transaction.execute(statement, arguments)
