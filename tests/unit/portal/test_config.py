"""Where links lead."""

from dataclasses import replace

import pytest

from services.portal.app_factory import create_app
from services.portal.bootstrap import Parts
from services.runtime.errors import ConfigurationError
from tests.support.fakes import make_settings


@pytest.mark.parametrize(
    ("public_url", "bind", "pages_url"),
    [
        ("", "127.0.0.1", "http://127.0.0.1:8080"),
        ("", "0.0.0.0", "http://127.0.0.1:8080"),
        ("", "::", "http://[::1]:8080"),
        ("https://portal.example/", "0.0.0.0", "https://portal.example"),
    ],
)
def test_links_lead_where_the_settings_say(public_url: str, bind: str, pages_url: str) -> None:
    assert replace(make_settings(), public_url=public_url, bind=bind, port=8080).pages_url == pages_url


def test_an_address_that_is_none_is_told_at_start() -> None:
    with pytest.raises(ConfigurationError, match="MOTCUA_PUBLIC_URL"):
        create_app(Parts(replace(make_settings(), public_url="portal.example"), "tests"))
