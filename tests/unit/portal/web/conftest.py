"""The portal over a world in memory, and visitors of its pages."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.contracts.catalogue import Catalogue
from services.portal.application.throttle import Throttle
from services.portal.bootstrap import Parts
from services.portal.web.context import EXTENSION
from tests.support.fakes import KEY, make_portal, the_catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return the_catalogue()


@pytest.fixture(scope="session")
def shared_portal() -> Flask:
    """Built once: describing the API takes most of a second."""
    return make_portal()


@pytest.fixture
def portal(shared_portal: Flask) -> Flask:
    """The same for all, with nobody's failed attempts remembered."""
    pages = shared_portal.extensions[EXTENSION]
    shared_portal.extensions[EXTENSION] = replace(pages, failed_sign_ins=Throttle())
    return shared_portal


@pytest.fixture
def parts(portal: Flask) -> Parts:
    found: Parts = portal.extensions[EXTENSION].parts
    return found


@pytest.fixture
def visitor(portal: Flask) -> FlaskClient:
    """Somebody without a session."""
    return portal.test_client()


@pytest.fixture
def member(portal: Flask) -> FlaskClient:
    """Somebody who has signed in."""
    client = portal.test_client()
    client.get(f"/sign-in/{KEY}")
    return client


@pytest.fixture
def english(portal: Flask) -> Iterator[None]:
    with portal.test_request_context("/?lang=en"):
        yield


@pytest.fixture
def vietnamese(portal: Flask) -> Iterator[None]:
    with portal.test_request_context("/"):
        yield
