"""`/api/v1/calendar`: the working calendar of a sandbox, and decisions that change a day of it."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from flask import Response
from marshmallow import RAISE

from services.contracts.commands import CalendarOverride
from services.contracts.identifiers import format_dossier_id
from services.contracts.timeliness import vietnamese_day
from services.portal.api.answers import do_once, json_answer, respond
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.bodies import decode_json
from services.portal.api.context import parts, sandbox, sandbox_id, sandbox_now
from services.portal.api.deadlines import calendar_schemas as schemas
from services.portal.application.ports import Answer
from services.portal.application.problems import problem
from services.portal.application.sandbox_calendars import check_days, days_of, decide
from services.portal.domain.calendar_overrides import CalendarDay, DecidedOverride, MovedDeadline
from services.runtime.clock import real_now

blp = ApiBlueprint("calendar", __name__, url_prefix="/api/v1/calendar", description="Working days of the sandbox")

_CURSOR: Final = re.compile(r"n([0-9]+)p([0-9]+)")

#: Days shown when no end is asked for.
_A_MONTH: Final = timedelta(days=30)


@blp.route("", methods=["GET"])
@blp.arguments(schemas.CalendarQuerySchema, location="query", unknown=RAISE)
@blp.response(200, schemas.CalendarSchema)
def read_calendar(query: dict[str, Any]) -> Response:
    """List days: working or not, and by which law or decision where they depart from the ordinary week."""
    known = parts().catalogue.calendar
    here = sandbox()
    first_on = query.get("from_") or (vietnamese_day(sandbox_now(here)) if "to" not in query else query["to"])
    check_days(known, {"/from": first_on})
    last_on = query.get("to") or min(first_on + _A_MONTH, known.last_on)
    check_days(known, {"/to": last_on})
    calendar = parts().calendars.of_sandbox(here.sandbox_id)
    body = {
        "first_known_on": known.first_on,
        "last_known_on": known.last_on,
        "sessions": [{"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"} for opens, closes in calendar.sessions],
        "items": [_day_resource(day) for day in days_of(calendar, first_on, last_on)],
    }
    return respond(json_answer(body))


@blp.route("/overrides", methods=["POST"])
@blp.arguments(schemas.OverrideRequestSchema)
@blp.response(201, schemas.SettledOverrideSchema)
def override_day(data: dict[str, Any]) -> Response:
    """Make a day off, or a working day, by decision: open deadlines are counted again, and the answer waits for it."""
    override = CalendarOverride(data["day"], data["kind"] == "working", data["name"], data["decision_number"])

    def effect(unit: Any) -> Answer:
        here = unit.lock_sandbox(sandbox_id())
        decided = decide(unit, here, override, parts().catalogue.calendar, real_now())
        return json_answer({"number": decided.number}, 201)

    number = decode_json(do_once(sandbox_id(), effect).body)["number"]
    decided = _decision(number)
    settlement = parts().settler.wait(sandbox_id(), decided.sequences, data["wait_seconds"])
    body = {
        **_resource(decided, _moved_count(number)),
        "is_settled": settlement.is_settled,
        "is_counted": settlement.is_counted,
    }
    headers = {"Location": f"/api/v1/calendar/overrides/{number}"}
    return respond(json_answer(body, 201 if settlement.is_settled else 202, headers))


@blp.route("/overrides", methods=["GET"])
@blp.response(200, schemas.OverrideListSchema)
def list_overrides() -> Response:
    """List the sandbox's decisions on its calendar, in their order."""
    reader = parts().override_reader
    decided, counts = reader.overrides(sandbox_id()), reader.moved_counts(sandbox_id())
    return respond(json_answer({"items": [_resource(one, counts.get(one.number, 0)) for one in decided]}))


@blp.route("/overrides/<int:number>", methods=["GET"])
@blp.arguments(schemas.OverrideQuerySchema, location="query", unknown=RAISE)
@blp.response(200, schemas.FullOverrideSchema)
def read_override(query: dict[str, Any], number: int) -> Response:
    """Read a decision: which open deadlines it moved, from when to when and by how much."""
    decided = _decision(number)
    cursor = _CURSOR.fullmatch(query.get("cursor", "n0p0"))
    assert cursor is not None  # checked by the schema
    after = (int(cursor[1]), int(cursor[2]))
    found = parts().override_reader.moved_deadlines(sandbox_id(), decided, after, query["limit"] + 1)
    page, rest = found[: query["limit"]], found[query["limit"] :]
    moved = {
        "items": _moved_resources(decided, page),
        "next_cursor": f"n{page[-1].number}p{page[-1].position}" if rest else None,
    }
    return respond(json_answer({**_resource(decided, _moved_count(number)), "moved": moved}))


def _decision(number: int) -> DecidedOverride:
    found = next((one for one in parts().override_reader.overrides(sandbox_id()) if one.number == number), None)
    if found is None:
        raise problem("not-found", what="calendar override", name=number)
    return found


def _moved_count(number: int) -> int:
    return parts().override_reader.moved_counts(sandbox_id(), number).get(number, 0)


def _day_resource(day: CalendarDay) -> dict[str, Any]:
    return {
        "day": day.day,
        "is_working": day.is_working,
        "name": day.name,
        "source": day.source,
        "decision_number": day.decision_number,
    }


def _resource(decided: DecidedOverride, moved_count: int) -> dict[str, Any]:
    override = decided.override
    return {
        "number": decided.number,
        "day": override.day,
        "kind": "working" if override.is_working else "off",
        "name": override.name,
        "decision_number": override.decision_number,
        "decided_at": decided.decided_at,
        "recorded_at": decided.recorded_at,
        "moved_count": moved_count,
    }


def _moved_resources(decided: DecidedOverride, moved: Sequence[MovedDeadline]) -> list[dict[str, Any]]:
    amounts = parts().calendars.moved_by(decided, moved)
    return [
        {
            "dossier_id": format_dossier_id(one.number, vietnamese_day(one.filed_at)),
            "before": one.before,
            "after": one.after,
            "moved_by": None if amount is None else {"amount": amount, "unit": one.limit_unit},
        }
        for one, amount in zip(moved, amounts, strict=True)
    ]
