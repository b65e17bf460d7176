"""The demonstration: a published workload put through the running services, with a progress bar and a table at the end.

The crowd that files it is a program of its own (`services.simulator`), a client of the portal like any other.
"""

from typing import Final

from services.launcher.programs import run_program

#: The preset that is shown.
DEMO_PRESET: Final = "ha-tinh-2020"


def run_demo(portal_url: str, admin_key: str, *, pages_stay_up: bool) -> int:
    """Run the workload against a portal that is ready, and show the result.

    Args:
        portal_url: where the portal answers, without a slash at the end.
        admin_key: key that may create sandboxes.
        pages_stay_up: the portal goes on after this returns, so that a link to its pages is of use.

    Returns:
        Exit code: 0 when everything adds up and the counts equal the recount.

    Raises:
        KeyboardInterrupt: the person has seen enough; the crowd has ended.
    """
    arguments = [DEMO_PRESET, "--url", portal_url, *(["--link"] if pages_stay_up else [])]
    return run_program("services.simulator", arguments, {"MOTCUA_ADMIN_KEY": admin_key})
