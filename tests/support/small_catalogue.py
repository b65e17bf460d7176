"""A catalogue of two made-up procedures, small enough to break in every way, with lines that stay where they are."""

import shutil
from pathlib import Path

SMALL_CATALOGUE = Path(__file__).parent / "small_catalogue_files"


def copy_small_catalogue(folder: Path) -> Path:
    """A copy of its files in a folder that doesn't exist yet."""
    shutil.copytree(SMALL_CATALOGUE, folder)
    return folder


def edit(file: Path, old: str, new: str) -> None:
    """Replace the first place where a text stands; it must be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{old!r} isn't in {file.name}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
