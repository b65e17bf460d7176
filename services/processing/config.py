"""Settings of processing."""

from dataclasses import dataclass

from services.runtime.settings import CommonSettings, setting


@dataclass(frozen=True, slots=True)
class Settings(CommonSettings):
    """Read by worker, timekeeper and relay."""

    database_url: str = setting(
        "MOTCUA_PROCESSING_DATABASE_URL", "str", "PostgreSQL, as role motcua_processing", secret=True
    )
    worker_processes: int = setting("MOTCUA_WORKER_PROCESSES", "int", "Celery worker processes", 2)
