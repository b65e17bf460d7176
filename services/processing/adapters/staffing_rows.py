"""Staffings of sandboxes, kept by what they say: the partitions of a sandbox share one, and a worker reads it once."""

import hashlib
from collections import OrderedDict
from typing import Final

import orjson

from services.contracts.staffing import Staffing, staffing_from_wire
from services.runtime.database import Transaction

#: A process remembers so many.
KEPT: Final = 64


class StaffingShelf:
    """The staffings that this process has seen last."""

    def __init__(self) -> None:
        self._staffings: OrderedDict[str, Staffing] = OrderedDict()

    def put(self, transaction: Transaction, staffing: Staffing) -> str:
        """Keep a staffing; returns the name by which it is found again."""
        text = orjson.dumps(staffing.to_wire(), option=orjson.OPT_SORT_KEYS)
        digest = hashlib.sha256(text).hexdigest()
        transaction.execute(
            "INSERT INTO staffing (digest, staffing) VALUES (%s, %s) ON CONFLICT DO NOTHING", (digest, text.decode())
        )
        return digest

    def get(self, transaction: Transaction, digest: str) -> Staffing:
        """The staffing of a name; the same object as long as it is remembered."""
        found = self._staffings.pop(digest, None)
        if found is None:
            row = transaction.execute("SELECT staffing FROM staffing WHERE digest = %s", (digest,)).fetchone()
            assert row is not None  # a foreign key says so
            found = staffing_from_wire(orjson.loads(row[0]))
        self._staffings[digest] = found
        if len(self._staffings) > KEPT:
            self._staffings.popitem(last=False)
        return found
