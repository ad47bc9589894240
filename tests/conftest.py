"""The strict harness: a database of its own, the constant cast, and no forgiveness."""

from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.cast import Cast, key
from tests.strict import (  # noqa: F401 - the harness: each is a fixture used in every test
    a_test_lies_within_one_day,
    forms_without_token,
    moments_are_not_days,
    no_network,
    undefined_template_variables_fail,
    unordered_rows_come_in_random_order,
)

# How long an example takes says how busy the machine is, not whether the code is right: timing lives in ``silta bench``.
# The examples are the same in every run, so that none fails by luck; new ones are looked for by
# ``pytest --hypothesis-profile=wild``, and what they find becomes an example of its own.
UNTIMED = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("wild", deadline=None, suppress_health_check=UNTIMED)
hypothesis.settings.register_profile("same", hypothesis.settings.get_profile("wild"), derandomize=True)
hypothesis.settings.load_profile("same")


class StrictClient(Client):
    """A browserless client that fails on a posting form without a CSRF token."""

    def request(self, **request: Any) -> Any:
        """Sends the request and looks at the answer's forms."""
        response = super().request(**request)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            assert not forms_without_token(response.content), "a posting form has no CSRF token"
        return response


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database is there already (``tests/harness.py``): migrated, locked, and holding the cast."""


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    """Pages are tested without a collected, hashed copy of the static files."""
    settings.STORAGES = {
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

        client = StrictClient()
        client.force_login(User.objects.get(pk=key(name)))
        return client

    return signed_in
