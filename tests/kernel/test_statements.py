"""Queries worked out once: they find what the query itself finds, with other values each time, under the same policies."""

import datetime as dt
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from silta.access.models import Membership
from silta.cases.models import StatusChange
from silta.kernel import clock, statements
from silta.kernel.acting import acting
from silta.kernel.statements import Statement
from silta.organisations.models import Unit
from tests.cases.situations import with_plan
from tests.cast import Cast

OF_USER = Statement(
    lambda user, day: Membership.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day), user_id=user)
    .select_related("unit__organisation")
    .order_by("id"),
    UUID,
    dt.date,
)  # fmt: skip
UNITS = Statement(lambda keys: Unit.objects.filter(pk__any_of=keys).only("name_fi").order_by("id"), list)
CHANGES = Statement(lambda case: StatusChange.objects.filter(case=case), UUID)


def test_it_finds_what_the_query_finds_whatever_the_values(cast: Cast) -> None:
    for actor in (cast.eero, cast.saara, cast.kaisa):
        wanted = list(Membership.objects.filter(user_id=actor.user_id).order_by("id"))
        assert OF_USER(actor.user_id, clock.today()).rows() == wanted
        assert wanted


def test_related_rows_come_with_it_and_cost_no_query(cast: Cast) -> None:
    row = OF_USER(cast.eero.user_id, clock.today()).first()
    assert row is not None
    with CaptureQueriesContext(connection) as asked:
        assert (row.unit_id, row.unit.organisation_id) == (cast.eero.unit_id, cast.eero.organisation_id)
        assert str(row.unit.organisation)
    assert len(asked) == 0


def test_nothing_found_is_none(cast: Cast) -> None:
    assert OF_USER(cast.eero.user_id, dt.date(2999, 1, 1)).first() is not None
    assert OF_USER(UUID(int=7), clock.today()).first() is None


def test_one_statement_serves_lists_of_every_length(cast: Cast) -> None:
    keys = [actor.unit_id for actor in (cast.eero, cast.saara, cast.kaisa)]
    with CaptureQueriesContext(connection) as asked:
        found = [UNITS(keys[:length]).rows() for length in range(4)]
    assert [{unit.pk for unit in units} for units in found] == [set(keys[:length]) for length in range(4)]
    assert len({query["sql"].partition("WHERE")[0] for query in asked}) == 1
    assert "name_sv" in found[3][0].get_deferred_fields()


def test_statements_sent_together_answer_in_their_order(cast: Cast) -> None:
    case_id = with_plan(cast).case_id
    with acting(cast.eero):
        units, changes, none = statements.together([UNITS([cast.eero.unit_id]), CHANGES(case_id), UNITS([])])
    assert [unit.pk for unit in units] == [cast.eero.unit_id]
    assert {row.case_id for row in changes} == {case_id}
    assert none == []
    assert statements.together([]) == []


def test_row_level_security_has_the_last_word_as_ever(cast: Cast) -> None:
    case_id = with_plan(cast).case_id
    for actor, sees in ((cast.eero, True), (cast.vaino, False)):
        with acting(actor):
            assert bool(CHANGES(case_id).rows()) is sees
            assert bool(statements.together([CHANGES(case_id)])[0]) is sees
