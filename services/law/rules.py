"""Which statutory limit holds for a dossier: the law by its date, the track by its traits."""

from collections.abc import Mapping
from datetime import datetime

from services.contracts.catalogue import LimitRule, Procedure
from services.contracts.timeliness import vietnamese_day


class NoRuleError(LookupError):
    """No rule of the procedure fits; the catalogue's check makes sure that one always does."""


def rule_for(procedure: Procedure, traits: Mapping[str, str], received_at: datetime) -> LimitRule:
    """Return the first rule of a procedure that is in force on the day of receipt and whose traits the dossier has.

    Args:
        procedure: Its rules, in the order in which they take precedence.
        traits: What of the form, and of the systems around, decides about limits.
        received_at: Receipt of the dossier; the day in Vietnam counts.

    Raises:
        NoRuleError: None fits.
    """
    rules = procedure.limit_rules
    if len(rules) == 1:
        return rules[0]
    day = vietnamese_day(received_at)
    for rule in rules:
        if rule.in_force_from is not None and day < rule.in_force_from:
            continue
        if rule.in_force_until is not None and day > rule.in_force_until:
            continue
        if all(traits.get(name) == value for name, value in rule.when.items()):
            return rule
    raise NoRuleError(f"No limit of {procedure.procedure_id} holds on {day} for {dict(traits)}.")
