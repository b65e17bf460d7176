"""Settings of the portal."""

from dataclasses import dataclass

from services.runtime.settings import CommonSettings, setting


@dataclass(frozen=True, slots=True)
class Settings(CommonSettings):
    """Read by web, relay and projector."""

    database_url: str = setting("MOTCUA_PORTAL_DATABASE_URL", "str", "PostgreSQL, as role motcua_portal", secret=True)
    admin_key: str = setting("MOTCUA_ADMIN_KEY", "str", "API key that may create sandboxes", "", secret=True)
    secret_key: str = setting("MOTCUA_SECRET_KEY", "str", "Signs the session cookie of the pages", "", secret=True)
    metrics_url: str = setting("MOTCUA_METRICS_URL", "str", "Where metrics answers", "http://127.0.0.1:8081")
    internal_key: str = setting("MOTCUA_INTERNAL_KEY", "str", "Key from portal to metrics", "", secret=True)
    bind: str = setting("MOTCUA_PORTAL_BIND", "str", "Address the portal listens on", "127.0.0.1")
    port: int = setting("MOTCUA_PORTAL_PORT", "int", "Port the portal listens on", 8080)
    workers: int = setting("MOTCUA_PORTAL_WORKERS", "int", "Web server processes of the portal", 1)
