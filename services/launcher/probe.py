"""Asks a web process now and then whether it still answers, and never waits for the answer.

Any answer is a sign of life, also "the database can't be reached": only silence counts. A question stays open until it
is answered, however long the queue before it is; what a silence means is decided in `watched.py` and `supervisor.py`.
"""

import contextlib
import socket
from typing import Final
from urllib.parse import urlsplit

#: From one question to the next (seconds).
PROBE_SECONDS = 5.0

#: A connection on this machine is there at once or not at all (seconds).
CONNECT_SECONDS: Final = 0.5


class WebProbe:
    """The questions to one address, one at a time."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        self._request = f"GET /readyz HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode()
        self._connection: socket.socket | None = None
        self._ask_not_before = 0.0

    def has_answered(self, now: float) -> bool:
        """Whether an answer has come since this was last called; asks when it is time to.

        Args:
            now: monotonic seconds.
        """
        if self._connection is None:
            if now >= self._ask_not_before:
                self._ask_not_before = now + PROBE_SECONDS
                self._ask()
            return False
        try:
            answer = self._connection.recv(64)
        except BlockingIOError:
            return False
        except OSError:
            answer = b""
        self.forget()
        return answer.startswith(b"HTTP/")

    def _ask(self) -> None:
        with contextlib.suppress(OSError):
            connection = socket.create_connection(self._address, CONNECT_SECONDS)
            try:
                connection.sendall(self._request)
                connection.setblocking(False)
            except OSError:
                connection.close()
                raise
            self._connection = connection

    def forget(self) -> None:
        """Expect no answer any more: the process is another, or gone."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
