"""Health and readiness of the portal: what whoever watches over it is answered."""

from flask.testing import FlaskClient

from services.portal.api.context import EXTENSION
from tests.support.fakes import make_portal


class Database:
    """One that answers or doesn't."""

    is_away = False

    def is_ready(self) -> bool:
        return not self.is_away


def visitor_of(database: Database) -> FlaskClient:
    portal = make_portal()
    vars(portal.extensions[EXTENSION])["database"] = database
    return portal.test_client()


def test_it_is_ready_while_the_database_answers() -> None:
    database = Database()
    visitor = visitor_of(database)
    assert visitor.get("/readyz").status_code == 200
    database.is_away = True
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert (answer.json["code"], answer.json["status"]) == ("unavailable", 503)
    assert "cơ sở dữ liệu" in answer.json["detail_vi"]
    assert answer.headers["Retry-After"]
    database.is_away = False
    assert visitor.get("/readyz").status_code == 200


def test_it_is_alive_without_a_database() -> None:
    database = Database()
    database.is_away = True
    assert visitor_of(database).get("/healthz").status_code == 200
