"""The process table, and what each process may see."""

from pathlib import Path

import pytest

from services.launcher.environment import (
    RESTRICTED,
    SERVICES,
    Addresses,
    process_environment,
    service_database_url,
    stack_settings,
)
from services.launcher.folder import DataFolder
from services.launcher.keys import Keys
from services.launcher.processes import (
    MIGRATE,
    Kind,
    ProcessSpec,
    migrate_process,
    server_processes,
    service_processes,
)

ADDRESSES = Addresses("127.0.0.1", 8080, "127.0.0.1", 8081)
OWNER_URL = "postgresql://owner:secret@/motcua?host=%2Frun%2Fpg"
FOLDER = DataFolder(Path("/data"))


def table() -> list[ProcessSpec]:
    servers = server_processes(("postgres",), ("valkey",), ("initdb",))
    services = service_processes(ADDRESSES.portal_url, ADDRESSES.metrics_url)
    return [migrate_process(is_new=False), *servers, *services]


def settings(**environment: str) -> dict[str, str]:
    return stack_settings(
        owner_url=OWNER_URL,
        redis_url="redis://:pw@127.0.0.1:1/0",
        keys=Keys(),
        addresses=ADDRESSES,
        workers=2,
        environment=environment,
    )


def test_names_are_unique_and_every_predecessor_exists() -> None:
    names = [spec.name for spec in table()]
    assert len(names) == len(set(names))
    assert {name for spec in table() for name in spec.after} <= set(names)


def test_services_wait_for_the_migrations() -> None:
    assert all(MIGRATE in spec.after for spec in service_processes("http://a", "http://b"))


def test_who_works_behind_the_door_stands_back_for_it_and_for_the_servers() -> None:
    assert {spec.name for spec in table() if spec.niceness} == {spec.name for spec in table() if spec.kind is Kind.LOOP}


def test_in_bulk_the_door_stands_back_for_all_the_work_behind_it() -> None:
    services = service_processes("http://a", "http://b", in_bulk=True)
    assert {spec.name for spec in services if spec.niceness} == {"portal-web", "metrics-web"}


def test_only_web_processes_have_an_address() -> None:
    assert {spec.name for spec in table() if spec.url} == {spec.name for spec in table() if spec.kind is Kind.WEB}


def test_servers_of_somebody_else_are_not_in_the_table() -> None:
    assert server_processes((), (), ()) == []


@pytest.mark.parametrize("spec", table(), ids=lambda spec: spec.name)
def test_a_process_sees_no_secret_but_its_own(spec: ProcessSpec) -> None:
    inherited = {"MOTCUA_DATABASE_URL": OWNER_URL, "MOTCUA_ADMIN_KEY": "key", "PATH": "/bin"}
    environment = process_environment(spec, settings(), FOLDER, inherited)
    assert set(environment) & RESTRICTED == set(spec.settings)
    assert environment["PATH"] == "/bin"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_gets_its_own_database_role_only(service: str) -> None:
    for spec in service_processes("http://a", "http://b"):
        if spec.name.startswith(service):
            urls = [name for name in spec.settings if name.endswith("_DATABASE_URL")]
            assert urls == [f"MOTCUA_{service.upper()}_DATABASE_URL"]


def test_no_command_line_holds_a_setting() -> None:
    values = set(settings().values()) - {"2", "127.0.0.1"}
    assert not [part for spec in table() for part in spec.command if part in values]


def test_loop_processes_are_told_where_to_show_life() -> None:
    environments = {spec: process_environment(spec, settings(), FOLDER, {}) for spec in table()}
    assert {spec.kind for spec, found in environments.items() if "MOTCUA_HEARTBEAT_FILE" in found} == {Kind.LOOP}


def test_a_persons_settings_win_over_what_is_made_up() -> None:
    assert settings(MOTCUA_ADMIN_KEY="mine", MOTCUA_SECRET_KEY="")["MOTCUA_ADMIN_KEY"] == "mine"
    assert settings(MOTCUA_SECRET_KEY="")["MOTCUA_SECRET_KEY"] != ""


@pytest.mark.parametrize(
    ("owner_url", "expected"),
    [
        (OWNER_URL, "postgresql://motcua_portal:a%2Fb@/motcua?host=%2Frun%2Fpg"),
        (
            "postgresql://o:p@db.example:5433/m?sslmode=require",
            "postgresql://motcua_portal:a%2Fb@db.example:5433/m?sslmode=require",
        ),
        ("postgresql://db.example/m", "postgresql://motcua_portal:a%2Fb@db.example/m"),
    ],
)
def test_a_service_enters_the_owners_database_as_its_own_role(owner_url: str, expected: str) -> None:
    assert service_database_url(owner_url, "portal", "a/b") == expected


@pytest.mark.parametrize(
    ("bind", "url"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("0.0.0.0", "http://127.0.0.1:80"), ("::", "http://[::1]:80")],
)
def test_the_portals_address_can_be_opened_from_here(bind: str, url: str) -> None:
    assert Addresses(bind, 80, bind, 81).portal_url == url
