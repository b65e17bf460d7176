"""`/api/v1/declarations`: register, enter, look up, amend, cancel; and what the registers have to do with a dossier."""

from collections.abc import Sequence
from typing import Any, Final, cast

from flask import Response, current_app, request
from marshmallow import RAISE

from services.contracts.identifiers import is_declaration_number
from services.portal.api.answers import do_once, json_answer, label, once_key, respond
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.bodies import decode_json
from services.portal.api.context import parts, sandbox, sandbox_id, sandbox_now
from services.portal.api.found import find_dossier
from services.portal.api.lines import answer_lines, file_lines, read_lines, require_lines
from services.portal.api.registers import declarations_schemas as schemas
from services.portal.api.registers.declaration_reading import DeclarationReader
from services.portal.api.registers.register_answers import (
    declaration_resource,
    event_resource,
    full_declaration,
    named_resource,
)
from services.portal.application.clearance import CHANNEL_FIELD, NUMBER_FIELD
from services.portal.application.declarations import EnteredDeclaration, enter_declarations
from services.portal.application.filing import FilingRequest
from services.portal.application.ports import Answer
from services.portal.application.problems import problem
from services.portal.application.register_ports import DeclarationFilter
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.registers.counterparts import window_of
from services.portal.domain.registers.declarations import (
    Declaration,
    DeclarationState,
    Direction,
    split_number,
)
from services.portal.domain.registers.registers import Register
from services.portal.domain.sandbox import Filed
from services.runtime.clock import real_now, virtual_now
from services.runtime.errors import ProblemError

blp = ApiBlueprint("declarations", __name__, url_prefix="/api/v1", description="Customs declarations (VNACCS)")

#: Where the application keeps its `DeclarationReader`.
DECLARATION_READER: Final = "motcua-declaration-reader"

#: Events and dossiers that the answer about one declaration shows at most, the newest ones.
SHOWN_AT_MOST: Final = 200


def reader() -> DeclarationReader:
    """The application's reader of declarations."""
    return cast("DeclarationReader", current_app.extensions[DECLARATION_READER])


@blp.route("/declarations/kinds", methods=["GET"])
@blp.response(200, schemas.DeclarationKindListSchema)
def list_kinds() -> Response:
    """List the kinds of declarations, with where each comes from."""
    items = [
        {
            "code": kind.code,
            "direction": kind.direction,
            "label": label(kind.label),
            "source": kind.source,
            "confidence": kind.confidence,
        }
        for kind in parts().declaration_kinds.values()
    ]
    return respond(json_answer({"items": items}))


@blp.route("/declarations", methods=["POST"])
@blp.response(201, schemas.RegisteredSchema)
def register() -> Response:
    """Register a declaration (IDC, EDC): it gets number and channel, and a dossier that clears it is filed with it."""
    where = sandbox_id()
    submission = reader().read_registration(decode_json(request.get_data()))

    def answer(results: Sequence[Filed | ProblemError]) -> Answer:
        (result,) = results
        if isinstance(result, ProblemError):
            raise result
        body = _registered(result)
        return json_answer(body, 201, {"Location": f"/api/v1/declarations/{body['number']}"})

    return respond(parts().desk.file(FilingRequest(where, [submission], answer, once_key(where))))


@blp.route("/declarations/batch", methods=["POST"])
@blp.response(200)
def register_many() -> Response:
    """Register many declarations (NDJSON, a result for each line), in one transaction as dossiers are filed."""
    require_lines()
    return respond(file_lines(sandbox_id(), read_lines(reader().read_registration), _registered))


def _registered(filed: Filed) -> dict[str, Any]:
    form = filed.submission.form  # as the register has completed it
    return {
        "number": form[NUMBER_FIELD],
        "dossier_id": dossier_id(filed),
        "customs_channel": form[CHANNEL_FIELD],
        "procedure": filed.submission.procedure_id,
        "registered_at": filed.filed_at,
    }


@blp.route("/declarations/import", methods=["POST"])
@blp.response(200)
def enter_many() -> Response:
    """Enter existing declarations with their numbers and states (NDJSON, a result for each line): no dossiers."""
    require_lines()
    where = sandbox_id()
    lines = read_lines(reader().read_entered)
    given = [item for _, item in lines if isinstance(item, EnteredDeclaration)]

    def effect(unit: Any) -> Answer:
        here = unit.lock_sandbox(where)
        now = virtual_now(here.clock, real_now())
        earliest = parts().clock_range.first_at
        entered = enter_declarations(unit, parts().register_writer, where, given, earliest=earliest, now=now)
        return answer_lines(lines, entered, lambda one: {"number": one.number, "state": one.state})

    return respond(do_once(where, effect))


@blp.route("/declarations", methods=["GET"])
@blp.arguments(schemas.DeclarationQuerySchema, location="query", unknown=RAISE)
@blp.response(200, schemas.DeclarationPageSchema)
def list_declarations(query: dict[str, Any]) -> Response:
    """List declarations, the highest numbers first: exports, then imports, each from the newest on."""
    cursor = query.get("cursor")
    wanted = DeclarationFilter(
        declarant_id=query.get("declarant"),
        direction=Direction(query["direction"]) if "direction" in query else None,
        kind=query.get("kind"),
        office_code=query.get("office"),
        channel=query.get("customs_channel"),
        state=DeclarationState(query["state"]) if "state" in query else None,
        before_base=int(cursor[1:]) if cursor else None,
    )
    found = parts().register_reader.declarations(sandbox_id(), wanted, query["limit"] + 1)
    page, rest = found[: query["limit"]], found[query["limit"] :]
    items = [declaration_resource(one, parts().declaration_kinds) for one in page]
    return respond(json_answer({"items": items, "next_cursor": f"d{page[-1].base}" if rest else None}))


@blp.route("/declarations/<string(length=12):number>", methods=["GET"])
@blp.response(200, schemas.FullDeclarationSchema)
def read_declaration(number: str) -> Response:
    """Read a declaration (IID, IEX) by any number that it has had: state, branches, dossiers, what changed it."""
    here = sandbox()
    found = find_declaration(here.sandbox_id, number)
    registers = parts().register_reader
    calendar = parts().calendars.of_sandbox(here.sandbox_id)
    about = registers.about_declaration(found, SHOWN_AT_MOST)
    body = full_declaration(
        found,
        parts().declaration_kinds,
        events=registers.events_of(here.sandbox_id, Register.DECLARATION, str(found.base), SHOWN_AT_MOST),
        dossiers=registers.linked_dossiers(here.sandbox_id, Register.DECLARATION, str(found.base), SHOWN_AT_MOST),
        about=about,
        window=window_of(found, about, sandbox_now(here), calendar),
        calendar=calendar,
    )
    return respond(json_answer(body))


@blp.route("/declarations/<string(length=12):number>/amend", methods=["POST"])
@blp.arguments(schemas.DeclarationAmendmentSchema)
@blp.response(200, schemas.DeclarationSchema)
def amend(data: dict[str, Any], number: str) -> Response:
    """Amend a declaration before clearance (IDA01, EDA01): a new branch at once, without a dossier."""
    where = find_declaration(sandbox_id(), number).sandbox_id

    def effect(unit: Any) -> Answer:
        here = unit.lock_sandbox(where)
        now = virtual_now(here.clock, real_now())
        amended = parts().declaration_messages.amend(unit, here, number, data, now)
        return json_answer(declaration_resource(amended, parts().declaration_kinds))

    return respond(do_once(where, effect))


@blp.route("/declarations/<string(length=12):number>/cancel", methods=["POST"])
@blp.arguments(schemas.DeclarationCancellationSchema)
@blp.response(200, schemas.DeclarationSchema)
def cancel(data: dict[str, Any], number: str) -> Response:
    """Cancel a declaration before clearance; the dossier that would have cleared it is withdrawn."""
    found = find_declaration(sandbox_id(), number)
    # Read before the transaction, which must not wait for a second connection.
    check = parts().reader.dossier(found.sandbox_id, found.dossier_number) if found.dossier_number else None

    def effect(unit: Any) -> Answer:
        here, moment = unit.lock_sandbox(found.sandbox_id), real_now()
        now = virtual_now(here.clock, moment)
        cancelled = parts().declaration_messages.cancel(
            unit, here, number, reason=data["reason"], check=check, now=now, real_now=moment
        )
        return json_answer(declaration_resource(cancelled, parts().declaration_kinds))

    return respond(do_once(found.sandbox_id, effect))


@blp.route("/register-events", methods=["GET"])
@blp.arguments(schemas.EventQuerySchema, location="query", unknown=RAISE)
@blp.response(200, schemas.RegisterEventPageSchema)
def read_events(query: dict[str, Any]) -> Response:
    """Read what happened in the registers after a position, in order: ask again after the last one seen."""
    found = parts().register_reader.events(sandbox_id(), query["after"], query["limit"])
    after = found[-1].position if found else query["after"]
    return respond(json_answer({"items": [event_resource(one) for one in found], "next_after": after}))


@blp.route("/dossiers/<string:name>/registers", methods=["GET"])
@blp.response(200, schemas.DossierRegistersSchema)
def read_registers_of(name: str) -> Response:
    """Read what a dossier names in the registers, and what it brought about there."""
    dossier = find_dossier(sandbox_id(), name)
    registers = parts().register_reader
    links = registers.links_of(dossier.sandbox_id, dossier.number)
    cleared = registers.declaration_of_check(dossier.sandbox_id, dossier.number)
    bases = [int(link.key) for link in links if link.register == Register.DECLARATION]
    current = {str(base): one.number for base, one in registers.declarations_by_base(dossier.sandbox_id, bases).items()}
    body = {
        "dossier_id": name,
        "registered_declaration": cleared.number if cleared else None,
        "names": [named_resource(link, current) for link in links],
        "events": [
            event_resource(one)
            for one in registers.events_of_dossier(dossier.sandbox_id, dossier.number, SHOWN_AT_MOST)
        ],
    }
    return respond(json_answer(body))


def find_declaration(where: str, number: str) -> Declaration:
    """The declaration with this number, or with one that it has had.

    Raises:
        ProblemError: `not-found`; also when it belongs to another sandbox, or was never amended so often.
    """
    if is_declaration_number(number):
        base, branch = split_number(number)
        found = parts().register_reader.declaration(where, base)
        if found is not None and branch <= found.branch:
            return found
    raise problem("not-found", what="declaration", name=number)
