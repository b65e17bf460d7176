"""What is generated is current: run the named tool when one of these fails."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TOOLS = sorted(path.name for path in (ROOT / "tools").glob("generate_*.py"))


@pytest.mark.parametrize("tool", TOOLS)
def test_generated_files_are_current(tool: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / tool, "--check"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.stdout, done.returncode) == ("", 0)
