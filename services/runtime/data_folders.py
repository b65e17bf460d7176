"""Folders of data files: the shipped one, and one that a user lays over it.

Knows where things lie and what messages call them; not what stands in the files.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.runtime.records import DataFileError

#: What may lie in a data folder, with the ending of the files inside; anything else is a slip of the pen.
_LAYOUT: Final = {"procedures": ".yaml", "forms": ".yaml", "shared": ".yaml", "calendar": ".csv"}
_FILES: Final = frozenset({"offices.csv"})


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder of data files.

    Attributes:
        root: Laid out like `services/contracts/data`.
        is_own: Whether it is a user's, laid over the shipped one: files may be missing.
    """

    root: Path
    is_own: bool = False

    def name_of(self, file: Path) -> str:
        """What messages call a file: its path in the shipped folder, its whole path in a user's."""
        return str(file) if self.is_own else file.relative_to(self.root).as_posix()

    def files(self, kind: str) -> list[Path]:
        """The YAML files of a folder inside, in the order of their names."""
        return sorted((self.root / kind).glob("*.yaml"))

    def file(self, path: str) -> Path | None:
        """A file inside; None when a user's folder doesn't have it."""
        file = self.root / path
        return None if self.is_own and not file.exists() else file


def own_folder(root: Path) -> DataFolder:
    """Return a user's folder, after a look at whether anything in it would go unread.

    Raises:
        DataFileError: It isn't a folder, or something in it has a name that means nothing.
    """
    if not root.is_dir():
        raise DataFileError(f"{root} is no folder; MOTCUA_CATALOGUE_DIR names a folder of data files.")
    for entry in sorted(root.iterdir()):
        if entry.name.startswith((".", "README")) or entry.name in _FILES:
            continue
        ending = _LAYOUT.get(entry.name)
        if ending is None or not entry.is_dir():
            known = ", ".join(sorted([*_LAYOUT, *_FILES]))
            raise DataFileError(f"{entry} means nothing here; known are {known}.")
        _check_inside(entry, ending)
    return DataFolder(root, is_own=True)


def _check_inside(folder: Path, ending: str) -> None:
    for file in sorted(folder.iterdir()):
        if not file.name.startswith((".", "README")) and (file.suffix != ending or not file.is_file()):
            raise DataFileError(f"{file} means nothing here; files in {folder.name} end in {ending}.")
