"""What the registers know beforehand: kinds of declarations, channel shares, states that procedures take.

Reads `services/portal/data/*.yaml` once at start; a mistake in a file names file, line and field.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.contracts.catalogue import Confidence, Effect, Procedure
from services.contracts.labels import Label
from services.portal.domain.registers.declarations import ChannelShares, DeclarationKind, DeclarationState, Direction
from services.portal.domain.registers.register_rules import DeclarationRules
from services.runtime.records import Record, read_yaml

_DATA: Final = Path(__file__).parent.parent.parent / "data"

#: What a kind is called of which no meaning was found.
_NO_MEANING: Final = Label("(không tìm thấy tên loại hình)", "(no meaning found)")

_LEVELS: Final = range(1, 6)


def load_declaration_kinds(folder: Path = _DATA) -> Mapping[str, DeclarationKind]:
    """Kinds by code, in the order of the file.

    Raises:
        DataFileError: the file is wrong.
    """
    file = read_yaml(folder / "declaration_kinds.yaml")
    kinds: dict[str, DeclarationKind] = {}
    for row in file.records("kinds"):
        code = row.text("code")
        if code in kinds:
            row.fail("code", f"{code} is given twice")
        kinds[code] = DeclarationKind(
            code=code,
            direction=row.member("direction", Direction),
            label=Label(row.text("vi"), row.text("en")) if row.has("vi") else _NO_MEANING,
            source=row.text("source"),
            confidence=row.member("confidence", Confidence),
        )
        row.finish()
    file.finish()
    return kinds


def load_declaration_rules(procedures: Mapping[str, Procedure], folder: Path = _DATA) -> DeclarationRules:
    """States that each procedure takes, and how declarations are routed.

    Raises:
        DataFileError: a file is wrong, or names a procedure that the catalogue doesn't have.
    """
    rules = read_yaml(folder / "declaration_rules.yaml")
    by_effect = {row.member("effect", Effect): _states(row) for row in rules.records("effects")}
    states = {
        procedure.procedure_id: by_effect[procedure.effect]
        for procedure in procedures.values()
        if procedure.effect in by_effect
    }
    for row in rules.records("procedures"):
        procedure_id = row.text("procedure_id")
        if procedure_id not in procedures:
            row.fail("procedure_id", f"{procedure_id} isn't in the catalogue")
        states[procedure_id] = _states(row)
    otherwise = frozenset(map(DeclarationState, rules.texts("otherwise")))
    rules.finish()

    channels = read_yaml(folder / "customs_channels.yaml")
    shares = {row.number("level"): _shares(row) for row in channels.records("levels")}
    if sorted(shares) != list(_LEVELS):
        channels.fail("levels", "each level from 1 to 5 is needed once")
    loaded = DeclarationRules(
        states=states,
        otherwise=otherwise,
        shares=shares,
        unknown_shares=_shares(channels.record("unknown")),
        high_risk_from_level=channels.number("high_risk_from_level"),
    )
    channels.finish()
    return loaded


def _states(row: Record) -> frozenset[DeclarationState]:
    row.text("article")
    known = {state.value for state in DeclarationState}
    texts = row.texts("states")
    if unknown := sorted(set(texts) - known):
        row.fail("states", f"{', '.join(unknown)}: none of {', '.join(sorted(known))}")
    row.finish()
    return frozenset(map(DeclarationState, texts))


def _shares(row: Record) -> ChannelShares:
    yellow, red = row.number("yellow_percent"), row.number("red_percent")
    if min(yellow, red) < 0 or yellow + red > 100:
        row.fail("yellow_percent", "both shares must be 0 or more, and 100 together at most")
    row.finish()
    return ChannelShares(yellow=yellow / 100, red=red / 100)
