"""Every deed on a case, done through its form: what it does, what it refuses, and what it never loses."""

import dataclasses
import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import models
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from silta.cases.forms.base import VersionedForm
from silta.cases.models import (
    Action,
    AgreedService,
    AssessmentEntry,
    Case,
    Draft,
    Flag,
    Goal,
    HandOver,
    Note,
    Participation,
    PlanVersion,
    Review,
    StatusChange,
    Transfer,
)
from silta.cases.operations import actions, drafts, notes
from silta.cases.views.registry import DEEDS
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.people.models import Person
from tests.cases.situations import case_of_aino, ended, in_network, with_assessment, with_plan
from tests.cast import Cast, also_works_in, as_owner, key

Pages = Callable[[str], Client]
HTMX = {"HX-Request": "true", "HX-Target": "deed"}


def address(name: str, case: Case, *more: Any) -> str:
    return reverse(f"cases:{name}", args=[case.pk, *more])


def planned(cast: Cast) -> Case:
    plan = with_plan(cast)
    with acting(cast.eero):
        return Case.objects.select_related("person", "unit__organisation").get(pk=plan.case_id)


def rows(model: type[Model], **wanted: Any) -> list[Any]:
    """Rows as they are in the database, past row-level security."""
    with as_owner():
        return list(model._default_manager.filter(**wanted))


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form that a page shows."""
    form = page[page.index("data-submits") :]
    return dict(re.findall(r'<input type="hidden" name="(submission|version)" value="([^"]+)"', form))


def do(client: Client, place: str, **typed: Any) -> Any:
    """Opens the form, fills it in and sends it, as a person does."""
    page = client.get(place)
    assert page.status_code == 200, place
    return client.post(place, {**fields_of(page.content.decode()), **typed})


@pytest.mark.parametrize(
    ("name", "typed", "model", "found"),
    [
        ("contact", {"result": "reached", "channel": "phone", "happened_at": "2020-01-01T10:00", "with_client": "on",
                     "visibility": "shared", "text": ""}, Note, {"kind": "contact", "channel": "phone"}),
        ("note", {"text": "Väsynyt.", "happened_at": "2.1.2026 9.30", "visibility": "restricted",
                  "category": "health"}, Note, {"category": "health", "text": "Väsynyt."}),
        ("flag", {"text": "Ei soittoja ennen kymmentä"}, Flag, {"resolved_on": None}),
        ("goal", {"own_words": "Haluan ajokortin.", "proposed_by": "client"}, Goal, {"own_words": "Haluan ajokortin."}),
        ("action", {"text": "Soita autokouluun", "owner": "client"}, Action, {"owner_is_client": True}),
        ("service", {"name": "Velkaneuvonta", "provider_name": "Oikeusaputoimisto"}, AgreedService,
         {"provider_name": "Oikeusaputoimisto"}),
        ("entry", {"domain": "life", "text": "Asuu yksin.", "source": "client", "as_of": "1.3.2026"}, AssessmentEntry,
         {"domain": "life"}),
        ("review", {"findings": "Kaikki etenee.", "held_on": "1.3.2026"}, Review, {"findings": "Kaikki etenee."}),
        ("supporter", {"name": "Sirkka Korhonen"}, Participation, {"outsider_name": "Sirkka Korhonen"}),
    ],
)  # fmt: skip
def test_what_is_recorded_is_there_and_a_second_press_adds_nothing(
    name: str, typed: dict[str, str], model: type[Model], found: dict[str, Any], cast: Cast, page_of: Pages
) -> None:
    case, eero = planned(cast), page_of("eero")
    place = address(name, case)
    hidden = fields_of(eero.get(place).content.decode())
    for _press in range(2):
        answer = eero.post(place, {**hidden, **typed})
        assert answer.status_code == 302, answer.content.decode()
    assert len(rows(model, case=case, **found)) == 1


def test_every_form_opens_on_a_page_and_as_a_fragment(cast: Cast, page_of: Pages) -> None:
    case, eero = planned(cast), page_of("eero")
    subjects = {model: next(iter(rows(model, case=case)), None) for model in (Goal, Action, AgreedService, PlanVersion,
                                                                              AssessmentEntry, Participation)}  # fmt: skip
    with acting(cast.eero):
        subjects[Note] = notes.write_note(cast.eero, case=case, kind="contact", channel="phone")
    subjects[Person] = cast.person()
    opened = 0
    for deed in DEEDS:
        subject = subjects.get(deed.subject) if deed.subject else None
        if (deed.subject and subject is None) or deed.name in {"hold", "release"}:
            continue
        place = address(deed.name, case, *([subject.pk] if subject else []))
        page, part = eero.get(place), eero.get(place, headers=HTMX)
        assert page.status_code == part.status_code == 200, deed.name
        assert "<html" in page.content.decode()
        assert "<html" not in part.content.decode()
        assert str(deed.button) in part.content.decode()
        opened += 1
    assert opened >= 35


@pytest.mark.parametrize(
    ("name", "typed", "field", "kept"),
    [
        ("note", {"text": "<b>Huom</b>", "happened_at": "2.1.2026 9.30", "visibility": "shared"}, "text",
         "&lt;b&gt;Huom&lt;/b&gt;"),
        ("note", {"text": "Soita\x07heti", "happened_at": "2.1.2026 9.30", "visibility": "shared"}, "text", "heti"),
        ("note", {"text": "Päivää ei ole.", "happened_at": "31.2.2026 9.30", "visibility": "shared"}, "happened_at",
         "31.2.2026"),
        ("note", {"text": "Huomenna.", "happened_at": "1.1.2990 9.30", "visibility": "shared"}, "happened_at",
         "Huomenna."),
        ("contact", {"result": "reached", "channel": "phone", "happened_at": "2.1.2026 9.30", "visibility": "shared",
                     "text": "Työnantaja soitti."}, "with_whom", "Työnantaja soitti."),
        ("action", {"text": "Soita", "owner": "client", "due_on": "30.2.2027"}, "due_on", "30.2.2027"),
        ("action", {"text": "Soita", "owner": "client", "due_on": "1.1.2020"}, "due_on", "Soita"),
        ("action", {"text": "", "owner": "client"}, "text", ""),
        ("entry", {"domain": "health", "text": "Selkä.", "source": "client", "as_of": "1.3.2026"}, "necessity", "Selkä."),
        ("service", {"name": "Velkaneuvonta"}, "provider_unit", "Velkaneuvonta"),
        ("phase", {"phase": "ended", "reason": "Valmis", "on": "1.3.2026"}, "phase", "Valmis"),
    ],
)  # fmt: skip
def test_a_refusal_speaks_at_its_field_and_keeps_what_was_typed(
    name: str, typed: dict[str, str], field: str, kept: str, cast: Cast, page_of: Pages
) -> None:
    case, eero = planned(cast), page_of("eero")
    answer = eero.post(address(name, case), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"id_{field}_error" in page
    assert kept in page


def test_a_step_is_done_in_place_and_taken_back(cast: Cast, page_of: Pages) -> None:
    case, eero = planned(cast), page_of("eero")
    step = rows(Action, case=case)[0]
    answer = eero.post(address("action_complete", case, step.pk), {"version": step.version}, headers=HTMX)
    page = answer.content.decode()
    assert answer["HX-Retarget"] == "#plan"
    assert address("action_reopen", case, step.pk) in page
    assert 'id="case-head"' in page
    assert rows(Action, pk=step.pk)[0].state == "done"
    eero.post(address("action_reopen", case, step.pk), {"version": step.version + 1})
    assert rows(Action, pk=step.pk)[0].state == "open"


def test_when_another_was_faster_both_versions_are_shown_and_nothing_is_lost(
    cast: Cast, page_of: Pages
) -> None:
    case, eero = planned(cast), page_of("eero")
    step = rows(Action, case=case)[0]
    place = address("action_postpone", case, step.pk)
    hidden = fields_of(eero.get(place).content.decode())
    with acting(cast.eero):
        actions.postpone_action(
            cast.eero, action=Action.objects.get(pk=step.pk), version=step.version, due_on=case.opened_on, reason="Heti",
        )  # fmt: skip
    later = clock.today() + dt.timedelta(days=159)
    typed = {"due_on": later.isoformat(), "reason": "Vasta keväällä"}
    answer = eero.post(place, {**hidden, **typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "conflict-title" in page
    assert "Vasta keväällä" in page
    assert rows(Action, pk=step.pk)[0].due_on == case.opened_on
    again = fields_of(page)
    assert eero.post(place, {**again, **typed}).status_code == 302
    assert rows(Action, pk=step.pk)[0].due_on == later


def test_what_was_typed_is_offered_back_and_can_be_thrown_away(cast: Cast, page_of: Pages) -> None:
    case, eero = case_of_aino(cast), page_of("eero")
    kept = eero.post(
        address("draft", case, "note"), {"text": "Kesken jäi <b>", "visibility": "shared"}, headers=HTMX
    )
    assert kept.status_code == 200
    page = eero.get(address("note", case)).content.decode()
    assert "Kesken jäi &lt;b&gt;" in page
    assert "draft-offer" in page
    assert "Kesken" not in page_of("paula").get(address("note", case)).content.decode()
    eero.post(address("draft_discard", case, "note"))
    assert rows(Draft) == []
    assert eero.post(address("draft", case, "goal-drop"), {"reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "first", "second", "field"),
    [
        ("need", {"need": "intensive", "reason": "Kriisi"}, {"need": "light", "reason": "Sujuu"}, "need"),
        ("planned_end", {"on": "IN A YEAR"}, {"on": "IN TEN MONTHS"}, "planned_end_on"),
        ("duties", {"how": "Tulkin kanssa", "on": "TODAY"}, {"how": "Selkokielellä", "on": "TODAY"},
         "duties_explained_how"),
    ],
)  # fmt: skip
def test_what_two_change_at_once_is_shown_to_the_second_before_it_stands(
    cast: Cast, page_of: Pages, name: str, first: dict[str, str], second: dict[str, str], field: str
) -> None:
    case, eero, paula = case_of_aino(cast), page_of("eero"), page_of("paula")
    place, today = address(name, case), clock.today()
    days = {"TODAY": today.isoformat()} | {
        word: f"{today + dt.timedelta(days=number):%d.%m.%Y}"
        for word, number in (("IN A YEAR", 365), ("IN TEN MONTHS", 300))
    }
    typed = [{key: days.get(word, word) for key, word in one.items()} for one in (first, second)]
    seen = fields_of(paula.get(place).content.decode())
    assert do(eero, place, **typed[0]).status_code == 302
    stands = getattr(rows(Case, pk=case.pk)[0], field)
    late = paula.post(place, {**seen, **typed[1]})
    assert late.status_code == 422
    assert "conflict-title" in late.content.decode()
    assert getattr(rows(Case, pk=case.pk)[0], field) == stands
    assert paula.post(place, {**fields_of(late.content.decode()), **typed[1]}).status_code == 302
    assert getattr(rows(Case, pk=case.pk)[0], field) != stands


def test_a_draft_keeps_every_tick_of_a_group_of_boxes(cast: Cast, page_of: Pages) -> None:
    case, eero = with_assessment(cast), page_of("eero")
    typed = {"parties": ["client", "employment_authority"], "onward_text": "Oppilaitos jatkaa"}
    assert eero.post(address("draft", case, "end"), typed, headers=HTMX).status_code == 200
    assert rows(Draft)[0].fields == typed
    page = eero.get(address("end", case)).content.decode()
    ticked = {
        value
        for value in re.findall(r'<input[^>]*name="parties"[^>]*>', page)
        if re.search(r"\bchecked\b", value)
    }
    assert {re.findall(r'value="([^"]+)"', one)[0] for one in ticked} == {"client", "employment_authority"}


def test_a_draft_with_a_stray_mark_is_kept_without_it(cast: Cast, page_of: Pages) -> None:
    case, eero = case_of_aino(cast), page_of("eero")
    assert eero.post(address("draft", case, "note"), {"text": "Kes\x00ken"}, headers=HTMX).status_code == 200
    assert "Kesken" in eero.get(address("note", case)).content.decode()


def test_a_draft_written_in_one_organisation_does_not_show_in_another(cast: Cast, page_of: Pages) -> None:
    case, eero = in_network(cast), page_of("eero")
    second = also_works_in(cast, "eero", "social")
    eero.post(address("draft", case, "note"), {"text": "Työvoimapalvelun sana"}, headers=HTMX)
    eero.post("/access/switch/", {"membership": second.pk})
    page = eero.get(address("note", case))
    assert page.status_code == 200, "the other unit is in the case too"
    assert "Työvoimapalvelun sana" not in page.content.decode()
    eero.post(address("draft", case, "note"), {"text": "Sosiaalipalvelun sana"}, headers=HTMX)
    eero.post(address("draft_discard", case, "note"))
    assert [draft.fields["text"] for draft in rows(Draft)] == ["Työvoimapalvelun sana"]
    eero.post("/access/switch/", {"membership": key("membership eero")})
    assert "Työvoimapalvelun sana" in eero.get(address("note", case)).content.decode()
    elsewhere = dataclasses.replace(
        cast.eero, unit_id=second.unit_id, organisation_id=cast.saara.organisation_id
    )
    with acting(elsewhere):
        assert not Draft.objects.exists(), "the database shows it as little"


def test_old_drafts_are_thrown_away(cast: Cast) -> None:
    case, now = case_of_aino(cast), clock.now()
    for days, form in ((15, "note"), (13, "goal")):
        with clock.at(now - dt.timedelta(days=days)), acting(cast.eero):
            drafts.keep_draft(cast.eero, case=case, form=form, fields={"text": "Kesken"})
    with as_owner():
        assert drafts.forget_drafts() == 1
    assert [draft.form for draft in rows(Draft)] == ["goal"]


def test_what_was_saved_leaves_no_draft_behind(cast: Cast, page_of: Pages) -> None:
    case, eero = case_of_aino(cast), page_of("eero")
    eero.post(address("draft", case, "note"), {"text": "Kesken"})
    do(eero, address("note", case), text="Valmis.", happened_at="2.1.2026 9.30", visibility="shared")
    assert rows(Draft) == []
    assert len(rows(Note)) == 1


def test_a_case_is_offered_only_to_those_who_can_take_it(cast: Cast, page_of: Pages) -> None:
    page = page_of("eero").get(address("transfer", case_of_aino(cast))).content.decode()
    assert str(cast.unit("employment_other").pk) in page
    for name in ("coaching", "kela"):
        assert str(cast.unit(name).pk) not in page


def test_who_takes_over_is_chosen_and_not_the_first_of_the_list(cast: Cast, page_of: Pages) -> None:
    case, eero = case_of_aino(cast), page_of("eero")
    page = eero.get(address("hand_over", case)).content.decode()
    assert '<option value="" selected>' in page
    refused = eero.post(
        address("hand_over", case), {"to_user": "", "note": "Soita.", "transition_days": "14"}
    )
    assert refused.status_code == 422
    assert rows(HandOver, case=case) == []


def test_the_responsibility_goes_to_a_colleague(cast: Cast, page_of: Pages) -> None:
    case, eero = case_of_aino(cast), page_of("eero")
    done = do(
        eero,
        address("hand_over", case),
        to_user=str(key("paula")),
        note="Soita maanantaina.",
        transition_days="14",
    )
    assert done.status_code == 302
    assert rows(HandOver, case=case)[0].to_user_id == key("paula")


def test_a_case_is_ended_with_its_checklist_and_opened_again(cast: Cast, page_of: Pages) -> None:
    case, eero = in_network(cast), page_of("eero")
    page = eero.get(address("end", case)).content.decode()
    assert "checklist" in page
    done = do(
        eero, address("end", case), outcome="open_employment", onward="path", onward_text="Työterveys",
        parties=["client", "employment_authority", "wellbeing_county", "kela"], ended_on=str(case.opened_on),
    )  # fmt: skip
    assert done.status_code == 302, done.content.decode()
    assert rows(Case, pk=case.pk)[0].state == "ended"
    assert do(eero, address("reopen", case), reason="Työ loppui").status_code == 302
    assert rows(Case, pk=case.pk)[0].state == "open"


def test_whose_part_is_missing_from_the_end_is_told_at_the_field(cast: Cast, page_of: Pages) -> None:
    case, eero = with_assessment(cast), page_of("eero")
    typed = {
        "outcome": "study",
        "onward": "path",
        "onward_text": "Oppilaitos",
        "ended_on": str(case.opened_on),
    }
    page = eero.get(address("end", case)).content.decode()
    assert page.count("381/2023 8 §") > 3, "the closing rule and each of the three say their source"
    alone = do(eero, address("end", case), parties=["client", "employment_authority", "kela"], **typed)
    assert alone.status_code == 422
    assert "Kainuun hyvinvointialue (381/2023 8 §)" in alone.content.decode()
    unexplained = do(
        eero, address("end", case), parties=["client", "employment_authority", "wellbeing_county"], **typed
    )
    assert unexplained.status_code == 422
    assert 'id="id_absence_reason"' in unexplained.content.decode()
    assert rows(Case, pk=case.pk)[0].state == "open"


def test_an_offer_is_seen_by_the_other_unit_and_declined(cast: Cast, page_of: Pages) -> None:
    case, eero = case_of_aino(cast), page_of("eero")
    unit = cast.unit("employment_other")
    assert do(eero, address("transfer", case), to_unit=str(unit.pk), reason="Muutti").status_code == 302
    transfer = rows(Transfer, case=case)[0]
    vaino = page_of("vaino")
    assert vaino.get(address("offer", case, transfer.pk)).status_code == 200
    done = do(vaino, address("transfer_decline", case, transfer.pk), reason="Ei meidän alueemme")
    assert done.status_code == 302
    assert rows(Transfer, pk=transfer.pk)[0].state == "declined"
    assert vaino.get(address("case", case)).status_code == 404


def test_an_offer_is_accepted_by_somebody_named(cast: Cast, page_of: Pages) -> None:
    case, eero = case_of_aino(cast), page_of("eero")
    do(eero, address("transfer", case), to_unit=str(cast.unit("employment_other").pk), reason="Muutti")
    transfer = rows(Transfer, case=case)[0]
    done = do(page_of("vaino"), address("transfer_accept", case, transfer.pk), responsible=str(key("vaino")))
    assert done.status_code == 302, done.content.decode()
    assert rows(Case, pk=case.pk)[0].responsible_id == key("vaino")


def test_a_unit_is_invited_only_with_what_the_law_lets_it_know(cast: Cast, page_of: Pages) -> None:
    case, eero = case_of_aino(cast), page_of("eero")
    place, unit = address("invite", case), cast.unit("coaching")
    page = eero.get(place, {"unit": str(unit.pk)}).content.decode()
    assert "380/2023" in page
    assert 'value="health"' not in page
    hidden = fields_of(page)
    typed = {"unit": str(unit.pk), "answers_for": "Työhönvalmennus", "user": str(key("liisa"))}
    refused = eero.post(place, {**hidden, **typed, "categories": ["identity", "health"]})
    assert refused.status_code == 422
    assert "Työhönvalmennus" in refused.content.decode()
    assert (
        eero.post(place, {**hidden, **typed, "categories": ["identity", "clienthood", "plan"]}).status_code
        == 302
    )
    assert page_of("liisa").get(address("case", case)).status_code == 200


def test_a_share_ends_and_the_page_closes_for_those_who_left(cast: Cast, page_of: Pages) -> None:
    case = in_network(cast)
    row = next(one for one in rows(Participation, case=case) if one.user_id == key("kaisa"))
    kaisa = page_of("kaisa")
    assert do(kaisa, address("leave", case, row.pk), reason="Kelan osuus on valmis").status_code == 302
    assert kaisa.get(address("case", case)).status_code == 404


def test_kela_writes_its_share_but_does_not_end_the_case(cast: Cast, page_of: Pages) -> None:
    case, kaisa = in_network(cast), page_of("kaisa")
    assert do(kaisa, address("note", case), text="Hakemus tuli.", happened_at="2.1.2026 9.30",
              visibility="shared").status_code == 302  # fmt: skip
    typed = {"version": case.version, "outcome": "other", "parties": ["kela"], "onward": "none",
             "onward_text": "Ei", "ended_on": str(case.opened_on)}  # fmt: skip
    assert kaisa.post(address("end", case), typed).status_code == 404


def test_erasure_is_held_by_the_lead_alone(cast: Cast, page_of: Pages) -> None:
    case = ended(cast)
    assert page_of("eero").get(address("hold", case)).status_code == 404
    assert do(page_of("paula"), address("hold", case), reason="Valitus on kesken").status_code == 302
    assert rows(Case, pk=case.pk)[0].is_held


def test_a_row_of_another_case_is_not_found_here(cast: Cast, page_of: Pages) -> None:
    case, eero = planned(cast), page_of("eero")
    assert eero.get(address("goal_confirm", case, uuid.uuid4())).status_code == 404


# Deeds whose forms tell no version, each with the reason why nothing is written over by them unseen.
ADDS = "adds a row; what others added meanwhile stands beside it"
ONCE = "can be done once; the second is told so"
UNVERSIONED = {
    "contact": ADDS, "note": ADDS, "flag": ADDS, "entry": ADDS, "goal": ADDS, "action": ADDS, "service": ADDS,
    "plan": ADDS, "review": ADDS, "supporter": ADDS, "mark": ADDS, "trigger": ADDS, "contact_point": ADDS,
    "residence": ADDS, "reveal": ADDS, "entry_dispute": ADDS,
    "transfer": "adds an offer; the database lets one be open at a time",
    "mark_withdraw": "names the day of the date it withdraws", "trigger_withdraw": "names the day likewise",
    "assessment_start": ONCE, "reopen": ONCE, "leave": ONCE, "contact_point_end": ONCE, "flag_resolve": ONCE,
    "entry_correct": ONCE, "transfer_accept": ONCE, "transfer_decline": ONCE, "transfer_withdraw": ONCE,
    "plan_accept": ONCE, "plan_refuse": "may be said again while the plan is not accepted; the journal keeps each",
}  # fmt: skip


def test_every_deed_that_changes_what_others_may_change_tells_the_version_it_saw() -> None:
    versioned = {deed.name for deed in DEEDS if issubclass(deed.form, VersionedForm)}
    assert versioned | set(UNVERSIONED) == {deed.name for deed in DEEDS}
    assert not versioned & set(UNVERSIONED)


STALE: dict[str, dict[str, str]] = {
    "phase": {"phase": "plan", "reason": "Kiire", "on": "1.3.2026"},
    "hand_over": {"to_user": str(key("eero")), "note": "Soita.", "transition_days": "14"},
    "hold": {"reason": "Valitus on kesken"},
    "release": {},
    "note_withdraw": {"reason": "Väärä ihminen"},
    "note_restore": {},
}


@pytest.mark.parametrize("name", STALE)
def test_what_others_changed_meanwhile_is_shown_and_not_written_over(
    name: str, cast: Cast, page_of: Pages
) -> None:
    case, paula = planned(cast), page_of("paula")
    with acting(cast.eero):
        note = notes.write_note(cast.eero, case=case, kind="observation", text="Väsynyt.")
        if name == "note_restore":
            note = notes.withdraw_note(cast.eero, note=note, reason="Väärä")
    is_note = name.startswith("note")
    place = address(name, case, *([note.pk] if is_note else []))
    hidden = fields_of(paula.get(place).content.decode())
    with as_owner():
        type(note if is_note else case).objects.filter(pk=(note if is_note else case).pk).update(
            version=models.F("version") + 1
        )
    before = rows(type(note if is_note else case))
    answer = paula.post(place, {**hidden, **STALE[name]})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "conflict-title" in page
    for typed in ("Kiire", "Soita.", "Valitus on kesken", "Väärä ihminen"):
        assert (typed in page) is (typed in STALE[name].values())
    assert [vars(row) | {"_state": None} for row in rows(type(before[0]))] == [
        vars(row) | {"_state": None} for row in before
    ]
    assert not rows(HandOver)


def test_two_who_hand_a_case_over_do_not_undo_each_other(cast: Cast, page_of: Pages) -> None:
    case, paula, eero = in_network(cast), page_of("paula"), page_of("eero")
    place = address("hand_over", case)
    hers, his = (fields_of(page.get(place).content.decode()) for page in (paula, eero))
    done = eero.post(place, {**his, "to_user": str(key("saara")), "note": "Saara.", "transition_days": "0"})
    assert done.status_code == 302
    late = paula.post(place, {**hers, "to_user": str(key("kaisa")), "note": "Kaisa.", "transition_days": "0"})
    assert late.status_code == 422
    assert "conflict-title" in late.content.decode()
    assert [row.to_user_id for row in rows(HandOver)] == [key("saara")]


def test_two_who_change_the_phase_do_not_undo_each_other(cast: Cast, page_of: Pages) -> None:
    case, paula, eero = in_network(cast), page_of("paula"), page_of("eero")
    place = address("phase", case)
    hers, his = (fields_of(page.get(place).content.decode()) for page in (paula, eero))
    moved = {"phase": "assessment", "reason": "Alkaa", "on": f"{clock.today():%d.%m.%Y}"}
    assert eero.post(place, {**his, **moved}).status_code == 302
    late = paula.post(place, {**hers, **moved, "reason": "Minäkin"})
    assert late.status_code == 422
    assert "conflict-title" in late.content.decode()
    assert "Minäkin" in late.content.decode()
    assert len(rows(StatusChange, subject="phase", after="assessment")) == 1


def test_a_step_is_ones_own_until_another_is_chosen(cast: Cast, page_of: Pages) -> None:
    """Who writes a step down is offered first, else who answers for the case: never the client, unasked."""
    case = in_network(cast)

    def offered(name: str) -> list[str]:
        form = page_of(name).get(address("action", case)).context["form"]
        return [str(label).partition(",")[0] for _code, label in form.fields["owner"].choices]

    assert offered("eero")[:2] == ["Eero Virtanen", "Asiakas"]
    assert offered("saara")[:2] == ["Saara Niemi", "Asiakas"]
    assert offered("paula")[:2] == ["Eero Virtanen", "Asiakas"]
    line = page_of("eero").get(reverse("cases:case", args=[case.pk])).context["quick_add"]
    assert str(line.fields["owner"].choices[0][1]).startswith("Eero Virtanen")
