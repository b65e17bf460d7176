"""Composes a paper: a template's words with the values of a dossier, in the official layout.

Layout: Decree 30/2020/NĐ-CP annex I (before it Circular 01/2011/TT-BNV); that of forms 01 to 05 from memory of
Circular 01/2018/TT-VPCP. Pure: the same paper is composed to an equal sheet each time.
"""

import re
from collections.abc import Iterator
from typing import Final

from services.contracts.catalogue import AuthorityLevel
from services.contracts.timeliness import vietnamese_day
from services.portal.domain.papers.issuers import Issuer, issuer_of
from services.portal.domain.papers.paper_values import PaperValues, values_for
from services.portal.domain.papers.papers import BlockTemplate, IssuedBy, Paper, PaperSource, PaperWords
from services.portal.domain.papers.sheets import Block, NumberedList, Paragraph, Run, Sheet, Signature
from services.portal.domain.papers.vietnamese import day_words

#: The one-stop unit, as forms 01 to 03 name it.
ONE_STOP_UNIT: Final = "BỘ PHẬN TIẾP NHẬN\nVÀ TRẢ KẾT QUẢ"

_BOLD: Final = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


def paper_issuer(paper: Paper, source: PaperSource) -> Issuer:
    """Return whose paper it is, and whose certificate signs it."""
    level = paper.moment.level if paper.template.issued_by is IssuedBy.DECIDING else AuthorityLevel.BRANCH
    return issuer_of(source.dossier.office_code, source.office, level)


def compose(paper: Paper, source: PaperSource, words: PaperWords, look_up_url: str) -> Sheet:
    """Return the sheet of a paper.

    Args:
        paper: One of the dossier's papers.
        source: The same that it was found in.
        words: The same that it was found with.
        look_up_url: Address that the QR code leads to.
    """
    template, issuer = paper.template, paper_issuer(paper, source)
    receiver = issuer_of(source.dossier.office_code, source.office, AuthorityLevel.BRANCH)
    family = words.of_family(source.procedure.family)
    values = values_for(paper, source, family, issuer=issuer, receiver=receiver)
    day = vietnamese_day(paper.issued_at)
    above, name = _heading(paper, source, issuer)
    return Sheet(
        paper_id=paper.paper_id,
        dossier_id=source.dossier_id,
        size=template.size,
        form=_fill(template.form_on(day), values),
        above=above,
        issuer=name,
        number=_number(paper, source, issuer),
        place_and_day=f"{issuer.place}, {day_words(day)}",
        title=_fill(template.title, values),
        title_en=template.title_en,
        subtitle=_fill(template.subtitle, values),
        blocks=tuple(_blocks(template.blocks, values)),
        signatures=tuple(
            Signature(_fill(item.capacity, values), _fill(item.remark, values), item.is_digital)
            for item in template.signatures
        ),
        recipients=tuple(_fill(item, values) for item in template.recipients),
        summary_en=_fill(template.summary_en, values),
        look_up_url=look_up_url,
        signed_by=issuer.name if paper.is_signed else "",
        issued_at=paper.issued_at,
    )


def _heading(paper: Paper, source: PaperSource, issuer: Issuer) -> tuple[str, str]:
    """Who stands at the top on the left: the authority above, and whose paper it is."""
    if paper.template.issued_by is IssuedBy.ONE_STOP:
        return issuer.name, ONE_STOP_UNIT
    if paper.template.issued_by is IssuedBy.APPLICANT:
        return "", source.dossier.applicant_name
    return issuer.above, issuer.name


def _number(paper: Paper, source: PaperSource, issuer: Issuer) -> str:
    """Number and symbol; ours: the dossier's number counts for the register of papers, which nobody keeps."""
    if not paper.template.symbol:
        return ""
    ordinal = f".{paper.ordinal}" if paper.ordinal > 1 else ""
    return f"Số: {source.dossier.number}{ordinal}/{paper.template.symbol}-{issuer.code}"


def _blocks(templates: tuple[BlockTemplate, ...], values: PaperValues) -> Iterator[Block]:
    for template in templates:
        if not all(values.has(name) for name in template.needs):
            continue
        if template.table:
            yield values.tables[template.table]
        elif template.items:
            yield NumberedList(values.items[template.items])
        elif template.rows:
            for label, value in values.rows[template.rows]:
                yield Paragraph((Run(f"{label}: "), Run(value, is_bold=True)), template.align, template.is_indented)
        else:
            yield Paragraph(_runs(template, values), template.align, template.is_indented)


def _runs(template: BlockTemplate, values: PaperValues) -> tuple[Run, ...]:
    """Text with bold stretches. The words are taken apart before values are put in, so values are never markup."""
    parts = _BOLD.split(template.text)
    return tuple(
        Run(_fill(part, values), is_bold=index % 2 == 1, is_italic=template.is_italic)
        for index, part in enumerate(parts)
        if part
    )


def _fill(words: str, values: PaperValues) -> str:
    return words.format(**values.texts, form=values.form)
