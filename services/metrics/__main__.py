"""`python -m services.metrics web | counter`."""

import sys

from services.metrics.bootstrap import WEB_THREADS
from services.metrics.config import CounterSettings, WebSettings
from services.metrics.counter import run_counter
from services.runtime.errors import ConfigurationError
from services.runtime.http_server import serve
from services.runtime.logs import configure_logs
from services.runtime.settings import read_settings

USAGE = "usage: python -m services.metrics web | counter"


def main(arguments: list[str]) -> int:
    """Run one process of metrics; returns its exit code."""
    try:
        match arguments:
            case ["web"]:
                settings = read_settings(WebSettings)
                serve("services.metrics.wsgi:app", settings.bind, settings.port, threads=WEB_THREADS)
            case ["counter"]:
                counter_settings = read_settings(CounterSettings)
                configure_logs("metrics counter", counter_settings.log_level)
                run_counter(counter_settings)
            case _:
                sys.stderr.write(USAGE + "\n")
                return 2
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
