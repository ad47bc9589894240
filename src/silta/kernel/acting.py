"""Tells the database who acts, for the length of one transaction; the policies of row-level security read it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from silta.kernel import clock
from silta.kernel.actor import Actor

_SETTINGS = (
    "silta.user", "silta.unit", "silta.organisation", "silta.person", "silta.looking", "silta.role", "silta.purpose",
    "silta.now",
)  # fmt: skip
_SET = "SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(_SETTINGS))


def _tell(values: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SET, [part for pair in zip(_SETTINGS, values, strict=True) for part in pair])


@contextmanager
def acting(actor: Actor | None) -> Iterator[None]:
    """Opens a transaction in which the database lets rows through as for this actor; for ``None`` it lets none through.

    Nested use is allowed: the settings of the outer actor come back at the end. The settings are local to the
    transaction: a connection that goes back to the pool carries nobody's rights.
    """
    outermost = not connection.in_atomic_block
    # One transaction is one moment, for Python and for the policies alike: a grant given in it holds at once.
    with clock.at(clock.now()), transaction.atomic():
        before = () if outermost else _told()
        _tell(_values(actor))
        yield
        # After an exception the transaction (or savepoint) is undone, and PostgreSQL undoes the settings with it.
        if before and not connection.needs_rollback:
            _tell(before)


def _told() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(["current_setting(%s, true)"] * len(_SETTINGS)), list(_SETTINGS))
        return tuple(value or "" for value in cursor.fetchone())


def _values(actor: Actor | None) -> tuple[str, ...]:
    now = clock.now().isoformat()
    if actor is None:
        return ("", "", "", "", "", "", "", now)
    ids = (actor.user_id, actor.unit_id, actor.organisation_id, actor.person_id, actor.looking_unit_id)
    return (*(str(value) if value else "" for value in ids), actor.role, actor.purpose, now)


@contextmanager
def maintaining() -> Iterator[None]:
    """Steps out of row-level security for work no unit does: retention, journal verification, merging of registers.

    Only a process that signed in to the database as the owner can (the worker and the command line); the web
    process cannot, whatever its code says: there the step raises ``PermissionError``.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        before = cursor.fetchone()[0]
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] == "silta_app":
            raise PermissionError(
                "this process signed in to the database as the application, not as its owner"
            )
        yield
        if not connection.needs_rollback:
            cursor.execute(f'SET LOCAL ROLE "{before}"')
