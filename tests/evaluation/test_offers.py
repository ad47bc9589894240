"""What leaves for figures is what was declared harmless, and nothing else."""

import pytest
from django.apps import apps

from silta.evaluation import queries
from silta.kernel.offers import Column, Leaves, Offer
from silta.kernel.personaldata import Holds

ROOM_OF = {
    "cases": "cases",
    "plans": "cases",
    "reviews": "cases",
    "services": "cases",
    "residences": "people",
}
COLUMNS = [
    pytest.param(offer, column, id=f"{offer.name}.{column.name}")
    for offer in queries.offers()
    for column in offer.columns
]
# What tells too much leaves in a coarser form only where docs/adr/0007 says why.
COARSENED = {("residences", "municipality")}


@pytest.mark.parametrize(("offer", "column"), COLUMNS)
def test_no_identity_contact_health_or_free_text_leaves(offer: Offer, column: Column) -> None:
    model = apps.get_model(ROOM_OF[offer.name], offer.model)
    holds = model.PersonalData.fields[column.field]
    if column.leaves is Leaves.COARSENED:
        assert (offer.name, column.name) in COARSENED
    elif column.leaves is Leaves.KEYED:
        assert column.field == "id" or holds is Holds.REFERENCE
    else:
        assert holds in {Holds.FACT, Holds.NONE}
        assert column.sql == f"t.{column.field}", "a plain column is the field itself"


def test_an_id_never_leaves_as_it_is() -> None:
    for offer in queries.offers():
        model = apps.get_model(ROOM_OF[offer.name], offer.model)
        assert not [
            column for column in offer.columns
            if column.leaves is Leaves.AS_IT_IS and model._meta.get_field(column.field).get_internal_type() in {"UUIDField", "ForeignKey"}
        ]  # fmt: skip


def test_every_offer_is_known_here() -> None:
    assert {offer.name for offer in queries.offers()} == ROOM_OF.keys()
