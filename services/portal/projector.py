"""The projector: keeps the portal's read model up with the facts: `python -m services.portal projector`."""

from services.portal.bootstrap import Parts
from services.portal.config import Settings
from services.runtime.logs import configure_logs
from services.runtime.loops import Loop
from services.runtime.settings import read_settings


def main() -> None:
    """Run until SIGTERM."""
    settings = read_settings(Settings)
    configure_logs("portal projector", settings.log_level)
    parts = Parts(settings, "portal projector")
    # Reading blocks until something comes, so there is nothing to wait for between two steps.
    loop = Loop(parts.heartbeat, idle_seconds=0)
    loop.stop_on_signals()
    loop.run(parts.follower.step)
    parts.database.close()
