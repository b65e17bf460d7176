"""The file of words is checked before the first paper is made, and a mistake in it is told by its place."""

import copy
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
import yaml

from services.portal.adapters.papers.paper_words import read_paper_words
from services.runtime.errors import ConfigurationError

TEXT = (files("services.portal") / "data" / "papers.yaml").read_text(encoding="utf-8")
Data = dict[str, Any]


def changed(change: Callable[[Data], None]) -> str:
    data = copy.deepcopy(yaml.safe_load(TEXT))
    change(data)
    return yaml.safe_dump(data, allow_unicode=True)


def set_in(data: Data, key: str, value: object) -> None:
    data["papers"][0][key] = value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: set_in(data, "kinds", 1), r"template 1 \(receipt\): unknown keys kinds"),
        (lambda data: set_in(data, "kind", "letter"), "'letter' is not a valid PaperKind"),
        (lambda data: set_in(data, "actions", ["fly"]), "'fly' is not a valid Action"),
        (lambda data: set_in(data, "result_kinds", ["song"]), "'song' is not a valid ResultKind"),
        (lambda data: set_in(data, "size", "A6"), "'A6' is not a valid PaperSize"),
        (lambda data: set_in(data, "issued_by", "nobody"), "'nobody' is not a valid IssuedBy"),
        (lambda data: set_in(data, "in_force_from", "soon"), "'soon' is not a day"),
        (lambda data: set_in(data, "blocks", ["{aplicant}"]), "there is no value {aplicant}"),
        (lambda data: set_in(data, "blocks", [{"txt": "x"}]), "unknown keys txt"),
        (lambda data: set_in(data, "blocks", [{"items": "things"}]), "there are no items 'things'"),
        (lambda data: set_in(data, "blocks", [{"table": "tables"}]), "there are no table 'tables'"),
        (lambda data: set_in(data, "blocks", [{"text": "x", "needs": ["luck"]}]), "there is no value 'luck' to need"),
        (lambda data: set_in(data, "blocks", [{"text": "x", "align": "up"}]), "'up' is not a valid Align"),
        (lambda data: set_in(data, "summary_en", "{who}"), "there is no value {who}"),
        (lambda data: data["papers"][0].pop("title"), "template 1 .*'title'"),
        (lambda data: data.update(papers=data["papers"][:1]), "no template for acceptance-notice, apology"),
        (lambda data: data["families"]["amendment"].pop("en"), "family amendment: 'en'"),
        (lambda data: data["families"]["amendment"].update(en="{nobody}"), "family amendment: .*{nobody}"),
        (lambda data: data["families"]["amendment"].update(en="{form[x]}"), "family amendment: "),
        (lambda data: data["families"]["amendment"].update(de="x"), "family amendment: unknown keys de"),
        (lambda data: data["families"].pop("default"), "`default` is missing"),
    ],
)
def test_a_mistake_is_told_by_its_place(change: Callable[[Data], None], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_paper_words(changed(change))


def test_every_template_says_where_it_comes_from_in_words_that_can_be_checked() -> None:
    for template in read_paper_words(TEXT).templates:
        assert any(word in template.source for word in ("Circular", "Decree", "ours")), template.title_en
        assert template.summary_en.endswith((".", "}"))
