"""Markup in every text of every table, shown on every page: it is shown as words, and nowhere becomes part of the page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client

from silta.kernel.personaldata import Holds
from tests.attacks.walking import body, every_page
from tests.cast import Cast, as_owner
from tests.doors.situation import rows_of_the_situation

HOSTILE = """'"><u x=1>{{9}}"""
AS_WORDS = "&lt;u x=1&gt;"
TOLD = {Holds.FREE_TEXT, Holds.IDENTITY, Holds.CONTACT, Holds.HEALTH}
# Texts with a form of their own, which the code reads: keys, secrets, codes and addresses to sign in with.
READ_BY_CODE = {"identity_code", "digest", "password", "email", "value_key", "search_name", "sought"}
NAMES = {"organisations", "accounts"}


def _texts(model: type[models.Model]) -> list[str]:
    declared = getattr(model, "PersonalData", None)
    if declared is None or hasattr(model, "pgh_tracked_model"):
        return []
    return [
        field.column
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and not field.unique
        and not getattr(field, "generated", False)
        and (field.max_length or 1000) >= 40
        and field.name not in READ_BY_CODE
        and (declared.fields[field.name] in TOLD or (model._meta.app_label in NAMES and "name" in field.name))
    ]


def _poison() -> list[str]:
    poisoned = []
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in apps.get_models():
            if model.__module__.startswith("silta."):
                for column in _texts(model):
                    cursor.execute(
                        f"UPDATE {model._meta.db_table} SET {column} = left({column}, 18) || %s WHERE {column} <> ''",
                        [HOSTILE],
                    )
                    poisoned += [f"{model._meta.db_table}.{column}"] * (cursor.rowcount > 0)
        cursor.execute("SET LOCAL session_replication_role = origin")
    return poisoned


@pytest.fixture
def rows(cast: Cast) -> dict[str, Any]:
    """The situation, with markup in every text of it."""
    found = rows_of_the_situation(cast)
    poisoned = _poison()
    for needed in ("people_person.last_name", "cases_note.text", "cases_goal.own_words", "organisations_unit.name_fi",
                   "accounts_user.name", "accounts_savedview.name", "people_contactpoint.value"):  # fmt: skip
        assert needed in poisoned
    return found


def test_markup_in_every_text_is_shown_as_words_on_every_page(
    rows: dict[str, Any], page_of: Callable[[str], Client]
) -> None:
    wrong, shown = [], set()
    for told, answer in every_page(rows, page_of):
        if not answer.get("Content-Type", "").startswith("text/html"):
            continue
        text = body(answer)
        if "<u x=1>" in text or "<u x" in text:
            wrong.append(told)
        if AS_WORDS in text:
            shown.add(told.split()[0])
    assert wrong == []
    assert {
        "desk:clients",
        "cases:case",
        "portal:home",
        "access:members",
        "access:journal",
        "cases:note",
    } <= shown
