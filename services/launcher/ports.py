"""TCP ports: is one free, and which one is."""

import errno
import socket

from services.launcher.errors import LauncherError
from services.launcher.messages import say


def parse_port(text: str) -> int:
    """A port number; 0 means any free one.

    Raises:
        LauncherError: not a number from 0 to 65535.
    """
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise LauncherError(say("port-wrong", value=text))
    return int(text)


def free_port(host: str) -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def require_free(host: str, port: int) -> int:
    """`port`, or any free one when it is 0.

    Raises:
        LauncherError: something listens there already, or it is not for us to use.
    """
    if port == 0:
        return free_port(host)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of an earlier run that still linger don't count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            key = "port-in-use" if error.errno == errno.EADDRINUSE else "port-unusable"
            raise LauncherError(say(key, port=port, reason=error.strerror)) from error
    return port
