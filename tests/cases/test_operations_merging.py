"""Aino was registered twice: her cases and what the units may know of them come together, and apart again."""

import pytest

from silta.access.models import Grant
from silta.cases import queries
from silta.cases.models import Case, Note
from silta.cases.operations import merging, notes, opening
from silta.kernel.acting import acting
from silta.kernel.errors import NotAllowed, NotFound, RuleBroken
from silta.people import operations as people
from silta.people.models import Person
from tests.cases.situations import case_of_aino, in_network
from tests.cast import Cast, as_owner


def twin(cast: Cast, *, kind: str = "coaching", by: str = "liisa") -> Case:
    """A second row of the same person without a code, with a case of its own at the coaching provider."""
    actor = getattr(cast, by)
    with acting(actor):
        person = people.register(actor, first_names="Aino", last_name="Korhonen", no_code_reason="not_known")
        return opening.open_case(actor, person=person, kind=kind, source="self")


def test_cases_and_grounds_move_to_the_one_who_stays(cast: Cast) -> None:
    hers, other = in_network(cast), twin(cast)
    with acting(cast.liisa):
        notes.write_note(
            cast.liisa, case=other, kind="observation", text="Vain meille", visibility="internal"
        )
    with as_owner():
        # The lead's unit comes to know the twin as well, as it would by an invitation.
        Grant.objects.create(
            person_id=other.person_id, unit_id=cast.paula.unit_id, ground="own_register",
            categories=["identity", "clienthood"], valid_from=other.recorded_at, recorded_by_id=cast.paula.user_id,
            recorded_by_unit_id=cast.paula.unit_id, recorded_at=other.recorded_at,
        )  # fmt: skip
    with acting(cast.paula):
        person, duplicate = cast.person(), Person.objects.get(pk=other.person_id)
        merge = merging.merge_people(cast.paula, person=person, duplicate=duplicate, reason="Sama ihminen")
    with acting(cast.liisa):
        assert queries.get_for(cast.liisa, other.pk).person_id == hers.person_id
        assert Note.objects.get().person_id == hers.person_id
    with acting(cast.kaisa):
        assert [case.pk for case in queries.visible_to(cast.kaisa)] == [hers.pk]
    with acting(cast.paula):
        merging.undo_merge(cast.paula, merge=merge, reason="Sittenkin eri ihminen")
    with acting(cast.liisa):
        assert queries.get_for(cast.liisa, other.pk).person_id == other.person_id
        assert Note.objects.get().person_id == other.person_id


def test_two_open_cases_of_a_kind_are_not_joined(cast: Cast) -> None:
    case_of_aino(cast)
    other = twin(cast, kind="joint_support", by="eero")
    with acting(cast.paula), pytest.raises(RuleBroken) as refused:
        merging.merge_people(
            cast.paula, person=cast.person(), duplicate=Person.objects.get(pk=other.person_id), reason="Sama"
        )
    assert refused.value.code == "people.merge_blocked"


def test_only_a_lead_who_knows_both_merges(cast: Cast) -> None:
    case = case_of_aino(cast)
    other = twin(cast)
    duplicate = Person(pk=other.person_id)
    with acting(cast.eero), pytest.raises(NotAllowed):
        merging.merge_people(cast.eero, person=case.person, duplicate=duplicate, reason="Sama")
    with acting(cast.paula), pytest.raises(NotFound):
        merging.merge_people(cast.paula, person=case.person, duplicate=duplicate, reason="Sama")
