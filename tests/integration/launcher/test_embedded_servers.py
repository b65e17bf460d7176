"""The embedded PostgreSQL and Valkey, for real: they start, answer, keep to themselves and come back."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from services.launcher import postgres, unprivileged
from services.launcher.environment import SERVICES
from services.launcher.folder import DataFolder
from services.launcher.keys import load_or_make
from services.launcher.stack import Stack
from tests.support.wait import until


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack(with_services=False) as stack:
        yield stack


def test_durability_is_never_switched_off(stack: Stack) -> None:
    with psycopg.connect(stack.database_url()) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")]
        assert shown == [("on",), ("on",)]


def test_the_database_speaks_unicode_and_utc(stack: Stack) -> None:
    with psycopg.connect(stack.database_url("portal")) as connection:
        row = connection.execute(
            "SELECT upper('đường'), current_setting('server_encoding'), current_setting('timezone')"
        ).fetchone()
        assert row == ("ĐƯỜNG", "UTF8", "UTC")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_use_its_own_schema_only_and_make_nothing(stack: Stack, service: str) -> None:
    with psycopg.connect(stack.database_url(service), autocommit=True) as connection:
        usable = [
            name
            for name in SERVICES
            if connection.execute("SELECT has_schema_privilege(%s, 'USAGE')", [name]).fetchone() == (True,)
        ]
        assert usable == [service]
        for schema in (service, "public"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"CREATE TABLE {schema}.mine (id int)")


def test_nobody_gets_in_without_the_password(stack: Stack) -> None:
    url = stack.database_url("portal").replace(load_or_make(stack.folder).portal_database_password, "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)
    host_and_port = stack.redis_url.rpartition("@")[2]
    with redis.Redis.from_url(f"redis://{host_and_port}") as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_what_was_committed_survives_a_killed_postgres(stack: Stack) -> None:
    with psycopg.connect(stack.database_url()) as connection:
        connection.execute("CREATE TABLE public.kept AS SELECT 42 AS answer")
    stack.restart("postgres", signal.SIGKILL)
    with psycopg.connect(stack.database_url()) as connection:
        assert connection.execute("SELECT answer FROM public.kept").fetchone() == (42,)
        connection.execute("DROP TABLE public.kept")


def test_a_killed_postgres_comes_back_while_a_session_is_busy(stack: Stack) -> None:
    """A backend that computes doesn't notice its server's death; a new server would not start beside it."""
    connection = psycopg.connect(stack.database_url(), autocommit=True)
    connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000)")
    stack.restart("postgres", signal.SIGKILL, 20)
    connection.close()
    with psycopg.connect(stack.database_url()) as second:
        assert second.execute("SELECT 1").fetchone() == (1,)


def test_a_killed_redis_comes_back_empty_at_the_same_address(stack: Stack) -> None:
    with redis.Redis.from_url(stack.redis_url) as client:
        client.set("key", "value")
    stack.restart("redis", signal.SIGKILL)
    with redis.Redis.from_url(stack.redis_url) as client:
        assert client.get("key") is None


def test_no_secret_is_on_a_command_line_in_a_log_or_readable_by_others(stack: Stack) -> None:
    keys = load_or_make(stack.folder)
    secrets = [value for name, value in vars(keys).items() if name != "folder_id"]
    state = stack.state()
    assert state is not None
    for record in state.processes:
        line = Path(f"/proc/{record.pid}/cmdline")
        if record.pid and line.exists():
            assert not [secret for secret in secrets if secret.encode() in line.read_bytes()]
    for path in stack.folder.path.rglob("*"):
        if path.is_file() and stack.folder.postgres not in path.parents:
            text = path.read_text(errors="replace")
            if any(secret in text for secret in secrets):
                assert path.stat().st_mode & 0o077 == 0, path
                assert path.suffix != ".log"


def test_a_second_start_finds_the_same_data_and_leaves_nothing_running(passable_folder: Path) -> None:
    # Deep enough that the socket's path would be too long for the system.
    data = passable_folder / ("long-" * 20)
    for attempt in (1, 2):
        stack = Stack(data, with_services=False).start()
        pids = [stack.pid_of("postgres"), stack.pid_of("redis")]
        with psycopg.connect(stack.database_url()) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS public.seen AS SELECT 1 AS attempt")
            assert connection.execute("SELECT count(*) FROM public.seen").fetchone() == (1,), attempt
            socket_folder = Path(connection.info.host)
        stack.stop()
        assert not socket_folder.exists()
        for pid in pids:
            until(lambda pid=pid: not Path(f"/proc/{pid}").exists(), what=f"the end of {pid}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run PostgreSQL as somebody else")
def test_postgres_lies_elsewhere_when_its_user_cannot_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = DataFolder(closed / "data")
    folder.prepare()
    monkeypatch.setattr(unprivileged, "FALLBACK_FOLDER", tmp_path / "elsewhere")
    server = postgres.prepare(folder, load_or_make(folder))
    server.clean_up()
    assert tmp_path / "elsewhere" in server.home.parents
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run PostgreSQL as somebody else")
def test_postgres_is_copied_when_its_user_cannot_run_it_where_it_is(
    passable_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = passable_folder / "closed"
    closed.mkdir(mode=0o700)
    package = postgres.package_folder()
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, closed / source.name, symlinks=True, ignore=shutil.ignore_patterns("pginstall"))
    monkeypatch.setattr(unprivileged, "FALLBACK_FOLDER", passable_folder / "elsewhere")
    user = unprivileged.server_user()
    assert not user.can_run(closed / package.name / postgres.PROGRAMS / "bin" / "postgres")
    found = unprivileged.reachable_programs(closed / package.name, postgres.PROGRAMS, user)
    assert passable_folder / "elsewhere" in found.parents
    assert user.can_run(found / "bin" / "initdb")
    assert closed.stat().st_mode & 0o777 == 0o700


def test_servers_of_somebody_else_are_used_instead(passable_folder: Path) -> None:
    with Stack(with_services=False) as theirs:
        settings = {
            "MOTCUA_DATABASE_URL": theirs.database_url().replace("/motcua?", "/another?"),
            "MOTCUA_REDIS_URL": theirs.redis_url,
        }
        with Stack(passable_folder, with_services=False, environment=settings) as ours:
            state = ours.state()
            assert state is not None
            assert [record.name for record in state.processes] == ["migrate"]
            assert not (passable_folder / "postgres").exists()
            with psycopg.connect(ours.database_url("metrics")) as connection:
                assert (connection.info.dbname, connection.info.user) == ("another", "motcua_metrics")
