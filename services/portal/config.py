"""Settings of the portal."""

from dataclasses import dataclass

from services.runtime.addresses import local_url
from services.runtime.settings import CommonSettings, setting


@dataclass(frozen=True, slots=True)
class Settings(CommonSettings):
    """Read by web, relay and projector."""

    database_url: str = setting("MOTCUA_PORTAL_DATABASE_URL", "str", "PostgreSQL, as role motcua_portal", secret=True)
    admin_key: str = setting("MOTCUA_ADMIN_KEY", "str", "API key that may create sandboxes", "", secret=True)
    secret_key: str = setting(
        "MOTCUA_SECRET_KEY", "str", "Signs the session cookie of the pages; keys are made with it", "", secret=True
    )
    metrics_url: str = setting("MOTCUA_METRICS_URL", "str", "Where metrics answers", "http://127.0.0.1:8081")
    internal_key: str = setting("MOTCUA_INTERNAL_KEY", "str", "Key from portal to metrics", "", secret=True)
    bind: str = setting("MOTCUA_PORTAL_BIND", "str", "Address the portal listens on", "127.0.0.1")
    port: int = setting("MOTCUA_PORTAL_PORT", "int", "Port the portal listens on", 8080)
    workers: int = setting("MOTCUA_PORTAL_WORKERS", "int", "Web server processes of the portal", 1)
    public_url: str = setting(
        "MOTCUA_PUBLIC_URL", "str", "Where browsers reach the portal; unset: bind address and port", ""
    )

    @property
    def pages_url(self) -> str:
        """Where links to the pages lead, without a slash at the end; never taken from a request."""
        return self.public_url.rstrip("/") or local_url(self.bind, self.port)
