"""The addresses of rows are those of the pages they lead to, whatever the case."""

import uuid

import pytest
from django.urls import reverse

from silta.desk import addresses


@pytest.mark.parametrize(
    ("name", "more"), [("cases:case", []), ("desk:why", []), ("desk:deed", ["complete"])]
)
def test_an_address_leads_to_its_page(name: str, more: list[str]) -> None:
    for case in (uuid.uuid4(), uuid.uuid4()):
        assert addresses.of_case(name, case, *more) == reverse(name, args=[case, *more])
