"""`docker-compose up --build` works for real: built images, own network, own volume, everything asked from outside.

Minutes, not seconds, so only on request: `tests/docker/run.sh`. Shares one deployment; each test leaves it running.
"""

import html
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from motcua import Client

from tests.support.compose import ComposeProject, get_base_images, run, service_of, why_not
from tests.support.filings import catalogue, filing, filings

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        os.environ.get("MOTCUA_DOCKER_TESTS") != "1",
        reason="takes minutes and a Docker engine: tests/docker/run.sh, or MOTCUA_DOCKER_TESTS=1",
    ),
]

SERVICES = {
    "postgres", "redis", "portal", "portal-relay", "portal-projector", "processing-worker", "processing-timekeeper",
    "processing-relay", "metrics", "metrics-counter",
}  # fmt: skip

#: Parts of names of settings that hold a secret.
SECRET_PARTS = ("PASSWORD", "KEY", "_URL", "AUTH")

TERMINAL = {"not-received", "withdrawn", "stopped", "returned"}


@pytest.fixture(scope="module")
def engine() -> None:
    """Skips where there is no engine, or nothing to build from."""
    if reason := why_not() or get_base_images():
        pytest.skip(reason)


@pytest.fixture(scope="module")
def project(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeProject]:
    """Built and healthy; gone afterwards, whatever happened."""
    project = ComposeProject(tmp_path_factory.mktemp("compose"))
    try:
        project.up("--build")
        yield project
    finally:
        project.remove()


@pytest.fixture
def sandbox(project: ComposeProject) -> Iterator[Client]:
    """A sandbox opened from outside with the key in the env file."""
    with (
        Client(project.url, project.secrets["MOTCUA_ADMIN_KEY"]) as admin,
        admin.open_sandbox(seed=7, now="2018-06-05T08:00:00+07:00", unknown_declarations="adopt") as client,
    ):
        yield client


def assert_all_counted(sandbox: Client, count: int) -> None:
    advanced = sandbox.advance(days=60)
    recount = sandbox.recount()
    assert (advanced.is_settled, advanced.is_counted) == (True, True)
    assert sandbox.statistics()["total"]["filed"] == count
    assert (recount["equal"], recount["differences"]) == (True, [])


def test_dossiers_of_every_procedure_are_filed_worked_and_counted(sandbox: Client) -> None:
    ids = {procedure_id: sandbox.file(filing(procedure_id))["dossier_id"] for procedure_id in catalogue().procedures}
    filed = sandbox.file_many(filings(160))
    assert (len(filed.dossier_ids), filed.problems) == (160, {})
    assert_all_counted(sandbox, 160 + len(ids))
    rows = {row["procedure_id"]: row["filed"] for row in sandbox.statistics(group_by="procedure")["rows"]}
    assert rows == dict.fromkeys(ids, 21)
    assert {sandbox.dossier(dossier_id)["status"] for dossier_id in ids.values()} <= TERMINAL


def test_everything_runs_without_privileges(project: ComposeProject) -> None:
    running = project.running()
    assert set(running) == SERVICES
    for container in (container for group in running.values() for container in group):
        assert run("docker", "exec", container["Id"], "id", "-u").stdout.strip() != "0", container["Name"]
        host = container["HostConfig"]
        assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"]), container["Name"]
        assert any(option.startswith("no-new-privileges") for option in host["SecurityOpt"]), container["Name"]


def test_only_the_portal_is_reachable_and_from_this_machine_only(project: ComposeProject) -> None:
    published = {
        (service, binding["HostIp"])
        for service, (container, *_) in project.running().items()
        for bindings in container["NetworkSettings"]["Ports"].values()
        for binding in bindings or ()
    }
    assert published == {("portal", "127.0.0.1")}


def test_pages_come_with_their_styles(sandbox: Client) -> None:
    page = sandbox.request("GET", "/docs").text
    sheets = re.findall(r'href="(/[^"]+\.css[^"]*)"', page)
    assert sheets
    for sheet in sheets:
        assert sandbox.request("GET", html.unescape(sheet)).headers["Content-Type"].startswith("text/css")


def test_migrations_ran_once_and_only_they_knew_the_owner(project: ComposeProject) -> None:
    password = project.secrets["MOTCUA_DATABASE_PASSWORD"]
    containers = project.containers()
    assert [c["State"]["ExitCode"] for c in containers if service_of(c) == "migrate"] == [0]
    assert {service_of(c) for c in containers if password in str(c["Config"]["Env"])} == {"migrate", "postgres"}


def test_no_secret_is_in_a_list_of_processes(project: ComposeProject) -> None:
    shown = [run("docker", "top", c["Id"], "-eo", "pid,args").stdout for g in project.running().values() for c in g]
    shown += [str(container["Config"]["Cmd"]) for container in project.containers()]
    assert [value for value in project.secrets.values() if any(value in text for text in shown)] == []


def secret_settings(project: ComposeProject) -> dict[str, str]:
    """`service NAME` → value of every setting that holds a secret, as Compose reads the file."""
    done = project.compose("config")
    found: dict[str, str] = {}
    service = ""
    for line in done.stdout.splitlines():
        name, _, value = line.strip().partition(": ")
        if line.startswith("  ") and line.endswith(":") and not line.startswith("   "):
            service = name.rstrip(":")
        elif line.startswith("      ") and name.isupper() and any(part in name for part in SECRET_PARTS):
            found[f"{service} {name}"] = value
    return found


def test_every_secret_comes_from_outside_the_file(project: ComposeProject, tmp_path: Path) -> None:
    """With other secrets in the env file, no setting that holds one has a value in common with before."""
    ours, others = secret_settings(project), secret_settings(ComposeProject(tmp_path))
    assert len(ours) >= 25
    same = {name for name, value in ours.items() if others[name] == value}
    assert same == {"portal MOTCUA_METRICS_URL", "portal MOTCUA_PUBLIC_URL"}  # addresses, no password in them


def test_without_secrets_nothing_starts_and_the_message_says_what_to_do(
    project: ComposeProject, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    done = project.compose("config", env_file=empty, check=False)
    assert done.returncode != 0
    assert "run deploy/make-env first" in done.stderr


def test_more_workers_share_the_work(project: ComposeProject, sandbox: Client) -> None:
    project.up("--no-build", "--scale", "processing-worker=3")
    assert len(project.running()["processing-worker"]) == 3
    sandbox.file_many(filings(400))
    assert_all_counted(sandbox, 400)


def test_a_new_version_takes_over_what_is_there(project: ComposeProject, sandbox: Client) -> None:
    sandbox.file_many(filings(50))
    project.compose("down", "--timeout", "20")
    project.up("--build")
    assert_all_counted(sandbox, 50)


def test_a_backup_goes_into_a_new_deployment(project: ComposeProject, sandbox: Client, tmp_path: Path) -> None:
    """The backup is taken while dossiers are open; work goes on from there."""
    sandbox.file_many(filings(80))
    sandbox.advance(days=2)
    before = statistics_and_statuses(sandbox)
    with (tmp_path / "motcua.dump").open("wb") as file:
        project.dump(file)
    project.compose("down", "--volumes", "--timeout", "5")
    with (tmp_path / "motcua.dump").open("rb") as file:
        project.restore(file)
    project.up()
    sandbox.settle()
    assert statistics_and_statuses(sandbox) == before
    assert_all_counted(sandbox, 80)


def statistics_and_statuses(sandbox: Client) -> tuple[Any, ...]:
    counts = {name: value for name, value in sandbox.statistics().items() if name != "positions"}
    return counts, {dossier["dossier_id"]: dossier["status"] for dossier in sandbox.dossiers()}
