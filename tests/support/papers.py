"""Dossiers with their papers, and what papers need, in memory."""

# ruff: noqa: ARG002 - the fakes keep the signatures of the ports

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from services.contracts.catalogue import Catalogue
from services.contracts.vocabulary import Action, Actor, Reason, Status
from services.portal.adapters.papers.certificates import make_authority, make_issuer_certificate, to_pem
from services.portal.adapters.papers.paper_words import load_paper_words
from services.portal.domain.attachments import Attachment
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.papers.issuers import Issuer
from services.portal.domain.papers.papers import PaperSource, PaperWords
from services.portal.domain.papers.signing import Certified, Credentials
from services.portal.domain.payments.payments import PaymentDocument, PaymentKind, make_payment_id
from services.portal.domain.sandbox import Dossier, TimelineEntry

#: Wednesday 5 June 2019, 08:30 in Vietnam: Circulars 39/2018/TT-BTC and 01/2018/TT-VPCP are in force.
MORNING = datetime(2019, 6, 5, 1, 30, tzinfo=UTC)


class Story:
    """A timeline, told step by step, an hour between two; `due` is given where it matters."""

    def __init__(self, begins_at: datetime = MORNING) -> None:
        self.begins_at = begins_at
        self.entries: list[TimelineEntry] = []
        self._status: Status | None = None
        self._due_at: datetime | None = None
        self.then(Action.SUBMIT, Actor.APPLICANT, Status.SUBMITTED)

    def then(
        self,
        action: Action,
        actor: Actor,
        status: Status,
        *,
        reason: Reason | None = None,
        note: str | None = None,
        detail: Mapping[str, Any] | None = None,
        due_in_hours: float | None = None,
        refusal: str | None = None,
    ) -> "Story":
        at = self.begins_at + timedelta(hours=len(self.entries))
        if due_in_hours is not None:
            self._due_at = self.begins_at + timedelta(hours=due_in_hours)
        entry = TimelineEntry(
            position=len(self.entries) + 1,
            action=action,
            status_before=self._status,
            status=status,
            actor=actor,
            reason=reason,
            note=note,
            occurred_at=at,
            recorded_at=at,
            due_at=self._due_at,
            refusal=refusal,
            detail=detail,
        )
        self.entries.append(entry)
        if refusal is None:
            self._status = status
        return self

    def received(self, *, due_in_hours: float | None = 72) -> "Story":
        return self.then(
            Action.RECEIVE, Actor.OFFICER, Status.RECEIVED, reason=Reason.COMPLETE, due_in_hours=due_in_hours
        )

    def started(self) -> "Story":
        return self.then(Action.START, Actor.OFFICER, Status.IN_PROCESS)

    def granted(self) -> "Story":
        return self.then(Action.GRANT, Actor.LEADER, Status.PROCESSED, reason=Reason.AS_REQUESTED)

    def refused(self, note: str | None = "Không đủ điều kiện theo quy định") -> "Story":
        return self.then(Action.REFUSE, Actor.LEADER, Status.PROCESSED, reason=Reason.NOT_ELIGIBLE, note=note)

    def asked_for_more(self, note: str | None = "Hợp đồng mua bán;\nVận đơn") -> "Story":
        return self.then(
            Action.REQUEST_SUPPLEMENT, Actor.OFFICER, Status.SUPPLEMENT_REQUESTED, reason=Reason.INCOMPLETE, note=note
        )


def a_full_story(begins_at: datetime = MORNING) -> Story:
    """Everything that gives rise to a paper and that one dossier can go through, up to the decision."""
    new_date = begins_at + timedelta(days=9)
    return (
        Story(begins_at)
        .received()
        .started()
        .asked_for_more()
        .then(Action.SUPPLEMENT, Actor.APPLICANT, Status.IN_PROCESS)
        .then(
            Action.EXTEND, Actor.LEADER, Status.IN_PROCESS, reason=Reason.COMPLEX, due_in_hours=120,
            detail={"step_id": "decision", "amount": 12, "unit": "working-days", "article": "Luật Hải quan Đ28"},
        )
        .then(
            Action.APOLOGIZE, Actor.LEADER, Status.IN_PROCESS, reason=Reason.WORKLOAD,
            detail={"new_date_at": new_date.isoformat(), "due_at": begins_at.isoformat()},
        )
        .then(Action.REQUEST_PAYMENT, Actor.OFFICER, Status.PAYMENT_REQUESTED, detail={"amount_vnd": 1_234_567})
        .then(Action.PAY, Actor.BANK, Status.IN_PROCESS, reason=Reason.PAID)
    )  # fmt: skip


def a_source(
    catalogue: Catalogue,
    procedure_id: str = "storage-extension",
    story: Story | None = None,
    *,
    form: Mapping[str, object] | None = None,
    payments: Sequence[PaymentDocument] = (),
    handed_in: Sequence[str] = (),
    **changes: Any,
) -> PaperSource:
    """A dossier with this story; `changes` are fields of the dossier."""
    story = story or Story().received().started().granted()
    procedure = catalogue.procedures[procedure_id]
    last = story.entries[-1]
    received = next((entry for entry in story.entries if entry.action == Action.RECEIVE), None)
    dossier = Dossier(
        sandbox_id="0123456789",
        number=123,
        partition=0,
        procedure_id=procedure_id,
        office_code="30CF",
        channel="online",
        applicant_kind="enterprise",
        applicant_id="0100109106",
        applicant_name="Công ty TNHH Tiếp vận Vũng Áng",
        filed_at=story.begins_at,
        recorded_at=story.begins_at,
        status=last.status,
        version=last.position,
        status_at=last.occurred_at,
        received_at=received.occurred_at if received else None,
        due_at=last.due_at,
        limit_unit="working-days",
        new_date_at=None,
        resolved_at=None,
        traits=None,
        later_traits=None,
    )
    dossier = replace(dossier, **changes)
    return PaperSource(
        dossier=dossier,
        dossier_id=dossier_id(dossier),
        form=form if form is not None else {field.name: field.example for field in procedure.form},
        timeline=story.entries,
        procedure=procedure,
        office=catalogue.offices.get(dossier.office_code),
        offices=catalogue.offices,
        payments=payments,
        handed_in=handed_in,
    )


def a_payment(issued_at: datetime, kind: PaymentKind = PaymentKind.TAX, amount_vnd: int = 1_234_567) -> PaymentDocument:
    return PaymentDocument(
        sandbox_id="0123456789",
        payment_id=make_payment_id(kind, issued_at.date(), 123, 1),
        number=123,
        filed_at=MORNING,
        ordinal=1,
        partition=0,
        kind=kind,
        amount_vnd=amount_vnd,
        applicant_id="0100109106",
        applicant_name="Công ty TNHH Tiếp vận Vũng Áng",
        procedure_id="storage-extension",
        office_code="30CF",
        issued_at=issued_at,
    )


@cache
def the_words() -> PaperWords:
    return load_paper_words()


class MemorySigningKeys:
    """`SigningKeys` in memory."""

    def __init__(self) -> None:
        self._authorities: dict[str, Certified] = {}
        self._issuers: dict[tuple[str, str], Certified] = {}

    def authority(self, sandbox_id: str) -> bytes:
        return self._authority(sandbox_id).certificate

    def authority_pem(self, sandbox_id: str) -> str:
        return to_pem(self.authority(sandbox_id))

    def credentials(self, sandbox_id: str, issuer: Issuer) -> Credentials:
        authority = self._authority(sandbox_id)
        key = (sandbox_id, issuer.code)
        if key not in self._issuers:
            self._issuers[key] = make_issuer_certificate(authority, issuer)
        return Credentials(self._issuers[key], authority.certificate)

    def _authority(self, sandbox_id: str) -> Certified:
        if sandbox_id not in self._authorities:
            self._authorities[sandbox_id] = make_authority(sandbox_id)
        return self._authorities[sandbox_id]


class MemoryAttachments:
    """`AttachmentStore` over a list."""

    def __init__(self, files: Sequence[tuple[Attachment, bytes]] = ()) -> None:
        self.files = list(files)

    def attachment(self, sandbox_id: str, attachment_id: str) -> Attachment | None:
        return next((file for file, _ in self.files if file.attachment_id == attachment_id), None)

    def attachments(self, sandbox_id: str, number: int) -> list[Attachment]:
        return [file for file, _ in self.files if file.number == number]

    def content(self, sandbox_id: str, attachment_id: str) -> bytes | None:
        return next((content for file, content in self.files if file.attachment_id == attachment_id), None)
