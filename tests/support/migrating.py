"""Databases of a version before, for what a migration has to bring over."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from services.runtime.migrations import migrations_folder, upgrade
from tests.support.servers import Servers


@contextmanager
def database_at(servers: Servers, service: str, revision: str) -> Iterator[str]:
    """The owner's URL of a database with one service's schema as a program of that revision would have made it."""
    name = sql.Identifier(f"{service}_before")
    with psycopg.connect(servers.owner_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    url = urlunsplit(urlsplit(servers.owner_url)._replace(path=f"/{service}_before"))
    try:
        with psycopg.connect(url) as connection:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(service)))
        with tempfile.TemporaryDirectory() as folder:
            _upgrade_to(url, service, revision, Path(folder))
        yield url
    finally:
        with psycopg.connect(servers.owner_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _upgrade_to(url: str, service: str, revision: str, folder: Path) -> None:
    source = migrations_folder(service)
    (folder / "versions").mkdir()
    shutil.copy(source / "env.py", folder)
    for path in sorted((source / "versions").glob("*.py")):
        shutil.copy(path, folder / "versions")
        if path.stem == revision:
            break
    upgrade(url, service, folder=folder)
