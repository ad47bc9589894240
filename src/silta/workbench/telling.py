"""How a story is told: in sessions of one worker at one moment, each running the real operations of the rooms."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from silta.cases.enums import Outcome
from silta.cases.models import Case
from silta.cases.operations import notes, opening, registering
from silta.cases.queries import closing
from silta.cases.rules.schema import CLIENT
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.organisations.models import Unit
from silta.people import operations as people
from silta.workbench.population import Invented
from silta.workbench.region import Region
from silta.workbench.words import read

Choice = TypeVar("Choice")
_SATURDAY = 5


class HistoryEndsError(Exception):
    """The story has reached the present day; what would come next has not happened yet."""


class Story:
    """One person's story: who she is, who works with her, and the moment up to which it has been told."""

    case_id: UUID
    person_id: UUID

    def __init__(
        self, region: Region, person: Invented, rng: random.Random, *, begins: dt.date, now: dt.datetime
    ) -> None:
        self.region = region
        self.person = person
        self.rng = rng
        self.now = now
        self.common = read("common")
        self.situation: dict[str, Any] = person.situation
        self._case: Case | None = None
        self.moment = dt.datetime.combine(begins, dt.time(8, rng.randint(0, 59)), tzinfo=clock.HELSINKI)
        self._to_working_day()

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """One of the choices, by the story's own chance."""
        return self.rng.choice(choices)

    def deciders(self, case: Case, outcome: str) -> dict[str, Any]:
        """Who decides the end together: everybody in the case, and why somebody whose part is usual was not needed."""
        seats = [seat for seat in closing.seats(case) if outcome != Outcome.DIED or seat.who != CLIENT]
        absent = any(seat.is_needed and not seat.is_there for seat in seats)
        return {
            "parties": [seat.who for seat in seats if seat.is_there],
            "absence_reason": self.common["absence"] if absent else "",
        }

    def chance(self, share: float) -> bool:
        """True in this share of stories."""
        return self.rng.random() < share

    def later(self, least: int, most: int) -> None:
        """Moves on by so many days, to a working hour; raises ``HistoryEndsError`` where that is still to come."""
        days = self.rng.randint(least, most)
        time = dt.time(self.rng.randint(8, 15), self.rng.randint(0, 59))
        self.moment = dt.datetime.combine(
            self.moment.date() + dt.timedelta(days=days), time, tzinfo=clock.HELSINKI
        )
        self._to_working_day()
        if self.moment > self.now:
            raise HistoryEndsError

    def _to_working_day(self) -> None:
        while self.moment.weekday() >= _SATURDAY:
            self.moment += dt.timedelta(days=1)

    @property
    def today(self) -> dt.date:
        """The day of the story."""
        return self.moment.date()

    def unit(self, name: str) -> Unit:
        """A unit of the region."""
        return self.region.units[name]

    @contextmanager
    def session(self, worker: str) -> Iterator[Actor]:
        """One worker at work, at the story's moment: everything within happens then and in her name."""
        self.moment += dt.timedelta(minutes=1)
        self._case = None
        actor = self.region.actors[worker]
        with clock.at(self.moment), acting(actor):
            yield actor

    @property
    def case(self) -> Case:
        """The case, as the worker of the session may see it; read once in a session, and again after ``look_again``."""
        if self._case is None:
            rows = Case.objects.select_related("person", "unit__organisation", "controller", "responsible")
            self._case = rows.get(pk=self.case_id)
        return self._case

    def look_again(self) -> None:
        """Something other than the case at hand has moved the case on, so it is read anew."""
        self._case = None

    def open(self, actor: Actor, *, kind: str, source: str, reason: str) -> Case:
        """Registers the person and opens her first case."""
        who = self.person
        fields = {
            "first_names": who.first_names, "last_name": who.last_name, "call_name": who.call_name,
            "identity_code": who.identity_code, "no_code_reason": who.no_code_reason,
            "birth_date": None if who.identity_code else who.birth_date,
            "mother_tongue": who.language, "service_language": "sv" if who.language == "sv" else "fi",
            "needs_interpreter": who.needs_interpreter, "non_disclosure": who.is_protected,
            "municipality": who.municipality, "phone": who.phone,
            "email": f"{who.call_name}.{who.last_name}@asiakas.example".lower() if self.chance(0.5) else "",
        }  # fmt: skip
        case = registering.register_and_open(
            actor, person_fields=fields, kind=kind, source=source, contact_reason=reason
        )
        self.case_id, self.person_id, self._case = case.pk, case.person_id, case
        return case

    def open_for_nobody(self, actor: Actor, *, kind: str, reason: str) -> None:
        """Opens a case that nobody is responsible for yet, as an import leaves it where the worker is not known."""
        who = self.person
        person = people.register(
            actor, first_names=who.first_names, last_name=who.last_name, call_name=who.call_name,
            identity_code=who.identity_code, no_code_reason=who.no_code_reason,
            birth_date=None if who.identity_code else who.birth_date,
        )  # fmt: skip
        case = opening.open_case(
            actor,
            person=person,
            kind=kind,
            source="imported",
            contact_reason=reason,
            without_responsible=True,
        )
        self.case_id, self.person_id, self._case = case.pk, case.person_id, case

    def contact(self, worker: str, text: str, *, result: str = "reached") -> None:
        """A contact with the client, by telephone, at a meeting or otherwise."""
        channel = self.pick(
            ["phone", "phone", "meeting", "meeting", "visit", "video", "message", "letter", "other"]
        )
        with self.session(worker) as actor:
            notes.write_note(actor, case=self.case, kind="contact", text=text, channel=channel, result=result)
