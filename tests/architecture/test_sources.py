"""Whoever reads a short name of a source can look up what it stands for."""

import re

from services.launcher.folder import REPOSITORY
from services.simulator.bases import SOURCES_PAGE

PAGE = (REPOSITORY / SOURCES_PAGE).read_text(encoding="utf-8")

#: Publications by their short names, and sections of the domain facts; a line may break before the number.
PUBLICATION = re.compile(r"\bS-[A-Z]{2}\b")
SECTION = re.compile(r"domain facts\s+(?:#\s*)?(\d+(?:\.\d+)?)")


def texts() -> list[str]:
    files = [path for kind in ("*.py", "*.yaml") for path in (REPOSITORY / "services").rglob(kind)]
    return [path.read_text(encoding="utf-8") for path in files]


def test_every_short_name_has_its_row() -> None:
    told = texts()
    publications = {name for text in told for name in PUBLICATION.findall(text)}
    sections = {number for text in told for number in SECTION.findall(text)}
    assert {"S-VI", "S-HT"} <= publications
    assert {"6.4", "7.3"} <= sections
    assert [name for name in sorted(publications | sections) if f"\n| {name} |" not in PAGE] == []
