"""A sandbox as the portal knows it, its keys, and a submission before it has a number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from services.contracts.commands import ClockSetting
from services.contracts.vocabulary import ApplicantKind, Channel, OfficerKind, Status
from services.portal.domain.attachments import AttachmentRef
from services.portal.domain.registers.declarations import NewDeclaration


class UnknownDeclarations(StrEnum):
    """What becomes of a filing that names a declaration which the sandbox's register doesn't have."""

    REFUSE = "refuse"  #: it isn't filed, as on the real portal
    ADOPT = "adopt"  #: the number is entered as a cleared declaration of the applicant's: for tests and quick scripts


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """An isolated world: own clock, seed, keys and dossiers."""

    sandbox_id: str
    name: str
    seed: int
    partition_count: int
    officer: OfficerKind
    clock: ClockSetting
    last_number: int  #: number of the dossier filed last; 0 before the first
    created_at: datetime
    unknown_declarations: UnknownDeclarations = UnknownDeclarations.REFUSE
    is_staffed: bool = False  #: dossiers wait for officers, as `Reader.staffing` says
    expected_dossiers: int | None = None  #: how many somebody means to file; `None`: nobody said


class KeyPurpose(StrEnum):
    """What a key is for."""

    API = "api"  #: the API, and the pages
    SIGN_IN = "sign-in"  #: the pages alone: it stands in a link, which is passed on and kept in browsers


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that is good now."""

    sandbox_id: str
    purpose: KeyPurpose
    expires_at: datetime | None  #: on the wall's clock; `None`: never


class Submission(NamedTuple):
    """A dossier as filed: valid by its form, not numbered yet. A tuple, because ten thousand come in one request."""

    procedure_id: str
    office_code: str
    channel: Channel
    applicant_kind: ApplicantKind
    applicant_id: str
    applicant_name: str
    filed_at: datetime | None  #: `None`: now; later instants wait for a manual clock to come to them
    form: Mapping[str, Any]
    declaration: NewDeclaration | None = None  #: registered with it; the register then completes form and procedure
    attachments: tuple[AttachmentRef, ...] = ()  #: uploaded files that are handed in with it


class Filed(NamedTuple):
    """A dossier that has just been filed."""

    sandbox_id: str
    number: int
    partition: int
    filed_at: datetime
    recorded_at: datetime
    submission: Submission  #: as it is filed: of a declaration that it registers, form and procedure are complete
    traits: Mapping[str, str] | None  #: what of form and registers processing is told; `None`: nothing

    def dossier(self) -> "Dossier":
        """As the portal shows it."""
        submission = self.submission
        return Dossier(
            sandbox_id=self.sandbox_id,
            number=self.number,
            partition=self.partition,
            procedure_id=submission.procedure_id,
            office_code=submission.office_code,
            channel=submission.channel,
            applicant_kind=submission.applicant_kind,
            applicant_id=submission.applicant_id,
            applicant_name=submission.applicant_name,
            filed_at=self.filed_at,
            recorded_at=self.recorded_at,
            status=Status.SUBMITTED,
            version=0,
            status_at=self.filed_at,
            received_at=None,
            due_at=None,
            limit_unit=None,
            new_date_at=None,
            resolved_at=None,
            traits=self.traits,
            later_traits=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A dossier as the portal shows it."""

    sandbox_id: str
    number: int
    partition: int
    procedure_id: str
    office_code: str
    channel: str
    applicant_kind: str
    applicant_id: str
    applicant_name: str
    filed_at: datetime
    recorded_at: datetime
    status: int
    version: int  #: ledger position of the last change; 0 while processing hasn't told of it
    status_at: datetime
    received_at: datetime | None
    due_at: datetime | None
    limit_unit: str | None  #: unit of the limit that holds, a `TimeUnit`; `None`: the law states none
    new_date_at: datetime | None  #: what an apology put in place of a due date that it doesn't move
    resolved_at: datetime | None
    traits: Mapping[str, str] | None  #: what of form and registers processing was told at filing; `None`: nothing
    later_traits: Mapping[str, str] | None  #: what it has taken on since by being reclassified

    @property
    def traits_now(self) -> dict[str, str]:
        """What decides about its limits now."""
        return {**(self.traits or {}), **(self.later_traits or {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One thing that happened to a dossier, or was refused."""

    position: int
    action: str
    status_before: int | None
    status: int
    actor: str
    reason: str | None
    note: str | None
    occurred_at: datetime
    recorded_at: datetime
    due_at: datetime | None
    refusal: str | None
    detail: Mapping[str, Any] | None  #: what the action brought beside, see `services.contracts.details`
