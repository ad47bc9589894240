"""Folders for installations that are done harm to."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def folder_for_a_server() -> Iterator[Path]:
    """A folder that the database's own user may enter: pytest closes its own to others, also while tests run."""
    folder = Path(tempfile.mkdtemp(prefix="silta-hostile-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Here each test's own folder is one for a server."""
    with folder_for_a_server() as folder:
        yield folder
