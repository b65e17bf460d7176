"""What was filed, in PostgreSQL: a row a dossier that is never written again, and forms in blocks.

Forms are read one by one and rarely, and they resemble each other: kept together and compressed, a form takes a tenth
of the room and no index of its own. A block also counts its dossiers that no fact has told of yet, so that those are
found without looking at the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from services.portal.application.ports import NewCommand
from services.portal.domain.sandbox import Filed
from services.runtime.compact import compact, expanded
from services.runtime.database import NULL, Transaction, copy_escaped, copy_rows, copy_text

#: Forms in a block: a tenth of a millisecond to read one of them.
FORMS_PER_BLOCK: Final = 200

#: So many dossiers are written by one statement; more of them by COPY, which costs less a row and more a time.
FEW_FILED: Final = 100

FILED_COLUMNS: Final = (
    "number",
    "filed_at",
    "recorded_at",
    "partition",
    "sandbox_id",
    "procedure_id",
    "office_code",
    "channel",
    "applicant_kind",
    "applicant_id",
    "applicant_name",
    "traits",
)

_FILING_COLUMNS: Final = ("first_number", "last_number", "first_filed_at", "awaited", "sandbox_id", "forms")

# Everything that filings change, in one round trip. The sequence is handed out under the row lock of the log, as by
# `append`; there is one command a partition, so it is the log's new end.
_FILE_FEW: Final = """
    WITH dossiers AS (
        INSERT INTO filed_dossier (number, filed_at, recorded_at, partition, sandbox_id, procedure_id, office_code,
            channel, applicant_kind, applicant_id, applicant_name, traits)
        SELECT number, filed_at, recorded_at, partition, %(sandbox_id)s, procedure_id, office_code, channel,
            applicant_kind, applicant_id, applicant_name, traits
        FROM json_to_recordset(%(dossiers)s) AS d(number bigint, filed_at timestamptz, recorded_at timestamptz,
            partition smallint, procedure_id text, office_code text, channel text, applicant_kind text,
            applicant_id text, applicant_name text, traits jsonb)
    ), forms AS (
        INSERT INTO filing (first_number, last_number, first_filed_at, awaited, sandbox_id, forms)
        VALUES (%(first)s, %(last)s, %(first_filed_at)s, %(awaited)s, %(sandbox_id)s, %(forms)b)
    ), commands AS (
        SELECT * FROM json_to_recordset(%(commands)s) AS c(partition smallint, command json, row_count integer)
    ), log AS (
        INSERT INTO command_log AS l (sandbox_id, partition, last_sequence)
        SELECT %(sandbox_id)s, partition, 1 FROM commands ORDER BY partition
        ON CONFLICT (sandbox_id, partition) DO UPDATE SET last_sequence = l.last_sequence + 1
        RETURNING partition, last_sequence
    ), waiting AS (
        INSERT INTO outbox (sandbox_id, partition, sequence, command, row_count)
        SELECT %(sandbox_id)s, partition, last_sequence,
            '{"sequence":' || last_sequence || ',' || substr(command::text, 2), row_count
        FROM commands JOIN log USING (partition)
    )
    UPDATE sandbox SET last_number = %(last)s WHERE sandbox_id = %(sandbox_id)s
"""

# The primary key, backwards from each number; a block once, however many of its forms are wanted.
_BLOCKS: Final = """
    SELECT f.sandbox_id, f.first_number, f.last_number, f.forms
    FROM (
        SELECT DISTINCT w.sandbox_id, b.first_number
        FROM unnest(%s::text[], %s::bigint[]) AS w(sandbox_id, number) CROSS JOIN LATERAL (
            SELECT first_number FROM filing AS f
            WHERE f.sandbox_id = w.sandbox_id AND f.first_number <= w.number ORDER BY first_number DESC LIMIT 1
        ) AS b
    ) AS found JOIN filing AS f USING (sandbox_id, first_number)
"""


def file_few(transaction: Transaction, filed: Sequence[Filed], commands: Sequence[NewCommand]) -> None:
    """See `DoorUnit.file`; at most one command a partition."""
    ((first, last, first_filed_at, awaited, sandbox_id, forms),) = _filings(filed)
    transaction.execute(
        _FILE_FEW,
        {
            "sandbox_id": sandbox_id,
            "dossiers": orjson.dumps([_as_json(one) for one in filed]).decode(),
            "first": first,
            "last": last,
            "first_filed_at": first_filed_at,
            "awaited": awaited,
            "forms": forms,
            "commands": orjson.dumps([_as_waiting(command) for command in commands]).decode(),
        },
    )


def _as_json(filed: Filed) -> dict[str, Any]:
    """The columns of a dossier in which it differs from its sandbox's others."""
    submission = filed.submission
    return {
        "number": filed.number,
        "filed_at": filed.filed_at,
        "recorded_at": filed.recorded_at,
        "partition": filed.partition,
        "procedure_id": submission.procedure_id,
        "office_code": submission.office_code,
        "channel": submission.channel,
        "applicant_kind": submission.applicant_kind,
        "applicant_id": submission.applicant_id,
        "applicant_name": submission.applicant_name,
        "traits": filed.traits,
    }


def _as_waiting(command: NewCommand) -> dict[str, Any]:
    """A command whose sequence is put in front when it is known."""
    data = command.data
    return {
        "partition": command.partition,
        "command": {"type": command.type, "at": command.at, "data": data},
        "row_count": len(data["dossiers"]),  # few are never packed
    }


def copy_filed(transaction: Transaction, filed: Sequence[Filed]) -> None:
    """Newly filed dossiers of one sandbox, their numbers following each other, with their forms."""
    copy_text(transaction, "filed_dossier", FILED_COLUMNS, "".join(_lines(filed)))
    copy_rows(transaction, "filing", _FILING_COLUMNS, _filings(filed))


def _lines(filed: Sequence[Filed]) -> Iterator[str]:
    """Rows of `filed_dossier` as COPY reads them; the name and the traits are all that has to be escaped."""
    recorded = filed[0].recorded_at.isoformat()
    for sandbox_id, number, partition, filed_at, _, submission, traits in filed:
        told = NULL if traits is None else copy_escaped(orjson.dumps(traits).decode())
        yield (
            f"{number}\t{filed_at.isoformat()}\t{recorded}\t{partition}\t{sandbox_id}\t{submission.procedure_id}\t"
            f"{submission.office_code}\t{submission.channel}\t{submission.applicant_kind}\t{submission.applicant_id}\t"
            f"{copy_escaped(submission.applicant_name)}\t{told}\n"
        )


def _filings(filed: Sequence[Filed]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(filed), FORMS_PER_BLOCK):
        part = filed[start : start + FORMS_PER_BLOCK]
        yield (
            part[0].number,
            part[-1].number,
            min(one.filed_at for one in part),
            len(part),
            part[0].sandbox_id,
            compact([one.submission.form for one in part]),
        )


def load_forms(
    transaction: Transaction, keys: Sequence[tuple[str, int]]
) -> Mapping[tuple[str, int], Mapping[str, Any]]:
    """Forms by sandbox and number; what hasn't been filed is missing. One statement, however many."""
    wanted = set(keys)
    columns = [[sandbox_id for sandbox_id, _ in keys], [number for _, number in keys]]
    forms: dict[tuple[str, int], Mapping[str, Any]] = {}
    for sandbox_id, first, last, payload in transaction.execute(_BLOCKS, columns, binary=True):
        numbered = zip(range(first, last + 1), expanded(payload), strict=True)
        forms.update(((sandbox_id, number), form) for number, form in numbered if (sandbox_id, number) in wanted)
    return forms
