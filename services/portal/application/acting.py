"""Actions of people: an applicant at the counter, an officer behind it.

The portal refuses what it can see is not allowed; processing decides. The answer comes back as a fact, which names the
command.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.contracts.commands import DOSSIERS_PER_COMMAND, CommandType, RequestedAction, act_data
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


def request_actions(
    unit: DoorUnit, sandbox_id: str, wishes: Sequence[tuple[Dossier, ActionRequest]], real_now: datetime
) -> list[str]:
    """Append actions to the command log, in their order; returns the ids under which their outcomes can be read."""
    sandbox = unit.lock_sandbox(sandbox_id)
    asked = [
        (
            dossier.partition,
            RequestedAction(
                f"act_{secrets.token_hex(8)}",
                dossier.number,
                wish.action,
                wish.actor,
                wish.reason,
                wish.note,
                wish.expected_version,
                wish.detail,
            ),
        )
        for dossier, wish in wishes
    ]
    ask_processing(unit, sandbox_id, asked, virtual_now(sandbox.clock, real_now))
    return [row.command_id for _, row in asked]


def ask_processing(
    unit: DoorUnit, sandbox_id: str, asked: Sequence[tuple[int, RequestedAction]], now: datetime
) -> None:
    """Append actions with their partitions to the command log; the outcome of each can be read under its id."""
    rows: dict[int, list[RequestedAction]] = defaultdict(list)
    for partition, row in asked:
        rows[partition].append(row)
    commands = [
        NewCommand(partition, CommandType.ACT, now, act_data(items[start : start + DOSSIERS_PER_COMMAND]))
        for partition, items in sorted(rows.items())
        for start in range(0, len(items), DOSSIERS_PER_COMMAND)
    ]
    if commands:
        unit.append(sandbox_id, commands)
        unit.add_requested_actions(sandbox_id, [row for _, row in asked])
