"""The situation behind the doors: Aino's case with its network and plan, and one row of everything a door can name."""

import datetime as dt
import io
from typing import Any
from uuid import UUID

from silta.access import operations as access
from silta.access import queries
from silta.access.enums import Category, ErasureState
from silta.access.models import ErasureRun, Membership
from silta.accounts.models import SavedView
from silta.cases import enums
from silta.cases.models import AssessmentEntry, Case, Goal, Participation
from silta.cases.operations import actions, flags, merging, notes, transfers
from silta.evaluation.models import Chart
from silta.intake import operations as intake
from silta.intake.models import Mapping, Row
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.outbox.enums import State
from silta.outbox.models import Message
from silta.people import operations as people
from silta.people.enums import ContactKind
from silta.people.models import Person
from silta.subscriptions import operations as subscriptions
from tests.cases import situations
from tests.cast import Cast, as_owner, key

FILE = (
    "Asiakasnumero;Sukunimi;Etunimet;Henkilötunnus;Palvelu\nKA-1;Laine;Anneli;010190-900P;Monialainen tuki\n"
)


def rows_of_the_situation(cast: Cast) -> dict[str, Any]:
    """The ids that stand in for the capital words of ``routes.py``."""
    plan = situations.with_plan(cast)
    with as_owner():
        case = Case.objects.select_related("person", "unit__organisation", "controller").get(pk=plan.case_id)
    return (
        _rows_of_the_case(cast, case)
        | _rows_of_an_offer(cast)
        | _rows_of_merging(cast, case)
        | _rows_of_access(cast, case)
        | _rows_of_intake(cast)
        | _rows_of_figures()
        | _rows_of_subscriptions(cast)
        | _rows_of_own_data(cast)
        | _rows_of_rights(cast)
        | {"PLAN": plan.pk, "STOPPED_RUN": _run_that_was_stopped()}
    )


def _rows_of_the_case(cast: Cast, case: Case) -> dict[str, Any]:
    with acting(cast.eero):
        note = notes.write_note(cast.eero, case=case, kind=enums.NoteKind.OBSERVATION, text="Tuli ajoissa.")
        flag = flags.raise_flag(cast.eero, case=case, text="Soita aamulla.")
        step = actions.add_action(cast.eero, case=case, text="Ota todistukset mukaan", owner_is_client=True)
        promise = actions.add_action(
            cast.eero,
            case=case,
            text="Sovi tapaaminen",
            owner_unit=cast.unit("employment"),
            owner=cast.user("eero"),
        )
        contact = people.set_contact(
            cast.eero, person=case.person, kind=ContactKind.PHONE, value="+358 40 000 0000"
        )
        service = situations.with_service(cast, case)
        return {
            "CASE": case.pk, "PERSON": case.person_id, "UNIT_KELA": cast.unit("kela").pk, "UNIT_OTHER": key("unit employment_other"),
            "ORGANISATION": key("organisation authority"), "NOTE": note.pk,
            "FLAG": flag.pk, "ACTION": promise.pk, "STEP_OF_AINO": step.pk, "CONTACT": contact.pk,
            "SERVICE": service.pk,
            "GOAL": Goal.objects.filter(case=case).values_list("pk", flat=True)[0],
            "ENTRY": AssessmentEntry.objects.filter(case=case).values_list("pk", flat=True)[0],
            "PARTICIPATION": Participation.objects.get(case=case, unit=key("unit kela")).pk,
        }  # fmt: skip


def _rows_of_merging(cast: Cast, case: Case) -> dict[str, Any]:
    """Aino is in the register three times: one of the others is she already, and one is to be joined to her."""

    def twin() -> Person:
        with acting(cast.eero):
            person = people.register(
                cast.eero, first_names="Aino", last_name="Korhonen", no_code_reason="not_known",
                birth_date=dt.date(1990, 1, 1),
            )  # fmt: skip
        with as_owner():
            access.give_grant(
                cast.eero, person=person, unit=cast.unit("employment"), ground="own_register",
                categories=list(Category), from_unit=cast.unit("employment"),
            )  # fmt: skip
        return person

    gone = twin()
    with acting(cast.paula):
        merge = merging.merge_people(cast.paula, person=case.person, duplicate=gone, reason="Sama ihminen")
    return {"MERGE": merge.pk, "TWIN": twin().pk}


def _rows_of_an_offer(cast: Cast) -> dict[str, Any]:
    coaching = situations.case_of_aino(cast, kind="coaching", by="saara")
    with acting(cast.saara):
        offer = transfers.propose_transfer(
            cast.saara, case=coaching, to_unit=cast.unit("employment"), reason="Valmennus jatkuu siellä."
        )
    return {"COACHING_CASE": coaching.pk, "TRANSFER": offer.pk}


def _rows_of_access(cast: Cast, case: Case) -> dict[str, Any]:
    found: dict[str, Any] = {"MEMBERSHIP_OF_EERO": key("membership eero"), "EERO": key("eero")}
    for name in ("eero", "saara"):
        actor = getattr(cast, name)
        with acting(actor):
            emergency = access.open_emergency_access(
                actor,
                person_id=case.person_id,
                reason="Asiakas ei vastaa, huoli turvallisuudesta.",
                minutes=30,
            )
        found[f"EMERGENCY_OF_{name.upper()}"] = emergency.pk
    with acting(cast.eero):
        found["CONSENT"] = access.record_consent(
            cast.eero, person=case.person, ground="consent", to_unit=cast.unit("coaching"), categories=["identity"],
            purpose_text="Työhönvalmennus", channel="writing", language="fi", given_on=dt.date(2024, 1, 2),
        ).pk  # fmt: skip
        found["SECRET_OF_EERO"] = access.make_feed_key(cast.eero)
        found["TOKEN_OF_EERO"] = access.make_token(
            cast.eero, name="Siirto", scopes=["cases.read"], expires_on=clock.today() + dt.timedelta(days=30)
        )[0].pk
        found["VIEW_OF_EERO"] = SavedView.objects.create(
            user_id=key("eero"), unit=cast.eero.unit_id, page="clients", name="Omat"
        ).pk
    return found


def _run_that_was_stopped() -> UUID:
    """A run of retention whose counts looked wrong, waiting for the officer."""
    with as_owner():
        return ErasureRun.objects.create(
            started_at=clock.now(), is_dry=False, state=ErasureState.STOPPED, due={"cases.case": 900},
            alarms=[{"table": "cases.case", "due": 900, "of": 1000, "usual": 3}],
        ).pk  # fmt: skip


def _rows_of_intake(cast: Cast) -> dict[str, Any]:
    with acting(cast.paula):
        file = intake.receive(cast.paula, stream=io.BytesIO(FILE.encode()), name="asiakkaat.csv")
        row = Row.objects.filter(file=file).values_list("pk", flat=True)[0]
        mapping = Mapping.objects.values_list("pk", flat=True).first() or key("no mapping")
        return {"FILE": file.pk, "ROW": row, "MAPPING": mapping}


def _rows_of_figures() -> dict[str, Any]:
    with as_owner():
        chart = Chart.objects.create(
            code="plan_in_time", unit_id=key("unit employment"), svg="<svg/>", computed_at=clock.now()
        )
    return {"CHART": chart.pk}


def _rows_of_own_data(cast: Cast) -> dict[str, Any]:
    """Aino has asked for her own data, and the officer for them on her behalf; both are ready."""
    with acting(cast.aino):
        own = access.ask_for_own_data(cast.aino, language="fi")
    with acting(cast.officer):
        on_behalf = access.ask_on_behalf(
            cast.officer, person_id=key("aino person"), ground="access", reason="Tuli käymään, näytti passin",
            language="fi",
        )  # fmt: skip
    with as_owner():
        for row in (own, on_behalf):
            access.make_export(row.pk)
    return {"EXPORT_OF_AINO": own.pk, "EXPORT_OF_OFFICER": on_behalf.pk}


def _rows_of_rights(cast: Cast) -> dict[str, Any]:
    """Paula has closed one review of her unit, which asks the keeper about herself, and another is open."""
    unit = cast.unit("employment")
    with acting(cast.admin):
        first = access.start_review(cast.admin, unit=unit)
    with acting(cast.paula):
        for who in ("eero", "officer"):
            access.answer_for_member(
                cast.paula, review=first, membership=Membership.objects.get(pk=key(f"membership {who}")),
                verdict="stays", version=0,
            )  # fmt: skip
        seen = queries.digest_of_list(queries.reviewed_members(cast.paula, first, None))
        access.close_review(cast.paula, review=first, seen=seen)
    with acting(cast.admin):
        [asked] = queries.rights_requests(cast.admin)
        return {
            "RIGHTS_REQUEST": asked.pk,
            "RIGHTS_REVIEW": access.start_review(cast.admin, unit=unit).pk,
        }


def _rows_of_subscriptions(cast: Cast) -> dict[str, Any]:
    with acting(cast.paula):
        subscription, _secret = subscriptions.subscribe(
            cast.paula, name="Oma rekisteri", url="https://vastaanottaja.example/", kinds=["case.opened"]
        )
        message = subscriptions.send_test(cast.paula, subscription=subscription)
    with as_owner():
        Message.objects.filter(pk=message.pk).update(state=State.FAILED, settled_at=clock.now())
    return {"SUBSCRIPTION": subscription.pk, "MESSAGE": message.pk}
