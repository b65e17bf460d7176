"""Schema migrations: brings one service's schema to its newest version, with Alembic.

Each service has `migrations/versions/*.py` and its own version table, in its own schema. Alembic takes more than a
second to import, so it is imported only when there is something to do: the newest version on disk is read from the
files themselves and compared with the version table.
"""

import ast
from pathlib import Path

import psycopg
from psycopg import sql

from services.runtime.errors import ConfigurationError

#: Name of the version table in each schema.
VERSION_TABLE = "alembic_version"


def migrations_folder(service: str) -> Path:
    """Where a service keeps its migrations."""
    return Path(__file__).resolve().parents[1] / service / "migrations"


def upgrade(database_url: str, service: str, *, folder: Path | None = None) -> bool:
    """Bring the schema named like the service to the newest version; everything in one transaction, or nothing.

    Args:
        database_url: as the owner of the schema, which must exist.
        service: `portal`, `processing` or `metrics`.
        folder: the migrations; `None`: the service's own.

    Returns:
        Whether anything was done.
    """
    folder = folder or migrations_folder(service)
    newest = newest_revision(folder / "versions")
    if newest is None or newest == current_revision(database_url, service):
        return False
    _run_alembic(database_url, service, folder)
    return True


def newest_revision(versions: Path) -> str | None:
    """The revision that no other one follows, read from the files without running them; `None` when there is none.

    Raises:
        ConfigurationError: two revisions follow the same one; someone has to decide the order.
    """
    revisions: dict[str, str | None] = {}
    for path in sorted(versions.glob("*.py")):
        constants = _constants(path)
        if isinstance(revision := constants.get("revision"), str):
            follows = constants.get("down_revision")
            revisions[revision] = follows if isinstance(follows, str) else None
    newest = sorted(set(revisions) - set(revisions.values()))
    if len(newest) > 1:
        raise ConfigurationError(f"{versions} has more than one newest revision: {', '.join(newest)}")
    return newest[0] if newest else None


def _constants(path: Path) -> dict[str, object]:
    """Names that a module assigns constants to at its top."""
    found: dict[str, object] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            continue
        if isinstance(value, ast.Constant):
            found.update({target.id: value.value for target in targets if isinstance(target, ast.Name)})
    return found


def current_revision(database_url: str, service: str) -> str | None:
    """The version that the schema has; `None` when it was never migrated."""
    with psycopg.connect(database_url, connect_timeout=10) as connection:
        table = connection.execute("SELECT to_regclass(%s)", [f"{service}.{VERSION_TABLE}"]).fetchone()
        if table is None or table[0] is None:
            return None
        query = sql.SQL("SELECT version_num FROM {}").format(sql.Identifier(service, VERSION_TABLE))
        row = connection.execute(query).fetchone()
        return str(row[0]) if row else None


def preload() -> None:
    """Import what `upgrade` will need, while there is nothing better to do."""
    import alembic.command  # noqa: F401, PLC0415 - see the module's docstring
    import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401, PLC0415


def _run_alembic(database_url: str, service: str, folder: Path) -> None:
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    # Not as an option: those end up in texts, and the URL has a password in it.
    config.attributes["database_url"] = database_url
    config.attributes["service"] = service
    command.upgrade(config, "head")


def run_environment() -> None:
    """What every `migrations/env.py` does: run the wanted versions in one transaction, in the service's schema."""
    from alembic import context  # noqa: PLC0415 - see the module's docstring
    from sqlalchemy import create_engine, make_url, text  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    service = str(context.config.attributes["service"])
    url = make_url(context.config.attributes["database_url"]).set(drivername="postgresql+psycopg")
    with create_engine(url, poolclass=NullPool).begin() as connection:
        # Names without a schema mean the service's own.
        connection.execute(text("SELECT set_config('search_path', :schema, true)"), {"schema": service})
        context.configure(connection=connection, version_table=VERSION_TABLE, version_table_schema=service)
        with context.begin_transaction():
            context.run_migrations()
