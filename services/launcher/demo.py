"""The demonstration: a published workload put through the running services, with a progress bar and a table at the end.

The crowd that files it is a program of its own (`services.simulator`), a client of the portal like any other; here it
is only started, and ended when the person has seen enough.
"""

import os
import signal
import subprocess
import sys
from typing import Final

from services.launcher.child import die_with_parent
from services.launcher.folder import REPOSITORY
from services.runtime.language import language

#: The preset that is shown.
DEMO_PRESET: Final = "ha-tinh-2020"

#: How long the crowd may take to end when it is told to, before it is killed (seconds).
_STOP_SECONDS: Final = 5.0


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
    command = [sys.executable, "-P", "-m", "services.simulator", DEMO_PRESET, "--url", portal_url]
    if pages_stay_up:
        command.append("--link")
    crowd = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        cwd=REPOSITORY,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "sdk")]),
            # In the environment and not among the arguments, which everybody on the machine can read.
            "MOTCUA_ADMIN_KEY": admin_key,
            "MOTCUA_LANG": language(os.environ),
        },
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - the command line has a single thread
    )
    try:
        code = crowd.wait()
    finally:
        _end(crowd)
    # Ended by a signal: as a shell would say it.
    return code if code >= 0 else 128 - code


def _end(crowd: "subprocess.Popen[bytes]") -> None:
    """Ask it to end, and wait until it has; nothing to do when it has by itself."""
    if crowd.poll() is None:
        crowd.terminate()
        try:
            crowd.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            crowd.kill()
            crowd.wait()
