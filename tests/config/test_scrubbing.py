"""A copy for support: the same tables and counts, and not one word, name, code or number of anybody in it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection, models

from config import scrubbing
from silta.audit import queries as journal
from silta.kernel.identifiers import birth_date_of, is_artificial, normalise_identity_code
from silta.kernel.personaldata import Holds
from silta.people.models import ContactPoint, Person
from tests.cast import PROFESSIONALS, Cast, as_owner, key
from tests.doors.situation import rows_of_the_situation

KEY = b"k" * 32
TOLD = {Holds.FREE_TEXT, Holds.IDENTITY, Holds.CONTACT, Holds.HEALTH}
# What is public or the installation's own: names of organisations, units and municipalities, codes and figures.
_WORD = re.compile(r"[\w@+-]{4,}")
PUBLIC = ("organisations.", "people.municipality", "evaluation.")


def texts(model: type[models.Model]) -> list[str]:
    """The columns of a table that hold text or structures of it."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    return [
        one.column for one in model._meta.concrete_fields
        if isinstance(one, kinds) and not isinstance(one, models.GeneratedField)
    ]  # fmt: skip


def said(model: type[models.Model], row: scrubbing.Row) -> Iterator[str]:
    """The words of one row, names of keys among them."""
    for column in texts(model):
        yield from _WORD.findall(row[column] or "")


def leaves(text: str) -> Iterator[str]:
    """The words of a text, or of a structure without the names of its keys."""
    try:
        values = [json.loads(text)]
    except ValueError:
        values = [text]
    while values:
        value = values.pop()
        if isinstance(value, dict | list):
            values += value.values() if isinstance(value, dict) else value
        else:
            yield from _WORD.findall(str(value))


@pytest.fixture
def owner(cast: Cast) -> Iterator["psycopg.Connection[Any]"]:
    """The test's own transaction, past every lock, with the whole situation in it."""
    rows_of_the_situation(cast)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert connection.connection is not None
        yield connection.connection


def scrubbed(owner: "psycopg.Connection[Any]") -> dict[str, tuple[list[scrubbing.Row], list[scrubbing.Row]]]:
    """Every table before and after."""
    invented = scrubbing.Invention(KEY)
    return {
        model._meta.label_lower: (before := list(scrubbing.rows_of(owner, model)), [
            scrubbing.Scrubber(model, invented).scrub(row) for row in before
        ])
        for model in scrubbing.copied_models()
    }  # fmt: skip


def test_no_word_of_the_original_is_left_in_any_column_of_any_table(owner: "psycopg.Connection[Any]") -> None:
    found = scrubbed(owner)
    secret: set[str] = set()
    open_words: set[str] = set()
    for model in scrubbing.copied_models():
        tracked = getattr(model, "pgh_tracked_model", None) or model
        is_public = model._meta.label_lower.startswith(PUBLIC)
        for row in found[model._meta.label_lower][0]:
            for one in model._meta.concrete_fields:
                if one.column not in texts(model) or one.name.startswith("pgh_"):
                    continue
                is_told = tracked.PersonalData.fields[one.name] in TOLD and not is_public
                (secret if is_told else open_words).update(leaves(row[one.column] or ""))
    # What is also a code, or is said in public, betrays nobody.
    secret = {word for word in secret - open_words if not word.isdigit() or len(word) > 6}
    assert {"Korhonen", "010190-900P", "Virtanen", "puuhommiin", "todistukset"} <= secret
    assert len(secret) > 60
    left = {
        (label, word)
        for label, (_, after) in found.items() if not label.startswith(PUBLIC)
        for row in after for word in said(apps.get_model(label), row) if word in secret
    }  # fmt: skip
    assert not left


def test_every_table_is_copied_scrubbed_or_left_out_for_a_reason(owner: "psycopg.Connection[Any]") -> None:
    copied = {model._meta.label_lower for model in scrubbing.copied_models()}
    own = {model._meta.label_lower for model in apps.get_models() if model.__module__.startswith("silta.")}
    assert own - copied == scrubbing.LEFT_OUT & own


def test_the_scrubbed_rows_satisfy_every_rule_of_the_tables_and_the_journal_is_linked_anew(
    owner: "psycopg.Connection[Any]",
) -> None:
    found = scrubbed(owner)
    scrubbing.empty(owner)
    owner.execute(
        "UPDATE audit_chainhead SET position = 0, digest = '', kept_from_position = 1, kept_from_digest = ''"
    )
    for model in scrubbing.copied_models():
        before, after = found[model._meta.label_lower]
        assert scrubbing.write_rows(owner, model, after) == len(before)
    assert journal.first_broken_link() is None
    aino = Person.objects.get(pk=key("aino person"))
    assert normalise_identity_code(aino.identity_code) == aino.identity_code
    assert is_artificial(aino.identity_code)
    assert birth_date_of(aino.identity_code) == aino.birth_date
    assert aino.search_name != "aino maria korhonen"
    assert set(ContactPoint.objects.values_list("value", flat=True)) == {scrubbing.EMPTIED}


def test_the_same_key_gives_the_same_copy_and_another_gives_another() -> None:
    one, again, other = (scrubbing.Invention(key) for key in (KEY, KEY, b"o" * 32))
    codes = [f"0101{year:02d}-{number}P" for year in range(60, 99) for number in range(100, 140)]
    assert [one.identity_code(code) for code in codes] == [again.identity_code(code) for code in codes]
    assert [one.identity_code(code) for code in codes] != [other.identity_code(code) for code in codes]
    assert len({one.identity_code(code) for code in codes}) == len(codes)
    assert {normalise_identity_code(one.identity_code(code)) for code in codes} == {
        one.identity_code(code) for code in codes
    }
    assert one.last_name("Korhonen") == again.last_name("Korhonen")


def test_passwords_addresses_and_names_of_workers_are_gone(owner: "psycopg.Connection[Any]") -> None:
    _before, users = scrubbed(owner)["accounts.user"]
    assert {row["password"] for row in users} == {"!"}
    assert all((row["email"] or "").endswith("@scrubbed.invalid") for row in users)
    assert not {row["name"] for row in users} & {name for name, *_ in PROFESSIONALS.values()}
    assert len({row["email"] for row in users}) == len(users)
