"""The supervisor's arithmetic; its life with real processes is in tests/integration/launcher."""

from services.launcher.postgres import SETTINGS
from services.launcher.supervisor import SERVER_STOP_SECONDS, SERVICE_STOP_SECONDS
from services.launcher.watched import LONGEST_BACKOFF_SECONDS, backoff_seconds


def test_the_pause_before_a_restart_doubles_up_to_a_limit() -> None:
    assert [backoff_seconds(deaths) for deaths in range(6)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0]
    assert backoff_seconds(10_000) == LONGEST_BACKOFF_SECONDS


def test_stopping_takes_less_than_ten_seconds() -> None:
    assert SERVICE_STOP_SECONDS + SERVER_STOP_SECONDS < 10


def test_what_is_filed_is_on_disk() -> None:
    assert (SETTINGS["fsync"], SETTINGS["synchronous_commit"], SETTINGS["full_page_writes"]) == ("on", "on", "on")


def test_the_embedded_postgres_has_no_tcp_port() -> None:
    assert SETTINGS["listen_addresses"] == ""
