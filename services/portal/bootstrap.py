"""Puts the portal together: the only module that knows every part."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Final

from services.contracts.catalogue import Catalogue
from services.law.calendar import CalendarBook
from services.portal.adapters import hooks
from services.portal.adapters.hooks import RegisterCheck
from services.portal.adapters.papers.paper_words import load_paper_words
from services.portal.adapters.papers.pdf_press import PdfPress
from services.portal.adapters.papers.sql_attachments import SqlAttachments
from services.portal.adapters.papers.sql_signing import SqlSigningKeys
from services.portal.adapters.payments.bank_list import load_banks
from services.portal.adapters.payments.payment_follower import PaymentFollower
from services.portal.adapters.payments.sql_payments import SqlPayments
from services.portal.adapters.registers.register_data import load_declaration_kinds, load_declaration_rules
from services.portal.adapters.registers.register_effects import RegisterEffects
from services.portal.adapters.registers.sql_register_check import SqlRegisterCheck
from services.portal.adapters.registers.sql_register_reader import SqlRegisterReader
from services.portal.adapters.registers.sql_register_writer import SqlRegisterWriter
from services.portal.adapters.sql_door import SqlDoor
from services.portal.adapters.sql_expiry import SqlExpiry
from services.portal.adapters.sql_outbox import SqlOutbox
from services.portal.adapters.sql_overrides import SqlOverrideReader
from services.portal.adapters.sql_projection import SqlProjection
from services.portal.adapters.sql_reader import SqlReader
from services.portal.adapters.sql_waiting_times import SqlWaitingTimes
from services.portal.application.attachments import AttachmentStore, Kind
from services.portal.application.clearance import ClearanceForms
from services.portal.application.clocks import ClockRange, Settler
from services.portal.application.counterparts import Counterparts
from services.portal.application.deadline_history import DeadlineHistories
from services.portal.application.declarations import DeclarationMessages
from services.portal.application.filing import FilingDesk
from services.portal.application.lifecycle_guide import LifecycleGuide
from services.portal.application.look_up import PublicCounter
from services.portal.application.papers import PaperOffice, SigningKeys
from services.portal.application.payments import DocumentFilter, Payments
from services.portal.application.ports import Counts, Door, Reader
from services.portal.application.register_ports import RegisterReader, RegisterWriter
from services.portal.application.reporting import ReportDesk, ReportFiles
from services.portal.application.sandbox_calendars import OverrideReader, SandboxCalendars
from services.portal.application.waiting import WaitingRoom
from services.portal.application.waiting_times import WaitingTimesReader
from services.portal.config import Settings
from services.portal.domain.papers.papers import PaperWords
from services.portal.domain.payments.bank_messages import Bank
from services.portal.domain.payments.payments import PaymentDocument
from services.portal.domain.registers.declarations import DeclarationKind
from services.portal.domain.registers.register_rules import DeclarationRules
from services.portal.domain.registers.registers import EventKind, Register
from services.runtime.catalogue import load_catalogue
from services.runtime.celery_app import TaskSender, make_celery
from services.runtime.clock import real_now
from services.runtime.database import Database
from services.runtime.heartbeat import Heartbeat
from services.runtime.streams import FactFollower, connect_redis

#: Requests that one web process answers at a time, connections it uses for them, and how many of them may wait for an
#: effect (`application/waiting.py`): there is always room for those that don't.
WEB_THREADS: Final = 48
WEB_CONNECTIONS: Final = 12
WAITING_SEATS: Final = 32
WAITING_SEATS_PER_SANDBOX: Final = 16

#: Payment documents and register events of a dossier that papers are made from; a dossier has a few of each.
PAYMENTS_OF_A_DOSSIER: Final = 100
EVENTS_OF_A_DOSSIER: Final = 100


@dataclass
class Parts:
    """Built on first use, so that each process pays for what it needs."""

    settings: Settings
    process: str
    max_connections: int = 4

    @cached_property
    def database(self) -> Database:
        """The pool on schema `portal`."""
        database = Database(
            self.settings.database_url, schema="portal", process=self.process, max_connections=self.max_connections
        )
        database.open()
        return database

    @cached_property
    def catalogue(self) -> Catalogue:
        """Procedures, offices, calendar."""
        return load_catalogue(own=self.settings.catalogue_dir)

    @cached_property
    def clock_range(self) -> ClockRange:
        """Instants a clock may show."""
        return ClockRange.of_calendar(self.catalogue.calendar.first_on, self.catalogue.calendar.last_on)

    @cached_property
    def guide(self) -> LifecycleGuide:
        """What a status allows."""
        table = files("services.contracts") / "published" / "lifecycle.json"
        return LifecycleGuide(json.loads(table.read_text(encoding="utf-8"))["transitions"])

    @cached_property
    def door(self) -> Door:
        """Writes."""
        return SqlDoor(self.database, self.register_check)

    @cached_property
    def declaration_kinds(self) -> Mapping[str, DeclarationKind]:
        """Kinds of declarations, by code."""
        return load_declaration_kinds()

    @cached_property
    def declaration_rules(self) -> DeclarationRules:
        """Which declarations a procedure takes, and how they are routed."""
        return load_declaration_rules(self.catalogue.procedures)

    @cached_property
    def register_check(self) -> RegisterCheck | None:
        """What the registers say about filings."""
        procedures = self.catalogue.procedures
        forms = ClearanceForms(procedures, self.declaration_kinds)
        return SqlRegisterCheck(procedures, self.declaration_rules, forms)

    @cached_property
    def fact_followers(self) -> Sequence[hooks.FactFollower]:
        """What follows the facts in the projector's transactions, in this order."""
        procedures = self.catalogue.procedures
        return (PaymentFollower(procedures), RegisterEffects(procedures, self.calendars.by_instant))

    @cached_property
    def register_reader(self) -> RegisterReader:
        """Reads the registers."""
        return SqlRegisterReader(self.database)

    @cached_property
    def register_writer(self) -> RegisterWriter:
        """Writes the registers in transactions of the door."""
        return SqlRegisterWriter()

    @cached_property
    def declaration_messages(self) -> DeclarationMessages:
        """Changes declarations before they are cleared."""
        return DeclarationMessages(self.register_writer, self.guide)

    @cached_property
    def counterparts(self) -> Counterparts:
        """Enters what the systems around know."""
        return Counterparts(self.register_writer)

    @cached_property
    def payments(self) -> Payments:
        """Payment documents and what banks tell."""
        return SqlPayments(self.database)

    @cached_property
    def attachments(self) -> AttachmentStore:
        """Uploaded files."""
        return SqlAttachments(self.database)

    def file_kind(self, content: bytes) -> tuple[Kind | None, Sequence[Kind]]:
        """What a file is by its content, and the kinds that are taken."""
        # Here and not above: it reads a table of file signatures, and only uploads need it.
        from services.portal.adapters.papers.file_kinds import FILE_KINDS, kind_of  # noqa: PLC0415

        return kind_of(content), FILE_KINDS

    @cached_property
    def paper_words(self) -> PaperWords:
        """Words of the papers."""
        return load_paper_words()

    @cached_property
    def signing_keys(self) -> SigningKeys:
        """Keys that papers are signed with."""
        return SqlSigningKeys(self.database)

    @cached_property
    def paper_office(self) -> PaperOffice:
        """Makes papers."""
        return PaperOffice(
            reader=self.reader,
            payments=self._payments_of,
            files=self.attachments.attachments,
            procedures=self.catalogue.procedures,
            offices=self.catalogue.offices,
            words=lambda: self.paper_words,
            issued_codes=self._issued_code,
            press=PdfPress(),
            keys=self.signing_keys,
            pages_url=self.settings.pages_url,
        )

    def _payments_of(self, sandbox_id: str, number: int) -> list[PaymentDocument]:
        found = self.payments.documents(sandbox_id, DocumentFilter(number=number), PAYMENTS_OF_A_DOSSIER)
        return sorted(found, key=lambda document: document.ordinal)

    def _issued_code(self, sandbox_id: str, number: int) -> str:
        events = self.register_reader.events_of_dossier(sandbox_id, number, EVENTS_OF_A_DOSSIER)
        issued = {Register.CARGO_ID, Register.FACILITY}
        return next((item.key for item in events if item.kind == EventKind.ENTERED and item.register in issued), "")

    @cached_property
    def banks(self) -> Mapping[str, Bank]:
        """Banks that payers can choose, by code."""
        return load_banks()

    @cached_property
    def desk(self) -> FilingDesk:
        """Files."""
        return FilingDesk(self.door, self.catalogue.procedures, real_now)

    @cached_property
    def reader(self) -> Reader:
        """Reads."""
        return SqlReader(self.database)

    @cached_property
    def public_counter(self) -> PublicCounter:
        """Answers anybody."""
        return PublicCounter(self.reader, real_now)

    @cached_property
    def override_reader(self) -> OverrideReader:
        """Reads what was decided on calendars."""
        return SqlOverrideReader(self.database)

    @cached_property
    def calendars(self) -> SandboxCalendars:
        """Working calendars of sandboxes."""
        return SandboxCalendars(CalendarBook(self.catalogue.calendar), self.override_reader)

    @cached_property
    def deadlines(self) -> DeadlineHistories:
        """How due dates came about."""
        return DeadlineHistories(self.reader, self.calendars, self.catalogue.procedures, self.guide)

    @cached_property
    def counts(self) -> Counts:
        """Metrics."""
        # Here and not above: relay and projector start without an HTTP client, a quarter of a second sooner.
        from services.portal.adapters.http_counts import HttpCounts  # noqa: PLC0415

        return HttpCounts(self.settings.metrics_url, self.settings.internal_key)

    @cached_property
    def waiting_times(self) -> WaitingTimesReader:
        """Knows how long dossiers waited."""
        return SqlWaitingTimes(self.database)

    @cached_property
    def report_desk(self) -> ReportDesk:
        """Makes reports."""
        return ReportDesk(self.counts, self.catalogue)

    @cached_property
    def report_files(self) -> ReportFiles:
        """Writes reports as files."""
        # Here and not above: only who saves a report needs a writer of spreadsheets.
        from services.portal.adapters.reports import report_files  # noqa: PLC0415

        return report_files

    @cached_property
    def waiting_room(self) -> WaitingRoom:
        """Seats for requests that wait."""
        return WaitingRoom(WAITING_SEATS, WAITING_SEATS_PER_SANDBOX)

    @cached_property
    def settler(self) -> Settler:
        """Waits."""
        return Settler(self.reader, self.counts, self.waiting_room)

    @cached_property
    def outbox(self) -> SqlOutbox:
        """What the relay sends."""
        return SqlOutbox(self.database)

    @cached_property
    def expiry(self) -> SqlExpiry:
        """What is kept for a while only."""
        return SqlExpiry(self.database)

    @cached_property
    def sender(self) -> TaskSender:
        """Sends commands."""
        return TaskSender(make_celery(self.settings.redis_url))

    @cached_property
    def projection(self) -> SqlProjection:
        """Keeps the read model."""
        return SqlProjection(self.fact_followers)

    @cached_property
    def follower(self) -> FactFollower:
        """Follows the facts."""
        return FactFollower(
            client=connect_redis(self.settings.redis_url),
            database=self.database,
            consumer=self.projection,
            sender=self.sender,
            name="portal",
        )

    @cached_property
    def heartbeat(self) -> Heartbeat:
        """Sign of life."""
        return Heartbeat(self.settings.heartbeat_file)
