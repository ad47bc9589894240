"""Folders for installations that are done harm to."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder that the database's own user may enter: pytest closes its own to others, also while tests run."""
    folder = Path(tempfile.mkdtemp(prefix="silta-hostile-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
