"""Actions of people: an applicant at the counter, an officer behind it.

The portal refuses what it can see is not allowed; processing decides. The answer comes back as a fact, which names the
command.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.contracts.commands import CommandType, RequestedAction, act_data
from services.contracts.vocabulary import Action, Actor, Status
from services.portal.application.lifecycle_guide import LifecycleGuide
from services.portal.application.ports import DoorUnit, NewCommand
from services.portal.application.problems import problem
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.sandbox import Dossier
from services.runtime.clock import virtual_now
from services.runtime.errors import ProblemError


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRequest:
    """What somebody wants done to a dossier."""

    action: Action
    actor: Actor
    reason: str | None
    note: str | None
    expected_version: int | None  #: refuse if it has changed since; `None`: whatever it is now
    detail: Mapping[str, Any] | None = None  #: what the action needs beside, see `services.contracts.details`


def refuse_early(guide: LifecycleGuide, dossier: Dossier, request: ActionRequest, now: datetime) -> None:
    """Say no at once where the read model is enough to know.

    Raises:
        ProblemError: `not-filed-yet`, `stale-version`, `illegal-transition` or `actor-not-allowed`.
    """
    if dossier.filed_at > now:
        raise problem("not-filed-yet", filed_at=dossier.filed_at.isoformat())
    if request.expected_version is not None and request.expected_version != dossier.version:
        raise problem("stale-version", etag=f'"{dossier.version}"')
    allowed = guide.actions(dossier)
    if request.action not in allowed:
        raise refusal_problem(guide, "illegal-transition", dossier, request.action, request.actor)
    if request.actor not in allowed[request.action]:
        raise refusal_problem(guide, "actor-not-allowed", dossier, request.action, request.actor)


def refusal_problem(guide: LifecycleGuide, code: str, dossier: Dossier, action: str, actor: str) -> ProblemError:
    """The problem document of a refused action; `code` is a `Refusal`."""
    allowed = guide.actions_of_people(dossier)
    return problem(
        code,
        status=Status(dossier.status).slug,
        action=action,
        actor=actor,
        allowed=", ".join(allowed) or "—",
        etag=f'"{dossier.version}"',
        dossier_id=dossier_id(dossier),
        extra={"dossier_id": dossier_id(dossier), "allowed_actions": allowed},
    )


def request_action(unit: DoorUnit, dossier: Dossier, request: ActionRequest, real_now: datetime) -> str:
    """Append the action to the command log; returns the id under which its outcome can be read."""
    sandbox = unit.lock_sandbox(dossier.sandbox_id)
    command_id = f"act_{secrets.token_hex(8)}"
    row = RequestedAction(
        command_id,
        dossier.number,
        request.action,
        request.actor,
        request.reason,
        request.note,
        request.expected_version,
        request.detail,
    )
    now = virtual_now(sandbox.clock, real_now)
    unit.append(sandbox.sandbox_id, [NewCommand(dossier.partition, CommandType.ACT, now, act_data([row]))])
    unit.add_requested_action(sandbox.sandbox_id, command_id, dossier.number, request.action)
    return command_id
