"""The registers on PostgreSQL: what is filed is compared with them, what is granted changes them, each in one go."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import psycopg
import pytest

from services.contracts.commands import ClockSetting
from services.contracts.facts import Fact
from services.contracts.vocabulary import (
    Action,
    ApplicantKind,
    Channel,
    ClockMode,
    CustomsChannel,
    OfficerKind,
    Status,
)
from services.law.calendar import OutsideCalendarError, WorkingCalendar
from services.portal.adapters.registers.register_data import load_declaration_kinds, load_declaration_rules
from services.portal.adapters.registers.register_effects import RegisterEffects
from services.portal.adapters.registers.sql_register_check import SqlRegisterCheck
from services.portal.adapters.registers.sql_register_reader import SqlRegisterReader
from services.portal.adapters.registers.sql_register_writer import SqlRegisterWriter
from services.portal.adapters.sql_door import SqlDoor
from services.portal.adapters.sql_filings import FEW_FILED
from services.portal.adapters.sql_projection import SqlProjection
from services.portal.application.clearance import DOCUMENTS, GOODS, ClearanceForms
from services.portal.application.counterparts import Counterparts, EntryRequest
from services.portal.application.declarations import DeclarationMessages, EnteredDeclaration, enter_declarations
from services.portal.application.filing import FilingDesk, FilingRequest
from services.portal.application.lifecycle_guide import LifecycleGuide
from services.portal.application.ports import Answer
from services.portal.application.register_ports import DeclarationFilter, EntryFilter
from services.portal.application.sandboxes import SandboxRequest, open_sandbox
from services.portal.domain.registers.declarations import (
    LAST_DOSSIER_NUMBER,
    Declaration,
    DeclarationState,
    Direction,
    NewDeclaration,
    own_base,
)
from services.portal.domain.registers.registers import EventKind, Register, RegisterEntry
from services.portal.domain.sandbox import Dossier, Filed, Submission, UnknownDeclarations
from services.runtime.database import Database
from services.runtime.errors import ProblemError
from tests.support.declarations import DECLARANT
from tests.support.facts import STATUS_AFTER, make_fact
from tests.support.filings import catalogue, filing, tax_code
from tests.support.projecting import Teller, travelled
from tests.support.servers import Servers

REAL = datetime(2026, 1, 5, tzinfo=UTC)
#: A Tuesday, nine o'clock in Vietnam.
NOW = datetime(2018, 6, 5, 2, tzinfo=UTC)
DAY = timedelta(days=1)
#: Before it the calendar knows nothing.
EARLIEST = datetime(2016, 1, 2, tzinfo=UTC)
KINDS = load_declaration_kinds()
PROCEDURES = catalogue().procedures
CALENDAR = WorkingCalendar(catalogue().calendar)


class Counted:
    """A transaction that counts what is sent to the server."""

    def __init__(self, inner: Any, counter: list[int]) -> None:
        self._inner = inner
        self._counter = counter

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        self._counter[0] += 1
        return self._inner.execute(*args, **kwargs)

    def copy(self, *args: Any, **kwargs: Any) -> Any:
        self._counter[0] += 1
        return self._inner.copy(*args, **kwargs)

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        return Counted(self._inner.cursor(*args, **kwargs), self._counter)

    def __enter__(self) -> Self:
        self._inner.__enter__()
        return self

    def __exit__(self, *args: object) -> Any:
        return self._inner.__exit__(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class CountedDatabase:
    """A database whose transactions count their statements."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.statements = [0]

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        with self._inner.transaction() as transaction:
            yield Counted(transaction, self.statements)


class World:
    """A sandbox with the portal's own parts over a real database."""

    def __init__(self, database: Database, *, unknown: UnknownDeclarations = UnknownDeclarations.REFUSE) -> None:
        self.counted = CountedDatabase(database)
        self.door = SqlDoor(
            self.counted,  # type: ignore[arg-type]
            SqlRegisterCheck(PROCEDURES, load_declaration_rules(PROCEDURES), ClearanceForms(PROCEDURES, KINDS)),
        )
        self.desk = FilingDesk(self.door, PROCEDURES, lambda: REAL)
        self.effects = RegisterEffects(PROCEDURES, self.calendars_of)
        self.calendar: Callable[[datetime], WorkingCalendar] = lambda _: CALENDAR
        self.calendars_read = 0
        self.reader = SqlRegisterReader(database)
        self.writer = SqlRegisterWriter()
        self._database = database
        with self.door.unit() as unit:
            wish = SandboxRequest(
                name="registers",
                seed=7,
                partition_count=1,
                officer=OfficerKind.HUMAN,
                clock=ClockSetting(ClockMode.MANUAL, REAL, NOW),
                unknown_declarations=unknown,
            )
            self.id = open_sandbox(unit, wish, REAL, "secret").sandbox.sandbox_id
        self.teller = Teller(SqlProjection([self.effects]), self.id)

    def calendars_of(self, sandbox_id: str) -> Callable[[datetime], WorkingCalendar]:
        """As the effects ask for them."""
        assert sandbox_id == self.id
        self.calendars_read += 1
        return self.calendar

    def file(self, *submissions: Submission) -> list[Dossier | ProblemError]:
        """What became of each."""
        results: list[Dossier | ProblemError] = []

        def answer(outcomes: Sequence[Filed | ProblemError]) -> Answer:
            results.extend(one.dossier() if isinstance(one, Filed) else one for one in outcomes)
            return Answer(200, b"")

        self.desk.file(FilingRequest(self.id, submissions, answer))
        return results

    def filed(self, submission: Submission) -> Dossier:
        """A dossier that is taken."""
        (result,) = self.file(submission)
        assert isinstance(result, Dossier), result
        return result

    def refused(self, submission: Submission) -> list[str]:
        """Codes of the errors with which it isn't."""
        (result,) = self.file(submission)
        assert isinstance(result, ProblemError), result
        assert result.code == "not-in-register"
        return [error["code"] for error in result.errors]

    def tell(self, *facts: Fact) -> None:
        """Facts for the projector."""
        with self._database.transaction() as transaction:
            self.teller.tell(transaction, facts)

    def fact(self, dossier: Dossier, action: Action, at: datetime | None = None) -> Fact:
        """Something that happened to a dossier."""
        return make_fact(
            number=dossier.number,
            action=action,
            status_before=Status.IN_PROCESS,
            status=STATUS_AFTER[action],
            procedure_id=dossier.procedure_id,
            occurred_at=at or dossier.filed_at,
        )

    def grant(self, *dossiers: Dossier, at: datetime | None = None) -> None:
        """Decided as asked."""
        self.tell(*(self.fact(dossier, Action.GRANT, at) for dossier in dossiers))

    def enter(self, *numbers: str, **changes: Any) -> list[Declaration | ProblemError]:
        """Existing declarations."""
        given = [entered(number, **changes) for number in numbers]
        with self.door.unit() as unit:
            unit.lock_sandbox(self.id)
            return enter_declarations(unit, self.writer, self.id, given, earliest=EARLIEST, now=NOW)

    def note(self, register: Register, **changes: Any) -> RegisterEntry:
        """Something that another system knows."""
        values: dict[str, Any] = {
            "register": register,
            "key": "",
            "holder_id": "",
            "declaration_number": None,
            "occurred_at": None,
            "data": {},
        }
        with self.door.unit() as unit:
            unit.lock_sandbox(self.id)
            request = EntryRequest(**{**values, **changes})
            return Counterparts(self.writer).enter(unit, self.id, request, earliest=EARLIEST, now=NOW)

    def profile(self, enterprise: str, level: int, *, was_refunded: bool = True) -> None:
        """What is known of an enterprise's risk."""
        data = {"level": level, "rank": None, "was_refunded": was_refunded}
        with self.door.unit() as unit:
            unit.lock_sandbox(self.id)
            Counterparts(self.writer).profile(unit, self.id, enterprise, data, NOW)

    def declaration(self, number: str) -> Declaration:
        """As it stands."""
        found = self.reader.declaration(self.id, int(number[:-1]))
        assert found is not None
        return found

    def events(self) -> list[tuple[str, str, str]]:
        """Everything that happened, in order."""
        return [(event.register, event.key, event.kind) for event in self.reader.events(self.id, 0, 1000)]

    def count(self, table: str) -> int:
        """Rows of the sandbox."""
        with self._database.transaction() as transaction:
            statement = f"SELECT count(*) FROM {table} WHERE sandbox_id = %s"
            row = transaction.execute(statement, (self.id,)).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture(scope="module")
def database(servers: Servers) -> Iterator[Database]:
    """The schema of the portal, as its own role."""
    opened = Database(servers.database_urls["portal"], schema="portal", process="tests")
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def world(database: Database) -> World:
    """A sandbox that refuses unknown declarations."""
    return World(database)


@pytest.fixture
def lenient(database: Database) -> World:
    """A sandbox that adopts them."""
    return World(database, unknown=UnknownDeclarations.ADOPT)


def entered(number: str = "101234567890", **changes: Any) -> EnteredDeclaration:
    """A cleared declaration."""
    values: dict[str, Any] = {
        "number": number,
        "kind": KINDS["A11" if number[0] == "1" else "B11"],
        "office_code": "30F1",
        "declarant_id": DECLARANT,
        "channel": None,
        "state": DeclarationState.CLEARED,
        "registered_at": NOW - 30 * DAY,
        "cleared_at": None,
    }
    return EnteredDeclaration(**{**values, **changes})


def submission(procedure_id: str, applicant: str = DECLARANT, **form: Any) -> Submission:
    """A filing with the example's form, and these fields in place of its own."""
    example = filing(procedure_id)["form"]
    return Submission(
        procedure_id=procedure_id,
        office_code="30CF",
        channel=Channel.ONLINE,
        applicant_kind=ApplicantKind.ENTERPRISE,
        applicant_id=applicant,
        applicant_name="Công ty",
        filed_at=None,
        form={**example, **form},
    )


def registration(channel: CustomsChannel | None = None, kind: str = "A11", applicant: str = DECLARANT) -> Submission:
    """A declaration to be registered."""
    new = NewDeclaration(kind=kind, direction=KINDS[kind].direction, channel=channel)
    return submission(DOCUMENTS, applicant)._replace(form={}, declaration=new)


# Registering


def test_an_ordinary_declaration_is_one_row_and_no_write_at_clearance(world: World) -> None:
    (dossier,) = world.file(registration(CustomsChannel.GREEN))
    assert isinstance(dossier, Dossier)
    number = f"{own_base(Direction.IMPORT, dossier.number)}0"
    assert world.declaration(number).state is DeclarationState.REGISTERED
    assert not world.effects.wanted(travelled([world.fact(dossier, Action.RESOLVE_AT_ONCE)]))
    world.tell(world.fact(dossier, Action.RESOLVE_AT_ONCE, NOW + DAY))
    cleared = world.declaration(number)
    assert (cleared.state, cleared.clearance_at) == (DeclarationState.CLEARED, NOW + DAY)
    assert cleared.dossier_number == dossier.number
    assert [world.count(table) for table in ("declaration", "register_link", "register_event", "register_entry")] == [
        1,
        0,
        0,
        0,
    ]


@pytest.mark.parametrize(
    ("channel", "procedure_id"),
    [(CustomsChannel.GREEN, DOCUMENTS), (CustomsChannel.YELLOW, DOCUMENTS), (CustomsChannel.RED, GOODS)],
)
def test_the_channel_says_which_check_is_filed(world: World, channel: CustomsChannel, procedure_id: str) -> None:
    dossier = world.filed(registration(channel, kind="B11"))
    assert (dossier.procedure_id, dossier.traits) == (procedure_id, {"customs_channel": channel})
    number = f"{own_base(Direction.EXPORT, dossier.number)}0"
    declaration = world.declaration(number)
    assert (declaration.channel, declaration.kind, declaration.office_code) == (channel, "B11", "30CF")


def test_channels_are_drawn_by_risk_and_are_the_same_for_the_same_seed(database: Database) -> None:
    drawn = []
    for _ in range(2):
        world = World(database)
        world.profile(tax_code(5), 5)
        results = world.file(*(registration(applicant=tax_code(5 if place % 2 else 1)) for place in range(200)))
        drawn.append([one.traits["customs_channel"] for one in results if isinstance(one, Dossier) and one.traits])
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 200
    assert set(drawn[0][1::2]) == {"red"}
    assert {"green", "yellow"} <= set(drawn[0][::2])


def test_a_clearance_dossier_filed_by_hand_registers_a_declaration(world: World) -> None:
    by_hand = submission(DOCUMENTS, kind="E31", customs_channel="yellow")
    form = {name: value for name, value in by_hand.form.items() if name != "declaration_number"}
    dossier = world.filed(by_hand._replace(form=form))
    declaration = world.declaration(f"{own_base(Direction.IMPORT, dossier.number)}0")
    assert (declaration.kind, declaration.channel, declaration.dossier_number) == ("E31", "yellow", dossier.number)
    world.grant(dossier)
    assert world.declaration(declaration.number).state is DeclarationState.CLEARED


def test_a_clearance_dossier_may_check_a_declaration_that_was_entered(world: World) -> None:
    world.enter("101234567890", state=DeclarationState.REGISTERED)
    dossier = world.filed(submission(DOCUMENTS, declaration_number="101234567890"))
    assert world.declaration("101234567890").dossier_number == dossier.number
    world.tell(world.fact(dossier, Action.REFUSE, NOW + DAY))
    found = world.declaration("101234567890")
    assert (found.state, found.clearance_at) == (DeclarationState.NOT_CLEARED, None)
    assert world.events() == [("declaration", "10123456789", EventKind.NOT_CLEARED)]


def test_a_sandbox_can_run_out_of_numbers(world: World, servers: Servers) -> None:
    with psycopg.connect(servers.owner_url) as connection:
        statement = "UPDATE portal.sandbox SET last_number = %s WHERE sandbox_id = %s"
        connection.execute(statement, (LAST_DOSSIER_NUMBER - 1, world.id))
    results = world.file(
        registration(), registration(), submission("change-of-use"), submission("cargo-identification")
    )
    assert [isinstance(one, Dossier) for one in results] == [True, False, False, True]
    assert isinstance(results[1], ProblemError)
    assert [error["code"] for error in results[1].errors] == ["declaration-numbers-used-up"]
    assert world.declaration("100999999990").dossier_number == LAST_DOSSIER_NUMBER


def test_a_refused_clearance_leaves_the_declaration_uncleared(world: World) -> None:
    dossier = world.filed(registration(CustomsChannel.RED))
    other = world.filed(registration(CustomsChannel.RED))
    world.tell(world.fact(dossier, Action.REFUSE), world.fact(other, Action.GRANT))
    states = [world.declaration(f"{own_base(Direction.IMPORT, one.number)}0").state for one in (dossier, other)]
    assert states == [DeclarationState.NOT_CLEARED, DeclarationState.CLEARED]


def test_a_thousand_cost_as_many_statements_as_some(world: World) -> None:
    """Filing, comparing and projecting: nothing is done per dossier; a few dossiers take fewer statements."""
    world.enter(*(f"10123456{place:03d}0" for place in range(1000)))
    world.tell()  # the projector knows the partition

    def statements(submissions: Sequence[Submission], action: Action) -> tuple[int, int]:
        world.counted.statements[0] = 0
        dossiers = [one for one in world.file(*submissions) if isinstance(one, Dossier)]
        filing_count = world.counted.statements[0]
        assert len(dossiers) == len(submissions)
        facts = [world.fact(dossier, action) for dossier in dossiers]
        world.counted.statements[0] = 0
        with world.counted.transaction() as transaction:
            world.teller.tell(transaction, facts)
        return filing_count, world.counted.statements[0]

    registered = [statements([registration()] * size, Action.GRANT) for size in (1, FEW_FILED, FEW_FILED + 1, 1000)]
    assert (registered[0], registered[2]) == (registered[1], registered[3])
    amended = [
        statements(
            [
                submission("amendment-after-clearance", declaration_number=f"10123456{place:03d}0")
                for place in range(first, first + size)
            ],
            Action.GRANT,
        )
        for first, size in ((0, 1), (1, 2), (3, FEW_FILED + 1), (200, 800))
    ]
    assert (amended[0], amended[2]) == (amended[1], amended[3])
    assert world.calendars_read == len(amended)
    assert max(max(pair) for pair in registered + amended) <= 16
    assert world.count("declaration") == 2000 + 2 + 2 * FEW_FILED


def test_a_term_that_the_calendar_does_not_know_stops_nothing(world: World) -> None:
    """The days are those of the instant of the grant; what can't be counted is no violation."""
    asked: list[datetime] = []

    def unknown(at: datetime) -> WorkingCalendar:
        asked.append(at)
        raise OutsideCalendarError("beyond")

    world.calendar = unknown
    world.enter("101234567890")
    amendment = world.filed(submission("amendment-after-clearance", declaration_number="101234567890"))
    facility = world.note(Register.FACILITY, key="CSSX000001", holder_id=DECLARANT, data={"office": "30CF"})
    report = world.filed(submission("settlement-report", facility_code=facility.key))
    world.grant(amendment, report, at=NOW + DAY)
    assert asked == [NOW + DAY] * 2
    assert [kind for _, _, kind in world.events()][-2:] == [EventKind.AMENDED, EventKind.ENTERED]
    assert world.declaration("101234567890").branch == 1


# Comparing


def test_a_filing_names_what_is_there_and_its_own(world: World) -> None:
    world.enter("101234567890")
    cancel = submission("declaration-cancellation", declaration_number="101234567890")
    assert world.refused(submission("declaration-cancellation", declaration_number="101234567900")) == [
        "declaration-unknown"
    ]
    assert world.refused(cancel._replace(applicant_id=tax_code(1))) == ["declaration-of-another"]
    assert world.refused(submission("amendment-before-clearance", declaration_number="101234567890")) == [
        "declaration-wrong-state"
    ]
    assert world.refused(submission("refund-first", import_declaration_number="301234567890")) == [
        "declaration-wrong-direction"
    ]
    assert world.count("register_link") == 0
    dossier = world.filed(cancel)
    (linked,) = world.reader.linked_dossiers(world.id, Register.DECLARATION, "10123456789", 10)
    assert (linked.number, linked.field, linked.procedure_id) == (
        dossier.number,
        "declaration_number",
        "declaration-cancellation",
    )


def test_refused_filings_leave_no_gap_in_numbers_and_links(world: World) -> None:
    """Links are written before dossiers have their numbers: both must count alike."""
    world.enter("101234567890", "101234567900")
    results = world.file(
        submission("declaration-cancellation", declaration_number="101234567990"),
        submission("declaration-cancellation", declaration_number="101234567890"),
        submission("declaration-cancellation", tax_code(1), declaration_number="101234567890"),
        registration(CustomsChannel.GREEN),
        submission("declaration-cancellation", declaration_number="101234567900"),
    )
    assert [isinstance(one, Dossier) for one in results] == [False, True, False, True, True]
    numbers = [one.number for one in results if isinstance(one, Dossier)]
    assert numbers == [1, 2, 3]
    for key, number in (("10123456789", 1), ("10123456790", 3)):
        (linked,) = world.reader.linked_dossiers(world.id, Register.DECLARATION, key, 10)
        assert linked.number == number
    assert world.declaration("100000000020").dossier_number == 2


def test_another_sandbox_has_registers_of_its_own(database: Database) -> None:
    one, other = World(database), World(database)
    one.enter("101234567890")
    assert other.refused(submission("declaration-cancellation", declaration_number="101234567890")) == [
        "declaration-unknown"
    ]
    assert other.reader.declarations(other.id, DeclarationFilter(), 10) == []
    assert other.events() == []


def test_a_lenient_sandbox_adopts_as_the_procedure_needs(lenient: World) -> None:
    amended = lenient.filed(submission("amendment-before-clearance", declaration_number="101234567890"))
    assert lenient.declaration("101234567890").state is DeclarationState.REGISTERED
    lenient.filed(submission("refund-first", import_declaration_number="101234567900"))
    assert lenient.declaration("101234567900").state is DeclarationState.CLEARED
    # The same number comes again, with another applicant, after it was amended and cancelled.
    cancelled = lenient.filed(submission("declaration-cancellation", tax_code(1), declaration_number="101234567890"))
    lenient.grant(amended, cancelled)
    assert lenient.declaration("101234567890").state is DeclarationState.CANCELLED
    again = lenient.filed(submission("declaration-cancellation", tax_code(2), declaration_number="101234567890"))
    lenient.grant(again)
    assert lenient.count("declaration") == 2


def test_numbers_that_only_the_registers_give_arent_adopted(lenient: World) -> None:
    assert lenient.refused(submission("declaration-cancellation", declaration_number="100000000990")) == [
        "declaration-unknown"
    ]
    assert lenient.refused(submission("manifest-amendment", manifest_number="MF18900001")) == ["manifest-unknown"]
    assert lenient.filed(submission("manifest-amendment", manifest_number="MF18000123"))


def test_entering_takes_each_number_once_and_tells_of_each(world: World) -> None:
    results = world.enter("101234567890", "301234567891", "101234567892", "100000000010")
    assert [one.code if isinstance(one, ProblemError) else one.number for one in results] == [
        "101234567890",
        "301234567891",
        "declaration-exists",
        "declaration-number-reserved",
    ]
    for instant in (NOW + DAY, EARLIEST - DAY):
        (late,) = world.enter("101234567900", registered_at=instant)
        assert isinstance(late, ProblemError)
        assert [error["pointer"] for error in late.errors] == ["/registered_at"]
    assert world.count("declaration") == 2


# Effects


def test_a_granted_amendment_makes_a_branch(world: World) -> None:
    world.enter("101234567890")
    amendment = submission("amendment-after-clearance", declaration_number="101234567890")
    first, second = world.filed(amendment), world.filed(amendment)
    world.grant(first)
    assert world.declaration("101234567890").number == "101234567891"
    assert world.refused(amendment) == ["declaration-not-current"]
    world.grant(second)
    assert world.declaration("101234567890").number == "101234567892"
    event = world.reader.events_of(world.id, Register.DECLARATION, "10123456789", 10)[0]
    assert (event.detail["number"], event.detail["previous_number"]) == ("101234567892", "101234567891")
    assert (event.dossier_number, event.dossier_filed_at) == (second.number, NOW)
    assert event.detail["item"] == amendment.form["item"]


def test_what_wasnt_granted_changes_nothing(world: World) -> None:
    world.enter("101234567890")
    dossiers = [
        world.filed(submission("declaration-cancellation", declaration_number="101234567890")) for _ in range(3)
    ]
    world.tell(
        world.fact(dossiers[0], Action.REFUSE),
        world.fact(dossiers[1], Action.WITHDRAW),
        world.fact(dossiers[2], Action.GRANT)._replace(refusal="illegal-transition"),
    )
    assert world.declaration("101234567890").state is DeclarationState.CLEARED
    assert world.events() == []


def test_a_granted_cancellation_cancels_and_is_told(world: World) -> None:
    world.enter("101234567890")
    cancel = submission("declaration-cancellation", declaration_number="101234567890")
    first, second = world.filed(cancel), world.filed(cancel)
    world.grant(first, second, at=NOW + DAY)
    found = world.declaration("101234567890")
    assert (found.state, found.cancelled_at) == (DeclarationState.CANCELLED, NOW + DAY)
    assert world.events() == [
        ("declaration", "10123456789", EventKind.CANCELLED),
        ("declaration", "10123456789", EventKind.TAX_DEPARTMENT_TOLD),
        ("risk-profile", DECLARANT, EventKind.RISK_NOTED),
    ]
    assert world.refused(cancel) == ["declaration-wrong-state"]


def test_a_granted_refund_is_noted_with_declaration_and_enterprise(world: World) -> None:
    world.enter("101234567890")
    world.profile(DECLARANT, 2, was_refunded=False)
    dossier = world.filed(submission("refund-first", import_declaration_number="101234567890"))
    world.grant(dossier)
    (event,) = world.reader.events_of(world.id, Register.DECLARATION, "10123456789", 10)
    assert (event.kind, event.detail["amount_vnd"]) == (EventKind.TAX_REFUNDED, 48_200_000)
    profile = world.reader.entry(world.id, Register.RISK_PROFILE, DECLARANT)
    assert profile is not None
    assert profile.data["was_refunded"] is True


def test_forms_with_impossible_days_dont_stop_the_projector(world: World) -> None:
    """A form takes any day; a fact that can't be projected would be tried for ever."""
    world.enter("101234567890")
    facility = world.note(Register.FACILITY, holder_id=DECLARANT, data={"office": "30CF"})
    extension = submission("storage-extension", declaration_number="101234567890", storage_until="9999-12-31")
    reports = [
        submission("settlement-report", facility_code=facility.key, financial_year_ends_on=day)
        for day in ("1900-01-01", "9999-12-31", "0001-01-01")
    ]
    world.grant(*(world.filed(one) for one in (extension, *reports)))
    (event,) = world.reader.events_of(world.id, Register.DECLARATION, "10123456789", 10)
    assert "storage_until" not in event.detail
    found = world.reader.entries(world.id, Register.SETTLEMENT_REPORT, EntryFilter(), 10)
    assert [one.data["financial_year_ends_on"] for one in found] == ["0001-01-01", "9999-12-31", "1900-01-01"]
    assert all("due_at" not in one.data for one in found)


def test_a_granted_storage_extension_says_until_when(world: World) -> None:
    world.enter("101234567890")
    world.grant(world.filed(submission("storage-extension", declaration_number="101234567890")))
    (event,) = world.reader.events_of(world.id, Register.DECLARATION, "10123456789", 10)
    assert (event.kind, event.detail["storage_until"]) == (EventKind.STORAGE_EXTENDED, "2018-08-01")


@pytest.mark.parametrize(("cleared_days_ago", "is_late"), [(59, False), (62, True)])
def test_a_late_amendment_is_a_violation(world: World, cleared_days_ago: int, is_late: bool) -> None:
    at = NOW - cleared_days_ago * DAY
    world.enter("101234567890", registered_at=at, cleared_at=at)
    world.grant(world.filed(submission("amendment-after-clearance", declaration_number="101234567890")), at=NOW + DAY)
    found = world.reader.entries(world.id, Register.VIOLATION, EntryFilter(holder_id=DECLARANT), 10)
    assert [(one.data["rule"], one.base, one.dossier_number) for one in found] == (
        [("clearance-expired", 10_123_456_789, 1)] if is_late else []
    )
    assert (EventKind.VIOLATION_RECORDED in {kind for _, _, kind in world.events()}) == is_late


@pytest.mark.parametrize("declaration_number", ["101234567890", None])
def test_an_audit_decision_ends_the_free_amendment(world: World, declaration_number: str | None) -> None:
    """Of the declaration itself, or of all that its declarant has."""
    world.enter("101234567890", registered_at=NOW - 10 * DAY)
    world.note(
        Register.AUDIT,
        declaration_number=declaration_number,
        holder_id="" if declaration_number else DECLARANT,
        data={"reason": None},
    )
    world.grant(world.filed(submission("amendment-after-clearance", declaration_number="101234567890")))
    (violation,) = world.reader.entries(world.id, Register.VIOLATION, EntryFilter(), 10)
    assert (violation.data["rule"], violation.key) == ("audit-decided", "VPHC18000001")


def test_goods_that_passed_otherwise_than_declared_start_five_working_days(world: World) -> None:
    world.enter("101234567890", registered_at=NOW - 12 * DAY)
    world.note(
        Register.GATE_PASSAGE,
        declaration_number="101234567890",
        occurred_at=NOW - 8 * DAY,
        data={"location": "30CFC01", "differs": True, "discrepancy": None},
    )
    world.grant(world.filed(submission("amendment-after-clearance", declaration_number="101234567890")))
    (violation,) = world.reader.entries(world.id, Register.VIOLATION, EntryFilter(base=10_123_456_789), 10)
    assert violation.data["rule"] == "gate-expired"


def test_a_manifest_is_amended_and_cancelled(world: World) -> None:
    manifest = world.note(Register.MANIFEST, holder_id=DECLARANT, data={"office": "30CF", "revision": 0})
    assert manifest.key == "MF18900001"
    amendment = submission("manifest-amendment", manifest_number=manifest.key)
    assert world.refused(amendment._replace(applicant_id=tax_code(3))) == ["manifest-of-another"]
    world.grant(world.filed(amendment), world.filed(amendment))
    world.grant(world.filed(submission("manifest-amendment", manifest_number=manifest.key, request="cancel")))
    found = world.reader.entry(world.id, Register.MANIFEST, manifest.key)
    assert found is not None
    assert (found.data["revision"], found.data["is_cancelled"]) == (2, True)
    kinds = [event.kind for event in world.reader.events_of(world.id, Register.MANIFEST, manifest.key, 10)]
    assert kinds == [EventKind.CANCELLED, EventKind.AMENDED, EventKind.AMENDED, EventKind.ENTERED]


def test_a_facility_is_registered_changed_and_reported_on(world: World) -> None:
    world.grant(world.filed(submission("production-facility-notification")))
    (facility,) = world.reader.entries(world.id, Register.FACILITY, EntryFilter(holder_id=DECLARANT), 10)
    assert (facility.key, facility.data["workers"], facility.data["office"]) == ("CSSX900001", 320, "30CF")
    change = submission(
        "production-facility-notification",
        notification="change",
        changed_facility_code=facility.key,
        workers=400,
    )
    world.grant(world.filed(change))
    (facility,) = world.reader.entries(world.id, Register.FACILITY, EntryFilter(), 10)
    assert facility.data["workers"] == 400
    for year_ends_on in ("2017-12-31", "2018-03-31"):
        report = submission("settlement-report", facility_code=facility.key, financial_year_ends_on=year_ends_on)
        world.grant(world.filed(report))
    reports = world.reader.entries(world.id, Register.SETTLEMENT_REPORT, EntryFilter(), 10)
    assert [(one.data["financial_year_ends_on"], one.data["is_late"]) for one in reports] == [
        ("2018-03-31", False),
        ("2017-12-31", True),
    ]
    assert world.refused(submission("settlement-report", tax_code(1), facility_code=facility.key)) == [
        "facility-of-another"
    ]


def test_a_cargo_number_is_given_at_once(world: World) -> None:
    dossier = world.filed(submission("cargo-identification"))
    world.tell(world.fact(dossier, Action.RESOLVE_AT_ONCE))
    (cargo,) = world.reader.entries(world.id, Register.CARGO_ID, EntryFilter(), 10)
    assert (cargo.key, cargo.holder_id, cargo.dossier_number) == ("DD1800000001", DECLARANT, dossier.number)


# Routing


def test_a_refund_of_a_high_risk_enterprise_is_inspected_first(world: World) -> None:
    world.enter("101234567890", "101234567900", declarant_id=tax_code(1))
    world.enter("101234567910")
    world.profile(tax_code(1), 4)
    risky = world.filed(submission("refund-first", tax_code(1), import_declaration_number="101234567890"))
    safe = world.filed(submission("refund-first", import_declaration_number="101234567910"))
    assert risky.traits is not None
    assert (risky.traits["track"], risky.traits["track_reason"]) == ("inspect-first", "high-risk")
    assert safe.traits is None or "track" not in safe.traits
    (event,) = world.reader.events_of_dossier(world.id, risky.number, 10)
    assert (event.kind, event.detail["reason"]) == (EventKind.REFUND_ROUTED, "high-risk")


@pytest.mark.parametrize(("violations", "is_routed"), [(2, False), (3, True)])
def test_a_third_violation_sends_the_refund_to_inspection(world: World, violations: int, is_routed: bool) -> None:
    world.enter("101234567890")
    for place in range(violations):
        world.note(
            Register.VIOLATION,
            holder_id=DECLARANT,
            occurred_at=NOW - (place + 1) * 100 * DAY,
            data={"kind": "other", "article": None},
        )
    world.note(
        Register.VIOLATION,
        holder_id=DECLARANT,
        occurred_at=NOW - 366 * DAY,
        data={"kind": "other", "article": None},
    )
    dossier = world.filed(submission("refund-first", import_declaration_number="101234567890"))
    assert ((dossier.traits or {}).get("track_reason") == "violations") == is_routed


# Reading


def test_the_filter_by_state_agrees_with_the_state(world: World) -> None:
    """Every way in which a declaration can come to its state, once in SQL and once in Python."""
    dossiers = world.file(*[registration(CustomsChannel.YELLOW, kind="B11")] * len(Status))
    filed = [one for one in dossiers if isinstance(one, Dossier)]
    for status, dossier in zip(Status, filed, strict=True):
        fact = world.fact(dossier, Action.START)._replace(status=status)
        world.tell(fact)
    world.enter("101234567890")
    world.enter("101234567900", state=DeclarationState.REGISTERED)
    world.enter("101234567910", state=DeclarationState.CANCELLED)
    refused = world.filed(registration(CustomsChannel.RED))
    world.tell(world.fact(refused, Action.REFUSE))
    everything = world.reader.declarations(world.id, DeclarationFilter(), 100)
    assert len(everything) == len(Status) + 4
    for state in DeclarationState:
        found = world.reader.declarations(world.id, DeclarationFilter(state=state), 100)
        assert found == [one for one in everything if one.state is state], state
        assert found


def test_lists_are_filtered_and_go_on_from_a_cursor(world: World) -> None:
    world.file(
        *[registration(CustomsChannel.GREEN)] * 3,
        *[registration(CustomsChannel.RED, kind="E62", applicant=tax_code(1))] * 2,
    )
    world.enter("101234567890")

    def numbers(**wanted: Any) -> list[str]:
        return [one.number for one in world.reader.declarations(world.id, DeclarationFilter(**wanted), 10)]

    exports, imports = ["300000000050", "300000000040"], ["100000000030", "100000000020", "100000000010"]
    assert numbers() == [*exports, "101234567890", *imports]
    assert numbers(direction=Direction.EXPORT) == exports
    assert numbers(direction=Direction.IMPORT) == ["101234567890", *imports]
    assert numbers(declarant_id=tax_code(1)) == exports
    assert numbers(declarant_id=DECLARANT) == ["101234567890", *imports]
    assert numbers(declarant_id=DECLARANT, before_base=10_000_000_003) == ["100000000020", "100000000010"]
    assert numbers(declarant_id=tax_code(2)) == []
    assert numbers(channel="green") == imports
    assert numbers(kind="E62", office_code="30CF") == exports
    assert numbers(before_base=10_000_000_003) == ["100000000020", "100000000010"]


def test_a_declaration_without_a_dossier_of_its_own_is_found_by_its_declarant(world: World) -> None:
    """Also when another dossier of that enterprise names it."""
    world.enter("101234567890")
    world.enter("101234567900", state=DeclarationState.REGISTERED, declarant_id=tax_code(1))

    def numbers(declarant_id: str) -> list[str]:
        return [
            one.number for one in world.reader.declarations(world.id, DeclarationFilter(declarant_id=declarant_id), 10)
        ]

    assert (numbers(DECLARANT), numbers(tax_code(1))) == (["101234567890"], ["101234567900"])
    world.filed(submission("refund-first", import_declaration_number="101234567890"))
    assert (numbers(DECLARANT), numbers(tax_code(1))) == (["101234567890"], ["101234567900"])


def test_events_are_numbered_without_gaps_over_all_registers(world: World) -> None:
    world.enter("101234567890")
    for _ in range(3):
        world.note(Register.MANIFEST, holder_id=DECLARANT, data={"office": "30CF", "revision": 0})
    world.grant(world.filed(submission("declaration-cancellation", declaration_number="101234567890")))
    events = world.reader.events(world.id, 0, 100)
    assert [event.position for event in events] == list(range(1, 7))
    assert [event.position for event in world.reader.events(world.id, 4, 100)] == [5, 6]
    assert [event.position for event in world.reader.events(world.id, 0, 2)] == [1, 2]


def test_what_is_wrong_with_an_entry_is_told(world: World) -> None:
    world.enter("101234567890")

    def code(**changes: Any) -> str:
        with pytest.raises(ProblemError) as caught:
            world.note(changes.pop("register", Register.AUDIT), **{"data": {"reason": None}, **changes})
        return caught.value.code

    assert code(declaration_number="101234567990") == "not-found"
    assert code(declaration_number="101234567890", holder_id=tax_code(1)) == "invalid-body"
    assert code(declaration_number="101234567890", occurred_at=NOW + DAY) == "invalid-body"
    assert code(holder_id=DECLARANT, occurred_at=EARLIEST - DAY) == "invalid-body"
    assert code(declaration_number="101234567890", occurred_at=NOW - 300 * DAY) == "invalid-body"
    world.note(Register.AUDIT, key="12/QĐ", holder_id=DECLARANT, data={"reason": None})
    assert code(key="12/QĐ", holder_id=DECLARANT) == "entry-exists"
    manifest: Mapping[str, Any] = {"office": "30CF", "revision": 0}
    own = {"register": Register.MANIFEST, "holder_id": DECLARANT, "data": manifest}
    assert code(key="MF18900009", **own) == "entry-number-reserved"
    assert code(key="KTSTQ18000002", holder_id=DECLARANT) == "entry-number-reserved"


def test_everybody_may_write_at_the_same_time(lenient: World) -> None:
    """Filing, messages, other systems and the projector take their locks in one order: nobody waits for ever."""
    numbers = [f"10123456{place:03d}0" for place in range(20)]
    lenient.enter(*numbers, state=DeclarationState.REGISTERED)
    lenient.profile(DECLARANT, 5)
    manifest = lenient.note(Register.MANIFEST, holder_id=DECLARANT, data={"office": "30CF", "revision": 0})
    cancellations = [
        lenient.filed(submission("declaration-cancellation", declaration_number=number)) for number in numbers
    ]
    amendments = [lenient.filed(submission("manifest-amendment", manifest_number=manifest.key)) for _ in numbers]
    messages = DeclarationMessages(lenient.writer, LifecycleGuide([]))
    errors: list[Exception] = []

    def amend(number: str) -> None:
        with lenient.door.unit() as unit:
            here = unit.lock_sandbox(lenient.id)
            messages.amend(unit, here, number, {}, NOW)

    jobs = (
        lambda place: lenient.grant(cancellations[-1 - place], amendments[place]),
        lambda place: amend(numbers[place // 2]),
        lambda place: lenient.note(Register.AUDIT, declaration_number=numbers[place], data={"reason": None}),
        lambda place: lenient.file(
            submission("refund-first", import_declaration_number=f"1020000{place:04d}0"),
            submission("manifest-amendment", manifest_number=f"MF180001{place:02d}"),
        ),
    )

    def work(job: Any) -> None:
        for place in range(len(numbers)):
            try:
                job(place)
            except Exception as error:  # noqa: BLE001 - told below
                errors.append(error)

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # Refused may be only a declaration that was amended or cancelled meanwhile.
    assert {getattr(error, "code", repr(error)) for error in errors} <= {
        "declaration-not-current",
        "declaration-closed",
    }
    events = lenient.reader.events(lenient.id, 0, 1000)
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    assert all(lenient.declaration(number).state is DeclarationState.CANCELLED for number in numbers)
    found = lenient.reader.entry(lenient.id, Register.MANIFEST, manifest.key)
    assert found is not None
    assert found.data["revision"] == len(numbers)
