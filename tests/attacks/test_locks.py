"""One of the two locks is off by mistake: the other holds."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from tests.cast import Cast, as_owner
from tests.doors.routes import DOORS
from tests.doors.situation import rows_of_the_situation
from tests.doors.test_doors import address, knock, words


@pytest.fixture
def rows(cast: Cast) -> dict[str, Any]:
    """The situation behind the doors."""
    return rows_of_the_situation(cast)


def test_with_row_level_security_off_the_doors_stay_shut(
    rows: dict[str, Any], page_of: Callable[[str], Client]
) -> None:
    """An administrator switched it off on every table: the application alone still lets no stranger to a case."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in apps.get_models(include_auto_created=True):
            if model.__module__.startswith("silta."):
                cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE ROW LEVEL SECURITY")
                cursor.execute(f"GRANT SELECT ON {model._meta.db_table} TO silta_app")
    wrong = []
    for who in ("vaino", "olli", "tiina", "admin", "officer"):
        client = page_of(who)
        for name, door in sorted(DOORS.items()):
            where = address(name, door, rows)
            for method, admitted in (("get", door.gets), ("post", door.posts)):
                if admitted is None or who in admitted.split() or who in door.done_by:
                    continue
                status = knock(
                    client, method, where, words(door, rows) if method == "post" else None
                ).status_code
                if status != 404:
                    wrong.append(f"{method} {name} by {who}: {status}")
    assert wrong == []
