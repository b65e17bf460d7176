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


def limit_traits(procedure: Procedure) -> dict[str, frozenset[str]]:
    """The traits that a procedure's limits and terms of silence depend on, with the values that they speak of."""
    known: dict[str, set[str]] = {}
    for traits in (*(rule.when for rule in procedure.limit_rules), procedure.supplement.silence_traits):
        for name, value in traits.items():
            known.setdefault(name, set()).add(value)
    for field in procedure.form:
        if field.name in known:
            known[field.name].update(choice.value for choice in field.choices)
    return {name: frozenset(values) for name, values in known.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
