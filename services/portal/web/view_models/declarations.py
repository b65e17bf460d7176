"""Declarations as the list and the page of one declaration show them, and what the registers say about a dossier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from services.contracts.catalogue import Catalogue, Procedure
from services.contracts.identifiers import format_dossier_id
from services.contracts.labels import CUSTOMS_CHANNEL_LABELS, Label
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import CustomsChannel, Status
from services.law.amendments import AmendmentWindow
from services.portal.application.problems import problem
from services.portal.application.register_ports import DeclarationFilter, LinkedDossier, RegisterLink
from services.portal.domain.registers.counterparts import AMENDMENT_LABELS
from services.portal.domain.registers.declaration_history import branches_of, refunded_vnd
from services.portal.domain.registers.declarations import (
    DIRECTION_LABELS,
    STATE_LABELS,
    Declaration,
    DeclarationKind,
    DeclarationState,
    Direction,
)
from services.portal.domain.registers.registers import (
    EVENT_LABELS,
    VIOLATION_LABELS,
    EventKind,
    Register,
    RegisterEntry,
    RegisterEvent,
    ViolationKind,
)
from services.portal.web import words
from services.portal.web.language import gettext, in_words
from services.portal.web.view_models.dossiers import office_name

PAGE_SIZE: Final = 25

#: Pages that the way back remembers.
_TRAIL_LENGTH: Final = 20

_BASE_DIGITS: Final = 11


@dataclass(frozen=True, slots=True)
class DeclarationQuery:
    """What the list of declarations shows."""

    direction: Direction | None = None
    channel: CustomsChannel | None = None
    state: DeclarationState | None = None
    declarant_id: str | None = None
    before_base: int | None = None
    trail: tuple[int, ...] = ()

    @property
    def is_filtered(self) -> bool:
        """Whether less than all declarations are asked for."""
        return replace(self, before_base=None, trail=()) != DeclarationQuery()

    def to_filter(self) -> DeclarationFilter:
        """For the reader."""
        return DeclarationFilter(
            direction=self.direction,
            channel=self.channel,
            state=self.state,
            declarant_id=self.declarant_id,
            before_base=self.before_base,
        )

    def to_arguments(self) -> dict[str, str]:
        """As a query string; what isn't asked for is left out."""
        arguments = {
            "direction": self.direction or "",
            "customs_channel": self.channel or "",
            "state": self.state or "",
            "declarant": self.declarant_id or "",
            "before": str(self.before_base or ""),
            "trail": ",".join(map(str, self.trail)),
        }
        return {name: value for name, value in arguments.items() if value}


def parse_declaration_query(arguments: Mapping[str, str]) -> DeclarationQuery:
    """Read the query string of the list; empty values mean "any".

    Raises:
        ProblemError: `invalid-query`; a filter that isn't understood must not show other declarations.
    """
    given = {name: value.strip() for name, value in arguments.items() if value.strip()}
    is_right = {
        "direction": given.get("direction") in {None, *Direction},
        "customs_channel": given.get("customs_channel") in {None, *CustomsChannel},
        "state": given.get("state") in {None, *DeclarationState},
        "before": _is_number(given.get("before", "0")),
        "trail": all(_is_number(part) for part in given.get("trail", "0").split(",")),
        "declarant": "\x00" not in given.get("declarant", ""),
    }
    wrong = [name for name, holds in is_right.items() if not holds]
    if wrong:
        raise problem("invalid-query", count=len(wrong), errors=[{"pointer": f"/{name}"} for name in wrong])
    return DeclarationQuery(
        direction=Direction(given["direction"]) if "direction" in given else None,
        channel=CustomsChannel(given["customs_channel"]) if "customs_channel" in given else None,
        state=DeclarationState(given["state"]) if "state" in given else None,
        declarant_id=given.get("declarant"),
        before_base=int(given["before"]) if "before" in given else None,
        trail=tuple(map(int, given["trail"].split(","))) if "trail" in given else (),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _BASE_DIGITS


@dataclass(frozen=True, slots=True)
class DeclarationRow:
    """A declaration in a list."""

    number: str
    state: DeclarationState
    state_label: Label
    direction_label: Label
    kind: str
    kind_label: Label | None
    channel: CustomsChannel | None
    channel_label: Label | None
    office_code: str
    office_name: str  #: Vietnamese; offices have no other name
    declarant_id: str
    registered_at: datetime


def declaration_row(
    declaration: Declaration, kinds: Mapping[str, DeclarationKind], catalogue: Catalogue
) -> DeclarationRow:
    """From the register."""
    channel = CustomsChannel(declaration.channel) if declaration.channel else None
    kind = kinds.get(declaration.kind)
    return DeclarationRow(
        number=declaration.number,
        state=declaration.state,
        state_label=STATE_LABELS[declaration.state],
        direction_label=DIRECTION_LABELS[declaration.direction],
        kind=declaration.kind if kind else "—",
        kind_label=kind.label if kind else None,
        channel=channel,
        channel_label=CUSTOMS_CHANNEL_LABELS[channel] if channel else None,
        office_code=declaration.office_code,
        office_name=office_name(catalogue, declaration.office_code),
        declarant_id=declaration.declarant_id,
        registered_at=declaration.registered_at,
    )


@dataclass(frozen=True, slots=True)
class DeclarationList:
    """One page of the list; a link that leads nowhere is None."""

    query: DeclarationQuery
    rows: Sequence[DeclarationRow]
    newest: DeclarationQuery | None
    newer: DeclarationQuery | None
    older: DeclarationQuery | None


def declaration_list(
    query: DeclarationQuery,
    found: Sequence[Declaration],
    kinds: Mapping[str, DeclarationKind],
    catalogue: Catalogue,
) -> DeclarationList:
    """A page from up to one declaration more than it shows."""
    shown = found[:PAGE_SIZE]
    newest = newer = older = None
    if query.before_base is not None:
        newest = replace(query, before_base=None, trail=())
        newer = replace(query, before_base=query.trail[-1], trail=query.trail[:-1]) if query.trail else newest
    if len(found) > PAGE_SIZE:
        trail = (*query.trail, query.before_base) if query.before_base else ()
        older = replace(query, before_base=shown[-1].base, trail=trail[-_TRAIL_LENGTH:])
    rows = [declaration_row(one, kinds, catalogue) for one in shown]
    return DeclarationList(query, rows, newest, newer, older)


@dataclass(frozen=True, slots=True)
class BranchRow:
    """A number that a declaration has had."""

    number: str
    since: datetime
    dossier_id: str | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class LinkedRow:
    """A dossier that names the declaration."""

    dossier_id: str
    procedure: Procedure
    status: Status


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened in a register."""

    label: Label
    occurred_at: datetime
    note: str  #: what about it, in the language of the page; empty: nothing more to say
    dossier_id: str | None


@dataclass(frozen=True, slots=True)
class AboutRow:
    """What another system noted about the declaration."""

    name: str  #: of the register, in the language of the page
    number: str
    occurred_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class DeclarationPage:
    """Everything about one declaration."""

    row: DeclarationRow
    cleared_at: datetime | None
    cancelled_at: datetime | None
    clearance_dossier_id: str | None
    refunded: str  #: in words; empty: nothing was
    window: AmendmentWindow | None
    window_label: Label | None
    branches: Sequence[BranchRow]
    dossiers: Sequence[LinkedRow]
    events: Sequence[EventRow]
    about: Sequence[AboutRow]


def declaration_page(
    declaration: Declaration,
    *,
    events: Sequence[RegisterEvent],
    dossiers: Sequence[LinkedDossier],
    about: Sequence[RegisterEntry],
    window: AmendmentWindow | None,
    kinds: Mapping[str, DeclarationKind],
    catalogue: Catalogue,
) -> DeclarationPage:
    """Put together what the registers have; events newest first."""
    refunded = refunded_vnd(events)
    return DeclarationPage(
        row=declaration_row(declaration, kinds, catalogue),
        cleared_at=declaration.clearance_at,
        cancelled_at=declaration.cancelled_at,
        clearance_dossier_id=_dossier_id(declaration.dossier_number, declaration.check_filed_at),
        refunded=words.dong(refunded) if refunded else "",
        window=window,
        window_label=AMENDMENT_LABELS[window.rule] if window else None,
        branches=[
            BranchRow(
                branch.number,
                branch.since,
                _dossier_id(branch.dossier_number, branch.dossier_filed_at),
                branch.number == declaration.number,
            )
            for branch in branches_of(declaration, events)
        ],
        dossiers=[
            LinkedRow(
                format_dossier_id(one.number, vietnamese_day(one.filed_at)),
                catalogue.procedures[one.procedure_id],
                Status(one.status),
            )
            for one in dossiers
        ],
        events=[event_row(event) for event in events],
        about=[_about_row(entry) for entry in about],
    )


def _dossier_id(number: int | None, filed_at: datetime | None) -> str | None:
    return format_dossier_id(number, vietnamese_day(filed_at)) if number is not None and filed_at is not None else None


def event_row(event: RegisterEvent) -> EventRow:
    """Something that happened, in words."""
    return EventRow(
        label=EVENT_LABELS[EventKind(event.kind)],
        occurred_at=event.occurred_at,
        note=_note(EventKind(event.kind), event.detail),
        dossier_id=_dossier_id(event.dossier_number, event.dossier_filed_at),
    )


def _note(kind: EventKind, detail: Mapping[str, Any]) -> str:
    match kind:
        case EventKind.AMENDED if "previous_number" in detail:
            return f"{detail['previous_number']} → {detail['number']}"
        case EventKind.TAX_REFUNDED if "amount_vnd" in detail:
            return words.dong(detail["amount_vnd"])
        case EventKind.STORAGE_EXTENDED if "storage_until" in detail:
            return gettext("until %(day)s", day=words.day_of_iso(detail["storage_until"]))
        case EventKind.REFUND_ROUTED | EventKind.VIOLATION_RECORDED:
            return detail.get("article") or ""
        case EventKind.GOODS_PASSED:
            return _passage_note(detail)
        case _:
            return ""


def _passage_note(detail: Mapping[str, Any]) -> str:
    how = gettext("otherwise than declared") if detail["differs"] else gettext("as declared")
    return f"{detail['location']}, {how}"


def _about_row(entry: RegisterEntry) -> AboutRow:
    match entry.register:
        case Register.GATE_PASSAGE:
            name, note = gettext("Goods passed the gate"), _passage_note(entry.data)
        case Register.AUDIT:
            name, note = gettext("Post-clearance audit"), entry.data.get("reason") or ""
        case _:
            name = in_words(VIOLATION_LABELS[ViolationKind(entry.data["kind"])])
            note = entry.data.get("article") or ""
    return AboutRow(name, entry.key, entry.occurred_at, note)


@dataclass(frozen=True, slots=True)
class NamedRow:
    """An entry that a dossier names."""

    label: Label  #: of the form's field
    number: str
    is_declaration: bool


@dataclass(frozen=True, slots=True)
class DossierRegisters:
    """What the registers have to do with a dossier."""

    named: Sequence[NamedRow]
    events: Sequence[EventRow]


def dossier_registers(
    procedure: Procedure,
    *,
    cleared: Declaration | None,
    links: Sequence[RegisterLink],
    declarations: Mapping[int, Declaration],
    events: Sequence[RegisterEvent],
) -> DossierRegisters:
    """Put together what a dossier names and what it brought about.

    Args:
        procedure: Of the dossier.
        cleared: The declaration that was registered with it.
        links: What it names.
        declarations: Those among it, by number without the last digit.
        events: In order.
    """
    labels = {field.name: Label(field.label_vi, field.label_en) for field in procedure.form}
    named = [NamedRow(_REGISTERED, cleared.number, is_declaration=True)] if cleared else []
    for link in links:
        is_declaration = link.register == Register.DECLARATION
        found = declarations.get(int(link.key)) if is_declaration else None
        label = labels.get(link.field, Label(link.field, link.field))
        named.append(NamedRow(label, found.number if found else link.key, is_declaration=found is not None))
    return DossierRegisters(named, [event_row(event) for event in events])


_REGISTERED: Final = Label("Tờ khai được đăng ký cùng hồ sơ", "Declaration registered with it")
