"""docker-compose.yml at work: one project of a test's own, driven by the commands that a person would type.

Knows Compose v1 and v2 and the engine's own command line; no library, because what is proven is the command line.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from functools import cache
from pathlib import Path
from typing import IO, Any

from services.launcher.folder import REPOSITORY

#: Where a script may lie that makes local stand-ins for public base images; `MOTCUA_STAND_IN_IMAGES` names another.
STAND_INS = REPOSITORY.parent / "shared" / "tools" / "offline-images" / "build.sh"

COMPOSE_FILE = REPOSITORY / "docker-compose.yml"
DOCKERFILE = REPOSITORY / "deploy" / "Dockerfile"

#: Longest that one command may take (seconds): the first build installs every package.
COMMAND_SECONDS = 420

#: Longest from created to healthy (seconds).
HEALTHY_SECONDS = 120


def run(
    *command: str | Path, check: bool = True, timeout: float = COMMAND_SECONDS, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a command and keep what it says; a failure is told with its output."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    done = subprocess.run([str(part) for part in command], text=True, timeout=timeout, check=False, **options)
    if check and done.returncode != 0:
        raise AssertionError(
            f"{command} ended with {done.returncode}:\n{done.stdout or ''}\n{done.stderr or ''}"[-6000:]
        )
    return done


@cache
def compose_command() -> tuple[str, ...]:
    """Compose v2 as the engine's plugin, or the older program; empty when there is neither."""
    if shutil.which("docker") and run("docker", "compose", "version", check=False).returncode == 0:
        return ("docker", "compose")
    return ("docker-compose",) if shutil.which("docker-compose") else ()


def why_not() -> str:
    """What is missing for containers on this machine; empty when nothing is."""
    if not shutil.which("docker"):
        return "no docker command"
    if not compose_command():
        return "neither `docker compose` nor docker-compose"
    if run("docker", "info", check=False, timeout=30).returncode != 0:
        return "no Docker engine answers"
    return ""


def base_images() -> list[str]:
    """The public images that the system is made from."""
    texts = (
        re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(), re.M),
        re.findall(r"^    image: (\S+)", COMPOSE_FILE.read_text(), re.M),
    )
    return sorted({image for found in texts for image in found if not image.startswith("$")})


def get_base_images() -> str:
    """Have every base image on this machine: there already, pulled, or a stand-in; returns why not, or nothing."""
    missing = [image for image in base_images() if run("docker", "image", "inspect", image, check=False).returncode]
    missing = [image for image in missing if run("docker", "pull", "-q", image, check=False).returncode]
    if not missing:
        return ""
    script = Path(os.environ.get("MOTCUA_STAND_IN_IMAGES") or STAND_INS)
    if not script.exists():
        return f"can't pull {', '.join(missing)}, and MOTCUA_STAND_IN_IMAGES names no script that makes stand-ins"
    run("bash", script, *missing)
    return ""


def free_port() -> int:
    """A TCP port that was free just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class ComposeProject:
    """One deployment of docker-compose.yml under a name, a port, secrets and an image tag of its own."""

    def __init__(self, folder: Path) -> None:
        self.name = f"motcua-test-{os.getpid()}-{time.time_ns() % 10**6}"
        self.port = free_port()
        self.image = f"motcua-services:{self.name}"
        self.env_file = folder / "env"
        run(REPOSITORY / "deploy" / "make-env", self.env_file)

    @property
    def url(self) -> str:
        """The portal, from outside."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def secrets(self) -> dict[str, str]:
        """What make-env made."""
        lines = (line for line in self.env_file.read_text().splitlines() if not line.startswith("#"))
        return dict(line.split("=", 1) for line in lines)

    def compose(
        self, *arguments: str, env_file: Path | None = None, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """A Compose command on this project; of the person's own settings only the build's network counts."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("MOTCUA_", "COMPOSE_"))
        }
        environment |= {"MOTCUA_PORT": str(self.port), "MOTCUA_IMAGE": self.image}
        if network := os.environ.get("MOTCUA_BUILD_NETWORK"):
            environment["MOTCUA_BUILD_NETWORK"] = network
        options = {"cwd": REPOSITORY, "env": environment, **options}
        command = [*compose_command(), "--env-file", str(env_file or self.env_file), "-p", self.name, *arguments]
        return run(*command, **options)

    def up(self, *arguments: str) -> None:
        """Start, and wait until every container says that it is well."""
        self.compose("up", "-d", *arguments)
        self.wait_until_healthy()

    def containers(self) -> list[dict[str, Any]]:
        """Every container of the project as the engine describes it."""
        ids = run("docker", "ps", "-aq", "--filter", f"label=com.docker.compose.project={self.name}").stdout.split()
        return list(json.loads(run("docker", "inspect", *ids).stdout)) if ids else []

    def running(self) -> dict[str, list[dict[str, Any]]]:
        """Service → its containers, without those that ran once."""
        found: dict[str, list[dict[str, Any]]] = {}
        for container in self.containers():
            service = service_of(container)
            if service != "migrate":
                found.setdefault(service, []).append(container)
        return found

    def wait_until_healthy(self) -> None:
        """Return when all are; fail with the logs of those that aren't in time."""
        deadline = time.monotonic() + HEALTHY_SECONDS
        while True:
            states = {c["Name"]: c["State"].get("Health", {}) for group in self.running().values() for c in group}
            ill = [name for name, health in states.items() if health.get("Status") != "healthy"]
            if states and not ill:
                return
            if time.monotonic() > deadline:
                logs = [run("docker", "logs", "--tail", "20", name, stderr=subprocess.STDOUT).stdout for name in ill]
                raise AssertionError(f"not healthy in {HEALTHY_SECONDS} s: {ill}\n" + "\n".join(logs))
            time.sleep(0.5)

    def dump(self, file: IO[bytes]) -> None:
        """Back the database up, as deploy/README.md says."""
        self.compose("exec", "-T", "postgres", "pg_dump", "-U", "motcua_owner", "-Fc", "motcua", stdout=file)

    def restore(self, file: IO[bytes]) -> None:
        """Bring a backup into a new deployment, as deploy/README.md says."""
        self.compose("run", "--rm", "migrate")
        command = "pg_restore -U motcua_owner -d motcua --clean --if-exists --exit-on-error"
        self.compose("exec", "-T", "postgres", *command.split(), stdin=file)

    def remove(self) -> None:
        """Take everything away that `up` made, but not the layers that make the next build quick."""
        self.compose("down", "--volumes", "--timeout", "5", check=False)
        run("docker", "image", "rm", "--no-prune", self.image, check=False)


def service_of(container: dict[str, Any]) -> str:
    """Name of the service that a container belongs to."""
    return str(container["Config"]["Labels"]["com.docker.compose.service"])
