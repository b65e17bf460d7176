"""`/api/v1/manifests`, `/gate-passages`, `/facilities` and the other small registers: enter, list, read.

What a caller enters here is what another system would know; the rest comes from granted dossiers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import quote

from flask import Response
from marshmallow import RAISE, Schema

from services.contracts.identifiers import is_personal_number
from services.law.calendar import WorkingCalendar
from services.portal.api.answers import do_once, json_answer, respond
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.context import parts, sandbox_id
from services.portal.api.forms import TAX_CODE_MESSAGE, is_valid_tax_code
from services.portal.api.registers import counterparts_schemas as schemas
from services.portal.api.registers.register_answers import entry_resource, event_resource, linked_resource
from services.portal.api.registers.routes_declarations import SHOWN_AT_MOST
from services.portal.api.submissions import invalid_body
from services.portal.application.counterparts import EntryRequest, wrong_field
from services.portal.application.ports import Answer
from services.portal.application.problems import problem
from services.portal.application.register_ports import EntryFilter
from services.portal.domain.registers.counterparts import settlement_terms
from services.portal.domain.registers.declarations import split_number
from services.portal.domain.registers.registers import Register
from services.runtime.clock import real_now, virtual_now

blp = ApiBlueprint("counterparts", __name__, url_prefix="/api/v1", description="The systems around the portal")


@dataclass(frozen=True, slots=True)
class _Resource:
    """A register with its address and its schemas."""

    register: Register
    path: str
    name: str  #: in problems and descriptions
    answer: type[Schema]
    takes: type[Schema] | None = None  #: `None`: nothing is entered by hand
    content: Callable[[dict[str, Any], datetime, WorkingCalendar], dict[str, Any]] | None = None


def _plain(given: dict[str, Any], _: datetime, __: WorkingCalendar) -> dict[str, Any]:
    """The content of an entry: everything but what each entry has by itself; days as text."""
    own = {"number", "enterprise", "declaration", "occurred_at"}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in given.items()
        if name not in own
    }


def _manifest(given: dict[str, Any], at: datetime, calendar: WorkingCalendar) -> dict[str, Any]:
    return {**_plain(given, at, calendar), "revision": 0}


def _report(given: dict[str, Any], at: datetime, calendar: WorkingCalendar) -> dict[str, Any]:
    filed_at = given["occurred_at"] or at
    terms = settlement_terms(given["financial_year_ends_on"], filed_at, calendar)
    if not terms:
        known = parts().catalogue.calendar
        raise wrong_field(
            "/financial_year_ends_on",
            "out-of-range",
            f"The calendar is known from {known.first_on} to {known.last_on}.",
            f"Lịch làm việc chỉ có từ {known.first_on} đến {known.last_on}.",
        )
    return {**_plain(given, at, calendar), "filed_at": filed_at.isoformat(), **terms}


_RESOURCES: Final = (
    _Resource(
        Register.MANIFEST, "manifests", "manifest", schemas.ManifestAnswerSchema, schemas.ManifestSchema, _manifest
    ),
    _Resource(
        Register.GATE_PASSAGE,
        "gate-passages",
        "gate passage",
        schemas.GatePassageAnswerSchema,
        schemas.GatePassageSchema,
        _plain,
    ),
    _Resource(
        Register.FACILITY, "facilities", "facility", schemas.FacilityAnswerSchema, schemas.FacilitySchema, _plain
    ),
    _Resource(
        Register.SETTLEMENT_REPORT,
        "settlement-reports",
        "settlement report",
        schemas.SettlementReportAnswerSchema,
        schemas.SettlementReportSchema,
        _report,
    ),
    _Resource(Register.RISK_PROFILE, "risk-profiles", "risk profile", schemas.RiskProfileAnswerSchema),
    _Resource(Register.AUDIT, "audits", "audit", schemas.AuditAnswerSchema, schemas.AuditSchema, _plain),
    _Resource(
        Register.VIOLATION, "violations", "violation", schemas.ViolationAnswerSchema, schemas.ViolationSchema, _plain
    ),
    _Resource(Register.CARGO_ID, "cargo-ids", "cargo number", schemas.CargoIdAnswerSchema),
)

_RISK = next(resource for resource in _RESOURCES if resource.register is Register.RISK_PROFILE)

#: Operations that create, and so take an Idempotency-Key.
CREATING: Final = frozenset(f"post /api/v1/{one.path}" for one in _RESOURCES if one.takes)

#: What else each operation can answer with.
PROBLEM_STATUSES: Final[Mapping[str, tuple[int, ...]]] = {
    **dict.fromkeys(CREATING, (400, 404, 409, 413, 415)),
    **{f"get /api/v1/{one.path}/{{number}}": (404,) for one in _RESOURCES},
    "put /api/v1/risk-profiles/{number}": (400, 413, 415),
}


def _add_list(resource: _Resource) -> None:
    @blp.arguments(schemas.EntryQuerySchema, location="query", unknown=RAISE)
    @blp.response(200, schemas.page_of(resource.answer))
    def list_entries(query: dict[str, Any]) -> Response:
        cursor = query.get("cursor")
        wanted = EntryFilter(
            holder_id=query.get("enterprise"),
            base=split_number(query["declaration"])[0] if "declaration" in query else None,
            before_number=int(cursor[1:]) if cursor else None,
        )
        where = sandbox_id()
        found = parts().register_reader.entries(where, resource.register, wanted, query["limit"] + 1)
        page, rest = found[: query["limit"]], found[query["limit"] :]
        calendar = parts().calendars.of_sandbox(where)
        items = [_resource_of(entry, calendar) for entry in page]
        return respond(json_answer({"items": items, "next_cursor": f"n{page[-1].number}" if rest else None}))

    list_entries.__doc__ = f"List entries of the register ({resource.name}), newest first."
    blp.route(f"/{resource.path}", methods=["GET"], endpoint=f"list_{resource.register}")(list_entries)


def _add_read(resource: _Resource) -> None:
    @blp.response(200, schemas.full_of(resource.answer))
    def read_entry(number: str) -> Response:
        where = sandbox_id()
        registers = parts().register_reader
        found = registers.entry(where, resource.register, number) if "\x00" not in number else None
        if found is None:
            raise problem("not-found", what=resource.name, name=number)
        body = {
            **_resource_of(found, parts().calendars.of_sandbox(where)),
            "dossiers": [
                linked_resource(one)
                for one in registers.linked_dossiers(where, resource.register, number, SHOWN_AT_MOST)
            ],
            "events": [
                event_resource(one) for one in registers.events_of(where, resource.register, number, SHOWN_AT_MOST)
            ],
        }
        return respond(json_answer(body))

    read_entry.__doc__ = f"Read an entry ({resource.name}), with what happened to it and which dossiers name it."
    # Numbers of decisions have a slash in them.
    rule = f"/{resource.path}/<{'path' if resource.register is Register.AUDIT else 'string'}:number>"
    blp.route(rule, methods=["GET"], endpoint=f"read_{resource.register}")(read_entry)


def _add_enter(
    resource: _Resource,
    takes: type[Schema],
    content: Callable[[dict[str, Any], datetime, WorkingCalendar], dict[str, Any]],
) -> None:
    @blp.arguments(takes)
    @blp.response(201, resource.answer)
    def enter(given: dict[str, Any]) -> Response:
        where = sandbox_id()
        _check(given)
        calendar = parts().calendars.of_sandbox(where)

        def effect(unit: Any) -> Answer:
            now = virtual_now(unit.lock_sandbox(where).clock, real_now())
            request = EntryRequest(
                register=resource.register,
                key=given.get("number") or "",
                holder_id=given.get("enterprise") or "",
                declaration_number=given.get("declaration"),
                occurred_at=given.get("occurred_at"),
                data=content(given, now, calendar),
            )
            earliest = parts().clock_range.first_at
            entered = parts().counterparts.enter(unit, where, request, earliest=earliest, now=now)
            location = {"Location": quote(f"/api/v1/{resource.path}/{entered.key}")}
            return json_answer(_resource_of(entered, calendar), 201, location)

        return respond(do_once(where, effect))

    enter.__doc__ = f"Enter what another system knows ({resource.name})."
    blp.route(f"/{resource.path}", methods=["POST"], endpoint=f"enter_{resource.register}")(enter)


@blp.route("/risk-profiles/<string:number>", methods=["PUT"])
@blp.arguments(schemas.RiskProfileSchema)
@blp.response(200, schemas.RiskProfileAnswerSchema)
def set_risk_profile(data: dict[str, Any], number: str) -> Response:
    """Set what is known of an enterprise's risk; `number` is its tax code. Decides channels and refunds from now on."""
    where = sandbox_id()
    _check({"enterprise": number})
    with parts().door.unit() as unit:
        now = virtual_now(unit.lock_sandbox(where).clock, real_now())
        profile = parts().counterparts.profile(unit, where, number, data, now)
    return respond(json_answer(_resource_of(profile, parts().calendars.of_sandbox(where))))


def _resource_of(entry: Any, calendar: WorkingCalendar) -> dict[str, Any]:
    resource = entry_resource(entry, calendar)
    if entry.register == Register.RISK_PROFILE:
        resource["is_high_risk"] = parts().declaration_rules.is_high_risk(entry.data["level"])
    return resource


def _check(given: Mapping[str, Any]) -> None:
    """What the schema can't know: check digits, and which offices there are."""
    messages = {}
    enterprise, office = given.get("enterprise"), given.get("office")
    if enterprise is not None and not (is_personal_number(enterprise) or is_valid_tax_code(enterprise)):
        messages["enterprise"] = [TAX_CODE_MESSAGE]
    if office is not None and office not in parts().catalogue.offices:
        messages["office"] = ["Unknown customs office."]
    if messages:
        raise invalid_body(messages)


for _one in _RESOURCES:
    _add_list(_one)
    _add_read(_one)
    if _one.takes is not None and _one.content is not None:
        _add_enter(_one, _one.takes, _one.content)
