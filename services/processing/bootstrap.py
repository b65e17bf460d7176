"""Puts processing together: the only module that knows every part."""

from dataclasses import dataclass
from functools import cached_property

import redis
from celery import Celery

from services.casework.engine import Rules
from services.casework.robot_files import load_robot_policies
from services.law.calendar import CalendarBook
from services.processing.adapters.ledger_reader import SqlLedgerReader
from services.processing.adapters.partition_store import SqlPartitionStore
from services.processing.application.running import PartitionRunner
from services.processing.config import Settings
from services.runtime.catalogue import load_catalogue
from services.runtime.celery_app import TaskSender, make_celery
from services.runtime.clock import real_now
from services.runtime.database import Database
from services.runtime.heartbeat import Heartbeat
from services.runtime.streams import FactPublisher, connect_redis


@dataclass
class Parts:
    """Built on first use, so that each process pays for what it needs."""

    settings: Settings
    process: str

    @cached_property
    def database(self) -> Database:
        """The pool on schema `processing`."""
        database = Database(self.settings.database_url, schema="processing", process=self.process)
        database.open()
        return database

    @cached_property
    def rules(self) -> Rules:
        """Law, catalogue and robot."""
        catalogue = load_catalogue(own=self.settings.catalogue_dir)
        return Rules(
            calendars=CalendarBook(catalogue.calendar),
            procedures=catalogue.procedures,
            robot_policies=load_robot_policies(catalogue.procedures),
        )

    @cached_property
    def store(self) -> SqlPartitionStore:
        """Partitions."""
        return SqlPartitionStore(self.database, self.rules.procedures)

    @cached_property
    def runner(self) -> PartitionRunner:
        """What tasks call."""
        return PartitionRunner(self.store, self.rules, real_now)

    @cached_property
    def ledger(self) -> SqlLedgerReader:
        """The ledger, for publishing."""
        return SqlLedgerReader(self.database)

    @cached_property
    def redis(self) -> "redis.Redis":
        """Streams."""
        return connect_redis(self.settings.redis_url)

    @cached_property
    def publisher(self) -> FactPublisher:
        """Writes facts to the streams."""
        return FactPublisher(self.redis)

    @cached_property
    def celery(self) -> Celery:
        """The application, without tasks."""
        return make_celery(self.settings.redis_url)

    @cached_property
    def sender(self) -> TaskSender:
        """Sends to processing's own queues."""
        return TaskSender(self.celery)

    @cached_property
    def heartbeat(self) -> Heartbeat:
        """Sign of life."""
        return Heartbeat(self.settings.heartbeat_file)
