"""The Celery application that every service shares: same broker, same options, tasks known by name.

Celery carries no deadline (no `eta`, no `countdown`) and no result: a message may be lost or arrive twice, and the
command log's sequence numbers make both harmless. What the options below guard against is said beside each.
"""

from typing import Any, Final

import orjson
from celery import Celery
from kombu.entity import Queue
from kombu.serialization import register

from services.contracts.commands import QUEUE_COMMANDS, QUEUE_DUE, QUEUE_REPLAY

#: JSON like any other, written and read several times faster; what is JSON already is sent as it is (a `Fragment`).
SERIALIZER: Final = "orjson"
register(SERIALIZER, orjson.dumps, orjson.loads, content_type="application/json", content_encoding="utf-8")  # type: ignore[no-untyped-call]


def make_celery(redis_url: str) -> Celery:
    """A Celery application; connects when first used."""
    app = Celery("motcua", broker=redis_url, set_as_current=False)
    app.conf.update(
        task_serializer=SERIALIZER,
        accept_content=[SERIALIZER],
        task_ignore_result=True,
        task_acks_late=True,  # a worker that dies hands its message back
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,  # one message is a thousand dossiers; hoarding starves the other worker
        worker_cancel_long_running_tasks_on_connection_loss=True,  # said explicitly: the default changes in Celery 6
        worker_soft_shutdown_timeout=5,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # for ever: who supervises decides when a worker is hopeless
        broker_transport_options={
            "visibility_timeout": 120,  # seconds; far above the longest task, see TASK_TIME_LIMIT_SECONDS
            "socket_timeout": 30,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "retry_on_timeout": True,
        },
        task_time_limit=TASK_TIME_LIMIT_SECONDS,
        task_queues=[Queue(name) for name in (QUEUE_COMMANDS, QUEUE_DUE, QUEUE_REPLAY)],  # type: ignore[no-untyped-call]
        task_create_missing_queues=False,
        task_default_queue=QUEUE_DUE,
    )
    return app


#: Longest a task may run; a task works in slices and hands on what is left well before.
TASK_TIME_LIMIT_SECONDS = 60


class TaskSender:
    """Sends commands by task name; knows no task's code."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def send(self, task: str, queue: str, **arguments: Any) -> None:
        """Publish one message.

        Raises:
            kombu.exceptions.OperationalError: the broker is away; whoever keeps the outbox tries again.
        """
        self._app.send_task(task, kwargs=arguments, queue=queue, retry=False)

    def queue_length(self, queue: str) -> int:
        """Messages waiting in a queue, not counting those a worker holds."""
        with self._app.connection_for_read() as connection:
            return int(connection.default_channel.client.llen(queue))
