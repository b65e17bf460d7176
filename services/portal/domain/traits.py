"""Traits: what of a form decides about limits and routes, so that processing has to be told."""

from collections.abc import Mapping
from typing import Any

from services.contracts.catalogue import Procedure


def form_traits(procedure: Procedure, form: Mapping[str, Any]) -> dict[str, str]:
    """The values of a form's trait fields as text; a field that was left out is missing.

    Args:
        procedure: Whose form it is.
        form: What was filled in, valid.

    Returns:
        By name of the field; `true` and `false` for truth values.
    """
    return {
        field.name: _text(form[field.name])
        for field in procedure.form
        if field.is_trait and form.get(field.name) is not None
    }


def known_traits(procedure: Procedure) -> dict[str, frozenset[str]]:
    """Every trait that a procedure's form, limits or terms speak of, with the values that it may have."""
    known: dict[str, set[str]] = {}
    for field in procedure.form:
        if field.is_trait:
            values = [choice.value for choice in field.choices] or ["true", "false"]
            known.setdefault(field.name, set()).update(values)
    conditions = [rule.when for rule in procedure.limit_rules]
    for traits in (*conditions, procedure.supplement.silence_traits, procedure.automatic_when or {}):
        for name, value in traits.items():
            known.setdefault(name, set()).add(value)
    return {name: frozenset(values) for name, values in known.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
