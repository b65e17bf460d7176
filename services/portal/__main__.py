"""`python -m services.portal web | relay | projector`."""

import sys
from importlib import import_module

_ROLES = ("web", "relay", "projector")


def main() -> int:
    """Start the process that the first argument names."""
    if len(sys.argv) != 2 or sys.argv[1] not in _ROLES:
        sys.stderr.write(f"usage: python -m services.portal {' | '.join(_ROLES)}\n")
        return 2
    role = sys.argv.pop()
    module = "serve" if role == "web" else role
    return int(import_module(f"services.portal.{module}").main())


if __name__ == "__main__":
    sys.exit(main())
