"""Reviews of rights: whether everybody who has rights in a unit still needs them, asked of its lead, answered and kept."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client, override_settings

from config.metrics import FIGURES
from silta.access import operations, queries, rules, strands
from silta.access.enums import Verdict
from silta.access.models import Membership, RightsAnswer, RightsReview
from silta.audit.models import Event
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.organisations.models import Unit
from tests.cases import situations
from tests.cast import Cast, also_works_in, as_owner, key

Page = Callable[[str], Client]
DAY = dt.date(2026, 11, 23)


def begun(cast: Cast, unit: str = "employment") -> RightsReview:
    """A review of a unit, begun early by the keeper."""
    with acting(cast.admin):
        return operations.start_review(cast.admin, unit=cast.unit(unit))


def listed(actor: Actor, review: RightsReview) -> dict[UUID, queries.Reviewed]:
    with acting(actor):
        counts = strands.open_work_counts(actor, review.unit_id)
        rows = queries.reviewed_members(actor, review, counts)
    return {one.membership.user_id: one for one in rows}


def say(actor: Actor, review: RightsReview, who: str, verdict: str, **said: Any) -> RightsAnswer:
    one = listed(actor, review)[key(who)]
    with acting(actor):
        return operations.answer_for_member(
            actor, review=review, membership=one.membership, verdict=verdict, version=said.pop("version", one.version), **said
        )  # fmt: skip


def closed(actor: Actor, review: RightsReview) -> RightsReview:
    seen = queries.digest_of_list(list(listed(actor, review).values()))
    with acting(actor):
        return operations.close_review(actor, review=review, seen=seen)


def told_to_the_database(statement: str) -> None:
    """A statement past the operations, undone where it is refused."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def membership(who: str) -> Membership:
    return Membership.objects.get(pk=key(f"membership {who}"))


def another_lead(cast: Cast, who: str = "saara", unit: str = "employment") -> Actor:
    row = also_works_in(cast, who, unit, "unit_lead")
    return Actor(row.user_id, "unit_lead", row.purpose, row.unit_id, cast.unit(unit).organisation_id)


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (dt.date(2020, 1, 1), dt.date(2026, 12, 14)), (dt.date(2026, 6, 1), dt.date(2026, 12, 14)),
        (dt.date(2026, 6, 14), dt.date(2026, 12, 14)), (dt.date(2026, 6, 15), None), (DAY, None),
    ],
)  # fmt: skip
def test_a_unit_is_asked_three_weeks_before_half_a_year_has_passed(
    last: dt.date, due: dt.date | None
) -> None:
    assert rules.review_due(last, 6, DAY) == due


def test_the_last_of_august_is_half_a_year_from_the_last_of_february() -> None:
    assert rules.review_due(dt.date(2026, 8, 31), 6, dt.date(2027, 2, 7)) == dt.date(2027, 2, 28)


@pytest.mark.parametrize(
    ("verdict", "said", "code"),
    [
        ("stays", {}, ""), ("", {}, ""), ("perhaps", {}, "review_verdict"), ("ends", {}, "review_day"),
        ("ends", {"ends_on": DAY}, ""), ("ends", {"ends_on": DAY - dt.timedelta(days=1)}, "review_past"),
        ("ends", {"ends_on": DAY + dt.timedelta(days=9), "until": DAY}, "review_beyond"),
        ("role", {}, "review_role"), ("role", {"right_role": "case_worker"}, "review_role"),
        ("role", {"right_role": "preview"}, "review_role"), ("role", {"right_role": "network_member"}, ""),
    ],
)  # fmt: skip
def test_half_an_answer_is_none(verdict: str, said: dict[str, Any], code: str) -> None:
    asked: dict[str, Any] = {"right_role": "", "ends_on": None, "until": None} | said
    problem = rules.answer_problem(verdict, role="case_worker", today=DAY, **asked)
    assert (problem.code if problem else "") == (f"access.{code}" if code else "")


def test_the_night_asks_each_unit_once_and_locks_nobody_out(cast: Cast) -> None:
    with as_owner():
        asked = operations.start_due_reviews()
        assert operations.start_due_reviews() == 0
        rows = list(RightsReview.objects.all())
        assert asked == len(rows) == Membership.objects.values("unit").distinct().count()
        assert {row.due_on for row in rows} == {clock.today() + dt.timedelta(days=rules.REVIEW_DAYS)}
        RightsReview.objects.update(due_on=clock.today() - dt.timedelta(days=1))
        assert operations.start_due_reviews() == 0
        assert not Membership.objects.filter(valid_until__isnull=False).exists()
        late = next(figure for figure in FIGURES if figure.name == "silta_rights_reviews_late")
        with connection.cursor() as cursor:
            cursor.execute(late.query)
            assert cursor.fetchone() == (asked,)


def test_a_unit_that_was_reviewed_is_asked_again_when_its_months_have_passed(cast: Cast) -> None:
    review = begun(cast, "kela")
    with acting(cast.admin):
        seen = queries.digest_of_list(list(listed(cast.admin, review).values()))
    say(cast.admin, review, "kaisa", Verdict.STAYS)
    with pytest.raises(Conflict, match="review_changed"), acting(cast.admin):
        operations.close_review(cast.admin, review=review, seen=seen)
    closed(cast.admin, review)
    with as_owner():
        operations.start_due_reviews()
        mine = RightsReview.objects.filter(unit=cast.unit("kela"))
        assert mine.count() == 1
        with override_settings(RIGHTS_REVIEW_MONTHS=0):
            operations.start_due_reviews()
        assert mine.count() == 2


def test_a_unit_that_everybody_has_left_has_nobody_to_answer_for(cast: Cast) -> None:
    review = begun(cast, "kela")
    with as_owner():
        Membership.objects.filter(pk=key("membership kaisa")).update(
            valid_until=clock.today() - dt.timedelta(days=1)
        )
        operations.start_due_reviews()
        review.refresh_from_db()
        assert (review.closed_at is not None, review.closed_by, review.confirmed) == (True, None, [])


def test_an_officer_begins_a_review_early_in_her_own_organisation_only(cast: Cast) -> None:
    with acting(cast.officer):
        operations.start_review(cast.officer, unit=cast.unit("employment"))
        with pytest.raises(Conflict, match="review_open"):
            operations.start_review(cast.officer, unit=cast.unit("employment"))
        with pytest.raises(NotFound):
            operations.start_review(cast.officer, unit=cast.unit("kela"))
        assert {one.unit.name_fi for one in queries.rights_overview(cast.officer).rows} == {
            "Työkyvyn tuki", "Yrityspalvelut",
        }  # fmt: skip
    for actor in (cast.paula, cast.eero):
        with pytest.raises(NotAllowed), acting(actor):
            operations.start_review(actor, unit=cast.unit("employment_other"))


def test_paula_sees_what_each_of_her_staff_can_do(cast: Cast) -> None:
    situations.case_of_aino(cast)
    with acting(cast.eero):
        operations.make_feed_key(cast.eero)
        operations.make_token(
            cast.eero, name="Siirto", scopes=["cases.read"], expires_on=clock.today() + dt.timedelta(days=30)
        )
    eero = listed(cast.paula, begun(cast))[key("eero")]
    assert (eero.tokens, eero.addresses, eero.open_cases, eero.has_second_factor) == (1, 1, 1, False)


def test_paula_answers_one_by_one_takes_back_and_closes_with_the_list_as_she_saw_it(cast: Cast) -> None:
    review, last = begun(cast), clock.today() + dt.timedelta(days=7)
    say(cast.paula, review, "eero", Verdict.STAYS)
    say(cast.paula, review, "eero", "")
    with pytest.raises(RuleBroken, match="review_unanswered"):
        closed(cast.paula, review)
    say(cast.paula, review, "eero", Verdict.ENDS, ends_on=last, note="Siirtyy Sotkamoon")
    assert membership("eero").valid_until is None, "nothing follows before the review is closed"
    say(cast.paula, review, "officer", Verdict.STAYS)
    done = closed(cast.paula, review)
    assert (membership("eero").valid_until, membership("eero").ended_reason) == (last, "Siirtyy Sotkamoon")
    assert (done.closed_by_id, len(done.confirmed)) == (key("paula"), 3)
    with as_owner():
        event = Event.objects.get(action="access.close_rights_review")
    told = {line["membership"]: line for line in event.details["confirmed"]}
    assert told[str(key("membership eero"))]["answer"] == "ends"
    assert told[str(key("membership officer"))]["role"] == "data_protection_officer"
    assert "Virtanen" not in json.dumps(event.details)
    with pytest.raises(Conflict, match="review_closed"):
        closed(cast.paula, review)
    with pytest.raises(Conflict, match="review_closed"):
        say(cast.paula, review, "officer", Verdict.STAYS)


def test_nobody_answers_for_herself_and_the_keeper_settles_it(cast: Cast) -> None:
    review = begun(cast)
    with pytest.raises(NotAllowed, match="review_own"):
        say(cast.paula, review, "paula", Verdict.STAYS)
    for who in ("eero", "officer"):
        say(cast.paula, review, who, Verdict.STAYS)
    closed(cast.paula, review)
    with acting(cast.paula):
        assert queries.rights_requests(cast.paula) == []
        asked = RightsAnswer.objects.get(is_request=True)
        with pytest.raises(NotAllowed):
            operations.settle_request(cast.paula, answer=asked, note="Jää")
    with acting(cast.admin):
        [asked] = queries.rights_requests(cast.admin)
        assert asked.membership_id == key("membership paula")
        with pytest.raises(RuleBroken, match="settled_note"):
            operations.settle_request(cast.admin, answer=asked, note=" ")
        operations.settle_request(cast.admin, answer=asked, note="Johtaa yksikköä edelleen")
        assert queries.rights_requests(cast.admin) == []
        with pytest.raises(Conflict, match="request_settled"):
            operations.settle_request(cast.admin, answer=asked, note="Uudestaan")


def test_a_wrong_role_ends_today_and_the_right_one_begins_tomorrow(cast: Cast) -> None:
    review, tomorrow = begun(cast), clock.today() + dt.timedelta(days=1)
    say(cast.paula, review, "eero", Verdict.ROLE, right_role="network_member")
    say(cast.paula, review, "officer", Verdict.ROLE, right_role="case_worker")
    closed(cast.paula, review)
    assert membership("eero").valid_until == clock.today()
    new = Membership.objects.get(user=key("eero"), role="network_member")
    assert (new.valid_from, new.valid_until, new.unit_id) == (tomorrow, None, key("unit employment"))
    assert membership("officer").valid_until is None, "an officer's role is the keeper's to change"
    with acting(cast.admin):
        assert {row.membership_id for row in queries.rights_requests(cast.admin)} == {
            key("membership officer"), key("membership paula"),
        }  # fmt: skip


def test_two_leads_at_once_do_not_undo_each_other(cast: Cast) -> None:
    review, saara = begun(cast), another_lead(cast)
    say(saara, review, "eero", Verdict.ENDS, ends_on=clock.today())
    with pytest.raises(Conflict, match="review_answered"):
        say(cast.paula, review, "eero", Verdict.STAYS, version=0)
    say(saara, review, "paula", Verdict.STAYS)
    for who in ("officer", "saara"):
        say(cast.paula, review, who, Verdict.STAYS)
    closed(cast.paula, review)
    with as_owner():
        assert not RightsAnswer.objects.filter(is_request=True).exists(), "each answered for the other"


def test_who_left_or_came_meanwhile_is_noticed_before_the_list_is_confirmed(cast: Cast) -> None:
    review = begun(cast)
    for who in ("eero", "officer"):
        say(cast.paula, review, who, Verdict.STAYS)
    before = listed(cast.paula, review)
    seen, eero = queries.digest_of_list(list(before.values())), before[key("eero")]
    with acting(cast.admin):
        operations.end_membership(
            cast.admin, membership=membership("eero"), reason="Lähti", passes_on=True,
            on=clock.today() - dt.timedelta(days=1),
        )  # fmt: skip
    with acting(cast.paula):
        with pytest.raises(Conflict, match="review_changed"):
            operations.close_review(cast.paula, review=review, seen=seen)
        with pytest.raises(Conflict, match="review_member_gone"):
            operations.answer_for_member(
                cast.paula, review=review, membership=eero.membership, verdict="stays", version=1
            )
    assert key("eero") not in listed(cast.paula, review)
    also_works_in(cast, "kaisa", "employment")
    with pytest.raises(RuleBroken, match="review_unanswered"):
        closed(cast.paula, review)
    say(cast.paula, review, "kaisa", Verdict.STAYS)
    closed(cast.paula, review)


def test_a_unit_without_a_lead_comes_to_the_lead_above_it_and_else_to_the_keeper(cast: Cast) -> None:
    review = begun(cast, "employment_other")
    assert set(listed(cast.admin, review)) == {key("vaino")}
    with acting(cast.paula):
        assert queries.open_rights_reviews(cast.paula) == []
    with as_owner():
        Unit.objects.filter(pk=key("unit employment_other")).update(parent=key("unit employment"))
    with acting(cast.admin):
        assert review.unit_id not in {one.unit.pk for one in queries.open_rights_reviews(cast.admin)}
    with acting(cast.paula):
        assert [one.review_id for one in queries.open_rights_reviews(cast.paula)] == [review.pk]
    assert listed(cast.paula, review)[key("vaino")].open_cases is None
    say(cast.paula, review, "vaino", Verdict.ENDS, ends_on=clock.today())
    closed(cast.paula, review)
    assert membership("vaino").valid_until is None, (
        "she keeps the members of her own unit only: she asks the keeper"
    )
    with acting(cast.admin):
        assert [row.verdict for row in queries.rights_requests(cast.admin)] == ["ends"]


def test_a_review_whose_lead_leaves_is_the_keepers(cast: Cast) -> None:
    review = begun(cast)
    say(cast.paula, review, "eero", Verdict.STAYS)
    with as_owner():
        Membership.objects.filter(pk=key("membership paula")).update(
            valid_until=clock.today() - dt.timedelta(days=1)
        )
    with pytest.raises(NotAllowed, match="review_of_another"), acting(cast.paula):
        operations.close_review(cast.paula, review=review, seen="")
    assert listed(cast.admin, review)[key("eero")].verdict == Verdict.STAYS
    say(cast.admin, review, "officer", Verdict.STAYS)
    closed(cast.admin, review)


def test_the_database_itself_shows_reviews_to_their_reviewers_and_overseers_only(cast: Cast) -> None:
    review = begun(cast)
    say(cast.paula, review, "eero", Verdict.STAYS)
    for name in ("eero", "saara", "vaino", "tiina", "aino"):
        with acting(getattr(cast, name)):
            assert not RightsReview.objects.exists()
            assert not RightsAnswer.objects.exists()
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM silta_keys_in(%s)", [review.unit_id])
                assert cursor.fetchone() == (0,)
    with acting(cast.officer):
        assert RightsReview.objects.count() == RightsAnswer.objects.count() == 1
        assert RightsAnswer.objects.update(verdict="ends") == 0, "an officer looks on"
    with acting(cast.paula):
        for changed in ("due_on = due_on + 99", "unit_id = NULL", "started_by_id = NULL"):
            with pytest.raises(ProgrammingError, match="only be closed"):
                told_to_the_database(f"UPDATE access_rightsreview SET {changed}")
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            RightsReview(unit_id=review.unit_id, started_at=clock.now(), due_on=DAY).save(force_insert=True)
    say(cast.paula, review, "officer", Verdict.STAYS)
    closed(cast.paula, review)
    for actor, change in (
        (cast.paula, "access_rightsreview SET confirmed = '[]'"),
        (cast.paula, "access_rightsreview SET closed_at = NULL, closed_by_id = NULL"),
        (cast.admin, "access_rightsanswer SET verdict = 'ends'"),
    ):
        with acting(actor), pytest.raises(ProgrammingError, match="once"):
            told_to_the_database(f"UPDATE {change}")


def test_paula_goes_through_her_unit_on_the_page(cast: Cast, page_of: Page) -> None:
    review = begun(cast)
    paula, where = page_of("paula"), f"/access/rights/{review.pk}/"
    shown = paula.get("/unit/").content.decode()
    assert where in shown
    eero, officer = (f"{where}members/{key(f'membership {who}')}/" for who in ("eero", "officer"))
    assert paula.post(eero, {"verdict": "stays", "version": "0"}).status_code == 302
    piece = paula.post(officer, {"verdict": "ends", "version": "0"}, headers={"HX-Request": "true"})
    assert piece.status_code == 422
    whole = paula.post(officer, {"verdict": "ends", "version": "0"})
    assert whole.status_code == 422
    assert (
        paula.post(officer, {"verdict": "", "version": "7"}, headers={"HX-Request": "true"}).status_code
        == 409
    )
    piece = paula.post(officer, {"verdict": "stays", "version": "0"}, headers={"HX-Request": "true"})
    assert 'hx-swap-oob="true"' in piece.content.decode()
    page = paula.get(where)
    assert paula.post(f"{where}close/", {"seen": "x"}, follow=True).context["review"].closed_at is None
    seen = page.context["close_form"]["seen"].value()
    done = paula.post(f"{where}close/", {"seen": seen}, follow=True)
    assert done.context["review"].closed_by_id == key("paula")
    assert "Eero Virtanen" in done.content.decode()
    assert page_of("officer").get(where).status_code == 200
    for who in ("eero", "vaino", "saara"):
        assert page_of(who).get(where).status_code == 404


def test_the_officer_sees_the_units_of_her_organisation_and_what_is_late(cast: Cast, page_of: Page) -> None:
    review = begun(cast)
    with as_owner():
        RightsReview.objects.filter(pk=review.pk).update(due_on=clock.today() - dt.timedelta(days=3))
    officer = page_of("officer")
    assert officer.get(f"/access/rights/{review.pk}/").status_code == 404, "an open list is its reviewer's"
    late = officer.get("/access/rights/?late=on").context["units"]
    assert [(one.unit.pk, one.is_late, one.people) for one in late] == [(review.unit_id, True, 3)]
    assert len(officer.get("/access/rights/").context["units"]) == 2
    started = officer.post(f"/access/rights/units/{key('unit employment_other')}/start/", follow=True)
    assert started.status_code == 200
    with as_owner():
        assert RightsReview.objects.filter(
            unit=key("unit employment_other"), started_by=key("officer")
        ).exists()


def test_the_keeper_notes_what_became_of_a_request_on_the_page(cast: Cast, page_of: Page) -> None:
    review = begun(cast)
    for who in ("eero", "officer"):
        say(cast.paula, review, who, Verdict.STAYS)
    closed(cast.paula, review)
    [asked] = page_of("admin").get("/access/rights/").context["requests"]
    where = f"/access/rights/requests/{asked['row'].pk}/settle/"
    page_of("admin").post(where, {})
    page_of("admin").post(where, {"note": "Jatkaa esihenkilönä"})
    assert page_of("admin").get("/access/rights/").context["requests"] == []
    assert page_of("admin").post(where, {}).status_code == 404
