"""Reads the words of the papers (`services/portal/data/papers.yaml`) and checks them before the first paper is made.

A misspelt key, an unknown value, action or kind is a mistake that names its template. Doesn't compose papers.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files
from string import Formatter
from typing import Any, Final

import yaml

from services.contracts.catalogue import ResultKind
from services.contracts.vocabulary import Action
from services.portal.domain.papers.paper_values import ITEM_NAMES, ROW_NAMES, TABLE_NAMES, VALUE_NAMES
from services.portal.domain.papers.papers import (
    BlockTemplate,
    FamilyWords,
    FormNumber,
    IssuedBy,
    PaperKind,
    PaperTemplate,
    PaperWords,
    SignatureTemplate,
)
from services.portal.domain.papers.sheets import Align, PaperSize
from services.runtime.errors import ConfigurationError

_KEYS: Final = frozenset(
    {
        "kind", "actions", "families", "result_kinds", "traits", "steps", "in_force_from", "in_force_until", "size",
        "issued_by", "symbol", "forms", "title", "title_en", "subtitle", "blocks", "signatures", "recipients",
        "summary_en", "source",
    }
)  # fmt: skip
_FAMILY_KEYS: Final = frozenset({"subject", "text", "follow_up", "en"})
_BLOCK_KEYS: Final = frozenset({"text", "items", "rows", "table", "align", "indent", "italic", "needs"})


def load_paper_words() -> PaperWords:
    """Return all words of papers, templates in the order of the file.

    Raises:
        ConfigurationError: The file is wrong; says in which template, and what.
    """
    text = (files("services.portal") / "data" / "papers.yaml").read_text(encoding="utf-8")
    return read_paper_words(text)


def read_paper_words(text: str) -> PaperWords:
    """Return the words of a YAML text; see `load_paper_words`."""
    data = yaml.safe_load(text)
    templates = []
    for index, row in enumerate(data["papers"], start=1):
        try:
            templates.append(_template(row))
        except (KeyError, TypeError, ValueError) as error:
            name = row.get("kind") if isinstance(row, dict) else row
            raise ConfigurationError(f"papers.yaml, template {index} ({name}): {error}") from error
    missing = set(PaperKind) - {template.kind for template in templates}
    if missing:
        raise ConfigurationError(f"papers.yaml has no template for {', '.join(sorted(missing))}.")
    return PaperWords(tuple(templates), _families(data["families"]))


def _families(rows: Mapping[str, Mapping[str, str]]) -> Mapping[str, FamilyWords]:
    families = {}
    for name, row in rows.items():
        try:
            _refuse_unknown(set(row), _FAMILY_KEYS)
            families[name] = FamilyWords(row["subject"], row["text"], row["follow_up"], row["en"])
            for words in row.values():
                _check_words(words, knows_form=False)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(f"papers.yaml, family {name}: {error}") from error
    if "default" not in families:
        raise ConfigurationError("papers.yaml has no words for families without their own: `default` is missing.")
    return families


def _template(row: Mapping[str, Any]) -> PaperTemplate:
    _refuse_unknown(set(row), _KEYS)
    template = PaperTemplate(
        kind=PaperKind(row["kind"]),
        actions=tuple(Action(name) for name in row.get("actions", ())),
        families=frozenset(row.get("families", ())),
        result_kinds=frozenset(ResultKind(name) for name in row.get("result_kinds", ())),
        traits=row.get("traits", {}),
        steps=frozenset(row.get("steps", ())),
        in_force_from=_day(row.get("in_force_from")),
        in_force_until=_day(row.get("in_force_until")),
        size=PaperSize(row.get("size", PaperSize.A4)),
        issued_by=IssuedBy(row.get("issued_by", IssuedBy.DECIDING)),
        symbol=row.get("symbol", ""),
        forms=tuple(
            FormNumber(form["text"], _day(form.get("from")), _day(form.get("until"))) for form in row.get("forms", ())
        ),
        title=row["title"],
        title_en=row["title_en"],
        subtitle=row.get("subtitle", ""),
        blocks=tuple(_block(block) for block in row["blocks"]),
        signatures=tuple(
            SignatureTemplate(item["capacity"], item.get("remark", ""), item.get("digital", False))
            for item in row.get("signatures", ())
        ),
        recipients=tuple(row.get("recipients", ())),
        summary_en=row["summary_en"],
        source=row["source"],
    )
    for words in _all_words(template):
        _check_words(words)
    return template


def _block(row: str | Mapping[str, Any]) -> BlockTemplate:
    if isinstance(row, str):
        return BlockTemplate(text=row)
    _refuse_unknown(set(row), _BLOCK_KEYS)
    for key, names in (("items", ITEM_NAMES), ("rows", ROW_NAMES), ("table", TABLE_NAMES)):
        if key in row and row[key] not in names:
            raise ValueError(f"there are no {key} {row[key]!r}; known: {', '.join(sorted(names))}")
    needs = tuple(row.get("needs", ()))
    for name in needs:
        if not name.startswith("form.") and name not in VALUE_NAMES | ITEM_NAMES | TABLE_NAMES:
            raise ValueError(f"there is no value {name!r} to need")
    return BlockTemplate(
        text=row.get("text", ""),
        items=row.get("items", ""),
        rows=row.get("rows", ""),
        table=row.get("table", ""),
        align=Align(row.get("align", Align.JUSTIFY)),
        is_indented=row.get("indent", False),
        is_italic=row.get("italic", False),
        needs=needs,
    )


def _all_words(template: PaperTemplate) -> Iterator[str]:
    yield from (template.title, template.subtitle, template.summary_en, *template.recipients)
    yield from (form.text for form in template.forms)
    yield from (block.text for block in template.blocks)
    for signature in template.signatures:
        yield from (signature.capacity, signature.remark)


def _check_words(words: str, *, knows_form: bool = True) -> None:
    """Every `{name}` is a value; `{form[field]}` can only be checked where the form is known."""
    for _, name, _, _ in Formatter().parse(words):
        if name is not None and name not in VALUE_NAMES and not (knows_form and name.startswith("form[")):
            raise ValueError(f"there is no value {{{name}}}")


def _refuse_unknown(keys: set[str], known: frozenset[str]) -> None:
    if keys - known:
        raise ValueError(f"unknown keys {', '.join(sorted(keys - known))}")


def _day(value: object) -> date | None:
    if value is None or isinstance(value, date):
        return value
    raise ValueError(f"{value!r} is not a day such as 2018-06-05")
