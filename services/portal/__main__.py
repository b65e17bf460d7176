"""`python -m services.portal web | relay | projector`."""

import sys
from importlib import import_module

from services.runtime.errors import ConfigurationError

USAGE = "usage: python -m services.portal web | relay | projector"


def main(arguments: list[str]) -> int:
    """Run one process of the portal; returns its exit code."""
    try:
        match arguments:
            case ["web"]:
                _serve()
            case ["relay" | "projector" as role]:
                import_module(f"services.portal.{role}").main()
            case _:
                sys.stderr.write(USAGE + "\n")
                return 2
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _serve() -> None:
    # Imported here: a relay needs no web server.
    from services.portal.bootstrap import WEB_THREADS  # noqa: PLC0415
    from services.portal.config import Settings  # noqa: PLC0415
    from services.runtime.http_server import serve  # noqa: PLC0415
    from services.runtime.settings import read_settings  # noqa: PLC0415

    settings = read_settings(Settings)
    serve("services.portal.wsgi:app", settings.bind, settings.port, threads=WEB_THREADS, workers=settings.workers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
