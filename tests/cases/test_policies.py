"""Who in a case reads what the professionals tell each other: the database itself decides, row by row."""

import datetime as dt
import json
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.urls import reverse
from psycopg import errors

from silta.access import operations as access
from silta.access.enums import Purpose
from silta.access.models import Grant
from silta.access.policies import declared
from silta.access.queries import actor_as_unit
from silta.accounts import operations as accounts
from silta.cases.enums import NoteKind, Visibility
from silta.cases.models import (
    Case,
    Flag,
    HandOver,
    JoiningReason,
    LeavingReason,
    Note,
    Participation,
    Transfer,
)
from silta.cases.operations import flags, network, notes, transfers
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.organisations.models import Succession
from tests.access.rows import model_of
from tests.cases.situations import again, case_of_aino, in_network, invited, with_plan
from tests.cast import Cast, as_owner, key


def seen(actor: Actor, model: type[models.Model]) -> int:
    """How many rows of the table the actor's unit gets."""
    with acting(actor):
        return model._default_manager.count()


def employer_in(cast: Cast, case: Case) -> None:
    """Past every rule, an employer's unit knows the clienthood of the case and takes part in it."""
    provenance = {
        "recorded_by_id": key("eero"),
        "recorded_by_unit_id": key("unit employment"),
        "recorded_at": clock.now(),
    }
    with as_owner():
        Grant.objects.create(
            person_id=case.person_id, unit=cast.unit("workplace"), ground="employer_consent", source_type="cases.case",
            source_id=case.pk, categories=["identity", "clienthood", "plan"],
            valid_from=clock.now() - dt.timedelta(hours=1), **provenance,
        )  # fmt: skip
        Participation.objects.create(
            case=case, person_id=case.person_id, unit=cast.unit("workplace"), user=cast.user("olli"), part="member",
            joined_on=clock.today(), joined_how="invited", **provenance,
        )  # fmt: skip


def test_a_hand_over_note_is_between_those_who_are_responsible(cast: Cast) -> None:
    case = in_network(cast)
    employer_in(cast, case)
    with acting(cast.eero):
        network.hand_over(cast.eero, case=case, to_user=cast.user("paula"), note="Puhuu vain kahden kesken")
    assert seen(cast.paula, HandOver) == seen(cast.eero, HandOver) == 1
    for outsider in (cast.saara, cast.kaisa, cast.olli, cast.aino, cast.vaino):
        assert seen(outsider, HandOver) == 0
    with acting(cast.paula):
        network.hand_over(cast.paula, case=case, to_user=cast.user("saara"), note="Saara jatkaa")
    assert seen(cast.saara, HandOver) == 2
    assert seen(cast.kaisa, HandOver) == 0
    with acting(cast.kaisa):
        assert Participation.objects.filter(part="responsible", left_on=None).get().user_id == key("saara")


def test_an_offer_of_transfer_is_between_the_two_units(cast: Cast) -> None:
    case = in_network(cast)
    employer_in(cast, case)
    with acting(cast.eero):
        transfers.propose_transfer(
            cast.eero, case=case, to_unit=cast.unit("employment_other"), reason="Muutti", note="Puhuu hiljaa"
        )
    assert seen(cast.eero, Transfer) == seen(cast.vaino, Transfer) == 1
    for outsider in (cast.saara, cast.kaisa, cast.olli, cast.aino):
        assert seen(outsider, Transfer) == 0


def test_the_history_tells_of_no_offer_to_those_who_may_not_know_it(
    cast: Cast, page_of: Callable[[str], Client]
) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        transfers.propose_transfer(
            cast.eero, case=case, to_unit=cast.unit("employment_other"), reason="Muutti"
        )
    address = reverse("cases:case", args=[case.pk])
    assert "Siirto yksikköön" in page_of("eero").get(address).content.decode()
    assert "Siirto yksikköön" not in page_of("kaisa").get(address).content.decode()


def test_a_flag_is_for_the_professionals_and_not_for_an_employer(cast: Cast) -> None:
    case = in_network(cast)
    employer_in(cast, case)
    with acting(cast.eero):
        flags.raise_flag(cast.eero, case=case, text="Ei soittoja ennen kymmentä")
    for insider in (cast.eero, cast.saara, cast.kaisa):
        assert seen(insider, Flag) == 1
    assert seen(cast.olli, Case) == 1, "he takes part, and still"
    for outsider in (cast.olli, cast.aino, cast.vaino):
        assert seen(outsider, Flag) == 0


def test_why_somebody_joined_on_her_own_is_for_her_unit_the_responsible_and_the_client(
    cast: Cast, page_of: Callable[[str], Client]
) -> None:
    case = case_of_aino(cast)
    with acting(cast.saara):
        network.self_attach(cast.saara, case_id=case.pk, reason="Mielenterveyden kriisi")
    invited(cast, case, "kaisa", "kela")
    employer_in(cast, case)
    for reader in (cast.saara, cast.eero, cast.paula, cast.aino):
        assert seen(reader, JoiningReason) == 1
    for outsider in (cast.kaisa, cast.olli, cast.vaino):
        assert seen(outsider, JoiningReason) == 0
    with acting(cast.kaisa):
        assert Participation.objects.filter(joined_how="self_attached").count() == 1, (
            "that she joined, all know"
        )
        assert "kriisi" not in Flag.objects.get().text
    address = reverse("cases:members", args=[case.pk])
    assert "Mielenterveyden kriisi" in page_of("eero").get(address).content.decode()
    told = page_of("kaisa").get(address).content.decode()
    assert "Saara Niemi" in told
    assert "kriisi" not in told


def test_why_somebody_left_is_for_her_unit_the_responsible_and_the_client(
    cast: Cast, page_of: Callable[[str], Client]
) -> None:
    case = in_network(cast)
    employer_in(cast, case)
    with acting(cast.saara):
        part = Participation.objects.get(user_id=cast.saara.user_id)
    with acting(cast.eero):
        part = Participation.objects.get(pk=part.pk)
        network.leave(cast.eero, participation=part, reason="Päihdehoito alkoi muualla")
    with as_owner():
        assert "Päihdehoito" not in str(Participation.objects.values_list("left_reason", flat=True))
    for reader in (cast.eero, cast.paula, cast.aino):
        assert seen(reader, LeavingReason) == 1
    for outsider in (cast.kaisa, cast.olli, cast.vaino):
        assert seen(outsider, LeavingReason) == 0
    members, page = (reverse(f"cases:{name}", args=[case.pk]) for name in ("members", "case"))
    assert "Päihdehoito alkoi muualla" in page_of("eero").get(members).content.decode()
    for address in (members, page, f"{page}?shown=people"):
        told = page_of("kaisa").get(address).content.decode()
        assert "Saara Niemi" in told
        assert "Päihdehoito" not in told
    assert "niille, joita se koskee" in page_of("kaisa").get(members).content.decode()


def test_who_leaves_tells_her_reason_before_she_no_longer_may(cast: Cast) -> None:
    in_network(cast)
    with acting(cast.kaisa):
        mine = Participation.objects.get(user_id=cast.kaisa.user_id)
        network.leave(cast.kaisa, participation=mine, reason="Kuntoutus päättyi")
        assert not LeavingReason.objects.exists(), "her unit is out, with all it knew"
    with acting(cast.eero):
        assert LeavingReason.objects.get().text == "Kuntoutus päättyi"


def test_an_employer_reads_its_own_flags(cast: Cast) -> None:
    case = case_of_aino(cast, kind="workplace_support", by="hanna")
    with acting(cast.hanna):
        flags.raise_flag(cast.hanna, case=case, text="Työvuorot sovittava viikkoa ennen")
    assert seen(cast.hanna, Flag) == 1


@pytest.mark.parametrize(("looking", "unit"), [("kaisa", "employment"), ("eero", "kela")])
def test_a_preview_shows_no_hand_over_that_either_may_not_read(cast: Cast, looking: str, unit: str) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        network.hand_over(cast.eero, case=case, to_user=cast.user("paula"), note="Puhuu vain kahden kesken")
    preview = actor_as_unit(cast.unit(unit), Purpose.JOINT_SUPPORT, looking=getattr(cast, looking))
    assert seen(preview, Case) == 1
    assert seen(preview, HandOver) == 0


def test_a_preview_of_an_employer_shows_no_flag_of_others(cast: Cast) -> None:
    case = in_network(cast)
    employer_in(cast, case)
    with acting(cast.eero):
        flags.raise_flag(cast.eero, case=case, text="Ei soittoja ennen kymmentä")
    as_employer = actor_as_unit(cast.unit("workplace"), Purpose.JOINT_SUPPORT, looking=cast.eero)
    by_employer = actor_as_unit(cast.unit("kela"), Purpose.JOINT_SUPPORT, looking=cast.olli)
    assert seen(as_employer, Case) == seen(by_employer, Case) == 1
    assert seen(as_employer, Flag) == seen(by_employer, Flag) == 0


def test_what_was_internal_to_a_predecessor_is_no_more_open_in_a_preview(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        notes.write_note(
            cast.eero, case=case, kind=NoteKind.OBSERVATION, text="Sisäinen", visibility=Visibility.INTERNAL
        )
    with as_owner():
        Succession.objects.create(
            from_unit=cast.unit("employment"), to_unit=cast.unit("health"), on=clock.today(), reason="Uudistus",
        )  # fmt: skip
    with acting(cast.eero):
        network.invite(
            cast.eero, case=case, unit=cast.unit("health"), answers_for="Terveys", categories=["clienthood"]
        )
    preview = actor_as_unit(cast.unit("health"), Purpose.JOINT_SUPPORT, looking=cast.kaisa)
    assert seen(preview, Case) == 1
    assert seen(preview, Note) == 0


def _seen_rows(actor: Actor) -> dict[str, set[object]]:
    with acting(actor):
        return {
            policy.table: set(model_of(policy.table)._default_manager.values_list("pk", flat=True))
            for policy in declared()
            if "SELECT" in policy.verbs and policy.table != "audit_event"
        }


LOOKS = [
    (looking, unit)
    for looking in ("eero", "saara", "kaisa", "olli", "vaino", "officer", "aino")
    for unit in ("employment", "social", "kela", "workplace", "employment_other")
]


@pytest.fixture
def much_told(cast: Cast) -> Case:
    """A case in which every kind of row stands that somebody may not read."""
    version = with_plan(cast)
    case = again(cast, version.case)
    employer_in(cast, case)
    with acting(cast.eero):
        for seen_by in (Visibility.INTERNAL, Visibility.SHARED):
            notes.write_note(
                cast.eero, case=case, kind=NoteKind.OBSERVATION, text="Soitto", visibility=seen_by
            )
        flags.raise_flag(cast.eero, case=case, text="Ei soittoja ennen kymmentä")
        network.hand_over(cast.eero, case=case, to_user=cast.user("paula"), note="Kahden kesken")
    with acting(cast.kaisa):
        mine = Participation.objects.get(user_id=cast.kaisa.user_id)
        notes.write_note(
            cast.kaisa, case=again(cast, case, by="kaisa"), kind=NoteKind.OBSERVATION, text="Kelan oma",
            visibility=Visibility.INTERNAL,
        )  # fmt: skip
        assert mine.left_on is None
    with acting(cast.paula):
        part = Participation.objects.get(user_id=cast.saara.user_id)
        network.leave(cast.paula, participation=part, reason="Päihdehoito alkoi muualla")
        transfers.propose_transfer(
            cast.paula,
            case=again(cast, case, by="paula"),
            to_unit=cast.unit("employment_other"),
            reason="Muutti",
        )
    return case


def test_a_preview_shows_no_row_of_any_table_that_its_viewer_could_not_read(
    cast: Cast, much_told: Case
) -> None:
    shown = 0
    for looking, unit in LOOKS:
        viewer = getattr(cast, looking)
        own = _seen_rows(viewer)
        preview = _seen_rows(actor_as_unit(cast.unit(unit), Purpose.JOINT_SUPPORT, looking=viewer))
        for table, rows in preview.items():
            assert rows <= own[table], (looking, unit, table)
            shown += len(rows) if table.startswith("cases_") else 0
    assert shown > 50, "there was something to look at"


def test_a_preview_writes_no_row_of_any_table(cast: Cast, much_told: Case) -> None:
    with acting(cast.paula):
        access.make_feed_key(cast.paula)
        accounts.save_view(
            cast.paula.user_id, unit_id=key("unit employment"), page="today", name="Oma", query="whose=unit"
        )
    preview = actor_as_unit(cast.unit("employment"), Purpose.JOINT_SUPPORT, looking=cast.paula)
    tables = [policy.table for policy in declared() if policy.table != "audit_event"]
    with as_owner(), connection.cursor() as cursor:
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t LIMIT 20")
            rows[table] = [row for (row,) in cursor.fetchall()]
    assert len([table for table in tables if rows[table]]) > 25
    for table in tables:
        for row in rows[table]:
            for verb in ("UPDATE", "DELETE", "INSERT"):
                with acting(preview):
                    assert not _writes(table, row, verb), (table, verb)


def _writes(table: str, row: str, verb: str) -> bool:
    """Whether the database lets this be done to the row, or with one like it; other objections come after its own."""
    given = json.loads(row)
    key_column = "id" if "id" in given else "pgh_id" if "pgh_id" in given else next(iter(given))
    other = next(name for name in given if name != key_column)
    statement = {
        "UPDATE": f'UPDATE {table} SET "{other}" = "{other}" WHERE "{key_column}"::text = %s',
        "DELETE": f'DELETE FROM {table} WHERE "{key_column}"::text = %s',
        "INSERT": f"INSERT INTO {table} SELECT (json_populate_record(NULL::{table}, %s::json)).*",
    }[verb]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [row if verb == "INSERT" else str(given[key_column])])
            return bool(cursor.rowcount)
    except DatabaseError as refused:
        return not isinstance(refused.__cause__, errors.InsufficientPrivilege)
