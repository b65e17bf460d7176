"""Staffings read from their data files: shipped ones by name, and a person's own; every mistake with file and line.

A file has the JSON form of a staffing as YAML (`services.contracts.staffing`). Beside it may stand `staffing` (its
name), `title_vi` and `title_en`; and in every mapping `source`, `assumed` and `note`, which say what the figures there
rest on. `none` names no file but the robot, which is never busy.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from services.contracts.catalogue import Catalogue
from services.contracts.staffing import Staffing, StaffingError, staffing_from_wire
from services.runtime.records import DataFileError, Record, read_yaml

#: Where the shipped staffings are.
STAFFINGS_FOLDER: Final = Path(__file__).parent / "staffings"

_TITLES: Final = ("staffing", "title_vi", "title_en")
_BASIS: Final = ("source", "assumed", "note")

#: A key that the reader of data files adds to each mapping.
_LINE: Final = "__line__"


def staffing_names(folder: Path = STAFFINGS_FOLDER) -> list[str]:
    """Names of the shipped staffings, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_staffing(name: str, catalogue: Catalogue) -> Staffing:
    """A staffing by name, or from a file of one's own.

    Args:
        name: of a shipped staffing, or a path that ends in `.yaml`.
        catalogue: what procedures and offices must be in.

    Raises:
        DataFileError: no such staffing, or something in it is wrong; the sentence names file, line and field.
    """
    if not name.endswith(".yaml"):
        if name not in staffing_names():
            raise DataFileError(f"There is no staffing {name}; there are: {', '.join(staffing_names())}.")
        return _read(STAFFINGS_FOLDER / f"{name}.yaml", catalogue)
    return _read(Path(name), catalogue)


def _read(file: Path, catalogue: Catalogue) -> Staffing:
    record = read_yaml(file)
    if record.has("staffing") and record.text("staffing") != file.stem:
        record.fail("staffing", f"the file's name says {file.stem!r}")
    try:
        return staffing_from_wire(
            _plain(record.without(*_TITLES).left), procedures=catalogue.procedures, offices=catalogue.offices
        )
    except StaffingError as error:
        # One sentence is enough: the next mistake is told when this one is put right.
        first = error.problems[0]
        path = first.pointer.split("/")[1:]
        place, line = _place(record, path)
        field = "/".join(path) or "/"
        raise DataFileError(f"{place}, line {line}, {field}: {first.message.removesuffix('.')}.") from error


def _plain(value: Any) -> Any:
    """What was read, without what only people need."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in {_LINE, *_BASIS}}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _place(record: Record, path: Sequence[str]) -> tuple[str, int]:
    """File and line of what a pointer leads to, or of the last part of the way that there is."""
    if not path:
        return record.place_of("")
    field, *rest = (part.replace("~1", "/").replace("~0", "~") for part in path)
    value = record.left.get(field)
    if isinstance(value, dict) and rest:
        return _place(record.copy().record(field), rest)
    if isinstance(value, list) and rest and int(rest[0]) < len(value) and all(isinstance(one, dict) for one in value):
        return _place(record.copy().records(field)[int(rest[0])], rest[1:])
    return record.place_of(field)
