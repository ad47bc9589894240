"""What the tests do not forgive: undefined template variables, reliance on an order nobody asked for, the network,
moments saved as days, forms that post without a token, and midnight. Warnings are errors by pyproject.toml."""

import datetime as dt
import ipaddress
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import DateField, DateTimeField
from django.db.models.expressions import OrderBy
from django.db.models.functions import Random
from django.db.models.sql.compiler import SQLCompiler
from django.template import engines

from silta.kernel import clock

_SECONDS_OF_A_TEST = 30.0


class UndefinedVariable(str):
    """Stands for an undefined variable in a template, and fails the test that renders it."""

    def __contains__(self, part: object) -> bool:
        return part == "%s" or super().__contains__(part)

    def __mod__(self, missing: object) -> str:
        raise AssertionError(f"undefined variable in a template: {missing}")


@pytest.fixture(autouse=True)
def undefined_template_variables_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt or forgotten variable would otherwise be an empty string."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", UndefinedVariable("undefined"))


@pytest.fixture(autouse=True)
def unordered_rows_come_in_random_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queryset without an order gets a random one, so that hidden assumptions surface."""
    original = SQLCompiler.get_order_by

    def shuffled(self: SQLCompiler) -> Any:
        found = original(self)
        query = self.query
        plain = not (
            query.group_by or query.distinct or query.combinator or query.subquery or query.is_sliced
        )
        if found or not plain or not query.default_cols or query.model is None:
            return found
        if not query.model.__module__.startswith("silta."):
            return found
        random = OrderBy(Random())
        sql, params = self.compile(random.resolve_expression(query, allow_joins=True, reuse=None))
        return [(random, (sql, params, False))]

    monkeypatch.setattr(SQLCompiler, "get_order_by", shuffled)


@pytest.fixture(autouse=True)
def moments_are_not_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """Saving a ``datetime`` in a ``DateField`` would quietly lose the hour and, near midnight, the day."""
    original = DateField.get_prep_value

    def strict(self: DateField[Any, Any], value: Any) -> Any:
        if isinstance(value, dt.datetime) and not isinstance(self, DateTimeField):
            raise AssertionError(f"a moment was given to the date field {self}")
        return original(self, value)

    monkeypatch.setattr(DateField, "get_prep_value", strict)


@pytest.fixture(autouse=True)
def a_test_lies_within_one_day() -> None:
    """None begins in the last seconds of a day, in Finland or in UTC: what it reads of the clock twice is of one day."""
    for zone in (clock.HELSINKI, dt.UTC):
        now = clock.now().astimezone(zone)
        midnight = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), zone)
        left = midnight.timestamp() - now.timestamp()
        if left < _SECONDS_OF_A_TEST:
            time.sleep(left)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Only this machine answers."""
    original = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = address[0]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test reached for the network: {host}")
        original(self, address)

    socket.socket.connect = local_only
    yield
    socket.socket.connect = original


POSTING_FORM = re.compile(
    rb"<form\b[^>]*method=[\"']?post[\"']?[^>]*>(.*?)</form>", re.IGNORECASE | re.DOTALL
)


def forms_without_token(content: bytes) -> list[bytes]:
    """The posting forms of a page that carry no CSRF token, or not the place in which the page was opened."""
    marks = [b"csrfmiddlewaretoken", *([b'name="opened_in"'] if b"X-Silta-Place" in content else [])]
    return [form[:80] for form in POSTING_FORM.findall(content) if not all(mark in form for mark in marks)]
