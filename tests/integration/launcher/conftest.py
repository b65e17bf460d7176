"""What the launcher's integration tests share."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def passable_folder() -> Iterator[Path]:
    """A temporary folder that other users may pass through, which those of pytest don't allow."""
    path = Path(tempfile.mkdtemp(prefix="motcua-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)
