"""What the portal keeps for a while only: kept answers and keys that have expired, removed in small portions."""

from datetime import timedelta
from typing import Final

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


class SqlExpiry:
    """Removes what has expired."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remove(self, limit: int) -> bool:
        """Remove up to `limit` answers and as many keys; returns whether there may be more."""
        with self._database.transaction() as transaction:
            answers = transaction.execute(_DELETE_ANSWERS, (ANSWERS_KEPT_FOR, limit)).rowcount
            keys = transaction.execute(_DELETE_KEYS, (limit,)).rowcount
        return max(answers, keys) >= limit
