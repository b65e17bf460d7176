"""The Celery worker: `python -m services.processing worker`."""

from celery import Celery
from celery.signals import worker_process_init

from services.contracts.commands import QUEUE_COMMANDS, QUEUE_DUE, QUEUE_REPLAY
from services.processing.bootstrap import Parts
from services.processing.config import Settings
from services.processing.tasks import register_tasks
from services.runtime.celery_app import make_celery
from services.runtime.logs import configure_logs
from services.runtime.settings import read_settings


class _ProcessParts:
    """The parts of this process; made anew in each child, because connections don't survive a fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._parts: Parts | None = None

    def __call__(self) -> Parts:
        if self._parts is None:
            self._parts = Parts(self._settings, "processing worker")
        return self._parts

    def forget(self, **_: object) -> None:
        """Signal handler: a child starts with nothing of its parent's."""
        self._parts = None


def make_worker_app(settings: Settings) -> Celery:
    """The application with every task registered."""
    app = make_celery(settings.redis_url)
    parts = _ProcessParts(settings)
    worker_process_init.connect(parts.forget, weak=False)
    register_tasks(app, parts)
    return app


def main() -> None:
    """Run until SIGTERM; finishes the task at hand."""
    settings = read_settings(Settings)
    configure_logs("processing worker", settings.log_level)
    app = make_worker_app(settings)
    app.worker_main(
        [
            "worker",
            "--pool=prefork",
            f"--concurrency={settings.worker_processes}",
            f"--queues={QUEUE_COMMANDS},{QUEUE_DUE},{QUEUE_REPLAY}",
            "--loglevel=warning",  # Celery says two lines a message at info; what we do is logged by ourselves
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )
