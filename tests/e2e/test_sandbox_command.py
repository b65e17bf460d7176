"""`./motcua sandbox` gives people a way in: a key that works, and a link that opens the pages."""

import os
import subprocess
from pathlib import Path

import requests
from motcua import Client

from services.launcher.stack import Stack

ROOT = Path(__file__).parent.parent.parent


def test_key_and_link_open_the_sandbox(stack: Stack) -> None:
    done = subprocess.run(
        [ROOT / "motcua", "sandbox", "--data", str(stack.folder.path), "--name", "Lớp học", "--officer", "human"],
        env={**os.environ, "MOTCUA_LANG": "en"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    key, link = (line.rpartition(" ")[2] for line in done.stdout.splitlines()[-2:])
    with Client(stack.portal_url, key) as client:
        own = client.request("GET", "/api/v1/sandbox").json()
    assert (own["name"], own["officer"]) == ("Lớp học", "human")
    page = requests.get(link, timeout=10)
    assert (page.status_code, "Lớp học" in page.text) == (200, True)
