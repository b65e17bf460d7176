"""Is it ready, is it alive: the questions that the supervisor asks of each kind of process.

Each answer takes a second at most (three for servers that are somewhere else).
"""

import http.client
from pathlib import Path
from urllib.parse import urlsplit

from services.runtime.clock import real_now

#: A loop process whose last sign of life is younger than this is ready (seconds).
FRESH_SECONDS = 10.0

#: One whose last sign of life is older is restarted (seconds): Celery workers are known to stay up but stop consuming
#: after Redis was restarted.
STALE_SECONDS = 20.0

#: A web process that hasn't answered for so long is shown as silent, and restarted (seconds). Longer than a loop: its
#: answer may have to wait behind large requests.
SILENT_SECONDS = 10.0
WEB_STALE_SECONDS = 40.0

#: The first sign of life may take longer: everything starts at once (seconds).
FIRST_BEAT_SECONDS = 45.0


def readyz_status(url: str) -> int | None:
    """Status of the answer to `GET /readyz`; `None` when there is no answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=1.0)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def last_beat(heartbeat: Path) -> float | None:
    """When the file was last touched (seconds since 1970); `None` when it never was."""
    try:
        return heartbeat.stat().st_mtime
    except OSError:
        return None


def is_fresh(heartbeat: Path) -> bool:
    """Whether there was a sign of life just now."""
    beat = last_beat(heartbeat)
    return beat is not None and real_now().timestamp() - beat < FRESH_SECONDS


def servers_answer(database_url: str, redis_url: str) -> bool:
    """Whether PostgreSQL and Redis take a connection at this moment, wherever they are."""
    # Imported on the rare occasion that it is asked: the supervisor starts faster and stays small without them.
    import psycopg  # noqa: PLC0415
    import redis  # noqa: PLC0415

    try:
        psycopg.connect(database_url, connect_timeout=2).close()
        client = redis.Redis.from_url(redis_url, socket_connect_timeout=1, socket_timeout=1)
        try:
            return bool(client.ping())
        finally:
            client.close()
    except (psycopg.Error, redis.RedisError):
        return False
