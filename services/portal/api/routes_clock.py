"""`/api/v1/clock`: the sandbox's time, and waiting until it has settled."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from services.contracts.vocabulary import ClockMode
from services.portal.api import schemas
from services.portal.api.answers import clock_resource, do_once, json_answer, respond
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.bodies import decode_json
from services.portal.api.context import parts, sandbox, sandbox_id, sandbox_now
from services.portal.application import clocks
from services.portal.application.ports import Answer
from services.portal.application.problems import problem
from services.runtime.clock import real_now, virtual_now

blp = ApiBlueprint("clock", __name__, url_prefix="/api/v1/clock", description="The sandbox's time")


@blp.route("", methods=["GET"])
@blp.response(200, schemas.SettledClockSchema)
def read() -> Response:
    """Read the clock, and whether everything it was told has happened."""
    return _settled_answer(None, 0)


@blp.route("", methods=["PUT"])
@blp.arguments(schemas.ClockRequestSchema)
@blp.response(200, schemas.ClockSchema)
def change(data: dict[str, Any]) -> Response:
    """Set the mode: time goes on from where it stands, or from `now` when given."""
    if data["now"] is not None:
        parts().clock_range.check(data["now"], "/now")
    with parts().door.unit() as unit:
        here = unit.lock_sandbox(sandbox_id())
        moment = real_now()
        setting = clocks.changed_setting(
            here, moment, mode=ClockMode(data["mode"]), speed=float(data["speed"]), to=data["now"]
        )
        clocks.set_clock(unit, here, setting)
    return respond(json_answer(clock_resource(setting, setting.virtual_at)))


@blp.route("/advance", methods=["POST"])
@blp.arguments(schemas.AdvanceRequestSchema)
@blp.response(200, schemas.SettledClockSchema)
def advance(data: dict[str, Any]) -> Response:
    """Move a manual clock; everything due on the way happens in order, and the answer waits for it."""

    def effect(unit: Any) -> Answer:
        here = unit.lock_sandbox(sandbox_id())
        now = virtual_now(here.clock, real_now())
        try:
            to = data["to"] or now + data["by"]
        except OverflowError as error:
            raise problem("invalid-body", count=1, errors=[{"pointer": "/by", "code": "out-of-range"}]) from error
        parts().clock_range.check(to, "/to" if data["to"] else "/by")
        upto = clocks.advance(unit, here, to)
        return json_answer({"to": to, "sequences": _sequences_to_wire(upto)})

    kept = do_once(sandbox_id(), effect)
    # Asked again under its key, it waits for what it asked the first time.
    return _settled_answer(_sequences_from_wire(decode_json(kept.body)["sequences"]), data["wait_seconds"])


@blp.route("/settle", methods=["POST"])
@blp.arguments(schemas.SettleRequestSchema)
@blp.response(200, schemas.SettledClockSchema)
def settle(data: dict[str, Any]) -> Response:
    """Wait, without moving the clock, until everything asked so far has happened and can be read."""
    asked = None if data["sequences"] is None else _sequences_from_wire(data["sequences"])
    if asked is not None:
        _check_were_given(asked)
    return _settled_answer(asked, data["wait_seconds"], must_be_counted=data["counted"])


def _check_were_given(asked: Mapping[int, int]) -> None:
    """Whoever waits for what nobody asked for would wait for ever."""
    given = parts().reader.log_ends(sandbox_id())
    for partition, sequence in asked.items():
        if sequence > given.get(partition, 0):
            raise problem("sequence-not-given", sequence=sequence, partition=partition)


def _settled_answer(upto: Mapping[int, int] | None, wait_seconds: float, *, must_be_counted: bool = True) -> Response:
    """200 when settled, 202 when it will take longer."""
    wanted = parts().reader.log_ends(sandbox_id()) if upto is None else upto
    settlement = parts().settler.wait(sandbox_id(), wanted, wait_seconds, must_be_counted=must_be_counted)
    here = sandbox()
    body = {
        **clock_resource(here.clock, sandbox_now(here)),
        "is_settled": settlement.is_settled,
        "is_counted": settlement.is_counted,
        "sequences": _sequences_to_wire(wanted),
    }
    return respond(json_answer(body, 200 if settlement.is_settled or wait_seconds == 0 else 202))


def _sequences_to_wire(sequences: Mapping[int, int]) -> dict[str, int]:
    return {str(partition): sequence for partition, sequence in sequences.items()}


def _sequences_from_wire(sequences: Mapping[str, int]) -> dict[int, int]:
    return {int(partition): sequence for partition, sequence in sequences.items()}
