"""Data of the version before survives: each migration on rows that the version before has written."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg.types.json import Jsonb

from services.contracts.facts import Fact
from services.runtime.migrations import migrations_folder, upgrade
from services.runtime.streams import decode_block
from tests.support.random_ledgers import make_ledger
from tests.support.servers import Servers


@pytest.fixture
def old_url(servers: Servers, tmp_path: Path) -> Iterator[str]:
    """A database of its own with processing's first schema."""
    with psycopg.connect(servers.owner_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE before")
    url = urlunsplit(urlsplit(servers.owner_url)._replace(path="/before"))
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA processing")
    bring_to(url, "20261122_initial", tmp_path)
    yield url
    with psycopg.connect(servers.owner_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE before WITH (FORCE)")


def bring_to(url: str, revision: str, folder: Path) -> None:
    """Run migrations up to a revision, as a program of that version would have."""
    source, copied = migrations_folder("processing"), folder / revision
    (copied / "versions").mkdir(parents=True)
    shutil.copy(source / "env.py", copied)
    for path in sorted((source / "versions").glob("*.py")):
        if path.stem <= revision:
            shutil.copy(path, copied / "versions")
    upgrade(url, "processing", folder=copied)


def random_facts(count: int, seed: int) -> list[Fact]:
    """A ledger of everything that facts may be."""
    random = Random(seed)
    at = datetime(2018, 6, 4, 2, 0, 0, 123456, tzinfo=UTC)
    return [
        fact._replace(recorded_at=at + timedelta(seconds=fact.position), level=3, note=random.choice([None, 'Đ "x"\n']))
        for fact in make_ledger(random.choice, count, count // 3)
    ]


def write_rows(connection: psycopg.Connection[Any], key: tuple[str, int], facts: list[Fact]) -> None:
    """As the version before did."""
    names = ", ".join(("sandbox_id", "partition", *Fact._fields))
    with connection.cursor().copy(f"COPY processing.ledger ({names}) FROM STDIN") as copy:
        for fact in facts:
            copy.write_row((*key, *fact[:-1], None if fact.detail is None else Jsonb(fact.detail)))


def test_ledgers_written_row_by_row_become_blocks(old_url: str) -> None:
    ledgers = {
        ("a", 0): random_facts(2500, 1),
        ("a", 1): random_facts(1000, 2),
        ("b", 0): random_facts(7, 3),
    }
    with psycopg.connect(old_url) as connection:
        for key, facts in ledgers.items():
            write_rows(connection, key, facts)
    assert upgrade(old_url, "processing")
    found: dict[tuple[str, int], list[Fact]] = {}
    with psycopg.connect(old_url) as connection:
        for sandbox_id, partition, first, last, payload in connection.execute(
            "SELECT * FROM processing.ledger ORDER BY sandbox_id, partition, last_position"
        ):
            block = decode_block(payload)
            assert (block.first, block.last) == (first, last)
            assert len(set(zip(*block.dossiers, strict=True))) == len(block.dossiers.number)
            found.setdefault((sandbox_id, partition), []).extend(block.rows)
    assert {key: len(facts) for key, facts in found.items()} == {key: len(facts) for key, facts in ledgers.items()}
    assert {fact.detail is None for fact in ledgers["a", 0]} == {True, False}
    assert found == ledgers
