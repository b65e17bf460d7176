"""A sandbox's keys on PostgreSQL: made once, however many want them at the same moment, and never seen by others."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from cryptography import x509
from psycopg import errors

from services.contracts.catalogue import AuthorityLevel
from services.contracts.commands import ClockSetting
from services.contracts.vocabulary import ClockMode, OfficerKind
from services.launcher.environment import SERVICES
from services.portal.adapters.papers.sql_signing import SqlSigningKeys
from services.portal.adapters.sql_door import SqlDoor
from services.portal.domain.papers.issuers import Issuer, issuer_of
from services.portal.domain.sandbox import Sandbox
from services.runtime.catalogue import load_catalogue
from services.runtime.database import Database
from tests.support.servers import Servers

REAL = datetime(2026, 1, 5, tzinfo=UTC)
OFFICES = load_catalogue().offices
AT_ONCE = 8


def a_sandbox(sandbox_id: str) -> Sandbox:
    return Sandbox(
        sandbox_id=sandbox_id,
        name="keys",
        seed=1,
        partition_count=1,
        officer=OfficerKind.HUMAN,
        clock=ClockSetting(ClockMode.MANUAL, REAL, REAL),
        last_number=0,
        created_at=REAL,
    )


def office(code: str = "30CF") -> Issuer:
    return issuer_of(code, OFFICES[code], AuthorityLevel.BRANCH)


@pytest.fixture
def database(servers: Servers) -> Iterator[Database]:
    """The portal's schema as its own role, with two sandboxes."""
    servers.empty_schema("portal")
    opened = Database(servers.database_urls["portal"], schema="portal", process="tests")
    opened.open()
    with SqlDoor(opened).unit() as unit:
        unit.add_sandbox(a_sandbox("s1"))
        unit.add_sandbox(a_sandbox("s2"))
    yield opened
    opened.close()


@pytest.fixture
def keys(database: Database) -> SqlSigningKeys:
    return SqlSigningKeys(database)


def test_keys_are_made_once(keys: SqlSigningKeys) -> None:
    assert keys.authority("s1") == keys.authority("s1")
    assert keys.credentials("s1", office()) == keys.credentials("s1", office())
    assert keys.credentials("s1", office()).authority == keys.authority("s1")


def test_whoever_comes_at_the_same_moment_gets_the_same_keys(database: Database, servers: Servers) -> None:
    """Processes share nothing but the database; here each thread stands for one."""
    barrier = threading.Barrier(AT_ONCE)

    def ask(_: int) -> bytes:
        barrier.wait(30)
        found = SqlSigningKeys(database).credentials("s1", office())
        return found.authority + found.issuer.certificate + found.issuer.private_key

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert len(set(threads.map(ask, range(AT_ONCE)))) == 1
    with psycopg.connect(servers.owner_url) as owner:
        for table in ("signing_authority", "signing_certificate"):
            assert owner.execute(f"SELECT count(*) FROM portal.{table}").fetchone() == (1,)


def test_the_authority_that_is_kept_gave_the_certificates_that_are_kept(keys: SqlSigningKeys) -> None:
    root = x509.load_der_x509_certificate(keys.authority("s1"))
    for code in ("30CF", "30F1", "01AB"):
        given = x509.load_der_x509_certificate(keys.credentials("s1", office(code)).issuer.certificate)
        given.verify_directly_issued_by(root)


def test_sandboxes_and_offices_have_keys_of_their_own(keys: SqlSigningKeys) -> None:
    found = [keys.credentials(*wanted) for wanted in (("s1", office()), ("s2", office()), ("s1", office("30F1")))]
    assert len({item.issuer.private_key for item in found}) == 3
    assert found[0].authority == found[2].authority != found[1].authority


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signing_authority SET private_key = ''",
        "UPDATE signing_certificate SET certificate = ''",
        "DELETE FROM signing_authority",
        "DELETE FROM signing_certificate",
        "TRUNCATE signing_certificate",
    ],
)
def test_the_portal_itself_cannot_change_or_remove_a_key(
    database: Database, keys: SqlSigningKeys, statement: str
) -> None:
    keys.credentials("s1", office())
    with pytest.raises(errors.InsufficientPrivilege), database.transaction() as transaction:
        transaction.execute(statement)


@pytest.mark.parametrize("service", [service for service in SERVICES if service != "portal"])
@pytest.mark.parametrize("table", ["signing_authority", "signing_certificate", "attachment"])
def test_other_services_cannot_look(servers: Servers, service: str, table: str) -> None:
    with (
        psycopg.connect(servers.database_urls[service]) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute(f"SELECT * FROM portal.{table}")


def test_an_unknown_sandbox_gets_no_keys(keys: SqlSigningKeys) -> None:
    with pytest.raises(errors.ForeignKeyViolation):
        keys.authority("s3")
