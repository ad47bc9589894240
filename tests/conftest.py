"""The strict harness: a database of its own, the constant cast, and no forgiveness."""

from collections.abc import Callable

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.cast import Cast, key


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database is there already (``tests/harness.py``): migrated, locked, and holding the cast."""


@pytest.fixture(autouse=True)
def _plain_static_files(settings: "object") -> None:
    """Pages are tested without a collected, hashed copy of the static files."""
    settings.STORAGES = {  # type: ignore[attr-defined]
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    finders.get_finder.cache_clear()


@pytest.fixture
def cast(db: None) -> Cast:
    """The constant cast, in a database transaction that is undone after the test."""
    return Cast()


@pytest.fixture
def page_of(db: None) -> Callable[[str], Client]:
    """A browserless client signed in as one of the cast: ``page_of("eero").get("/")``."""

    def signed_in(name: str) -> Client:
        from silta.accounts.models import User

        client = Client()
        client.force_login(User.objects.get(pk=key(name)))
        return client

    return signed_in
