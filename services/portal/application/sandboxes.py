"""Making sandboxes and keys."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.contracts.commands import ClockSetting, CommandType, open_sandbox_data
from services.contracts.vocabulary import OfficerKind
from services.portal.application.ports import DoorUnit, NewCommand
from services.portal.domain.sandbox import Key, KeyPurpose, Sandbox

#: A sign-in link for the pages works this long.
SIGN_IN_HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxRequest:
    """What a new sandbox shall be like."""

    name: str
    seed: int
    partition_count: int
    officer: OfficerKind
    clock: ClockSetting


@dataclass(frozen=True, slots=True)
class OpenedSandbox:
    """A new sandbox and its key, which is known only now."""

    sandbox: Sandbox
    key: str


def hash_key(key: str) -> bytes:
    """What is kept of a key. Keys are 192 random bits, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).digest()


def open_sandbox(unit: DoorUnit, request: SandboxRequest, real_now: datetime) -> OpenedSandbox:
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
    )
    unit.add_sandbox(sandbox)
    key = new_key(unit, Key(sandbox_id=sandbox.sandbox_id, purpose=KeyPurpose.API, expires_at=None))
    data = open_sandbox_data(seed=sandbox.seed, clock=sandbox.clock, officer=sandbox.officer)
    unit.append(
        sandbox.sandbox_id,
        [
            NewCommand(partition, CommandType.OPEN_SANDBOX, sandbox.clock.virtual_at, data)
            for partition in range(sandbox.partition_count)
        ],
    )
    return OpenedSandbox(sandbox, key)


def new_key(unit: DoorUnit, key: Key) -> str:
    """Another key of a sandbox."""
    text = f"mc_{secrets.token_urlsafe(24)}"
    unit.add_key(hash_key(text), key)
    return text


def sign_in_key(unit: DoorUnit, sandbox_id: str, real_now: datetime) -> str:
    """A key for a link that opens the pages, good for `SIGN_IN_HOURS`."""
    expires_at = real_now + timedelta(hours=SIGN_IN_HOURS)
    return new_key(unit, Key(sandbox_id=sandbox_id, purpose=KeyPurpose.SIGN_IN, expires_at=expires_at))
