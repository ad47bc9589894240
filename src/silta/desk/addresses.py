"""The addresses of rows: a page has a hundred of them, alike but for the case, and asks once for each kind."""

from functools import cache
from uuid import UUID

from django.urls import reverse

_ANY = UUID(int=0)


def of_case(name: str, case: UUID, *more: object) -> str:
    """What ``reverse(name, args=[case, *more])`` answers, for views of any case."""
    return _shape(name, *map(str, more)).replace(str(_ANY), str(case))


@cache
def _shape(name: str, *more: str) -> str:
    return reverse(name, args=[_ANY, *more])
