"""What a newcomer copies runs as it stands: the program of the README, the commands of the how-to with curl."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from services.launcher.stack import Stack

ROOT = Path(__file__).parent.parent.parent


def test_the_program_of_the_readme_prints_what_it_says(stack: Stack) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (promised,) = re.findall(r"print\(.*\)  # (\w+)$", program, re.MULTILINE)
    assert '"http://127.0.0.1:8080"' in program
    done = subprocess.run(
        [sys.executable, "-c", program.replace("http://127.0.0.1:8080", stack.portal_url)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "sdk"), "ADMIN_KEY": stack.admin_key},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert (done.stdout.strip(), done.stderr, done.returncode) == (promised, "", 0)


def test_the_commands_of_the_how_to_answer(stack: Stack, tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/drive-it-with-curl.md").read_text(encoding="utf-8")
    lines = [line[4:] for line in page.splitlines() if line.startswith("    ")]
    assert lines[:2] == ["./motcua up --detach", "P=http://127.0.0.1:8080/api/v1 ADMIN=$(./motcua key)"]
    # A line end after each answer, so that they can be told apart.
    script = "\n".join(lines[2:]).replace("curl -s ", "curl -s --fail-with-body -w '\\n' ")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "P": f"{stack.portal_url}/api/v1", "ADMIN": stack.admin_key},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert [answer["problem"] for answer in answers if "problem" in answer] == []
    (override,) = [answer for answer in answers if "moved" in answer]
    (explained,) = [answer for answer in answers if "explanation" in answer]
    listed = [answer for answer in answers if "next_cursor" in answer]
    assert override["moved_count"] == len(override["moved"]["items"]) > 0
    assert explained["explanation"] is None or explained["explanation"]["steps"]
    assert len(listed[0]["items"]) > 0
