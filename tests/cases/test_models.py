"""What the database itself refuses, pair by pair: facts that belong together are there together or not at all."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from silta.cases.models import (
    Action,
    AgreedService,
    AssessmentEntry,
    Case,
    Flag,
    Goal,
    Note,
    Participation,
    PlanVersion,
    Transfer,
)
from silta.kernel import clock
from tests.cases.situations import case_of_aino
from tests.cast import Cast, as_owner

TODAY = clock.today()
YESTERDAY = TODAY - dt.timedelta(days=1)

# Each row of a table that stands, and what of it cannot be changed alone.
SOUND: dict[type, dict[str, Any]] = {
    Participation: {"part": "member", "joined_on": TODAY, "joined_how": "invited", "unit": "social"},
    AssessmentEntry: {
        "category": "health", "domain": "health", "text": "x", "source": "client", "source_detail": "Aino",
        "necessity": "x", "as_of": TODAY,
    },
    Goal: {"own_words": "x", "proposed_by": "client", "state_on": TODAY},
    Action: {"text": "x", "owner_is_client": True, "state_on": TODAY},
    AgreedService: {"name": "x", "provider_name": "y", "agreed_on": TODAY, "state_on": TODAY},
    PlanVersion: {"number": 1, "made_on": TODAY, "reason": "x", "how_followed": "x", "content": {}},
    Note: {
        "visibility": "shared", "kind": "contact", "happened_at": clock.now(), "channel": "phone", "result": "reached",
    },
    Flag: {"text": "x"},
    Transfer: {"reason": "x", "from_unit": "employment", "to_unit": "employment_other"},
}  # fmt: skip
BROKEN: list[tuple[type, dict[str, Any]]] = [
    (Participation, {"left_on": TODAY}),
    (Participation, {"left_reason": "x"}),
    (Participation, {"writes_until": TODAY}),
    (Participation, {"left_on": YESTERDAY, "left_reason": "x"}),
    (Participation, {"unit": None}),
    (Participation, {"outsider_name": "Sisko"}),
    (Participation, {"part": "supporter"}),
    (Participation, {"part": "supporter", "unit": None}),
    (Participation, {"part": "responsible"}),
    (AssessmentEntry, {"necessity": ""}),
    (AssessmentEntry, {"source_detail": ""}),
    (AssessmentEntry, {"source": ""}),
    (Goal, {"state": "confirmed"}),
    (Goal, {"state": "achieved"}),
    (Action, {"owner_is_client": False}),
    (AgreedService, {"provider_name": ""}),
    (AgreedService, {"state": "done"}),
    (AgreedService, {"state": "started"}),
    (AgreedService, {"started_on": TODAY, "ended_on": YESTERDAY}),
    (PlanVersion, {"how_followed": ""}),
    (PlanVersion, {"accepted_on": TODAY}),
    (PlanVersion, {"accepted_how": "signature"}),
    (PlanVersion, {"accepted_on": TODAY, "accepted_how": "otherwise"}),
    (PlanVersion, {"accepted_on": TODAY, "accepted_how": "signature", "refused_reason": "x"}),
    (Note, {"withdrawn_at": clock.now()}),
    (Note, {"withdrawn_reason": "x"}),
    (Note, {"channel": ""}),
    (Note, {"result": ""}),
    (Note, {"kind": "observation"}),
    (Flag, {"resolved_on": TODAY}),
    (Flag, {"resolved_by": "eero"}),
    (Transfer, {"state": "accepted"}),
    (Transfer, {"decided_on": TODAY}),
    (Transfer, {"decision_reason": "x"}),
    (Transfer, {"to_unit": "employment"}),
]
CASE_BROKEN: list[dict[str, Any]] = [
    {"state": "ended"},
    {"ended_on": TODAY},
    {"outcome": "other"},
    {"onward": "none"},
    {"ending_parties": "x"},
    {"aftercare_until": TODAY},
    {"state": "ended", "ended_on": TODAY, "outcome": "other", "ending_parties": "x", "onward": "none"},
    {
        "state": "ended",
        "ended_on": TODAY,
        "outcome": "other",
        "ending_parties": "x",
        "onward": "none",
        "onward_text": "x",
    },
    {"is_held": True},
    {"held_reason": "x"},
    {"duties_explained_on": TODAY},
    {"duties_explained_how": "x"},
]


def row(cast: Cast, case: Case, model: type, **changed: Any) -> Any:
    fields = {**SOUND[model], **changed}
    for name in ("unit", "from_unit", "to_unit"):
        if isinstance(fields.get(name), str):
            fields[name] = cast.unit(fields[name])
    if isinstance(fields.get("resolved_by"), str):
        fields["resolved_by"] = cast.user(fields["resolved_by"])
    return model(
        case=case, person_id=case.person_id, recorded_by_id=cast.eero.user_id,
        recorded_by_unit_id=cast.eero.unit_id, recorded_at=clock.now(), **fields,
    )  # fmt: skip


@pytest.mark.parametrize("model", SOUND, ids=lambda model: model.__name__)
def test_the_sound_row_stands(cast: Cast, model: type) -> None:
    case = case_of_aino(cast)
    with as_owner():
        row(cast, case, model).save(force_insert=True)


@pytest.mark.parametrize(
    ("model", "changed"), BROKEN, ids=lambda value: getattr(value, "__name__", "") or "-".join(value)
)
def test_one_half_of_a_pair_is_refused(cast: Cast, model: type, changed: dict[str, Any]) -> None:
    case = case_of_aino(cast)
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        row(cast, case, model, **changed).save(force_insert=True)


@pytest.mark.parametrize("changed", CASE_BROKEN, ids="+".join)
def test_a_case_ends_whole_or_not_at_all(cast: Cast, changed: dict[str, Any]) -> None:
    case = case_of_aino(cast)
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**changed)


def test_one_open_offer_one_responsible_one_open_case(cast: Cast) -> None:
    case = case_of_aino(cast)
    with as_owner():
        row(cast, case, Transfer).save(force_insert=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            row(cast, case, Transfer).save(force_insert=True)
        case.pk, case.number = None, "2026-99999"
        with pytest.raises(IntegrityError), transaction.atomic():
            case.save(force_insert=True)
