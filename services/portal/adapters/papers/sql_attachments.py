"""Attachments in PostgreSQL: content in the row's out-of-line storage, everything else beside it.

Lists never read content. Claiming files for dossiers is one statement a batch (`lock_free`, `attach`), part of the
door's transaction.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Final

from psycopg.rows import class_row

from services.portal.domain.attachments import AttachedFile, Attachment, DossierFiles, WaitingFiles
from services.runtime.database import Database, Transaction

_COLUMNS: Final = ", ".join(field.name for field in fields(Attachment))

_INSERT: Final = """
    INSERT INTO attachment
        (sandbox_id, attachment_id, file_name, content_type, size_bytes, sha256, uploaded_at, content)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""

# Index ix_attachment__waiting, nothing else.
_SUM_WAITING: Final = """
    SELECT count(*), coalesce(sum(size_bytes), 0)::bigint FROM attachment WHERE sandbox_id = %s AND number IS NULL
"""

# In order of the id, so that two filings that name the same files wait for each other and don't deadlock.
_LOCK_FREE: Final = """
    SELECT attachment_id, size_bytes FROM attachment
    WHERE sandbox_id = %s AND attachment_id = ANY(%s) AND number IS NULL
    ORDER BY attachment_id FOR UPDATE
"""

# The projector holds its partition's row while it tells what became of dossiers. Who hands something in takes it, too,
# and so waits for the projector, and for who else hands something in: a paper that lists the files handed in lists the
# same ones ever after.
_LOCK_PROGRESS: Final = """
    SELECT FROM projection AS p JOIN filed_dossier AS d USING (sandbox_id, partition)
    WHERE d.sandbox_id = %s AND d.number = %s FOR NO KEY UPDATE OF p
"""
# So that there is something to lock before the first fact.
_MAKE_PROJECTION: Final = """
    INSERT INTO projection (sandbox_id, partition, position, acked_sequence)
    SELECT sandbox_id, partition, 0, 0 FROM filed_dossier WHERE sandbox_id = %s AND number = %s ON CONFLICT DO NOTHING
"""
_STATUS: Final = "SELECT status FROM dossier WHERE sandbox_id = %s AND number = %s"
_SUM_FILES: Final = """
    SELECT count(*), coalesce(sum(size_bytes), 0)::bigint FROM attachment WHERE sandbox_id = %s AND number = %s
"""

_ATTACH: Final = """
    UPDATE attachment AS a SET
        number = u.number, place = u.place, document = u.document, copy_kind = u.copy_kind, stage = u.stage,
        attached_at = u.attached_at
    FROM unnest(%s::text[], %s::bigint[], %s::smallint[], %s::text[], %s::smallint[], %s::smallint[], %s::timestamptz[])
        AS u(attachment_id, number, place, document, copy_kind, stage, attached_at)
    WHERE a.sandbox_id = %s AND a.attachment_id = u.attachment_id
"""


def waiting_files(transaction: Transaction, sandbox_id: str) -> WaitingFiles:
    """Number and size of a sandbox's files that belong to no dossier."""
    row = transaction.execute(_SUM_WAITING, (sandbox_id,)).fetchone()
    assert row is not None  # an aggregate gives one row
    return WaitingFiles(*row)


def add(transaction: Transaction, attachment: Attachment, content: bytes) -> None:
    """Write a new file with its content."""
    transaction.execute(
        _INSERT,
        (
            attachment.sandbox_id,
            attachment.attachment_id,
            attachment.file_name,
            attachment.content_type,
            attachment.size_bytes,
            attachment.sha256,
            attachment.uploaded_at,
            content,
        ),
    )


def lock_free(transaction: Transaction, sandbox_id: str, attachment_ids: Sequence[str]) -> dict[str, int]:
    """Size by id of those files that belong to no dossier; locked until the end of the transaction."""
    return dict(transaction.execute(_LOCK_FREE, (sandbox_id, list(attachment_ids))).fetchall())


def lock_dossier_files(transaction: Transaction, sandbox_id: str, number: int) -> DossierFiles:
    """A dossier's status and what it has, locked until the end of the transaction."""
    dossier = (sandbox_id, number)
    if not transaction.execute(_LOCK_PROGRESS, dossier).rowcount:
        transaction.execute(_MAKE_PROJECTION, dossier)
        transaction.execute(_LOCK_PROGRESS, dossier)
    (status,) = transaction.execute(_STATUS, dossier).fetchone() or (0,)
    count, size_bytes = transaction.execute(_SUM_FILES, dossier).fetchone() or (0, 0)
    return DossierFiles(status, count, size_bytes)


def attach(transaction: Transaction, sandbox_id: str, files: Sequence[AttachedFile]) -> None:
    """Give locked files to dossiers of the same transaction, or of before."""
    columns = (
        [item.ref.attachment_id for item in files],
        [item.number for item in files],
        [item.place for item in files],
        [item.ref.document for item in files],
        [int(item.ref.copy_kind) for item in files],
        [int(item.stage) for item in files],
        [item.attached_at for item in files],
    )
    transaction.execute(_ATTACH, (*columns, sandbox_id))


class SqlAttachments:
    """`AttachmentStore` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def attachment(self, sandbox_id: str, attachment_id: str) -> Attachment | None:
        """See `AttachmentStore.attachment`."""
        if "\x00" in attachment_id:  # no text of PostgreSQL has one
            return None
        found = self._select("attachment_id = %s", (sandbox_id, attachment_id))
        return found[0] if found else None

    def attachments(self, sandbox_id: str, number: int) -> list[Attachment]:
        """See `AttachmentStore.attachments`."""
        return self._select("number = %s ORDER BY place", (sandbox_id, number))

    def content(self, sandbox_id: str, attachment_id: str) -> bytes | None:
        """See `AttachmentStore.content`."""
        with self._database.transaction() as transaction:
            row = transaction.execute(
                "SELECT content FROM attachment WHERE sandbox_id = %s AND attachment_id = %s",
                (sandbox_id, attachment_id),
                binary=True,  # text would double it on the way
            ).fetchone()
        return bytes(row[0]) if row else None

    def _select(self, condition: str, arguments: tuple[str, str | int]) -> list[Attachment]:
        with (
            self._database.transaction() as transaction,
            transaction.cursor(row_factory=class_row(Attachment)) as cursor,
        ):
            statement = f"SELECT {_COLUMNS} FROM attachment WHERE sandbox_id = %s AND {condition}"  # noqa: S608
            return cursor.execute(statement, arguments).fetchall()
