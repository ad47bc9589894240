"""Situations of a case, built by the real operations: each is a place in Aino's story, and each leads to the next.

``case_of_aino(cast)`` is open with Eero responsible; ``in_network`` has Saara and Kaisa in it; ``with_assessment``,
``with_goal``, ``with_plan`` and ``ended`` follow. Every builder acts as the worker who would do it.
"""

from typing import Any

from silta.access.enums import Category
from silta.cases.enums import Domain, EntrySource, Onward, Outcome, ProposedBy, Source
from silta.cases.models import AgreedService, Case, Goal, Participation, PlanVersion
from silta.cases.operations import actions as promises
from silta.cases.operations import assessment, ending, goals, network, opening, path, plan, services
from silta.cases.queries import closing
from silta.kernel.acting import acting
from tests.cast import Cast

ALL = [category.value for category in Category]
WITHOUT_HEALTH = [category for category in ALL if category != Category.HEALTH]
OWN_WORDS = "Haluan takaisin puuhommiin, mutta selkä ei kestä koko päivää."


def case_of_aino(cast: Cast, *, kind: str = "joint_support", by: str = "eero", **fields: Any) -> Case:
    """Aino's case, opened by Eero for joint support unless told otherwise."""
    actor = getattr(cast, by)
    with acting(actor):
        return opening.open_case(
            actor,
            person=cast.person().pk,
            kind=kind,
            **{"source": Source.SELF, **fields},
        )


def again(cast: Cast, case: Case, *, by: str = "eero") -> Case:
    """The case as it now stands, as the worker sees it."""
    with acting(getattr(cast, by)):
        return Case.objects.select_related("person", "unit__organisation", "controller").get(pk=case.pk)


def invited(
    cast: Cast, case: Case, name: str, unit: str, *, categories: list[str] | None = None
) -> Participation:
    """Somebody of the cast is asked into the case by Eero."""
    with acting(cast.eero):
        return network.invite(
            cast.eero, case=case, unit=cast.unit(unit), user=cast.user(name), answers_for=f"{name}: oma osuus",
            categories=categories if categories is not None else ALL,
        )  # fmt: skip


def in_network(cast: Cast, case: Case | None = None) -> Case:
    """Saara of the county and Kaisa of Kela take part, each on the ground of joint support."""
    case = case or case_of_aino(cast)
    invited(cast, case, "saara", "social")
    invited(cast, case, "kaisa", "kela")
    return again(cast, case)


def with_assessment(cast: Cast, case: Case | None = None) -> Case:
    """The assessment has begun and every statutory domain has an entry; strengths stand first."""
    case = case or in_network(cast)
    with acting(cast.eero):
        path.start_assessment(cast.eero, case=case)
        for domain, text in (
            (Domain.STRENGTHS, "Taitava käsistään, pidetty työkaveri."),
            (Domain.SKILLS, "Puusepän perustutkinto, kuusi vuotta tuotannossa."),
            (Domain.SOCIAL, "Asuu yksin, velat järjestelyssä."),
        ):
            assessment.add_entry(cast.eero, case=case, domain=domain, text=text, source=EntrySource.CLIENT)
        for domain, text in (
            (Domain.HEALTH, "Selän kuormitus rajoittaa nostamista."),
            (Domain.WORK_ABILITY, "Jaksaa neljä tuntia kevyttä työtä."),
        ):
            assessment.add_entry(
                cast.eero, case=case, domain=domain, text=text, source=EntrySource.STATEMENT,
                source_detail="Työterveyslääkärin lausunto", necessity="Työtehtävien rajaaminen",
            )  # fmt: skip
    return again(cast, case)


def with_goal(cast: Cast, case: Case | None = None) -> Goal:
    """A goal in Aino's words, which she has confirmed."""
    case = case or with_assessment(cast)
    with acting(cast.eero):
        goal = goals.propose_goal(
            cast.eero,
            case=case,
            own_words=OWN_WORDS,
            wording="Osa-aikainen työ",
            proposed_by=ProposedBy.CLIENT,
        )
        return goals.confirm_goal(cast.eero, goal=goal, version=goal.version, reason="Sanoi tapaamisessa")


def with_service(cast: Cast, case: Case, goal: Goal | None = None) -> AgreedService:
    """A service agreed from the coaching unit."""
    with acting(cast.eero):
        return services.agree_service(
            cast.eero, case=case, name="Työhönvalmennus", provider_unit=cast.unit("coaching"), goal=goal
        )


def with_plan(cast: Cast, case: Case | None = None) -> PlanVersion:
    """A first plan: one confirmed goal, one near step of Eero's, one service."""
    case = case or with_assessment(cast)
    goal = with_goal(cast, case)
    with acting(cast.eero):
        promises.add_action(cast.eero, case=case, text="Soita Mäkisen Puuhun", goal=goal)
    with_service(cast, case, goal)
    with acting(cast.eero):
        return plan.make_plan(
            cast.eero,
            case=again(cast, case),
            reason="Ensimmäinen suunnitelma",
            how_followed="Puhelu joka toinen viikko",
        )


def parties_of(case: Case) -> list[str]:
    """Everybody who takes part in the case: those who end it together."""
    return [seat.who for seat in closing.seats(case) if seat.is_there]


def ended(cast: Cast, case: Case | None = None, **fields: Any) -> Case:
    """The case has ended by joint decision, with an onward path."""
    case = again(cast, case or in_network(cast))
    with acting(cast.eero):
        return ending.end_case(
            cast.eero, case=case, version=case.version,
            **{
                "outcome": Outcome.OPEN_EMPLOYMENT, "parties": parties_of(case),
                "onward": Onward.PATH, "onward_text": "Työterveys ja oma esihenkilö", **fields,
            },
        )  # fmt: skip
