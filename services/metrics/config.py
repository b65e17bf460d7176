"""Settings of the metrics service."""

from dataclasses import dataclass
from typing import Final

from services.runtime.settings import CommonSettings, setting

#: Threads that answer requests; each may hold one database connection.
WEB_THREADS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterSettings(CommonSettings):
    """Read by the counter, and by the HTTP side too."""

    database_url: str = setting(
        "MOTCUA_METRICS_DATABASE_URL", "str", "PostgreSQL, as the role motcua_metrics", secret=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings(CounterSettings):
    """Read by the HTTP side of metrics."""

    internal_key: str = setting(
        "MOTCUA_INTERNAL_KEY", "str", "Key that callers of metrics show: the portal, Prometheus", secret=True
    )
    bind: str = setting("MOTCUA_METRICS_BIND", "str", "Address that metrics listens on", "127.0.0.1")
    port: int = setting("MOTCUA_METRICS_PORT", "int", "TCP port that metrics listens on", 8081)
    recount_patience_seconds: float = setting(
        "MOTCUA_RECOUNT_PATIENCE_SECONDS", "float", "Seconds without progress after which a recount gives up", 60.0
    )
