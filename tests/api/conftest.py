"""Programs of the cast: ``program("eero")`` calls the interface with a token of Eero's."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from silta.access import operations as access
from silta.access.enums import TokenScope
from silta.kernel import clock
from silta.kernel.acting import acting
from tests.cast import Cast

Program = Callable[..., Client]


@pytest.fixture
def secret_of(cast: Cast) -> Callable[..., str]:
    """The secret of a token of one of the cast; with every scope, unless some are named."""

    def made(name: str, *scopes: str) -> str:
        actor = getattr(cast, name)
        with acting(actor):
            return access.make_token(
                actor, name="Koe", scopes=scopes or tuple(TokenScope), expires_on=clock.today() + dt.timedelta(days=9)
            )[1]  # fmt: skip

    return made


@pytest.fixture
def program(secret_of: Callable[..., str]) -> Program:
    """A client that shows the token of one of the cast with each call."""

    def showing(name: str, *scopes: str, **headers: Any) -> Client:
        return Client(headers={"Authorization": f"Bearer {secret_of(name, *scopes)}", **headers})

    return showing
