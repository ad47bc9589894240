"""The second lock: what the database itself lets through, whatever the application asks."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from silta.access import operations as access
from silta.access.enums import Category
from silta.kernel.acting import acting
from silta.people.models import Person
from tests.cast import Cast, as_owner


def test_nobody_sees_a_person_without_a_grant(cast: Cast) -> None:
    with acting(cast.eero):
        assert not Person.objects.exists()


def test_a_grant_opens_the_person_to_its_unit_and_to_no_other(cast: Cast) -> None:
    aino = cast.person()
    with as_owner(), acting(cast.eero):
        access.give_grant(
            cast.eero, person=aino, unit=cast.unit("employment"), ground="own_register",
            categories=[Category.IDENTITY], from_unit=cast.unit("employment"),
        )  # fmt: skip
    with acting(cast.eero):
        assert Person.objects.get() == aino
    with acting(cast.vaino):
        assert not Person.objects.exists()
    with acting(None):
        assert not Person.objects.exists()


def test_the_client_sees_herself(cast: Cast) -> None:
    with acting(cast.aino):
        assert Person.objects.get().first_names == "Aino Maria"
