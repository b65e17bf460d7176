"""`python -m services.metrics web | counter`."""

import sys

from services.runtime.errors import ConfigurationError

USAGE = "usage: python -m services.metrics web | counter"


def main(arguments: list[str]) -> int:
    """Run one process of metrics; returns its exit code."""
    try:
        match arguments:
            case ["web"]:
                _serve()
            case ["counter"]:
                _count()
            case _:
                sys.stderr.write(USAGE + "\n")
                return 2
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _serve() -> None:
    # Imported here and below: the process that only listens stays small, and neither side loads the other's parts.
    from services.metrics.config import WEB_THREADS, WebSettings  # noqa: PLC0415
    from services.runtime.http_server import serve  # noqa: PLC0415
    from services.runtime.settings import read_settings  # noqa: PLC0415

    settings = read_settings(WebSettings)
    serve("services.metrics.wsgi:app", settings.bind, settings.port, threads=WEB_THREADS)


def _count() -> None:
    from services.metrics.config import CounterSettings  # noqa: PLC0415
    from services.metrics.counter import run_counter  # noqa: PLC0415
    from services.runtime.logs import configure_logs  # noqa: PLC0415
    from services.runtime.settings import read_settings  # noqa: PLC0415

    settings = read_settings(CounterSettings)
    configure_logs("metrics counter", settings.log_level)
    run_counter(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
