"""Writing generated files, or checking that they are current; shared by the generators."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent


def write_or_check(files: Mapping[Path, Callable[[], str]]) -> int:
    """Write each file, or with `--check` name those that aren't current.

    Args:
        files: path → what it should contain.

    Returns:
        Exit code: 1 when a check found something.
    """
    wanted = {path: make() for path, make in files.items()}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not current: run tools/{Path(sys.argv[0]).name}")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
    return 0
