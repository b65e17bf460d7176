"""Brings the Vietnamese catalogue of the pages up to date with the texts in templates and Python, and compiles it.

The message ids are the English texts. New ones appear in messages.po without a translation: fill them in and run this
again. `--check` writes nothing and fails when the committed files aren't what this would write, or when a text is
untranslated, marked fuzzy or has lost a placeholder.

    python tools/update_translations.py [--check]
"""

import re
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "services/portal/web"
PO_FILE = PAGES / "translations/vi/LC_MESSAGES/messages.po"
MO_FILE = PO_FILE.with_suffix(".mo")

METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}

#: Header dates say nothing that the history doesn't; a fixed one keeps the files the same for the same texts.
FIXED_DATE = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> int:
    catalog = updated_catalog()
    po, mo = as_po(catalog), as_mo(catalog)
    problems = [*unfinished(catalog)]
    if "--check" in sys.argv[1:]:
        for file, content in ((PO_FILE, po), (MO_FILE, mo)):
            if not file.is_file() or file.read_bytes() != content:
                problems.append(f"{file.relative_to(ROOT)} is out of date: run tools/update_translations.py")
    else:
        PO_FILE.write_bytes(po)
        MO_FILE.write_bytes(mo)
    print("\n".join(problems) or f"{len(catalog)} texts, all translated")
    return 1 if problems else 0


def updated_catalog() -> Catalog:
    """What is translated so far, brought in line with the sources."""
    catalog = Catalog(locale="vi")
    if PO_FILE.is_file():
        with PO_FILE.open("rb") as file:
            catalog = read_po(file, locale="vi")
    catalog.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.project, catalog.version, catalog.copyright_holder = "motcua", "pages", "the motcua authors"
    catalog.header_comment = "# Vietnamese texts of the pages; see tools/update_translations.py."
    catalog.creation_date = catalog.revision_date = FIXED_DATE
    catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = ""
    catalog.fuzzy = False
    return catalog


def extracted() -> Catalog:
    catalog = Catalog()
    for file, _, message, comments, context in extract_from_dir(str(PAGES), METHODS, OPTIONS):
        catalog.add(message, None, [(file, 0)], auto_comments=comments, context=context)
    return catalog


def as_po(catalog: Catalog) -> bytes:
    buffer = BytesIO()
    write_po(buffer, catalog, width=110, sort_output=True, include_lineno=False)
    return buffer.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    buffer = BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def unfinished(catalog: Catalog) -> list[str]:
    """One line for each text that isn't ready."""
    problems = []
    for message in catalog:
        if not message.id:
            continue
        texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if not all(texts):
            problems.append(f"not translated: {message.id!r}")
        elif message.fuzzy:
            problems.append(f"fuzzy: {message.id!r}")
        elif any(placeholders(text) != wanted_placeholders(message) for text in texts):
            problems.append(f"other placeholders: {message.id!r}")
    return problems


def wanted_placeholders(message: Message) -> set[str]:
    return placeholders(message.id[-1] if isinstance(message.id, (tuple, list)) else message.id)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]", text))


if __name__ == "__main__":
    sys.exit(main())
