"""What each process finds in its environment: the settings of the stack, and of the secrets only its own.

Whatever the person has set (`MOTCUA_…`) wins over what is made up here; `.env.example` lists it all.
"""

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from services.launcher.errors import LauncherError
from services.launcher.folder import REPOSITORY, DataFolder
from services.launcher.keys import Keys
from services.launcher.messages import say
from services.launcher.ports import parse_port, require_free
from services.launcher.processes import Kind, ProcessSpec
from services.runtime.addresses import local_url

SERVICES: Final = ("portal", "processing", "metrics")

DEFAULT_PORTAL_PORT: Final = 8080

#: Folder of the person's own procedures, forms, offices and days off.
CATALOGUE_FOLDER: Final = "MOTCUA_CATALOGUE_DIR"


@dataclass(frozen=True)
class Addresses:
    """Where the HTTP services listen."""

    portal_bind: str
    portal_port: int
    metrics_bind: str
    metrics_port: int

    @property
    def portal_url(self) -> str:
        """The portal as seen from this machine."""
        return local_url(self.portal_bind, self.portal_port)

    @property
    def metrics_url(self) -> str:
        """Metrics as seen from this machine."""
        return local_url(self.metrics_bind, self.metrics_port)


def choose_addresses(port: int | None, environment: Mapping[str, str]) -> Addresses:
    """Free ports for the HTTP services.

    Args:
        port: the portal's port; 0 any free one; `None` what `MOTCUA_PORTAL_PORT` says (8080).
        environment: the person's settings. Metrics takes any free port unless `MOTCUA_METRICS_PORT` names one.

    Raises:
        LauncherError: a port is taken.
    """
    portal_bind = environment.get("MOTCUA_PORTAL_BIND", "127.0.0.1")
    metrics_bind = environment.get("MOTCUA_METRICS_BIND", "127.0.0.1")
    wanted = parse_port(environment.get("MOTCUA_PORTAL_PORT", str(DEFAULT_PORTAL_PORT))) if port is None else port
    return Addresses(
        portal_bind,
        require_free(portal_bind, wanted),
        metrics_bind,
        require_free(metrics_bind, parse_port(environment.get("MOTCUA_METRICS_PORT", "0"))),
    )


def service_database_url(owner_url: str, service: str, password: str) -> str:
    """The same database, entered as the service's own role."""
    parts = urlsplit(owner_url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"motcua_{service}:{quote(password, safe='')}@{place}"))


def stack_settings(
    *, owner_url: str, redis_url: str, keys: Keys, addresses: Addresses, workers: int, environment: Mapping[str, str]
) -> dict[str, str]:
    """Every setting of a stack, secrets included; a process gets its part of it from `process_environment`."""
    passwords = {
        "portal": keys.portal_database_password,
        "processing": keys.processing_database_password,
        "metrics": keys.metrics_database_password,
    }
    made = {
        "MOTCUA_DATABASE_URL": owner_url,
        **{
            f"MOTCUA_{service.upper()}_DATABASE_URL": service_database_url(owner_url, service, passwords[service])
            for service in SERVICES
        },
        "MOTCUA_REDIS_URL": redis_url,
        "MOTCUA_METRICS_URL": addresses.metrics_url,
        "MOTCUA_ADMIN_KEY": keys.admin_key,
        "MOTCUA_INTERNAL_KEY": keys.internal_key,
        "MOTCUA_SECRET_KEY": keys.secret_key,
        "MOTCUA_PORTAL_BIND": addresses.portal_bind,
        "MOTCUA_METRICS_BIND": addresses.metrics_bind,
        "MOTCUA_WORKER_PROCESSES": str(workers),
    }
    given = {name: value for name, value in environment.items() if name in made and value}
    ports = {"MOTCUA_PORTAL_PORT": str(addresses.portal_port), "MOTCUA_METRICS_PORT": str(addresses.metrics_port)}
    return {**made, **given, **ports, "MOTCUA_WORKER_PROCESSES": str(workers)}


#: Settings that only the processes whose row in the table names them may see.
RESTRICTED: Final = frozenset(
    {
        "MOTCUA_DATABASE_URL",
        *(f"MOTCUA_{service.upper()}_DATABASE_URL" for service in SERVICES),
        *(f"MOTCUA_{service.upper()}_DATABASE_PASSWORD" for service in SERVICES),
        "MOTCUA_REDIS_URL",
        "MOTCUA_METRICS_URL",
        "MOTCUA_ADMIN_KEY",
        "MOTCUA_INTERNAL_KEY",
        "MOTCUA_SECRET_KEY",
    }
)


def process_environment(
    spec: ProcessSpec, settings: Mapping[str, str], folder: DataFolder, inherited: Mapping[str, str]
) -> dict[str, str]:
    """The environment of one process."""
    open_settings = {name: value for name, value in settings.items() if name not in RESTRICTED}
    own_settings = {name: settings[name] for name in spec.settings}
    environment = {name: value for name, value in inherited.items() if name not in RESTRICTED}
    environment |= open_settings | own_settings
    environment["PYTHONPATH"] = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "sdk")])
    # Marks our processes, so that leftovers of a killed supervisor can be told from strangers.
    environment["MOTCUA_DATA"] = str(folder.path)
    if spec.kind is Kind.LOOP:
        environment["MOTCUA_HEARTBEAT_FILE"] = str(folder.heartbeats / spec.name)
    if spec.kind is Kind.SERVER:
        # The server's own messages are read by programs and by us: in one language.
        environment |= {"LC_ALL": "C", "TZ": "UTC"}
    return environment


def make_paths_absolute(environment: MutableMapping[str, str]) -> None:
    """Let the paths that the person has set mean the same to processes that run elsewhere."""
    if name := environment.get(CATALOGUE_FOLDER):
        environment[CATALOGUE_FOLDER] = str(Path(name).expanduser().absolute())


def whole_number(name: str, text: str) -> int:
    """A setting that is a positive whole number.

    Raises:
        LauncherError: it isn't one.
    """
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise LauncherError(say("number-wrong", name=name, value=text))
    return int(text)
