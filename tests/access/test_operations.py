"""The verbs of access, told as stories: sharing on a ground, consent and its end, emergency, members, keys."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from silta.access import operations as access
from silta.access import queries
from silta.access.enums import Category, Permission, Purpose
from silta.access.models import EmergencyAccess, Grant, Membership
from silta.access.policies import declared
from silta.accounts.models import User
from silta.audit.models import Event
from silta.kernel import clock
from silta.kernel.acting import acting, maintaining
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.people.models import Person
from tests.cast import Cast, as_owner, key

REASON = "Asiakas soitti itsemurha-aikeista, oma työntekijä ei ole tavoitettavissa."


def own_client(cast: Cast, *, actor: Actor | None = None, unit: str = "employment") -> Person:
    """Aino as the client of a unit: a grant on its own ground, as when a case is opened."""
    aino, who = cast.person(), actor or cast.eero
    with acting(who):
        access.give_grant(
            who, person=aino, unit=cast.unit(unit), ground="own_register", categories=list(Category),
            from_unit=cast.unit(unit),
        )  # fmt: skip
    return aino


# May I share this?


def test_between_the_three_authorities_the_law_is_the_ground(cast: Cast) -> None:
    aino = own_client(cast)
    with acting(cast.eero):
        answers = queries.may_share(
            cast.eero, person=aino, to_unit=cast.unit("kela"), categories=list(Category)
        )
    assert all(answer.allowed and answer.ground == "joint_support" for answer in answers)
    assert answers[0].citation == "381/2023 15 §"
    assert answers[0].text


def test_health_goes_to_a_provider_only_by_a_written_consent(cast: Cast) -> None:
    aino, coaching = own_client(cast), cast.unit("coaching")
    with acting(cast.eero):
        plan, health = queries.may_share(
            cast.eero, person=aino, to_unit=coaching, categories=["plan", "health"]
        )
        assert (plan.allowed, plan.ground) == (True, "service_provider")
        assert not health.allowed
        assert "380/2023 116 §" in str(health.missing)
        consent = access.record_consent(
            cast.eero, person=aino, ground="written_consent_health", to_unit=coaching, categories=["health"],
            purpose_text="Työtehtävien sovittaminen", channel="writing", language="fi",
        )  # fmt: skip
        (health,) = queries.may_share(cast.eero, person=aino, to_unit=coaching, categories=["health"])
        assert (health.allowed, health.consent_id) == (True, consent.pk)


def test_an_employer_never_gets_health_not_even_with_consent(cast: Cast) -> None:
    aino = own_client(cast)
    with acting(cast.eero):
        health, skills = queries.may_share(
            cast.eero, person=aino, to_unit=cast.unit("workplace"), categories=["health", "skills"]
        )
        assert (health.allowed, health.ground) == (False, "")
        assert not skills.allowed
        with pytest.raises(RuleBroken) as refused:
            access.record_consent(
                cast.eero, person=aino, ground="employer_consent", to_unit=cast.unit("workplace"),
                categories=["health"], purpose_text="Työ", channel="writing", language="fi",
            )  # fmt: skip
    assert refused.value.field == "categories"


def test_what_a_unit_may_not_know_it_cannot_share(cast: Cast) -> None:
    own_client(cast)
    with acting(cast.saara):
        (answer,) = queries.may_share(
            cast.saara, person=cast.person(), to_unit=cast.unit("kela"), categories=["plan"]
        )
    assert not answer.allowed
    assert answer.missing


def test_the_question_itself_is_journalled(cast: Cast) -> None:
    aino = own_client(cast)
    with acting(cast.eero):
        queries.may_share(cast.eero, person=aino, to_unit=cast.unit("coaching"), categories=["health"])
        event = Event.objects.get(action="access.ask_sharing")
    assert (event.person_id, event.details["denied"]) == (str(aino.pk), ["health"])


# Grants


@pytest.mark.parametrize(
    ("to", "ground", "categories", "code"),
    [
        ("coaching", "joint_support", ["plan"], "access.ground_does_not_hold"),
        ("coaching", "service_provider", ["health"], "access.ground_does_not_hold"),
        ("workplace", "consent", ["plan"], "access.ground_does_not_hold"),
        ("kela", "no_such_ground", ["plan"], "access.ground_does_not_hold"),
        ("kela", "joint_support", [], "access.ground_does_not_hold"),
        ("coaching", "written_consent_health", ["health"], "access.consent_missing"),
        ("coaching", "contract", ["plan"], "access.contract_missing"),
    ],
)
def test_an_impossible_sharing_cannot_be_recorded(
    cast: Cast, to: str, ground: str, categories: list[str], code: str
) -> None:
    aino = own_client(cast)
    with acting(cast.eero), pytest.raises(RuleBroken) as refused:
        access.give_grant(
            cast.eero, person=aino, unit=cast.unit(to), ground=ground, categories=categories,
            from_unit=cast.unit("employment"),
        )  # fmt: skip
    assert refused.value.code == code


@pytest.mark.parametrize(
    "wanted",
    [
        {"ground": "service_provider", "categories": ["health"], "unit": "coaching"},
        {"ground": "joint_support", "categories": ["plan"], "unit": "coaching"},
        {"ground": "consent", "categories": ["plan"], "unit": "kela"},
        {"ground": "emergency", "categories": ["plan"], "unit": "employment"},
        {"ground": "own_register", "categories": ["plan"], "unit": "kela"},
        {"ground": "invented", "categories": ["plan"], "unit": "employment"},
    ],
)
def test_the_database_takes_no_grant_that_the_law_does_not_know(cast: Cast, wanted: dict[str, Any]) -> None:
    """The second lock: a grant written past every operation, journalled even, still does not enter."""
    aino = own_client(cast)
    from silta.audit import operations as audit

    grant = Grant(
        person=aino, unit_id=key(f"unit {wanted['unit']}"), ground=str(wanted["ground"]),
        categories=list(wanted["categories"]), valid_from=clock.now(), recorded_by_id=cast.eero.user_id,
        recorded_by_unit_id=cast.eero.unit_id, recorded_at=clock.now(),
    )  # fmt: skip
    with acting(cast.eero):
        audit.record(cast.eero, "access.give_grant", person_id=aino.pk, subject=grant)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            grant.save(force_insert=True)


def test_the_database_takes_no_grant_that_the_journal_does_not_know(cast: Cast) -> None:
    aino = cast.person()
    grant = Grant(
        person=aino, unit_id=cast.eero.unit_id, ground="own_register", categories=["identity"], valid_from=clock.now(),
        recorded_by_id=cast.eero.user_id, recorded_by_unit_id=cast.eero.unit_id, recorded_at=clock.now(),
    )  # fmt: skip
    with pytest.raises(ProgrammingError, match="row-level security"), acting(cast.eero):
        grant.save(force_insert=True)


def test_a_unit_gives_no_grant_over_a_person_it_does_not_reach(cast: Cast) -> None:
    own_client(cast)
    with pytest.raises(ProgrammingError, match="row-level security"), acting(cast.vaino):
        access.give_grant(
            cast.vaino, person=cast.person(), unit=cast.unit("kela"), ground="joint_support", categories=["plan"],
            from_unit=cast.unit("employment_other"),
        )  # fmt: skip


def test_a_grant_is_only_ever_shortened(cast: Cast) -> None:
    own_client(cast)
    for change in (
        "valid_until = now(), categories = '{health}'",
        "ground = 'consent'",
        "valid_until = NULL",
    ):
        with (
            pytest.raises(ProgrammingError, match="only be shortened"),
            acting(cast.eero),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE access_grant SET {change}")


def test_ending_what_came_from_a_source_ends_it_at_once(cast: Cast) -> None:
    aino, source = cast.person(), uuid.uuid4()
    with acting(cast.eero):
        access.give_grant(
            cast.eero, person=aino, unit=cast.unit("employment"), ground="own_register", categories=list(Category),
            from_unit=cast.unit("employment"), source_type="cases.case", source_id=source,
        )  # fmt: skip
        assert queries.covered_categories(cast.eero, aino.pk) == set(Category)
        assert queries.covered_categories(cast.eero, aino.pk, matter_id=uuid.uuid4()) == set()
        assert (
            access.end_grants(
                cast.eero, source_type="cases.case", source_id=source, unit=None, reason="päättyi"
            )
            == 1
        )
        assert queries.covered_categories(cast.eero, aino.pk) == set()
        assert queries.current_grants(aino.pk) == []


# Consent


def test_withdrawing_a_consent_ends_what_rests_on_it_at_once(cast: Cast) -> None:
    aino, coaching = own_client(cast), cast.unit("coaching")
    with acting(cast.eero):
        consent = access.record_consent(
            cast.eero, person=aino, ground="written_consent_health", to_unit=coaching, categories=["health"],
            purpose_text="Valmennus", channel="writing", language="fi", valid_until=clock.today() + dt.timedelta(days=90),
        )  # fmt: skip
        access.give_grant(
            cast.eero, person=aino, unit=coaching, ground="written_consent_health", categories=["health"],
            from_unit=cast.unit("employment"), consent=consent,
        )  # fmt: skip
    with acting(cast.liisa):
        assert queries.covered_categories(cast.liisa, aino.pk) == {"health"}
    with acting(cast.aino):
        assert access.withdraw_consent(cast.aino, consent=consent) == 1
    with acting(cast.liisa):
        assert queries.covered_categories(cast.liisa, aino.pk) == set()
    with acting(cast.aino), pytest.raises(Conflict):
        access.withdraw_consent(cast.aino, consent=consent)


def test_what_rests_on_a_consent_ends_with_its_last_day(cast: Cast) -> None:
    aino, coaching, today = own_client(cast), cast.unit("coaching"), clock.today()
    last = today + dt.timedelta(days=90)
    with acting(cast.eero):
        consent = access.record_consent(
            cast.eero, person=aino, ground="written_consent_health", to_unit=coaching, categories=["health"],
            purpose_text="Valmennus", channel="writing", language="fi", valid_until=last,
        )  # fmt: skip
        access.give_grant(
            cast.eero, person=aino, unit=coaching, ground="written_consent_health", categories=["health"],
            from_unit=cast.unit("employment"), consent=consent,
        )  # fmt: skip
    evening = dt.datetime.combine(last, dt.time(23, 59), clock.HELSINKI)
    for moment, known in ((evening, {"health"}), (evening + dt.timedelta(minutes=2), set())):
        with clock.at(moment), acting(cast.liisa):
            assert queries.covered_categories(cast.liisa, aino.pk) == known
    with clock.at(evening + dt.timedelta(minutes=2)), acting(cast.eero), pytest.raises(RuleBroken):
        access.give_grant(
            cast.eero, person=aino, unit=coaching, ground="written_consent_health", categories=["health"],
            from_unit=cast.unit("employment"), consent=consent,
        )  # fmt: skip


def test_nobody_records_or_withdraws_a_strangers_consent(cast: Cast) -> None:
    aino = own_client(cast)
    wanted: dict[str, Any] = {
        "person": aino, "ground": "consent", "to_unit": cast.unit("coaching"), "categories": ["plan"],
        "purpose_text": "Työ", "channel": "writing", "language": "fi",
    }  # fmt: skip
    with acting(cast.vaino), pytest.raises(NotAllowed):
        access.record_consent(cast.vaino, **wanted)
    with acting(cast.eero):
        consent = access.record_consent(cast.eero, **wanted)
    with acting(cast.vaino), pytest.raises(NotAllowed):
        access.withdraw_consent(cast.vaino, consent=consent)
    with acting(cast.vaino), pytest.raises(NotFound):
        queries.consent_for(cast.vaino, consent.pk)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"channel": "spoken"}, "channel"),
        ({"channel": "smoke"}, "channel"),
        ({"purpose_text": "  "}, "purpose_text"),
        ({"given_on": dt.date(2999, 1, 1)}, "given_on"),
        ({"valid_until": dt.date(2020, 1, 1)}, "valid_until"),
        ({"ground": "joint_support"}, "ground"),
        ({"categories": ["plan"]}, "categories"),
        ({"categories": []}, "categories"),
    ],
)
def test_an_unsound_consent_is_told_at_its_field(cast: Cast, changed: dict[str, Any], field: str) -> None:
    aino = own_client(cast)
    wanted: dict[str, Any] = {
        "person": aino, "ground": "written_consent_health", "to_unit": cast.unit("coaching"), "categories": ["health"],
        "purpose_text": "Työ", "channel": "writing", "language": "fi", **changed,
    }  # fmt: skip
    with acting(cast.eero), pytest.raises(RuleBroken) as refused:
        access.record_consent(cast.eero, **wanted)
    assert refused.value.field == field


# Emergency


def test_an_emergency_opens_the_person_to_one_user_for_minutes_and_the_lead_reviews(cast: Cast) -> None:
    aino = key("aino person")
    with acting(cast.vaino):
        opened = access.open_emergency_access(cast.vaino, person_id=aino, reason=REASON, minutes=30)
        assert Person.objects.get().pk == aino
        assert queries.open_emergency(cast.vaino, aino) == opened
    with clock.at(clock.now() + dt.timedelta(minutes=31)), acting(cast.vaino):
        assert not Person.objects.exists()
    with acting(cast.aino):
        assert queries.emergencies_of(aino)[0].reason == REASON, "the client sees it"


def test_the_reason_is_demanded_and_the_time_is_boxed(cast: Cast) -> None:
    for field, wanted in (("reason", {"reason": "pitää", "minutes": 30}), ("minutes", {"reason": REASON, "minutes": 241}),
                          ("minutes", {"reason": REASON, "minutes": 14})):  # fmt: skip
        with acting(cast.eero), pytest.raises(RuleBroken) as refused:
            access.open_emergency_access(cast.eero, person_id=key("aino person"), **wanted)
        assert refused.value.field == field


def test_who_has_no_permission_has_no_emergency(cast: Cast) -> None:
    for actor in (cast.tiina, cast.admin, cast.olli, cast.officer, cast.aino):
        with acting(actor), pytest.raises(NotAllowed):
            access.open_emergency_access(actor, person_id=key("aino person"), reason=REASON, minutes=30)
    with acting(cast.liisa), pytest.raises(NotAllowed):
        access.open_emergency_access(
            cast.liisa, person_id=key("aino person"), reason=REASON, minutes=30, reveals_protected=True
        )
    with acting(cast.eero), pytest.raises(NotFound):
        access.open_emergency_access(cast.eero, person_id=uuid.uuid4(), reason=REASON, minutes=30)


def test_the_lead_reviews_once_and_never_her_own(cast: Cast) -> None:
    aino = key("aino person")
    with acting(cast.eero):
        opened = access.open_emergency_access(cast.eero, person_id=aino, reason=REASON, minutes=30)
    with acting(cast.paula):
        own = access.open_emergency_access(cast.paula, person_id=aino, reason=REASON, minutes=30)
        assert queries.emergency_awaiting_review(cast.paula) == [opened, own]
        with pytest.raises(RuleBroken):
            access.review_emergency_access(cast.paula, access=opened, was_justified=False)
        with pytest.raises(NotAllowed):
            access.review_emergency_access(cast.paula, access=own, was_justified=True)
        access.review_emergency_access(cast.paula, access=opened, was_justified=True)
        with pytest.raises(Conflict):
            access.review_emergency_access(cast.paula, access=opened, was_justified=True)
    with pytest.raises(ProgrammingError), acting(cast.eero), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE access_emergencyaccess SET was_justified = true, reviewed_by_id = recorded_by_id"
        )


def test_an_emergency_may_be_closed_early_by_its_user_alone(cast: Cast) -> None:
    with acting(cast.eero):
        opened = access.open_emergency_access(
            cast.eero, person_id=key("aino person"), reason=REASON, minutes=60
        )
    with acting(cast.paula), pytest.raises(NotAllowed):
        access.close_emergency_access(cast.paula, access=opened)
    with acting(cast.eero):
        access.close_emergency_access(cast.eero, access=opened)
        assert not Person.objects.exists()
    with pytest.raises(ProgrammingError), acting(cast.eero), connection.cursor() as cursor:
        cursor.execute("UPDATE access_emergencyaccess SET ends_at = ends_at + interval '3 hours'")


def test_non_disclosure_hides_contacts_until_they_are_revealed(cast: Cast) -> None:
    from silta.people import operations as people
    from silta.people.models import ContactPoint

    aino = own_client(cast)
    with acting(cast.eero):
        people.set_contact(cast.eero, person=aino, kind="phone", value="040 1234567")
        assert ContactPoint.objects.count() == 1
    with as_owner():
        Person.objects.filter(pk=aino.pk).update(non_disclosure=True)
    with acting(cast.eero):
        assert not ContactPoint.objects.exists()
        opened = access.open_emergency_access(
            cast.eero, person_id=aino.pk, reason=REASON, minutes=15, reveals_protected=True
        )
        assert opened.grant is None, "the unit had its ground already; only the protected data are unlocked"
        assert ContactPoint.objects.count() == 1
    with acting(cast.paula):
        assert not ContactPoint.objects.exists()
    with acting(cast.aino):
        assert ContactPoint.objects.count() == 1


# Members, places, keys


def test_a_lead_invites_a_worker_to_her_own_unit_only(cast: Cast) -> None:
    wanted = {"name": "Uusi Työntekijä", "role": "case_worker", "purpose": Purpose.JOINT_SUPPORT}
    with acting(cast.paula):
        made = access.invite_member(
            cast.paula, email="Uusi@tyollisyys.example ", unit=cast.unit("employment"), **wanted
        )
        assert made.password_path
        assert made.membership.user.email == "uusi@tyollisyys.example"
        assert not made.membership.user.has_usable_password()
        with pytest.raises(NotAllowed):
            access.invite_member(cast.paula, email="x@y.example", unit=cast.unit("kela"), **wanted)
        with pytest.raises(RuleBroken) as refused:
            access.invite_member(
                cast.paula,
                email="x@y.example",
                name="X",
                unit=cast.unit("employment"),
                role="keeper",
                purpose="keeping",
            )
        assert refused.value.field == "role"
        with pytest.raises(RuleBroken):
            access.invite_member(
                cast.paula, email="uusi@tyollisyys.example", unit=cast.unit("employment"), **wanted
            )
    with acting(cast.eero), pytest.raises(NotAllowed):
        access.invite_member(cast.eero, email="x@y.example", unit=cast.unit("employment"), **wanted)


def test_the_keeper_gives_every_role_in_every_unit(cast: Cast) -> None:
    with acting(cast.admin):
        made = access.invite_member(
            cast.admin, email="kaisa.lehto@kela.example", name="", unit=cast.unit("health"), role="case_worker",
            purpose=Purpose.JOINT_SUPPORT,
        )  # fmt: skip
    assert made.password_path is None, "she is a user already"
    assert made.membership.user_id == cast.kaisa.user_id


def test_an_ended_membership_stays_and_opens_nothing(cast: Cast) -> None:
    with acting(cast.paula):
        row = Membership.objects.get(user_id=cast.eero.user_id)
        with pytest.raises(RuleBroken):
            access.end_membership(cast.paula, membership=row, reason=" ")
        yesterday = clock.today() - dt.timedelta(days=1)
        access.end_membership(cast.paula, membership=row, reason="Siirtyi muualle", on=yesterday)
    assert Membership.objects.get(pk=row.pk).ended_reason == "Siirtyi muualle"
    assert queries.actor_for(cast.eero.user_id) is None
    assert cast.user("eero") not in queries.workers_of(key("unit employment"))


def test_the_application_cannot_make_itself_a_member(cast: Cast) -> None:
    row = Membership(
        user_id=cast.vaino.user_id, unit_id=key("unit employment"), role="unit_lead", purpose="joint_support",
        valid_from=clock.today(),
    )  # fmt: skip
    with pytest.raises(ProgrammingError, match="row-level security"), acting(cast.vaino):
        row.save(force_insert=True)
    with acting(cast.vaino):
        assert User.objects.filter(email="eero.virtanen@tyollisyys.example").update(name="X") == 0


def test_a_choice_that_is_not_hers_falls_back_to_her_own(cast: Cast) -> None:
    place = queries.place_of(cast.vaino.user_id, key("membership eero"))
    assert place is not None
    assert place.actor == cast.vaino
    assert queries.actor_for(cast.aino.user_id) == cast.aino
    assert queries.actor_for(uuid.uuid4()) is None


def test_rights_never_leak_between_a_users_organisations(cast: Cast) -> None:
    """Kaisa works at Kela and, on other days, in the county: each sees only its own client."""
    aino = own_client(cast, actor=cast.saara, unit="social")
    with as_owner():
        second = Membership.objects.create(
            user_id=cast.kaisa.user_id, unit=cast.unit("social"), role="case_worker", purpose="joint_support",
            valid_from=dt.date(2021, 1, 1),
        )  # fmt: skip
    at_kela = queries.actor_for(cast.kaisa.user_id)
    in_county = queries.actor_for(cast.kaisa.user_id, second.pk)
    assert at_kela is not None
    assert in_county is not None
    assert (at_kela.organisation_id, in_county.organisation_id) == (
        key("organisation kela"),
        key("organisation county"),
    )
    with acting(at_kela):
        assert not Person.objects.exists()
        assert queries.covered_categories(at_kela, aino.pk) == set()
    with acting(in_county):
        assert Person.objects.count() == 1
        with acting(at_kela):
            assert not Person.objects.exists(), "nested acting does not inherit"
        assert Person.objects.count() == 1


def test_nobodys_rights_stay_on_the_connection(cast: Cast) -> None:
    queries.representations_of(cast.aino.user_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT silta_user(), silta_unit(), silta_person()")
        assert cursor.fetchone() == (None, None, None)


def test_a_calendar_key_is_shown_once_and_can_be_revoked(cast: Cast) -> None:
    with acting(cast.eero):
        secret = access.make_feed_key(cast.eero)
        (kept,) = queries.feed_keys_of(cast.eero)
    assert secret not in kept.digest
    assert queries.actor_by_feed_key(secret) == cast.eero
    assert queries.actor_by_feed_key("guess") is None
    with acting(cast.eero):
        (kept,) = queries.feed_keys_of(cast.eero)
        assert kept.last_used_at is not None
        newer = access.make_feed_key(cast.eero)
    assert queries.actor_by_feed_key(secret) is None
    with acting(cast.vaino):
        assert queries.feed_keys_of(cast.vaino) == []
        with pytest.raises(NotFound):
            access.revoke_feed_key(cast.vaino, key=kept)
    with acting(cast.eero):
        access.revoke_feed_key(cast.eero, key=queries.feed_keys_of(cast.eero)[0])
    assert queries.actor_by_feed_key(newer) is None


def test_a_guardian_acts_in_anothers_matter_on_a_basis(cast: Cast) -> None:
    aino = own_client(cast)
    with acting(cast.eero):
        with pytest.raises(RuleBroken):
            access.represent(cast.eero, person=aino, user=cast.user("tiina"), is_self=False)
        row = access.represent(
            cast.eero, person=aino, user=cast.user("tiina"), is_self=False, basis="Edunvalvoja, DVV 1.2.2026"
        )
    place = queries.place_of(cast.tiina.user_id, row.pk)
    assert place is not None
    assert (place.actor.role, place.actor.person_id) == ("client", aino.pk)
    with acting(cast.vaino), pytest.raises(NotAllowed):
        access.represent(cast.vaino, person=aino, user=cast.user("vaino"))


def test_what_will_kela_see(cast: Cast) -> None:
    aino = own_client(cast)
    kela = cast.unit("kela")
    with acting(queries.actor_as_unit(kela, "joint_support", looking=cast.eero)):
        assert not Person.objects.exists()
    with acting(cast.eero):
        access.give_grant(
            cast.eero, person=aino, unit=kela, ground="joint_support", categories=["identity"],
            from_unit=cast.unit("employment"),
        )  # fmt: skip
    preview = queries.actor_as_unit(kela, "joint_support", looking=cast.eero)
    assert queries.permits(preview, Permission.CASE_VIEW)
    assert not queries.permits(preview, Permission.CASE_WORK)
    with acting(preview):
        assert Person.objects.count() == 1
    with acting(queries.actor_as_unit(kela, "joint_support", looking=cast.vaino)):
        assert not Person.objects.exists(), "a preview never shows more than its viewer may see"
    with acting(queries.actor_as_unit(kela, "joint_support")):
        assert not Person.objects.exists()


def test_the_locks_can_be_put_on_again(cast: Cast) -> None:
    with maintaining(), transaction.atomic():
        assert access.lock_tables() == len(list(declared()))
    assert EmergencyAccess.objects.count() == 0
