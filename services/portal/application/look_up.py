"""The public look-up: a dossier's code and how far it has come, for anybody, and nothing else.

Source: Circular 01/2018/TT-VPCP art. 16.2d: without signing in only the code and the degree of completion. Which
degrees there are is ours. A code is unique within its sandbox, so the sandbox has to be named; its id is no secret, and
opens nothing.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from services.contracts.identifiers import parse_dossier_id
from services.contracts.labels import Label
from services.contracts.vocabulary import Status
from services.portal.application.ports import Reader, RealNow
from services.portal.application.problems import problem
from services.portal.application.throttle import Throttle
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.sandbox import Dossier
from services.runtime.clock import virtual_now

#: Look-ups that an address has in a minute: codes are numbered through, and shall not be walked through.
LOOK_UPS: Final = 30

#: Ids of sandboxes.
SANDBOX_PATTERN: Final = r"^[0-9a-f]{1,32}$"

_SANDBOX: Final = re.compile(SANDBOX_PATTERN)


class Completion(NamedTuple):
    """How far a dossier has come: `step` of `steps`."""

    step: int
    steps: int
    label: Label


_STEPS: Final = (
    Label("Đã nộp, chờ tiếp nhận", "Filed, waiting to be received"),
    Label("Đã tiếp nhận", "Received"),
    Label("Đang giải quyết", "Being worked on"),
    Label("Đã kết thúc", "Finished"),
)

#: Statuses that say more than how far it has come share a step: nobody learns that money or papers are missing.
_STEP_OF: Final[Mapping[Status, int]] = {
    Status.SUBMITTED: 1,
    Status.RECEIVED: 2,
    Status.IN_PROCESS: 3,
    Status.SUPPLEMENT_REQUESTED: 3,
    Status.PAYMENT_REQUESTED: 3,
    Status.PROCESSED: 4,
    Status.RETURNED: 4,
    Status.NOT_RECEIVED: 4,
    Status.WITHDRAWN: 4,
    Status.STOPPED: 4,
}


def completion_of(dossier: Dossier) -> Completion:
    """How far a dossier has come."""
    step = _STEP_OF[Status(dossier.status)]
    if dossier.status == Status.SUPPLEMENT_REQUESTED and dossier.received_at is None:
        step = 1
    return Completion(step, len(_STEPS), _STEPS[step - 1])


class PublicCounter:
    """Answers anybody, but not without end."""

    def __init__(self, reader: Reader, real_now: RealNow) -> None:
        self._reader = reader
        self._real_now = real_now
        self._throttle = Throttle(LOOK_UPS)

    def look_up(self, address: str, sandbox_id: str, name: str) -> Completion:
        """How far the dossier with this code has come.

        Args:
            address: of whoever asks.
            sandbox_id: where.
            name: the dossier's code.

        Raises:
            ProblemError: `not-found`, whatever of it isn't there; `too-many-requests`.
        """
        wait_seconds = self._throttle.wait_seconds(address)
        if wait_seconds:
            raise problem("too-many-requests", seconds=wait_seconds, headers={"Retry-After": str(wait_seconds)})
        self._throttle.record(address)
        dossier = self._find(sandbox_id, name)
        if dossier is None:
            raise problem("not-found", what="dossier", name=name)
        return completion_of(dossier)

    def _find(self, sandbox_id: str, name: str) -> Dossier | None:
        """What is filed ahead of the sandbox's clock isn't there yet."""
        parsed = parse_dossier_id(name)
        if parsed is None or parsed[0] >= 2**62 or not _SANDBOX.fullmatch(sandbox_id):
            return None
        sandbox = self._reader.sandbox(sandbox_id)
        dossier = self._reader.dossier(sandbox_id, parsed[0])
        if sandbox is None or dossier is None or dossier_id(dossier) != name:
            return None
        return dossier if dossier.filed_at <= virtual_now(sandbox.clock, self._real_now()) else None
