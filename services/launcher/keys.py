"""Keys and passwords of one data folder: made once, kept in a file that only its owner can read.

They reach the processes through the environment, never through a command line or a log.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields

from services.launcher.errors import LauncherError
from services.launcher.folder import DataFolder
from services.launcher.messages import say


def _new() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, repr=False)
class Keys:
    """Every secret of a stack; a fresh instance holds new random ones."""

    #: API key that may create sandboxes.
    admin_key: str = field(default_factory=_new)
    #: The portal shows it to metrics.
    internal_key: str = field(default_factory=_new)
    #: Signs the session cookie.
    secret_key: str = field(default_factory=_new)
    #: Owner of the embedded database; used by migrations only.
    database_password: str = field(default_factory=_new)
    portal_database_password: str = field(default_factory=_new)
    processing_database_password: str = field(default_factory=_new)
    metrics_database_password: str = field(default_factory=_new)
    redis_password: str = field(default_factory=_new)
    #: Tells this data folder from another one made at the same path later; not secret.
    folder_id: str = field(default_factory=lambda: secrets.token_hex(6))


def load_or_make(folder: DataFolder) -> Keys:
    """The folder's keys; made on the first call.

    Raises:
        LauncherError: the file is there but can't be used. It is not replaced: the database knows these passwords.
    """
    path = folder.secrets_file
    try:
        values = json.loads(path.read_text())
        return Keys(**{item.name: str(values[item.name]) for item in fields(Keys)})
    except FileNotFoundError:
        return _make(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LauncherError(say("secrets-broken", path=path)) from error


def _make(folder: DataFolder) -> Keys:
    keys = Keys()
    # Written aside and renamed: a half-written file would lock everyone out.
    aside = folder.path / f".secrets-{os.getpid()}"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(keys), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(folder.secrets_file)
    return keys
