"""Every link and every path that a document names points to something that exists."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "deploy/README.md", *(ROOT / "docs").rglob("*.md")]
)

_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
#: A path from the root of the repository, written as code; a pattern such as `routes_*.py` is one, too.
_PATH = re.compile(r"(?:services|sdk|tests|tools|docs|deploy)/[\w./*-]*\w/?")


def links(text: str) -> Iterator[str]:
    """Targets of links, but for those shown in code."""
    prose = _CODE.sub("", _FENCE.sub("", text))
    for match in _LINK.finditer(prose):
        yield match[1] or match[2]


def anchors(path: Path) -> set[str]:
    """Names that the headings of a document can be reached by."""
    headings = re.findall(r"^#+\s+(.+?)\s*$", _FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for link in links(document.read_text(encoding="utf-8")):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue  # elsewhere: not asked, tests need no internet
        target = (document.parent / unquote(parts.path)).resolve() if parts.path else document
        is_inside = target.is_relative_to(ROOT) and target.exists()
        is_named = not parts.fragment or target.suffix != ".md" or parts.fragment in anchors(target)
        if not (is_inside and is_named):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_files_exist(document: Path) -> None:
    """Paths as code, such as `services/contracts/facts.py` or `tests/property`."""
    named = {
        path
        for code in _CODE.findall(document.read_text(encoding="utf-8"))
        for path in code.split()
        if _PATH.fullmatch(path)
    }
    assert sorted(path for path in named if not any(ROOT.glob(path.rstrip("/")))) == []


def test_every_how_to_that_the_readme_promises_is_there() -> None:
    promised = ("add-a-procedure", "add-a-status", "add-an-endpoint", "add-a-count")
    assert [name for name in promised if not (ROOT / "docs/how-to" / f"{name}.md").exists()] == []
