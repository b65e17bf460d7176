"""Puts a stack together: folder, keys, servers, settings, table; then lets the supervisor run it.

This is the body of the supervisor's process (`python -m services.launcher supervise`); people start it through
`stack.py`.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.launcher import postgres, valkey
from services.launcher.environment import Addresses, choose_addresses, process_environment, stack_settings
from services.launcher.errors import LauncherError
from services.launcher.folder import REPOSITORY, DataFolder
from services.launcher.keys import load_or_make
from services.launcher.leftovers import remove_leftovers
from services.launcher.messages import say
from services.launcher.own_catalogue import check_own_catalogue
from services.launcher.postgres import EmbeddedPostgres
from services.launcher.processes import (
    DURABLE,
    POSTGRES,
    REDIS,
    ProcessSpec,
    migrate_process,
    server_processes,
    service_processes,
)
from services.launcher.readiness import servers_answer
from services.launcher.state import Phase, StackState, start_of
from services.launcher.supervisor import Supervisor
from services.launcher.valkey import EmbeddedValkey
from services.launcher.watched import Launch


@dataclass(frozen=True)
class StackOptions:
    """What a person may choose when starting a stack."""

    #: Port of the portal; 0: any free one; `None`: `MOTCUA_PORTAL_PORT`, or 8080.
    port: int | None = None
    #: Celery worker processes.
    workers: int = 2
    #: For a crowd that files as much as the machine can take.
    in_bulk: bool = False
    #: `False`: only PostgreSQL, Redis and the migrations.
    with_services: bool = True


@dataclass(frozen=True)
class Servers:
    """The embedded servers in use; `None` where the environment names another."""

    postgres: EmbeddedPostgres | None
    valkey: EmbeddedValkey | None

    def clean_up(self) -> None:
        """Remove what lies outside the data folder."""
        if self.postgres is not None:
            self.postgres.clean_up()


def supervise(folder: DataFolder, options: StackOptions, *, lifeline: bool) -> int:
    """Run a stack until told to stop; the exit code.

    Args:
        folder: where its data lies.
        options: what was chosen.
        lifeline: end when standard input closes.
    """
    state = StackState(pid=os.getpid(), started=start_of(os.getpid()))
    try:
        folder.prepare()
        with folder.lock() as was_free:
            if was_free:
                return _supervise_locked(folder, options, state, lifeline=lifeline)
            running = StackState.read(folder.state_file)
            print(say("already-running", url=running.portal_url if running else "-", data=folder.path), flush=True)
    except LauncherError as error:
        print(error.sentence, flush=True)
    return 1


def _supervise_locked(folder: DataFolder, options: StackOptions, state: StackState, *, lifeline: bool) -> int:
    if names := remove_leftovers(folder):
        print(say("leftovers", names=", ".join(names)), flush=True)
    state.write(folder.state_file)
    servers = None
    try:
        check_own_catalogue(os.environ)
        keys = load_or_make(folder)
        addresses = choose_addresses(options.port if options.with_services else 0, os.environ)
        servers = Servers(
            postgres=None if os.environ.get("MOTCUA_DATABASE_URL") else postgres.prepare(folder, keys),
            valkey=None if os.environ.get("MOTCUA_REDIS_URL") else valkey.prepare(folder, keys),
        )
        if servers.postgres is not None and servers.postgres.has_temporary_socket_folder:
            state.temporary_folder = str(servers.postgres.socket_folder)
            state.write(folder.state_file)
        settings = stack_settings(
            owner_url=servers.postgres.url if servers.postgres else os.environ["MOTCUA_DATABASE_URL"],
            redis_url=servers.valkey.url if servers.valkey else os.environ["MOTCUA_REDIS_URL"],
            keys=keys,
            addresses=addresses,
            workers=options.workers,
            environment=os.environ,
        )
        state.settings = settings
        if options.with_services:
            state.portal_url, state.metrics_url = addresses.portal_url, addresses.metrics_url
        rows = _rows(folder, servers, settings, addresses, options)
        Supervisor(
            folder,
            rows,
            state=state,
            working_folder=REPOSITORY,
            servers_answer=lambda: servers_answer(settings["MOTCUA_DATABASE_URL"], settings["MOTCUA_REDIS_URL"]),
        ).run(lifeline=lifeline)
    except LauncherError as error:
        state.phase, state.failure = Phase.FAILED, error.sentence
        state.failure_log = str(error.log or "")
        state.write(folder.state_file)
        raise
    finally:
        if servers is not None:
            servers.clean_up()
    return 0


def _rows(
    folder: DataFolder, servers: Servers, settings: dict[str, str], addresses: Addresses, options: StackOptions
) -> list[tuple[ProcessSpec, Launch]]:
    """The table with what each row needs to be started."""
    database, redis = servers.postgres, servers.valkey
    unsynced = database is not None and not database.durable_marker.exists()
    # Migrations first: they load what they need while the cluster is being made.
    specs = [migrate_process(is_new=database is not None and database.is_new)]
    specs += server_processes(
        postgres=tuple(database.command()) if database else (),
        redis=tuple(redis.command()) if redis else (),
        durable=tuple(database.make_durable()) if database and unsynced else (),
    )
    if options.with_services:
        specs += service_processes(
            addresses.portal_url, addresses.metrics_url, redis_is_new=redis is not None, in_bulk=options.in_bulk
        )
    launches = _server_launches(servers)
    rows = []
    for spec in specs:
        launch = launches.get(spec.name, Launch(environment={}))
        launch.environment = process_environment(spec, settings, folder, os.environ)
        rows.append((spec, launch))
    return rows


def _server_launches(servers: Servers) -> dict[str, Launch]:
    launches: dict[str, Launch] = {}
    if (database := servers.postgres) is not None:
        as_user = database.user.popen_options()
        launches[POSTGRES] = Launch({}, as_user, before=database.before_start, is_ready=database.is_ready)
        launches[DURABLE] = Launch({}, as_user, afterwards=_touch(database.durable_marker))
    if (redis := servers.valkey) is not None:
        launches[REDIS] = Launch({}, is_ready=redis.is_ready)
    return launches


def _touch(marker: Path) -> Callable[[], None]:
    return marker.touch
