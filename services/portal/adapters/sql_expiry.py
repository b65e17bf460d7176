"""What the portal keeps for a while only, removed in small portions when it has expired.

Kept answers, keys that end, and uploaded files that no dossier took.
"""

from datetime import timedelta
from typing import Final

from services.portal.domain.attachments import WAITING_FILES_KEPT_FOR
from services.runtime.database import Database

#: An answer under an Idempotency-Key is given again for this long.
ANSWERS_KEPT_FOR: Final = timedelta(hours=24)

# Index ix_idempotency__created_at. SKIP LOCKED: what somebody is looking at goes the next time.
_DELETE_ANSWERS: Final = """
    DELETE FROM idempotency WHERE (scope, key) IN (
        SELECT scope, key FROM idempotency WHERE created_at < clock_timestamp() - %s
        ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED
    )
"""

# Index ix_api_key__expires_at.
_DELETE_KEYS: Final = """
    DELETE FROM api_key WHERE key_hash IN (
        SELECT key_hash FROM api_key WHERE expires_at < clock_timestamp()
        ORDER BY expires_at LIMIT %s
    )
"""

# Index ix_attachment__uploaded_at. SKIP LOCKED: what a filing is just taking stays.
_DELETE_FILES: Final = """
    DELETE FROM attachment WHERE (sandbox_id, attachment_id) IN (
        SELECT sandbox_id, attachment_id FROM attachment WHERE number IS NULL AND uploaded_at < clock_timestamp() - %s
        ORDER BY uploaded_at LIMIT %s FOR UPDATE SKIP LOCKED
    )
"""

#: Files removed in one portion: each may be as large as ten thousand answers.
_FILES_PER_PORTION: Final = 50


class SqlExpiry:
    """Removes what has expired."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remove(self, limit: int) -> bool:
        """Remove up to `limit` answers, as many keys and fewer files; returns whether there may be more."""
        with self._database.transaction() as transaction:
            answers = transaction.execute(_DELETE_ANSWERS, (ANSWERS_KEPT_FOR, limit)).rowcount
            keys = transaction.execute(_DELETE_KEYS, (limit,)).rowcount
            most_files = min(limit, _FILES_PER_PORTION)
            files = transaction.execute(_DELETE_FILES, (WAITING_FILES_KEPT_FOR, most_files)).rowcount
        return max(answers, keys) >= limit or files >= most_files
