"""`python -m services.processing worker | timekeeper | relay`."""

import sys
from importlib import import_module

from services.runtime.errors import ConfigurationError

USAGE = "usage: python -m services.processing worker | timekeeper | relay"


def main(arguments: list[str]) -> int:
    """Run one process of processing; returns its exit code."""
    try:
        match arguments:
            case ["worker" | "timekeeper" | "relay" as role]:
                sys.argv = sys.argv[:1]  # Celery reads it
                import_module(f"services.processing.{role}").main()
            case _:
                sys.stderr.write(USAGE + "\n")
                return 2
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
