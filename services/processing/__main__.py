"""`python -m services.processing worker | timekeeper | relay`."""

import sys
from importlib import import_module

_ROLES = ("worker", "timekeeper", "relay")


def main() -> int:
    """Start the process that the first argument names."""
    if len(sys.argv) != 2 or sys.argv[1] not in _ROLES:
        sys.stderr.write(f"usage: python -m services.processing {' | '.join(_ROLES)}\n")
        return 2
    role = sys.argv.pop()
    return int(import_module(f"services.processing.{role}").main())


if __name__ == "__main__":
    sys.exit(main())
