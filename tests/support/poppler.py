"""Debian's poppler-utils, which reads PDF files independently of the libraries that made them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

TOOLS = ("pdftotext", "pdfsig", "pdfinfo", "pdffonts")

needs_poppler = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS),
    reason="poppler-utils isn't installed (Debian, Ubuntu: apt install poppler-utils)",
)


def run(tool: str, *arguments: str, content: bytes, folder: Path) -> str:
    """What a tool says about a file."""
    path = folder / "paper.pdf"
    path.write_bytes(content)
    command = [tool, *arguments, str(path), *(["-"] if tool == "pdftotext" else [])]
    done = subprocess.run(command, capture_output=True, check=False)
    return (done.stdout + done.stderr).decode()


def text_of(content: bytes, folder: Path) -> str:
    """All words on all pages, with one space between two."""
    return re.sub(r"\s+", " ", run("pdftotext", "-enc", "UTF-8", content=content, folder=folder))


def signature_of(content: bytes, folder: Path) -> dict[str, str]:
    """What `pdfsig` says about the one signature, by label; empty when there is none."""
    told = run("pdfsig", "-nocert", content=content, folder=folder)
    return dict(re.findall(r"^  - ([^:\n]+): (.+)$", told, re.MULTILINE))
