"""What makes papers is imported when the first one is wanted: nobody waits a second longer for a process to start."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]

#: Each takes a tenth of a second to import, or more.
LATE = ("fpdf", "fontTools", "pyhanko", "cryptography.x509", "asn1crypto", "segno", "puremagic", "lxml", "PIL")


def test_a_portal_starts_without_the_libraries_of_papers() -> None:
    code = (
        "import sys\n"
        "from tests.support.fakes import make_portal\n"
        "make_portal().test_client().get('/health')\n"
        f"print([name for name in {LATE!r} if name in sys.modules])"
    )
    # What the tests themselves need to stand in for keys is none of the portal's.
    stub = "import sys, types\nsys.modules['tests.support.papers'] = types.SimpleNamespace(MemoryAttachments=object,"
    stub += " MemorySigningKeys=object)\n"
    done = subprocess.run(
        [sys.executable, "-c", stub + code], capture_output=True, text=True, check=True, cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'sdk'}"},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
