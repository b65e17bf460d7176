"""A real PostgreSQL and a real Valkey for a test session: the launcher's own, in a folder that goes away afterwards.

Started once; each test uses sandboxes of its own, and empties Valkey when it matters.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from services.launcher import postgres, valkey
from services.launcher.child import Child
from services.launcher.environment import SERVICES, service_database_url
from services.launcher.folder import REPOSITORY, DataFolder
from services.launcher.keys import Keys
from services.launcher.migrate import migrate
from services.launcher.processes import server_processes
from tests.support.wait import until


@dataclass(frozen=True)
class Servers:
    """Where the session's servers are."""

    #: As the owner: for looking into tables and for making mistakes on purpose.
    owner_url: str
    #: As each service's own role.
    database_urls: dict[str, str]
    redis_url: str

    def environment(self, service: str, **more: str) -> dict[str, str]:
        """What a process of a service finds in its environment."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY),
            f"MOTCUA_{service.upper()}_DATABASE_URL": self.database_urls[service],
            "MOTCUA_REDIS_URL": self.redis_url,
            **more,
        }

    def empty_schema(self, schema: str) -> None:
        """Remove all rows of a service."""
        with psycopg.connect(self.owner_url) as connection:
            found = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename <> 'alembic_version'", [schema]
            )
            tables = [sql.Identifier(schema, name) for (name,) in found]
            connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(tables)))


@contextmanager
def running_servers() -> Iterator[Servers]:
    """Both servers, migrated; ended and removed afterwards."""
    # Directly below /tmp: when root runs the tests, the user that runs PostgreSQL has to get there.
    with tempfile.TemporaryDirectory(prefix="motcua-tests-", dir="/tmp") as path:
        folder, keys = DataFolder(Path(path)), Keys()
        folder.prepare()
        database, redis = postgres.prepare(folder, keys), valkey.prepare(folder, keys)
        database.before_start()
        # Nothing here has to survive a power cut.
        database_command = (*database.command(), "-c", "fsync=off", "-c", "shared_buffers=64MB")
        children = [
            Child(
                spec.command,
                environment={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
                log=folder.log_of(spec.name),
                working_folder=database.home if spec.command == database_command else folder.run,
                stop_signal=spec.stop_signal,
                options=database.user.popen_options() if spec.command == database_command else None,
            )
            for spec in server_processes(database_command, tuple(redis.command()), ())
        ]
        try:
            until(lambda: database.is_ready() and redis.is_ready(), 30, what="embedded servers ready")
            yield _migrated(database.url, redis.url, keys)
        finally:
            for child in children:
                child.ask_to_stop()
            until(lambda: all(child.exit_code() is not None for child in children), 20, what="embedded servers ended")
            database.clean_up()


def _migrated(owner_url: str, redis_url: str, keys: Keys) -> Servers:
    passwords = {service: getattr(keys, f"{service}_database_password") for service in SERVICES}
    urls = {service: service_database_url(owner_url, service, password) for service, password in passwords.items()}
    migrate(
        {
            "MOTCUA_DATABASE_URL": owner_url,
            **{f"MOTCUA_{service.upper()}_DATABASE_PASSWORD": password for service, password in passwords.items()},
        }
    )
    return Servers(owner_url, urls, redis_url)
