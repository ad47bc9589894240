"""The lead reviews an emergency: whose data, which case, who and why; and no more than she may know."""

from collections.abc import Callable
from uuid import UUID

from django.test import Client

from silta.access import operations as access
from silta.access.models import EmergencyAccess, Membership
from silta.audit.models import Event
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from tests.cases.situations import case_of_aino
from tests.cast import Cast, as_owner, key

Page = Callable[[str], Client]
WHERE = "/emergencies/"
REASON = "Asiakas ei vastaa, huoli turvallisuudesta."


def opened(actor: Actor) -> UUID:
    """The actor opens Aino's data for half an hour."""
    with acting(actor):
        row = access.open_emergency_access(actor, person_id=key("aino person"), reason=REASON, minutes=30)
    return row.pk


def leads(cast: Cast, unit: str) -> None:
    """Paula leads another unit."""
    with as_owner():
        Membership.objects.filter(user_id=cast.paula.user_id).update(unit_id=key(f"unit {unit}"))


def test_the_lead_reads_whose_data_were_opened_and_in_which_case(cast: Cast, page_of: Page) -> None:
    case = case_of_aino(cast)
    opened(cast.eero)
    found = page_of("paula").get(WHERE).content.decode()
    for told in ("Aino Korhonen", case.number, f"/cases/{case.pk}/", "Eero Virtanen", REASON):
        assert told in found, told
    with as_owner():
        read = Event.objects.get(action="access.read_emergencies")
    assert (read.person_id, read.user_id) == (str(case.person_id), str(cast.paula.user_id))


def test_a_lead_whose_unit_does_not_know_the_client_reviews_without_her_name(
    cast: Cast, page_of: Page
) -> None:
    case = case_of_aino(cast)
    emergency = opened(cast.vaino)
    leads(cast, "employment_other")
    paula = page_of("paula")
    page = paula.get(WHERE)
    found = page.content.decode()
    assert REASON in found
    assert "Väinö Salo" in found
    assert "Korhonen" not in found
    assert case.number not in found
    [(waiting, _form)] = page.context["rows"]
    assert (waiting.person, waiting.cases) == (None, ())
    assert "health" in waiting.opened
    assert paula.post(f"{WHERE}{emergency}/", {f"{emergency}-was_justified": "yes"}).status_code == 302
    with as_owner():
        assert EmergencyAccess.objects.get().reviewed_by_id == cast.paula.user_id


def test_what_was_not_justified_wants_a_word_and_is_said_once(cast: Cast, page_of: Page) -> None:
    case_of_aino(cast)
    emergency = opened(cast.eero)
    paula, where = page_of("paula"), f"{WHERE}{emergency}/"
    refused = paula.post(where, {f"{emergency}-was_justified": "no"})
    assert refused.status_code == 422
    assert "note" in refused.context["rows"][0][1].errors
    said = {f"{emergency}-was_justified": "no", f"{emergency}-note": "Asia ei ollut kiireinen."}
    assert paula.post(where, said).status_code == 302
    assert paula.post(where, said).status_code == 302, "told that it is done"
    with as_owner():
        assert EmergencyAccess.objects.get().was_justified is False
        assert Event.objects.filter(action="access.review_emergency").count() == 1
    assert paula.get(WHERE).context["rows"] == []


def test_nobody_reviews_her_own_nor_another_units(cast: Cast, page_of: Page) -> None:
    case_of_aino(cast)
    own, others = opened(cast.paula), opened(cast.saara)
    paula = page_of("paula")
    assert paula.get(WHERE).context["rows"][0][0].is_own
    for emergency in (own, others):
        sent = {f"{emergency}-was_justified": "yes"}
        assert paula.post(f"{WHERE}{emergency}/", sent).status_code == 404
        assert page_of("eero").post(f"{WHERE}{emergency}/", sent).status_code == 404
    assert page_of("eero").get(WHERE).status_code == 404
