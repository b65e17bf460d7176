"""The examples of docs/how-to/papers.md, run as they stand."""

import os
import subprocess
from pathlib import Path

from services.launcher.stack import Stack

PAGE = Path(__file__).parent.parent.parent / "docs/how-to/papers.md"


def test_the_examples_run_and_answer_what_they_say(stack: Stack, tmp_path: Path) -> None:
    lines = [line[4:] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("    ")]
    assert lines[:2] == ["./motcua up --detach", "P=http://127.0.0.1:8080/api/v1 ADMIN=$(./motcua key)"]
    done = subprocess.run(
        ["bash", "-c", "\n".join(["set -euo pipefail", *lines[2:]])],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "P": f"{stack.portal_url}/api/v1", "ADMIN": stack.admin_key},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    sha256, *told = done.stdout.splitlines()
    assert len(sha256) == 64
    assert told == [
        "received",
        "in-process",
        "processed",
        "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
        "True",
        "False",
    ]
    assert (tmp_path / "authority.pem").read_text(encoding="utf-8").startswith("Subject: ")
    assert (tmp_path / "receipt.pdf").read_bytes().startswith(b"%PDF-")
