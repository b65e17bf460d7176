"""A look straight into a stack's tables and queues, reading only: what no API says, and nobody can have embellished."""

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg
from motcua import Client

from services.contracts.commands import QUEUE_COMMANDS, QUEUE_DUE, QUEUE_REPLAY
from services.contracts.facts import Fact
from services.launcher.stack import Stack
from services.processing.adapters.dossier_rows import PACKED
from services.runtime.compact import expanded
from services.runtime.streams import connect_redis, decode_block

Row = tuple[Any, ...]


def sandbox_id_of(client: Client) -> str:
    """The sandbox that a client's key opens."""
    return str(client.request("GET", "/api/v1/sandbox").json()["sandbox_id"])


class Inside:
    """The inside of one stack; a connection for each question, so that a database that was restarted doesn't matter."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def rows(self, service: str, statement: LiteralString, *arguments: object) -> list[Row]:
        """Answer of a read-only query, asked as the role of a service."""
        options = f"-c search_path={service} -c default_transaction_read_only=on -c timezone=UTC"
        url = self._stack.database_url(service)
        with psycopg.connect(url, options=options, autocommit=True, connect_timeout=5) as connection:
            return connection.execute(statement, arguments).fetchall()

    def ledger(self, sandbox_id: str) -> list[Row]:
        """The whole ledger of a sandbox but for the real time: partition and fact, in order of the positions."""
        return [(partition, *fact) for partition, fact in self.facts(sandbox_id)]

    def facts(self, sandbox_id: str) -> list[tuple[int, Fact]]:
        """Likewise, as facts with their partition."""
        statement: LiteralString = (
            "SELECT partition, first_position, block FROM ledger WHERE sandbox_id = %s"
            " ORDER BY partition, first_position"
        )
        return self._facts("processing", statement, sandbox_id)

    def told(self, sandbox_id: str) -> list[Row]:
        """The same as the portal has kept it."""
        statement: LiteralString = (
            "SELECT partition, first_position, block FROM fact_block WHERE sandbox_id = %s"
            " ORDER BY partition, first_position"
        )
        return [(partition, *fact) for partition, fact in self._facts("portal", statement, sandbox_id)]

    def _facts(self, service: str, statement: LiteralString, sandbox_id: str) -> list[tuple[int, Fact]]:
        return [
            (partition, fact._replace(recorded_at=fact.occurred_at))
            for partition, first, payload in self.rows(service, statement, sandbox_id)
            for fact in decode_block(payload).after(first - 1).rows
        ]

    def fact_count(self, sandbox_id: str) -> int:
        """Facts in all partitions; 0 also while the database is away."""
        statement: LiteralString = "SELECT coalesce(sum(head_position), 0) FROM publication WHERE sandbox_id = %s"
        try:
            return int(self.rows("processing", statement, sandbox_id)[0][0])
        except psycopg.OperationalError:
            return 0

    def numbers(self, service: str, statement: LiteralString, sandbox_id: str) -> dict[int, int]:
        """A query's pairs, such as partition and position."""
        return dict(self.rows(service, statement, sandbox_id))

    def statuses(self, sandbox_id: str) -> dict[int, int]:
        """Where processing says that each dossier stands, whether it has a row or is packed."""
        rows = self.rows("processing", "SELECT number, status FROM dossier WHERE sandbox_id = %s", sandbox_id)
        packed = self.rows("processing", "SELECT dossiers FROM settled WHERE sandbox_id = %s", sandbox_id)
        columns = [PACKED.index("number"), PACKED.index("status")]
        settled = [[case[column] for column in columns] for (block,) in packed for case in expanded(block)]
        assert len(dict([*settled, *rows])) == len(settled) + len(rows)  # each in one place
        return dict([*settled, *rows])

    def due_steps(self, sandbox_id: str) -> int:
        """Steps that should have been taken already, and filings that should have been looked at."""
        steps = self._count(
            "processing",
            "SELECT count(*) FROM dossier JOIN partition USING (sandbox_id, partition)"
            " WHERE sandbox_id = %s AND next_at <= reached_at",
            sandbox_id,
        )
        return steps + self._count(
            "processing",
            "SELECT count(*) FROM arrival JOIN partition USING (sandbox_id, partition)"
            " WHERE sandbox_id = %s AND first_at <= reached_at",
            sandbox_id,
        )

    def unfinished(self, sandbox_id: str) -> Mapping[str, object]:
        """Everything that isn't done, between the door and the count; empty when all has settled (manual clock)."""
        heads = self.numbers(
            "processing", "SELECT partition, head_position FROM publication WHERE sandbox_id = %s", sandbox_id
        )
        carried_out = "SELECT partition, command_sequence FROM partition WHERE sandbox_id = %s"
        log_ends = self.numbers(
            "portal", "SELECT partition, last_sequence FROM command_log WHERE sandbox_id = %s", sandbox_id
        )
        grown = {partition: head for partition, head in heads.items() if head}
        left: dict[str, object] = {
            "outbox": self._count("portal", "SELECT count(*) FROM outbox WHERE sandbox_id = %s", sandbox_id),
            "inbox": self._count("processing", "SELECT count(*) FROM inbox WHERE sandbox_id = %s", sandbox_id),
            "due": self.due_steps(sandbox_id),
            "awaited wake-ups": self._count(
                "processing",
                "SELECT count(*) FROM partition WHERE sandbox_id = %s AND wake_at IS NOT NULL",
                sandbox_id,
            ),
            "unpublished": self._count(
                "processing",
                "SELECT count(*) FROM publication WHERE sandbox_id = %s"
                " AND (published_position, published_sequence) <> (head_position, command_sequence)",
                sandbox_id,
            ),
            "not carried out": _difference(log_ends, self.numbers("processing", carried_out, sandbox_id)),
            "not acknowledged": _difference(
                log_ends,
                self.numbers(
                    "portal", "SELECT partition, acked_sequence FROM projection WHERE sandbox_id = %s", sandbox_id
                ),
            ),
            "not projected": _difference(
                heads,
                self.numbers("portal", "SELECT partition, position FROM projection WHERE sandbox_id = %s", sandbox_id),
            ),
            "not counted": _difference(
                grown,
                {
                    partition: position
                    for partition, position in self.numbers(
                        "metrics", "SELECT partition, position FROM position WHERE sandbox_id = %s", sandbox_id
                    ).items()
                    if position
                },
            ),
            "queued": self.queued(),
        }
        return {name: value for name, value in left.items() if value}

    def queued(self) -> dict[str, int]:
        """Messages that wait in a queue, but for signs of life."""
        with connect_redis(self._stack.redis_url) as client:
            waiting = {
                queue: sum(b'"processing.heartbeat"' not in message for message in client.lrange(queue, 0, -1))
                for queue in (QUEUE_COMMANDS, QUEUE_DUE, QUEUE_REPLAY)
            }
        return {queue: count for queue, count in waiting.items() if count}

    def _count(self, service: str, statement: LiteralString, sandbox_id: str) -> int:
        return int(self.rows(service, statement, sandbox_id)[0][0])


def _difference(wanted: Mapping[int, int], actual: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """By partition: what should be and what is, where they differ."""
    return {
        key: (wanted.get(key, 0), actual.get(key, 0))
        for key in sorted(wanted.keys() | actual.keys())
        if wanted.get(key, 0) != actual.get(key, 0)
    }
