"""One running product for the tests that only look at it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running.product import Product, scratch_database, serving


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    """Silta with two web processes and a worker, on a copy of the tests' database."""
    home = Path(tempfile.mkdtemp(prefix="silta-running-"))
    with scratch_database("running") as environment, serving(environment, home, "--workers", "2") as running:
        yield running
    shutil.rmtree(home, ignore_errors=True)
