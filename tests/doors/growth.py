"""The same situation, grown: more of everything a page lists, so that a query per row shows."""

import datetime as dt
import io
from typing import Any
from uuid import UUID

from silta.access import operations as access
from silta.access.enums import Purpose
from silta.cases import enums
from silta.cases.models import Case, Participation
from silta.cases.operations import actions, assessment, flags, goals, notes, opening, plan, services
from silta.intake import operations as intake
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.organisations import operations as organisations
from silta.organisations.enums import Kind, Sector
from silta.people import operations as people
from silta.people.enums import ContactKind
from silta.subscriptions import operations as subscriptions
from silta.subscriptions import queries as subscriptions_kept
from tests.cases import situations
from tests.cast import LONG_AGO, Cast, as_owner
from tests.doors.situation import FILE

MORE = 6


def grow(cast: Cast, rows: dict[str, Any], *, first: int) -> None:
    """Six more of each thing in Aino's case, six more clients of Eero's, a file with six more rows, six more subscriptions,
    six more units and colleagues.

    They are numbered from ``first``, so that it can be done again.
    """
    case_id: UUID = rows["CASE"]
    with acting(cast.eero):
        case = Case.objects.select_related("person", "unit__organisation", "controller").get(pk=case_id)
        for number in range(first, first + MORE):
            _one_more_in_the_case(cast, case, number)
            _one_more_client(cast.eero, number)
        plan.make_plan(
            cast.eero,
            case=situations.again(cast, case),
            reason=f"Tarkennettu {first}",
            how_followed="Puhelu viikoittain",
        )
    for number in range(first, first + MORE):
        _one_more_going(cast.eero, number)
    with acting(cast.admin):
        for number in range(first, first + MORE):
            _one_more_unit(cast, number)
            access.invite_member(
                cast.admin, email=f"uusi{number}@tyollisyys.example", name=f"Uusi {number}",
                unit=cast.unit("employment"), role="case_worker", purpose=Purpose.JOINT_SUPPORT,
            )  # fmt: skip
    with acting(cast.paula):
        kept = subscriptions_kept.subscription_for(cast.paula, rows["SUBSCRIPTION"])
        for number in range(first, first + MORE):
            subscriptions.send_test(cast.paula, subscription=kept)
            subscriptions.subscribe(
                cast.paula,
                name=f"Rekisteri {number}",
                url="https://vastaanottaja.example/",
                kinds=["plan.made"],
            )
        lines = "".join(f"KA-{first + number};Uusi;Asiakas;;Monialainen tuki\n" for number in range(MORE))
        intake.receive(cast.paula, stream=io.BytesIO((FILE + lines).encode()), name=f"lisaa-{first}.csv")


def _one_more_in_the_case(cast: Cast, case: Case, number: int) -> None:
    eero = cast.eero
    notes.write_note(
        eero,
        case=case,
        kind=enums.NoteKind.CONTACT,
        text=f"Puhelu {number}",
        channel="phone",
        result="reached",
    )
    flags.raise_flag(eero, case=case, text=f"Muista {number}")
    goal = goals.propose_goal(
        eero, case=case, own_words=f"Toive {number}", proposed_by=enums.ProposedBy.CLIENT
    )
    actions.add_action(eero, case=case, text=f"Askel {number}", goal=goal)
    services.agree_service(
        eero, case=case, name=f"Palvelu {number}", provider_unit=cast.unit("coaching"), goal=goal
    )
    assessment.add_entry(
        eero, case=case, domain=enums.Domain.SKILLS, text=f"Taito {number}", source=enums.EntrySource.CLIENT
    )
    plan.hold_review(eero, case=situations.again(cast, case), findings=f"Tarkastelu {number}")
    people.set_contact(
        eero, person=case.person, kind=ContactKind.EMAIL, value=f"aino{number}@asiakas.example"
    )
    access.make_feed_key(eero)


def _one_more_client(eero: Actor, number: int) -> None:
    person = people.register(
        eero, first_names=f"Asiakas{number}", last_name="Korhonen", no_code_reason="not_known"
    )
    opening.open_case(eero, person=person.pk, kind="joint_support", source=enums.Source.SELF)


def _one_more_going(eero: Actor, number: int) -> None:
    """An ended case of whose erasure the night has warned."""
    with acting(eero):
        person = people.register(
            eero, first_names=f"Lähtenyt{number}", last_name="Korhonen", no_code_reason="not_known"
        )
        case = opening.open_case(eero, person=person.pk, kind="joint_support", source=enums.Source.SELF)
    day = case.opened_on
    with as_owner():
        Participation.objects.filter(case=case).update(left_on=day, left_reason="Päättyi")
        Case.objects.filter(pk=case.pk).update(
            state=enums.State.ENDED, ended_on=day, outcome=enums.Outcome.OTHER, responsible=None,
            ending_parties="Kaikki", onward=enums.Onward.NONE, onward_text="Muutti", erasure_warned_on=day,
            erasure_on=day + dt.timedelta(60),
        )  # fmt: skip


def _one_more_unit(cast: Cast, number: int) -> None:
    authority = cast.unit("employment").organisation
    made = organisations.found_organisation(
        cast.admin, kind=Kind.EMPLOYER, name_fi=f"Paja {number} Oy", valid_from=LONG_AGO
    )
    for organisation in (authority, made):
        organisations.found_unit(
            cast.admin, organisation=organisation, sector=Sector.WORKING_LIFE, name_fi=f"Osasto {number}",
            valid_from=LONG_AGO,
        )  # fmt: skip
