"""The projector: keeps the portal's read model up with the facts: `python -m services.portal projector`."""

from typing import Final

from services.portal.bootstrap import Parts
from services.portal.config import Settings
from services.runtime.clock import pause
from services.runtime.logs import configure_logs
from services.runtime.loops import Loop
from services.runtime.memory import collector_paused
from services.runtime.settings import read_settings

#: Entries taken at a time from each stream: blocks of up to 8,192 facts, which take about 8 MB each once decoded.
ENTRIES: Final = 4

#: After this many facts at once more are likely to come, and it pays to project them together: a dossier that goes on
#: in what is read next is a row written twice.
MANY_FACTS: Final = 8192
WAIT_FOR_MORE_SECONDS: Final = 0.5


def main() -> None:
    """Run until SIGTERM."""
    settings = read_settings(Settings)
    configure_logs("portal projector", settings.log_level)
    parts = Parts(settings, "portal projector")
    # Reading blocks until something comes, so there is nothing to wait for between two steps.
    loop = Loop(parts.heartbeat, idle_seconds=0)
    loop.stop_on_signals()
    loop.run(lambda: _step(parts))
    parts.database.close()


def _step(parts: Parts) -> bool:
    parts.projection.last_fact_count = 0
    with collector_paused():
        has_read = parts.follower.step(count=ENTRIES)
    if parts.projection.last_fact_count >= MANY_FACTS:
        pause(WAIT_FOR_MORE_SECONDS)
    return has_read
