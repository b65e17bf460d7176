"""Ports and numbers that a person gives."""

import socket

import pytest

from services.launcher.environment import choose_addresses, whole_number
from services.launcher.errors import LauncherError
from services.launcher.ports import free_port, parse_port, require_free


@pytest.mark.parametrize(("text", "port"), [("0", 0), ("8080", 8080), ("65535", 65535)])
def test_a_port_is_read(text: str, port: int) -> None:
    assert parse_port(text) == port


@pytest.mark.parametrize("text", ["", "-1", "65536", "80a", "8 0", "1.5", "٣"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(LauncherError):
        parse_port(text)


def test_a_port_in_use_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_LANG", "en")
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(LauncherError, match=f"Port {port} is in use"):
            require_free("127.0.0.1", port)


def test_the_chosen_port_wins_over_the_setting() -> None:
    port = free_port("127.0.0.1")
    assert choose_addresses(port, {"MOTCUA_PORTAL_PORT": "1"}).portal_port == port
    assert choose_addresses(None, {"MOTCUA_PORTAL_PORT": str(port)}).portal_port == port
    assert choose_addresses(0, {}).portal_port > 0


@pytest.mark.parametrize("text", ["", "0", "-2", "two"])
def test_what_is_no_number_of_workers_is_refused(text: str) -> None:
    with pytest.raises(LauncherError):
        whole_number("MOTCUA_WORKER_PROCESSES", text)
