"""People who leave: their cases are handed over first or come to the lead; no open case is ever nobody's."""

import datetime as dt
import hashlib
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from silta.access import operations as access
from silta.access import queries as access_queries
from silta.access.models import Membership
from silta.accounts.models import User
from silta.audit.models import Event
from silta.cases.enums import Part, Source, State
from silta.cases.models import Case, Flag, Participation
from silta.cases.operations import leaving, network, opening
from silta.cases.rules import told
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.people import operations as people
from tests.cases import situations
from tests.cast import Cast, as_owner, key

Page = Callable[[str], Client]


def eeros_place() -> Membership:
    """Eero's membership."""
    with as_owner():
        return Membership.objects.select_related("user", "unit").get(pk=key("membership eero"))


def yesterday() -> dt.date:
    """The last day of what ends at once."""
    return clock.today() - dt.timedelta(days=1)


def responsible_of(case: Case) -> list[Participation]:
    """Who is responsible now, as the rows say."""
    with as_owner():
        return list(Participation.objects.filter(case=case, part=Part.RESPONSIBLE, left_on__isnull=True))


def test_she_does_not_leave_before_her_cases_are_handed_over(cast: Cast) -> None:
    case = situations.case_of_aino(cast)
    with acting(cast.paula), pytest.raises(RuleBroken) as refused:
        access.end_membership(cast.paula, membership=eeros_place(), reason="Uusi työ", on=yesterday())
    assert refused.value.field == "passes_on"
    with acting(cast.paula):
        network.hand_over(cast.paula, case=case, to_user=cast.user("paula"), note="Soittaa tiistaisin")
        access.end_membership(cast.paula, membership=eeros_place(), reason="Uusi työ", on=yesterday())
    assert leaving.take_over_left().cases == 0


def test_what_is_left_comes_to_the_lead_and_the_case_tells_it(cast: Cast) -> None:
    case = situations.case_of_aino(cast)
    with acting(cast.paula):
        access.end_membership(
            cast.paula, membership=eeros_place(), reason="Uusi työ", on=yesterday(), passes_on=True
        )
    assert leaving.take_over_left() == leaving.TakenOver(1, 0)
    assert leaving.take_over_left() == leaving.TakenOver(0, 0)
    [row] = responsible_of(case)
    assert (row.user_id, row.unit_id) == (cast.paula.user_id, cast.paula.unit_id)
    with as_owner():
        assert Case.objects.get(pk=case.pk).responsible_id == cast.paula.user_id
        flag = Flag.objects.get(case=case)
        event = Event.objects.get(action="cases.take_over_left")
    with translation.override("fi"):
        assert told.in_words(flag.text).startswith("Eero Virtanen ei enää työskentele yksikössä.")
    assert (event.user_id, event.details["from_user"]) == ("", str(cast.eero.user_id))


def test_the_keeper_ends_it_without_seeing_a_client_and_no_case_is_orphaned(
    page_of: Page, cast: Cast
) -> None:
    case = situations.case_of_aino(cast)
    client, where = page_of("admin"), f"/access/members/{eeros_place().pk}/end/"
    assert "Korhonen" not in client.get(where).content.decode()
    assert client.post(where, {"reason": "Lähti", "at_once": "on"}).status_code == 302
    leaving.take_over_left()
    assert [row.user_id for row in responsible_of(case)] == [cast.paula.user_id]


def test_the_last_day_of_a_membership_passes_the_cases_on_too(cast: Cast) -> None:
    case = situations.case_of_aino(cast)
    with as_owner():
        Membership.objects.filter(pk=key("membership eero")).update(valid_until=clock.today())
    assert leaving.take_over_left().cases == 0
    with clock.at(clock.now() + dt.timedelta(days=1)):
        assert leaving.take_over_left().cases == 1
        assert [row.user_id for row in responsible_of(case)] == [cast.paula.user_id]


def test_a_case_of_a_unit_without_a_lead_waits_for_one(cast: Cast) -> None:
    situations.case_of_aino(cast)
    with as_owner():
        Membership.objects.filter(pk__in=[key("membership eero"), key("membership paula")]).update(
            valid_until=yesterday()
        )
    assert leaving.take_over_left() == leaving.TakenOver(0, 1)
    with as_owner():
        Membership.objects.filter(pk=key("membership paula")).update(valid_until=None)
    assert leaving.take_over_left() == leaving.TakenOver(1, 0)


def test_the_lead_sees_the_cases_on_the_page_and_hands_them_over_there(page_of: Page, cast: Cast) -> None:
    case = situations.case_of_aino(cast)
    client, where = page_of("paula"), f"/access/members/{eeros_place().pk}/end/"
    page = client.get(where).content.decode()
    assert "Aino Korhonen" in page
    assert f"/cases/{case.pk}/" in page
    refused = client.post(where, {"reason": "Uusi työ"})
    assert "anna niiden siirtyä" in refused.content.decode()
    assert client.post(where, {"reason": "Uusi työ", "passes_on": "on"}).status_code == 302


def test_what_opens_her_place_ends_with_it(page_of: Page, cast: Cast) -> None:
    """Her session shows nothing of the unit any more; tokens and the calendar address are tried in test_tokens."""
    situations.case_of_aino(cast)
    client = page_of("eero")
    assert client.get("/clients/").status_code == 200
    with acting(cast.eero):
        secret = access.make_feed_key(cast.eero)
    with acting(cast.paula):
        access.end_membership(
            cast.paula, membership=eeros_place(), reason="Lähti", on=yesterday(), passes_on=True
        )
    assert client.get("/clients/").status_code == 403
    assert access_queries.actor_by_feed_key(secret) is None


class Unit:
    """Eero's unit over some weeks: what happens is picked by the seed, the same in every run."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.unit, self.now = cast, cast.unit("employment"), clock.now()
        self.workers, self.cases = [eeros_place()], list[Case]()
        self._seed, self._rolls = seed, itertools.count()

    def pick(self, among: list[Any]) -> Any:
        """One of these."""
        digest = hashlib.sha256(f"{self._seed} {next(self._rolls)}".encode()).digest()
        return among[int.from_bytes(digest[:8], "big") % len(among)]

    def comes(self) -> None:
        """Paula invites a worker."""
        number, paula = next(self._rolls), self.cast.paula
        with acting(paula):
            made = access.invite_member(
                paula, email=f"uusi{number}@tyollisyys.example", name=f"Uusi {number}", unit=self.unit,
                role="case_worker", purpose="joint_support",
            )  # fmt: skip
        self.workers.append(made.membership)

    def opens(self) -> None:
        """One of the workers opens a case."""
        if self.workers:
            place = self.pick(self.workers)
            actor = Actor(place.user_id, place.role, place.purpose, place.unit_id, self.unit.organisation_id)
            with acting(actor):
                person = people.register(
                    actor, first_names="Asiakas", last_name="Uusi", no_code_reason="not_known"
                )
                self.cases.append(
                    opening.open_case(actor, person=person.pk, kind="joint_support", source=Source.SELF)
                )

    def changes_hands(self) -> None:
        """Paula gives a case to another."""
        if self.workers and self.cases:
            case, to = self.pick(self.cases), self.pick(self.workers)
            if responsible_of(case)[0].user_id != to.user_id:
                with acting(self.cast.paula):
                    network.hand_over(
                        self.cast.paula, to_user=User.objects.get(pk=to.user_id), note="Vaihto",
                        case=Case.objects.select_related("unit__organisation").get(pk=case.pk),
                    )  # fmt: skip

    def leaves(self, *, on: dt.date | None = None) -> None:
        """One of the workers leaves, with what she answers for."""
        if self.workers:
            gone = self.pick(self.workers)
            self.workers.remove(gone)
            with acting(self.cast.paula):
                access.end_membership(self.cast.paula, membership=gone, reason="Lähti", passes_on=True, on=on)

    def leaves_at_once(self) -> None:
        """She leaves and is gone."""
        self.leaves(on=yesterday())

    def sleeps(self) -> None:
        """A night passes."""
        self.now += dt.timedelta(days=1)

    def step(self) -> None:
        """Something happens, and the worker makes its round."""
        deeds = [
            self.comes,
            self.opens,
            self.opens,
            self.changes_hands,
            self.leaves,
            self.leaves_at_once,
            self.sleeps,
        ]
        with clock.at(self.now):
            self.pick(deeds)()
        with clock.at(self.now):
            leaving.take_over_left()
            for case in self.cases:
                self._require_somebody(case)

    def _require_somebody(self, case: Case) -> None:
        rows = responsible_of(case)
        with as_owner():
            works = {user.pk for user in access_queries.workers_of(self.unit.pk)}
            standing = Case.objects.get(pk=case.pk)
        assert standing.state == State.OPEN
        assert len(rows) == 1
        assert rows[0].user_id in works
        assert standing.responsible_id == rows[0].user_id


@pytest.mark.parametrize("seed", range(4))
def test_no_open_case_is_ever_without_one_responsible_who_works_there(cast: Cast, seed: int) -> None:
    """Workers come and go, cases open and change hands, days pass: after the worker's round nobody's case is nobody's."""
    story = Unit(cast, seed)
    for _ in range(14):
        story.step()
    assert story.cases
