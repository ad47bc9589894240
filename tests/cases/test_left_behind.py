"""What a leaver left asks its lead to hand it over, until she has or says that she keeps it."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client

from silta.access import operations as access
from silta.access.models import Membership
from silta.audit.models import Event
from silta.cases.models import Case, Flag
from silta.cases.operations import ending, leaving, network
from silta.cases.queries import clientlist, worklist_page
from silta.cases.queries.clientlist import Asked, Of
from silta.cases.queries.worklist import Band, Filters, Reason, Whose
from silta.cases.queries.worklist_reasons import Deed
from silta.cases.rules.told import Told
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed
from tests.cases import situations
from tests.cast import Cast, as_owner, key

Page = Callable[[str], Client]


@pytest.fixture
def left(cast: Cast) -> Case:
    """Eero worked until yesterday, and his case came to Paula; Saara works in the unit since then."""
    case = situations.case_of_aino(cast)
    with as_owner():
        Membership.objects.create(
            user_id=key("saara"), unit=cast.unit("employment"), role="case_worker", purpose="joint_support",
            valid_from=yesterday(),
        )  # fmt: skip
        place = Membership.objects.select_related("user", "unit").get(pk=key("membership eero"))
    with acting(cast.paula):
        access.end_membership(cast.paula, membership=place, reason="Uusi työ", on=yesterday(), passes_on=True)
    leaving.take_over_left()
    return as_it_stands(case)


def yesterday() -> dt.date:
    return clock.today() - dt.timedelta(days=1)


def as_it_stands(case: Case) -> Case:
    with as_owner():
        return Case.objects.select_related("unit__organisation", "controller", "person").get(pk=case.pk)


def on_list(actor: Actor, whose: Whose = Whose.MINE) -> list[Reason]:
    """The reasons of the only row that needs the reader."""
    with acting(actor):
        rows = worklist_page.page(actor, whose, Band.NEEDS).rows
    return [why.reason for row in rows for why in row.whys]


def flags_up(case: Case) -> list[str]:
    with as_owner():
        return list(Flag.objects.filter(case=case, resolved_on__isnull=True).values_list("text", flat=True))


def test_the_lead_reads_from_whom_it_came_and_since_when(cast: Cast, left: Case) -> None:
    assert (left.left_by_id, left.left_on) == (cast.eero.user_id, yesterday())
    for whose in Whose:
        with acting(cast.paula):
            [row] = worklist_page.page(cast.paula, whose, Band.NEEDS).rows
        why = row.first
        assert why is not None
        assert (why.reason, why.deed, why.since) == (Reason.LEFT, Deed.HAND_OVER, yesterday())
        assert "Eero Virtanen" in why.what
    with acting(cast.paula):
        asked = Asked(of=Of.UNIT, filters=Filters(reason=Reason.LEFT))
        assert [case.pk for case in clientlist.clients(cast.paula, asked)] == [left.pk]


def test_a_case_in_order_comes_to_the_list_for_this_alone(cast: Cast, left: Case) -> None:
    with as_owner():
        Case.objects.filter(pk=left.pk).update(open_steps=1, open_goals=1)
    assert on_list(cast.paula) == [Reason.LEFT]
    with as_owner():
        Case.objects.filter(pk=left.pk).update(left_by=None, left_on=None)
    assert on_list(cast.paula) == []


def test_it_goes_when_she_hands_it_over(cast: Cast, left: Case) -> None:
    with acting(cast.paula):
        network.hand_over(cast.paula, case=left, to_user=cast.user("saara"), note="Soittaa tiistaisin")
    now = as_it_stands(left)
    assert (now.left_by_id, now.left_on, now.responsible_id) == (None, None, key("saara"))
    assert flags_up(left) == []
    assert Reason.LEFT not in on_list(cast.paula, Whose.UNIT)


def test_it_goes_when_she_says_that_she_keeps_it(cast: Cast, left: Case) -> None:
    with acting(cast.paula):
        network.keep(cast.paula, case=left, version=left.version)
        with pytest.raises(Conflict):
            network.keep(cast.paula, case=left)
    now = as_it_stands(left)
    assert (now.left_by_id, now.responsible_id) == (None, cast.paula.user_id)
    assert Reason.LEFT not in on_list(cast.paula)
    with as_owner():
        assert Flag.objects.get(case=left).resolution == Told.KEPT
        assert Event.objects.filter(action="cases.keep", user_id=str(cast.paula.user_id)).exists()


def test_only_she_says_so_and_of_what_she_looked_at(cast: Cast, left: Case) -> None:
    saara = Actor(
        key("saara"), "case_worker", "joint_support", cast.paula.unit_id, cast.paula.organisation_id
    )
    with acting(saara), pytest.raises(NotAllowed):
        network.keep(saara, case=left)
    with acting(cast.paula), pytest.raises(Conflict):
        network.keep(cast.paula, case=left, version=left.version - 1)
    assert as_it_stands(left).left_by_id == cast.eero.user_id


def test_an_end_asks_for_nothing_any_more(cast: Cast, left: Case) -> None:
    with acting(cast.paula):
        ending.end_case(
            cast.paula, case=left, version=left.version, outcome="moved", parties=situations.parties_of(left),
            onward="none", onward_text="Muutti", absence_reason="Muutti pois",
        )  # fmt: skip
    assert as_it_stands(left).left_by_id is None
    assert flags_up(left) == []


def test_on_her_first_page_one_click_asks_to_whom_and_another_keeps_it(
    page_of: Page, cast: Cast, left: Case
) -> None:
    paula = page_of("paula")
    page = re.sub(r"\s+", " ", paula.get("/").content.decode())
    day = f"{yesterday().day}.{yesterday().month}.{yesterday().year}"
    assert f"Eero Virtanen lähti {day}" in page
    assert "Luovuta vastuu" in page
    assert "Pidän itselläni" in page
    form = paula.get(f"/do/{left.pk}/hand_over/").content.decode()
    assert "Saara" in form
    assert f'value="{cast.paula.user_id}"' not in form
    refused = paula.post(
        f"/do/{left.pk}/hand_over/", {"responsible": str(key("saara")), "version": left.version}
    )
    assert refused.status_code == 422, "the next one must be told what she must know"
    kept = paula.post(f"/do/{left.pk}/keep/", {"version": left.version})
    assert kept.status_code == 302
    assert "Pidän itselläni" not in paula.get("/").content.decode()
