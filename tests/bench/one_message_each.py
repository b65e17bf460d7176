"""The road not taken: one Celery message for each step of each dossier. The task does nothing but count itself."""

import os

import redis
from celery import Celery

REDIS_URL = os.environ["BENCH_REDIS_URL"]
COUNTER = "bench:steps"

app = Celery("bench", broker=REDIS_URL)
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=4,
    task_default_queue="bench",
    worker_hijack_root_logger=False,
)
_client = redis.Redis.from_url(REDIS_URL)


@app.task(name="bench.step")
def step(dossier_number: int) -> None:
    """One step of one dossier."""
    del dossier_number
    _client.incr(COUNTER)
