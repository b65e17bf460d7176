"""Traits: what of a form decides about limits and routes, so that processing has to be told."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.contracts.catalogue import Procedure


def trait_fields(procedure: Procedure) -> tuple[str, ...]:
    """The fields of a procedure's form whose values are traits."""
    return tuple(field.name for field in procedure.form if field.is_trait)


def form_traits(fields: Sequence[str], form: Mapping[str, Any]) -> dict[str, str]:
    """The values of a form's trait fields as text; a field that was left out is missing.

    Args:
        fields: As `trait_fields` has them.
        form: What was filled in, valid.

    Returns:
        By name of the field; `true` and `false` for truth values.
    """
    return {name: _text(form[name]) for name in fields if form.get(name) is not None}


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
