"""The examples of docs/how-to/use-the-registers.md, run as they stand, and what they promise beside them."""

import os
import re
import subprocess
from pathlib import Path

from services.launcher.stack import Stack

PAGE = Path(__file__).parent.parent.parent / "docs/how-to/use-the-registers.md"


def test_the_examples_run_and_answer_what_they_say(stack: Stack, tmp_path: Path) -> None:
    lines = [line[4:] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("    ")]
    assert lines[:2] == ["./motcua up --detach", "P=http://127.0.0.1:8080/api/v1 ADMIN=$(./motcua key)"]
    # Each promise is checked against the answer before it.
    script = ["set -euo pipefail", *(_told(line) for line in lines[2:])]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "P": f"{stack.portal_url}/api/v1", "ADMIN": stack.admin_key},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    # Answers that aren't picked from end without a line end.
    told = re.findall(r"^(?:.*[}\]])?(.*)\npromised: (.*)$", done.stdout, re.MULTILINE)
    promised = [found[1] for line in lines if (found := _PROMISE.search(line))]
    assert [promise for _, promise in told] == promised
    assert [answer for answer, _ in told] == promised
    # Nothing else was refused: the answers that are problems are those that the page speaks of.
    assert sorted(set(re.findall(r'"code":"([a-z-]+)"', done.stdout))) == []


_PROMISE = re.compile(r"jq_ '[^']*' +# ([a-z-]+)$")


def _told(line: str) -> str:
    """The line, and after a promise another that prints it."""
    found = _PROMISE.search(line)
    return f"{line}\necho 'promised: {found[1]}'" if found else line
