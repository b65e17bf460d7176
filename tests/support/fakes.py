"""A portal in memory: the reading side and metrics, for tests of pages without a database.

The world is a small sandbox on Friday 8 June 2018, 16:00 in Vietnam, with dossiers in every status and every standing.
"""

# ruff: noqa: ARG002 - the fakes keep the signatures of the ports

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from flask import Flask

from services.contracts.catalogue import Catalogue
from services.contracts.commands import CalendarOverride, ClockSetting
from services.contracts.timeliness import VIETNAM_TIME, timeliness
from services.contracts.vocabulary import ClockMode, OfficerKind, Status
from services.law.calendar import CalendarBook
from services.portal.app_factory import create_app
from services.portal.application.ports import ActionOutcome, DossierFilter
from services.portal.application.problems import problem
from services.portal.application.sandboxes import hash_key
from services.portal.bootstrap import Parts
from services.portal.config import Settings
from services.portal.domain.calendar_overrides import DecidedOverride, MovedDeadline
from services.portal.domain.sandbox import Dossier, Key, KeyPurpose, Sandbox, TimelineEntry
from services.runtime.catalogue import load_catalogue
from tests.support.memory_registers import MemoryRegisters
from tests.support.papers import MemoryAttachments, MemorySigningKeys
from tests.support.payment_fakes import MemoryPayments, a_document_of
from tests.support.report_fakes import report_answer

KEY = "mc_a-key-for-tests"
SIGN_IN_KEY = "mc_a-link-for-tests"
SANDBOX_ID = "0123456789"
NOW = datetime(2018, 6, 8, 16, 0, tzinfo=VIETNAM_TIME).astimezone(UTC)
RECORDED = datetime(2026, 11, 22, 2, 15, 7, tzinfo=UTC)


def a_sandbox(**changes: Any) -> Sandbox:
    sandbox = Sandbox(
        sandbox_id=SANDBOX_ID,
        name="Lớp thử nghiệm",
        seed=7,
        partition_count=2,
        officer=OfficerKind.ROBOT,
        clock=ClockSetting(ClockMode.MANUAL, RECORDED, NOW),
        last_number=60,
        created_at=RECORDED,
    )
    return replace(sandbox, **changes)


def a_dossier(number: int = 1, **changes: Any) -> Dossier:
    """Filed three days ago with a limit in working days, received, running; limits are those of the procedure."""
    dossier = Dossier(
        sandbox_id=SANDBOX_ID,
        number=number,
        partition=0,
        procedure_id="refund-first",
        office_code="30F1",
        channel="online",
        applicant_kind="enterprise",
        applicant_id="0100109106",
        applicant_name="Công ty TNHH Thử Nghiệm Một Cửa",
        filed_at=NOW - timedelta(days=3, hours=2),
        recorded_at=RECORDED,
        status=Status.IN_PROCESS,
        version=number * 10,
        status_at=NOW - timedelta(days=1),
        received_at=NOW - timedelta(days=3),
        due_at=NOW + timedelta(days=5, hours=1),
        limit_unit=None,
        new_date_at=None,
        resolved_at=None,
        traits=None,
        later_traits=None,
    )
    changed = replace(dossier, **changes)
    limit = the_catalogue().procedures[changed.procedure_id].time_limit
    if limit is not None and changed.received_at is not None and "limit_unit" not in changes:
        changed = replace(changed, limit_unit=limit.unit)
    return changed


def an_entry(position: int = 1, **changes: Any) -> TimelineEntry:
    entry = TimelineEntry(
        position=position,
        action="submit",
        status_before=None,
        status=Status.SUBMITTED,
        actor="applicant",
        reason=None,
        note=None,
        occurred_at=NOW - timedelta(days=3, hours=2),
        recorded_at=RECORDED,
        due_at=None,
        refusal=None,
        detail=None,
    )
    return replace(entry, **changes)


def a_world() -> list[Dossier]:
    """Sixty dossiers of several procedures and offices; numbers 1 to 12 cover every status and standing."""
    late = {"due_at": NOW - timedelta(days=2, hours=3)}
    not_received: dict[str, Any] = {"received_at": None, "due_at": None}
    done = {"resolved_at": NOW - timedelta(hours=5), "status_at": NOW - timedelta(hours=5)}
    special: Sequence[dict[str, Any]] = (
        {"status": Status.SUBMITTED, **not_received},
        {"status": Status.RECEIVED},
        {"status": Status.NOT_RECEIVED, **not_received, **done},
        {"status": Status.IN_PROCESS, **late},
        {"status": Status.SUPPLEMENT_REQUESTED, "due_at": None},
        {"status": Status.PAYMENT_REQUESTED, "due_at": None},
        {"status": Status.WITHDRAWN, **done},
        {"status": Status.STOPPED, **done, "due_at": None},
        {"status": Status.PROCESSED, **done, **late},
        {"status": Status.RETURNED, **done},
        {"status": Status.IN_PROCESS, "procedure_id": "amendment-before-clearance", "due_at": NOW + timedelta(hours=1)},
        {"status": Status.RETURNED, **done, "due_at": NOW, "applicant_kind": "citizen", "applicant_id": "042088001234",
         "applicant_name": "Nguyễn Thị Hường"},
    )  # fmt: skip
    procedures = ("declaration-cancellation", "amendment-after-clearance", "refund-inspect-first", "storage-extension")
    rest = (
        a_dossier(number, procedure_id=procedures[number % 4], office_code=("30F1", "01AB", "30BB")[number % 3])
        for number in range(len(special) + 1, 61)
    )
    return [a_dossier(number, **changes) for number, changes in enumerate(special, 1)] + list(rest)


def a_timeline() -> list[TimelineEntry]:
    """Filed, received, a refused action, supplement, processed."""
    due_at = NOW + timedelta(days=5, hours=1)
    day = timedelta(days=1)
    return [
        an_entry(1),
        an_entry(2, action="receive", actor="officer", status_before=1, status=2, reason="complete",
                 occurred_at=NOW - 3 * day, due_at=due_at),
        an_entry(3, action="start", actor="officer", status_before=2, status=4, occurred_at=NOW - 2 * day,
                 due_at=due_at),
        an_entry(4, action="grant", actor="applicant", status_before=4, status=4, occurred_at=NOW - day,
                 refusal="actor-not-allowed", note="Thử duyệt <b>hồ sơ</b>"),
        an_entry(5, action="request-supplement", actor="officer", status_before=4, status=5, reason="incomplete",
                 note="Thiếu hợp đồng và hóa đơn thương mại.", occurred_at=NOW - day),
    ]  # fmt: skip


class MemoryReader:
    """`Reader` over lists."""

    def __init__(self, catalogue: Catalogue, sandbox: Sandbox | None = None) -> None:
        self.known_sandbox = sandbox or a_sandbox()
        self.known_dossiers = a_world()
        self.known_timeline = a_timeline()
        self._catalogue = catalogue

    def key(self, key_hash: bytes, now: datetime) -> Key | None:
        purpose = {hash_key(KEY): KeyPurpose.API, hash_key(SIGN_IN_KEY): KeyPurpose.SIGN_IN}.get(key_hash)
        return Key(sandbox_id=SANDBOX_ID, purpose=purpose, expires_at=None) if purpose else None

    def sandbox(self, sandbox_id: str) -> Sandbox | None:
        return self.known_sandbox if sandbox_id == SANDBOX_ID else None

    def staffing(self, sandbox_id: str) -> Mapping[str, Any] | None:
        """See `Reader.staffing`."""
        return None

    def sandboxes(self, limit: int, after: str | None) -> list[Sandbox]:
        return [self.known_sandbox][:limit]

    def dossier(self, sandbox_id: str, number: int) -> Dossier | None:
        return next((dossier for dossier in self.known_dossiers if dossier.number == number), None)

    def form(self, sandbox_id: str, number: int) -> Mapping[str, Any]:
        dossier = self.dossier(sandbox_id, number)
        fields = self._catalogue.procedures[dossier.procedure_id].form if dossier else ()
        return {field.name: field.example for field in fields}

    def dossiers(self, sandbox_id: str, wanted: DossierFilter, now: datetime, limit: int) -> list[Dossier]:
        return [dossier for dossier in reversed(self.known_dossiers) if _matches(dossier, wanted, now)][:limit]

    def timeline(self, sandbox_id: str, number: int) -> list[TimelineEntry]:
        return self.known_timeline if number > 1 else []

    def numbered(self, sandbox_id: str, numbers: Sequence[int]) -> Mapping[int, Dossier]:
        return {dossier.number: dossier for dossier in self.known_dossiers if dossier.number in set(numbers)}

    def requested_actions(self, sandbox_id: str, command_ids: Sequence[str]) -> Mapping[str, ActionOutcome]:
        return {}

    def requested_action(self, sandbox_id: str, command_id: str) -> ActionOutcome | None:
        return None

    def counts_by_status(self, sandbox_id: str, now: datetime) -> Mapping[int, int]:
        return Counter(int(dossier.status) for dossier in self.known_dossiers if dossier.filed_at <= now)

    def log_ends(self, sandbox_id: str) -> Mapping[int, int]:
        return {}

    def acknowledged(self, sandbox_id: str) -> Mapping[int, int]:
        return {}

    def positions(self, sandbox_id: str) -> Mapping[int, int]:
        return {}


class MemoryOverrideReader:
    """`OverrideReader` over lists; what was decided has been carried out, and moved what it is told."""

    def __init__(self, decided: Sequence[DecidedOverride] = (), moved: Sequence[MovedDeadline] = ()) -> None:
        self.decided = list(decided)
        self.moved = list(moved)

    def overrides(self, sandbox_id: str) -> list[DecidedOverride]:
        return list(self.decided)

    def overrides_carried_out(self, sandbox_id: str, partition: int) -> list[DecidedOverride]:
        return list(self.decided)

    def moved_deadlines(
        self, sandbox_id: str, decision: DecidedOverride, after: tuple[int, int], limit: int
    ) -> list[MovedDeadline]:
        return [one for one in self.moved if (one.number, one.position) > after][:limit]

    def moved_counts(self, sandbox_id: str, number: int | None = None) -> Mapping[int, int]:
        return {one.number: len(self.moved) for one in self.decided if number in {None, one.number}}


def a_decision() -> tuple[list[DecidedOverride], list[MovedDeadline]]:
    """Offices will be closed on Friday 15 June because of a storm: two deadlines moved."""
    decision = DecidedOverride(
        sandbox_id=SANDBOX_ID,
        number=1,
        override=CalendarOverride(date(2018, 6, 15), False, "Nghỉ do bão", "12/QĐ-TCHQ"),
        decided_at=NOW - timedelta(days=1),
        recorded_at=RECORDED,
        sequences={0: 3, 1: 3},
    )
    moved = [
        MovedDeadline(
            number=number,
            position=number,
            filed_at=NOW - timedelta(days=3),
            limit_unit="working-days",
            before=NOW + timedelta(days=7, hours=1),
            after=NOW + timedelta(days=10, hours=1),
        )
        for number in (2, 4)
    ]
    return [decision], moved


def _matches(dossier: Dossier, wanted: DossierFilter, now: datetime) -> bool:
    is_overdue = dossier.due_at is not None and dossier.due_at < now and dossier.resolved_at is None
    stood = None
    if dossier.resolved_at is not None and dossier.status in {Status.PROCESSED, Status.RETURNED}:
        stood = timeliness(dossier.resolved_at, dossier.due_at, dossier.limit_unit)
    pairs: tuple[tuple[object, object], ...] = (
        (wanted.timeliness, stood),
        (wanted.status, dossier.status),
        (wanted.procedure_id, dossier.procedure_id),
        (wanted.office_code, dossier.office_code),
        (wanted.applicant_id, dossier.applicant_id),
        (wanted.is_overdue, is_overdue),
    )
    if wanted.procedure_ids is not None and dossier.procedure_id not in wanted.procedure_ids:
        return False
    is_before = wanted.before_number is None or dossier.number < wanted.before_number
    is_ahead = wanted.status is not None and dossier.filed_at > now
    return is_before and not is_ahead and all(value is None or value == actual for value, actual in pairs)


class MemoryCounts:
    """`Counts` with canned figures; `is_away` makes it fail as the real one does."""

    def __init__(self, is_away: bool = False) -> None:
        self.is_away = is_away
        self.questions: list[Mapping[str, str]] = []

    def statistics(self, sandbox_id: str, now: datetime, query: Mapping[str, str]) -> Mapping[str, Any]:
        if self.is_away:
            raise problem("metrics-unavailable")
        self.questions.append(query)
        has_period = "from" in query or "until" in query
        if "," in query["group_by"]:
            return _by_channel(query["group_by"].split(",")[0])
        rows = [] if query["group_by"] == "none" else [
            {**key, **counts(*figures, has_period=has_period)} for key, figures in _GROUPS[query["group_by"]]
        ]  # fmt: skip
        return {
            "group_by": [query["group_by"]],
            "rows": rows,
            "total": counts(1579, 1204, 51, 24, 180, has_period=has_period),
            "subjects": None if has_period else {"enterprise": 366, "citizen": 12, "household": 3},
            "positions": {"0": 100, "1": 90},
        }

    def report(self, sandbox_id: str, now: datetime, query: Mapping[str, str]) -> Mapping[str, Any]:
        if self.is_away:
            raise problem("metrics-unavailable")
        self.questions.append(query)
        return report_answer(query)

    def positions(self, sandbox_id: str) -> Mapping[int, int]:
        return {}

    def recount(self, sandbox_id: str) -> Mapping[str, Any]:
        return {}


def counts(
    filed: int, early: int, on_time: int, overdue: int, without_limit: int, *, has_period: bool = False
) -> dict[str, Any]:
    """One row as metrics answers it."""
    in_time, resolved = early + on_time, early + on_time + overdue
    open_counts = {"in_time": 61, "overdue": 7, "suspended": 12, "without_limit": 3, "total": 83}
    return {
        "filed": filed,
        "received": filed - 30,
        "refused_at_intake": 20,
        "closed_before_receipt": 4,
        "awaiting_receipt": None if has_period else 6,
        "resolved": {"early": early, "on_time": on_time, "overdue": overdue, "without_limit": without_limit,
                     "total": resolved + without_limit},
        "withdrawn": 3,
        "stopped": 2,
        "returned": resolved,
        "asked_to_supplement": {"once": filed // 20, "again": filed // 100},
        "satisfaction": {"very_satisfied": filed // 10, "satisfied": filed // 12, "not_satisfied": filed // 90},
        "open": None if has_period else open_counts,
        "on_time_ratio": {"value": in_time / resolved if resolved else None, "numerator": in_time,
                          "denominator": resolved},
        "on_time_of_received_ratio": {"value": None, "numerator": in_time, "denominator": filed - 30},
    }  # fmt: skip


def _by_channel(dimension: str) -> dict[str, Any]:
    """Rows by a dimension and by channel."""
    member, keys = {
        "procedure": ("procedure_id", ["amendment-before-clearance", "refund-first", "storage-extension"]),
        "department": ("department_code", ["01", "30"]),
        "office": ("office_code", ["01B1", "30F1"]),
    }[dimension]
    numbers = {"online": (400, 300, 40, 8, 20), "post": (80, 60, 8, 1, 4)}
    rows = [
        {member: key, "channel": channel, **counts(*numbers[channel], has_period=True)}
        for key in keys
        for channel in numbers
    ]
    return {"rows": rows, "positions": {"0": 100, "1": 90}}


_GROUPS: Mapping[str, Sequence[tuple[Mapping[str, Any], tuple[int, int, int, int, int]]]] = {
    "procedure": [
        ({"procedure_id": "amendment-before-clearance"}, (640, 598, 22, 8, 0)),
        ({"procedure_id": "declaration-cancellation"}, (420, 371, 20, 11, 0)),
        ({"procedure_id": "refund-first"}, (310, 235, 9, 5, 0)),
        ({"procedure_id": "storage-extension"}, (209, 0, 0, 0, 180)),
    ],
    "office": [
        ({"office_code": code}, (90 - place, 70 - place, 5, place % 4, 0))
        for place, code in enumerate(
            ("30F1", "30BB", "01AB", "01AC", "01B1", "01B2", "01DD", "30BE", "30BI",
             "30F2", "02CI", "02CV", "03CC", "ZZZZ")
        )
    ],
    "level": [({"level": 3}, (500, 420, 20, 9, 30)), ({"level": 4}, (1079, 784, 31, 15, 150))],
    "channel": [({"channel": "online"}, (1400, 1100, 45, 20, 160)), ({"channel": "post"}, (179, 104, 6, 4, 20))],
}  # fmt: skip


def make_settings() -> Settings:
    return Settings(
        redis_url="redis://127.0.0.1:1/0",
        log_level="info",
        heartbeat_file="",
        database_url="postgresql://127.0.0.1:1/none",
        admin_key="admin",
        secret_key="only for tests",
        metrics_url="http://127.0.0.1:1",
        internal_key="internal",
        bind="127.0.0.1",
        port=0,
        workers=1,
        public_url="",
    )


@cache
def the_catalogue() -> Catalogue:
    """The real one, read once."""
    return load_catalogue()


@cache
def the_book() -> CalendarBook:
    """Calendars on its days."""
    return CalendarBook(the_catalogue().calendar)


def make_portal(*, metrics_away: bool = False, **sandbox_changes: Any) -> Flask:
    """The portal's application over the world in memory; nothing of it touches the network."""
    parts = Parts(make_settings(), "tests")
    vars(parts)["catalogue"] = the_catalogue()
    vars(parts)["reader"] = MemoryReader(parts.catalogue, a_sandbox(**sandbox_changes))
    vars(parts)["register_reader"] = MemoryRegisters()
    vars(parts)["counts"] = MemoryCounts(is_away=metrics_away)
    vars(parts)["override_reader"] = MemoryOverrideReader(*a_decision())
    waiting = (dossier for dossier in a_world() if dossier.status == Status.PAYMENT_REQUESTED)
    vars(parts)["payments"] = MemoryPayments(a_sandbox(**sandbox_changes), map(a_document_of, waiting))
    vars(parts)["attachments"] = MemoryAttachments()
    vars(parts)["signing_keys"] = MemorySigningKeys()
    app = create_app(parts)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app
