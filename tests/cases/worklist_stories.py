"""Cases in the situations that the worklist knows, written by the real operations."""

import datetime as dt

from silta.cases.enums import Source
from silta.cases.models import Case
from silta.cases.operations import actions, goals, opening, path, services
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.people import operations as people
from silta.people.models import Person

_FIRST = ["Aada", "Eino", "Helmi", "Onni", "Venla", "Leo", "Sofia", "Oiva", "Ellen", "Toivo"]
_LAST = ["Heikkinen", "Kemppainen", "Karjalainen", "Huotari", "Karppinen", "Tolonen"]


def ago(days: int) -> dt.date:
    return clock.today() - dt.timedelta(days=days)


def ahead(days: int) -> dt.date:
    return clock.today() + dt.timedelta(days=days)


def somebody(actor: Actor, number: int) -> Person:
    """A person registered by the actor's unit; under no non-disclosure."""
    return people.register(
        actor, first_names=_FIRST[number % 10], last_name=_LAST[number % 6], no_code_reason="not_yet",
        birth_date=dt.date(1970, 1, 1) + dt.timedelta(days=number),
    )  # fmt: skip


def opened(actor: Actor, number: int = 0, *, days_ago: int = 30, **changed: object) -> Case:
    """A case that has been open so long and has nothing in it yet."""
    with acting(actor):
        person = somebody(actor, number)
        case = opening.open_case(
            actor, person=person.pk, kind="joint_support", source=Source.REFERRED, opened_on=ago(days_ago), **changed,
        )  # fmt: skip
    case.person = person
    return case


def in_order(actor: Actor, number: int = 0, *, step_on: dt.date | None = None, **changed: object) -> Case:
    """A case with a goal and a next step of the worker's own, three weeks ahead unless told otherwise."""
    case = opened(actor, number, **changed)
    with acting(actor):
        goals.propose_goal(actor, case=case, own_words="Haluan leipomoon", proposed_by="client")
        actions.add_action(actor, case=case, text="Soitto leipomoon", due_on=step_on or ahead(21))
    return case


def overdue(actor: Actor, number: int = 0) -> Case:
    """The plan should have been made a few days ago."""
    case = in_order(actor, number, days_ago=120)
    with acting(actor):
        path.start_assessment(actor, case=case, on=ago(100))
    return case


def waiting(actor: Actor, number: int = 0) -> Case:
    """The client has promised something, and a service was agreed and has not begun."""
    case = in_order(actor, number)
    with acting(actor):
        actions.add_action(actor, case=case, text="Hae todistus", owner_is_client=True, due_on=ago(2))
        services.agree_service(
            actor, case=case, name="Velkaneuvonta", provider_name="Kaupunki", expected_on=ago(1)
        )
    return case


def quiet(actor: Actor, number: int = 0) -> Case:
    """All in order, but nobody has reached the client for long."""
    return in_order(actor, number, days_ago=90)
