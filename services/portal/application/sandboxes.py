"""Making sandboxes and keys.

Of a key only its hash is kept. An answer under an Idempotency-Key keeps the key's seed: with it and the portal's secret
the same key can be told again, and neither of them opens anything alone.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.contracts.commands import ClockSetting, CommandType, open_sandbox_data
from services.contracts.staffing import Staffing
from services.contracts.vocabulary import OfficerKind
from services.portal.application.ports import DoorUnit, NewCommand
from services.portal.domain.sandbox import Key, KeyPurpose, Sandbox, UnknownDeclarations

#: A sign-in link for the pages works this long.
SIGN_IN_LASTS: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxRequest:
    """What a new sandbox shall be like."""

    name: str
    seed: int
    partition_count: int
    officer: OfficerKind
    clock: ClockSetting
    unknown_declarations: UnknownDeclarations = UnknownDeclarations.REFUSE
    staffing: Staffing | None = None  #: with a robot only
    expected_dossiers: int | None = None


@dataclass(frozen=True, slots=True)
class OpenedSandbox:
    """A new sandbox and the seed of its key."""

    sandbox: Sandbox
    key_seed: str


def hash_key(key: str) -> bytes:
    """What is kept of a key. Keys are 192 random bits, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).digest()


def key_of(seed: str, secret: str) -> str:
    """The key that grows from a seed; another one after the portal's secret has been changed."""
    digest = hmac.digest(secret.encode(), f"motcua key {seed}".encode(), "sha256")
    return f"mc_{base64.urlsafe_b64encode(digest[:24]).decode()}"


def open_sandbox(unit: DoorUnit, request: SandboxRequest, real_now: datetime, secret: str) -> OpenedSandbox:
    """Make a sandbox, its first key, and the first command of each partition's log."""
    sandbox = Sandbox(
        sandbox_id=secrets.token_hex(5),
        name=request.name,
        seed=request.seed,
        partition_count=request.partition_count,
        officer=request.officer,
        clock=request.clock,
        last_number=0,
        created_at=real_now,
        unknown_declarations=request.unknown_declarations,
        is_staffed=request.staffing is not None,
        expected_dossiers=request.expected_dossiers,
    )
    unit.add_sandbox(sandbox, request.staffing)
    key_seed = new_key(unit, Key(sandbox_id=sandbox.sandbox_id, purpose=KeyPurpose.API, expires_at=None), secret)
    data = open_sandbox_data(seed=sandbox.seed, clock=sandbox.clock, officer=sandbox.officer, staffing=request.staffing)
    unit.append(
        sandbox.sandbox_id,
        [
            NewCommand(partition, CommandType.OPEN_SANDBOX, sandbox.clock.virtual_at, data)
            for partition in range(sandbox.partition_count)
        ],
    )
    return OpenedSandbox(sandbox, key_seed)


def new_key(unit: DoorUnit, key: Key, secret: str) -> str:
    """Another key of a sandbox; returns its seed."""
    seed = secrets.token_hex(24)
    unit.add_key(hash_key(key_of(seed, secret)), key)
    return seed


def sign_in_key(unit: DoorUnit, sandbox_id: str, expires_at: datetime, secret: str) -> str:
    """A key for a link that opens the pages; returns its seed."""
    return new_key(unit, Key(sandbox_id=sandbox_id, purpose=KeyPurpose.SIGN_IN, expires_at=expires_at), secret)
