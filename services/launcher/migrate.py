"""Database, roles, schemas, migrations: brings a PostgreSQL server to where the services can start.

Safe to run again, and by two at once. Needs the owner's URL; the services get roles that own nothing and see one
schema each.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from services.launcher.environment import SERVICES
from services.launcher.errors import LauncherError
from services.runtime import migrations
from services.runtime.clock import monotonic_seconds, pause

Connection = psycopg.Connection[tuple[object, ...]]

#: How long to wait for the server: it may be starting at this moment (seconds).
SERVER_TIMEOUT_SECONDS: Final = 40.0

#: Key of the advisory lock that lets one migration run at a time; any constant will do.
LOCK_KEY: Final = 20_180_605


def migrate(environment: Mapping[str, str], *, is_new: bool = False) -> None:
    """Do it all.

    Args:
        environment: `MOTCUA_DATABASE_URL` (owner), and for each service its URL or its password
            (`MOTCUA_PORTAL_DATABASE_URL`, `MOTCUA_PORTAL_DATABASE_PASSWORD` …).
        is_new: the server is being made at this moment: use the time to load what will be needed.

    Raises:
        LauncherError: a setting is missing, or the server can't be reached in time.
    """
    url = environment.get("MOTCUA_DATABASE_URL", "")
    if not url:
        raise LauncherError("MOTCUA_DATABASE_URL is not set")
    passwords = {service: _password(environment, service) for service in SERVICES}
    if is_new:
        migrations.preload()
    with _connect(url) as connection:
        connection.autocommit = True
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        with connection.transaction():
            for service, password in passwords.items():
                _ensure_role(connection, f"motcua_{service}", password)
            _ensure_schemas(connection)
        for service in SERVICES:
            if migrations.upgrade(url, service):
                print(f"{service}: migrated", flush=True)


def _password(environment: Mapping[str, str], service: str) -> str:
    name = f"MOTCUA_{service.upper()}_DATABASE"
    password = environment.get(f"{name}_PASSWORD") or urlsplit(environment.get(f"{name}_URL", "")).password
    if not password:
        raise LauncherError(f"Neither {name}_PASSWORD nor a {name}_URL with a password is set")
    return unquote(password)


def _connect(url: str) -> Connection:
    """A connection to the database, which is made when the server hasn't got it."""
    deadline = monotonic_seconds() + SERVER_TIMEOUT_SECONDS
    while True:
        try:
            return psycopg.connect(url, connect_timeout=10)
        except psycopg.OperationalError as error:
            if _make_database(url):
                continue
            if monotonic_seconds() > deadline:
                raise LauncherError(f"PostgreSQL can't be reached: {error}") from error
            pause(0.05)


def _make_database(url: str) -> bool:
    """Make the URL's database if that is what is missing; whether it was."""
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    server_url = urlunsplit(parts._replace(path="/postgres"))
    try:
        with psycopg.connect(server_url, connect_timeout=10, autocommit=True) as server:
            if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
            )
    except psycopg.errors.DuplicateDatabase:
        return True
    except psycopg.OperationalError:
        return False
    return True


def _ensure_role(connection: Connection, role: str, password: str) -> None:
    """A role that may log in and nothing else; its password is hashed here, so that no server log can show it."""
    identifier = sql.Identifier(role)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(identifier))
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(identifier, sql.Literal(hashed)))


def _ensure_schemas(connection: Connection) -> None:
    """One schema a service, usable by its role alone; what is in it is granted by the migrations."""
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    for service in SERVICES:
        schema, role = sql.Identifier(service), sql.Identifier(f"motcua_{service}")
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, role))
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
