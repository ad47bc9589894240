"""Writes the whole demonstration region: the stories every list needs first, then as many others as are asked for."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice

from django.db import transaction
from django.utils.translation import override

from silta.access import operations as access
from silta.access.enums import Purpose
from silta.access.models import Membership
from silta.accounts.models import User
from silta.cases.enums import Outcome
from silta.cases.models import Case
from silta.cases.operations import leaving, standing
from silta.kernel import clock
from silta.kernel.acting import acting, maintaining
from silta.kernel.actor import Actor
from silta.people.models import Person
from silta.workbench import region as founding
from silta.workbench.aino import tell_aino
from silta.workbench.brief import Brief, brief_shapes
from silta.workbench.joint_support import JointSupport
from silta.workbench.other_kinds import OtherKind, OtherShape
from silta.workbench.population import Invented, Population
from silta.workbench.region import Region
from silta.workbench.turns import Shape

Plan = Shape | OtherShape
LEAST_PEOPLE = 50
_KINDS_OF_TEN = ("joint",) * 8 + ("coaching", "rehabilitation")
_WORKERS = ("eero", "eero", "marja.tolonen", "antti.rusanen", "sini.vaisanen", "jouni.karppinen", "essi.leinonen",
            "pekka.kyllonen")  # fmt: skip

_LEAVER = "hannu.kemppainen"


def _t(*names: str) -> frozenset[str]:
    return frozenset(names)


def showcases() -> Iterator[Plan]:
    """The stories that put something on every line of the worklist, and show every state a case can be in."""
    eero = "eero"
    yield Shape(130, eero, until="assessment", turns=_t("with_social"))  # the plan is late
    yield Shape(88, eero, until="assessment", turns=_t("with_kela"))  # the plan is due soon
    yield Shape(150, eero, until="services", turns=_t("never_started"), quiet_for=20)  # agreed, never started
    yield Shape(120, eero, turns=_t("waiting"), loops=30)  # waits for others
    yield Shape(
        190, eero, until="services", turns=_t("no_step", "plan_versions"), quiet_for=25
    )  # no next step
    yield Shape(50, eero, turns=_t("no_goal"))  # no goal
    yield Shape(190, eero, turns=_t("consent"), loops=30, quiet_for=80)  # quiet too long
    yield Shape(6, eero, until="contact", turns=_t("no_responsible"))  # nobody responsible
    yield Shape(12, "marja.tolonen", until="contact", turns=_t("no_responsible"))
    yield Shape(120, "essi.leinonen", turns=_t("transfer", "transfer_waits"))  # offered to Eero's unit
    yield Shape(100, "pekka.kyllonen", turns=_t("transfer", "transfer_waits"))
    yield Shape(110, eero, turns=_t("transfer", "transfer_waits"))  # offered away
    yield Shape(170, "essi.leinonen", turns=_t("transfer"), loops=30)
    yield Shape(160, eero, turns=_t("transfer", "transfer_declined"), loops=30)
    yield Shape(150, eero, turns=_t("transfer", "transfer_withdrawn"), loops=30)
    yield Shape(180, "sini.vaisanen", turns=_t("transfer", "transfer_overtaken", "to_eero"), loops=30)
    yield Shape(140, eero, turns=_t("refused_plan", "disputed", "self_attached", "imported"), loops=30)
    yield Shape(70, eero, until="plan", turns=_t("unanswered_plan", "proposed_goal"))
    yield Shape(
        210, eero, turns=_t("declined_goal", "plan_versions", "consent", "withdrawn_consent"), loops=30
    )
    yield Shape(130, _LEAVER, turns=_t("intensive", "flag", "corrected", "supporter"), loops=30)
    yield Shape(180, eero, turns=_t("light", "not_reached", "transferred"), loops=30)
    yield Shape(430, eero, turns=_t("reopen"), outcome="supported_employment", loops=3)
    yield Shape(520, eero, turns=_t("cycle"), outcome="other_service", loops=3)
    yield Shape(400, eero, turns=_t("held"), outcome="withdrew", loops=3)
    yield Shape(250, eero, turns=_t("late_note"), outcome="open_employment", loops=2)  # aftercare goes on
    yield Shape(340, eero, turns=_t("dropped_goal"), outcome="pension", loops=3)
    yield Shape(160, eero, until="services", turns=_t("settled"), quiet_for=50)  # quiet, and nothing else
    yield Shape(105, eero, until="services", turns=_t("settled", "only_waits"))  # waits, and nothing else
    yield Shape(110, eero, until="services", turns=_t("settled", "nudged"))  # somebody reminded Eero
    yield Shape(2, eero, until="contact")
    yield Shape(20, _LEAVER, until="assessment")
    for number, outcome in enumerate(Outcome):
        if outcome != Outcome.KEPT_JOB:
            yield Shape(360 + 20 * number, _WORKERS[number % len(_WORKERS)], outcome=outcome, loops=2)
    yield OtherShape("workplace_support", 120, "hanna", 2)
    yield OtherShape("workplace_support", 200, "hanna", 30)
    yield OtherShape("workplace_support", 300, "hanna", 3, ends=True, outcome="kept_job")
    yield OtherShape("workplace_support", 95, "paivi.keranen", 30)
    yield OtherShape("coaching", 90, "liisa", 30)
    yield OtherShape("coaching", 350, "liisa", 5, ends=True)
    yield OtherShape("rehabilitation", 160, "riitta.komulainen", 30)
    yield OtherShape("rehabilitation", 400, "riitta.komulainen", 4, ends=True)


def _others(rng: random.Random) -> Iterator[Plan]:
    """Any number of further stories, spread over the two years."""
    turns = ("hand_over", "not_reached", "flag", "consent", "plan_versions", "disputed", "corrected", "supporter", "light",
             "intensive", "declined_goal", "dropped_goal", "proposed_goal", "late_note", "cycle", "reopen")  # fmt: skip
    number = 0
    while True:
        number += 1
        days = rng.randint(4, 330) if number % 5 < 2 else rng.randint(330, 690)  # noqa: PLR2004 - two in five are recent
        if number % 25 == 0:
            employer = "hanna" if number % 50 else "paivi.keranen"
            yield OtherShape("workplace_support", days, employer, rng.randint(2, 8), ends=rng.random() < 0.6)  # noqa: PLR2004 - three in five have ended
            continue
        kind = _KINDS_OF_TEN[number % 10]
        if kind == "joint":
            yield Shape(days, rng.choice(_WORKERS), turns=frozenset(rng.sample(turns, k=rng.randint(0, 2))))
        elif kind == "coaching":
            yield OtherShape(kind, days, rng.choice(["liisa", "noora.ahonen"]), rng.randint(4, 14), ends=True)
        else:
            yield OtherShape(kind, days, "riitta.komulainen", rng.randint(3, 10), ends=True)


def load(*, people: int, seed: int, tell: Callable[[int], None] = lambda _done: None) -> None:
    """Writes the region with so many people (at least 50, so that every list has something) by the real operations.

    The same seed on the same day gives the same stories. ``tell`` hears how many people have been written.
    """
    begin(seed=seed, tell=tell)
    go_on(people=people, seed=seed, done=LEAST_PEOPLE, day=clock.today(), tell=tell)


def begin(*, seed: int, tell: Callable[[int], None] = lambda _done: None) -> None:
    """Writes the region, Aino's story and those that every list needs. All or nothing: one transaction."""
    with override("fi"), founding.in_a_hurry(), transaction.atomic(), standing_at_the_end():
        region = founding.found()
        tell_aino(region, random.Random(f"silta-stories-{seed}"))  # noqa: S311 - invention, not a secret
        for index, (person, shape) in enumerate(_casting(seed, clock.today(), LEAST_PEOPLE), start=1):
            _tell_one(region, person, shape, seed=seed, index=index, day=clock.today())
            tell(index + 1)
        _emergencies(region)
        _review_of_rights(region)
        _somebody_leaves(region)


def go_on(
    *, people: int, seed: int, done: int, day: dt.date, tell: Callable[[int], None] = lambda _done: None
) -> None:
    """Writes the further people, one transaction each, so that an interrupted load goes on where it was.

    ``day`` is the day on which it began: the cast depends on it.
    """
    with override("fi"), founding.in_a_hurry():
        region = founding.find()
        for index, (person, shape) in enumerate(_casting(seed, day, people), start=1):
            # A load that was cut short may have written one story more than it could note down.
            if index >= done and not (index == done and _is_told(person)):
                with transaction.atomic(), standing_at_the_end():
                    _tell_one(region, person, shape, seed=seed, index=index, day=day)
                tell(index + 1)


def tell_brief(*, many: int, seed: int, done: int, day: dt.date) -> None:
    """Writes so many people beside those there are, of whom little is to be told: what most cases are in a large region."""
    with override("fi"), founding.in_a_hurry(), transaction.atomic(), standing_at_the_end():
        region = founding.find()
        people = (person for person, _shape in islice(_casting(seed, day, done + many), done - 1, None))
        for index, (person, shape) in enumerate(
            zip(people, brief_shapes(_WORKERS), strict=False), start=done
        ):
            own_chance = random.Random(f"silta-{seed}-{index}")  # noqa: S311 - invention, not a secret
            begins = max(day - dt.timedelta(days=shape.days_ago), founding.IN_FORCE)
            Brief(region, person, own_chance, begins=begins, now=clock.now()).tell(shape)


def _casting(seed: int, day: dt.date, people: int) -> Iterator[tuple[Invented, Plan]]:
    """Who comes with which story; the first person is Aino, who has her own."""
    population = Population(seed, day)
    plans = _plans(random.Random(f"silta-plans-{seed}"))  # noqa: S311 - invention, not a secret
    for index in range(1, people):
        yield population.person(index), next(plans)


def _is_told(person: Invented) -> bool:
    with maintaining():
        return Person.objects.filter(
            first_names=person.first_names, last_name=person.last_name, birth_date=person.birth_date
        ).exists()


@contextmanager
def standing_at_the_end() -> Iterator[None]:
    """Brings the standing of each case up to date once, at the end, instead of after every verb.

    The standing is a function of the facts, so the outcome is the same; a test compares the two.
    """
    after_every_verb, waiting = standing.refresh, {}

    def later(case: Case) -> None:
        waiting[case.pk] = case.unit_id

    standing.refresh = later
    try:
        yield
    finally:
        standing.refresh = after_every_verb
    with maintaining():
        actors = {
            unit: Actor(user, "case_worker", Purpose.JOINT_SUPPORT, unit)
            for user, unit in Membership.objects.filter(valid_until=None).values_list("user_id", "unit_id")
        }
        cases = list(Case.objects.filter(pk__in=waiting).order_by("number"))
    for case in cases:
        with acting(actors[case.unit_id]):
            standing.refresh(case)


def _plans(rng: random.Random) -> Iterator[Plan]:
    yield from showcases()
    yield from _others(rng)


def _tell_one(region: Region, person: Invented, shape: Plan, *, seed: int, index: int, day: dt.date) -> None:
    own_chance = random.Random(f"silta-{seed}-{index}")  # noqa: S311 - invention, not a secret
    begins = max(day - dt.timedelta(days=shape.days_ago), founding.IN_FORCE)
    if isinstance(shape, Shape):
        JointSupport(region, person, own_chance, begins=begins, now=clock.now()).tell(shape)
    else:
        OtherKind(region, person, own_chance, begins=begins, now=clock.now()).tell(shape)


def _emergencies(region: Region) -> None:
    """Accesses past the usual grounds: one reviewed, and some that wait for the lead."""
    now = clock.now()
    reason = "Asiakas soitti päivystykseen ja pyysi apua heti. Oma työntekijä ei ollut tavoitettavissa."
    with acting(region.actors["eero"]):
        hidden = list(Case.objects.filter(person__non_disclosure=True, state="open").order_by("number")[:2])
        others = list(Case.objects.filter(person__non_disclosure=False, state="open").order_by("number")[:3])
    for number, case in enumerate([*hidden, *others[-1:]]):
        with clock.at(now - dt.timedelta(days=3 * number + 1)), acting(region.actors["eero"]):
            opened = access.open_emergency_access(
                region.actors["eero"], person_id=case.person_id, reason=reason, minutes=60,
                reveals_protected=case in hidden,
            )  # fmt: skip
        if number == len(hidden):
            with clock.at(now - dt.timedelta(days=1)), acting(region.actors["paula"]):
                access.review_emergency_access(region.actors["paula"], access=opened, was_justified=True)


def _review_of_rights(region: Region) -> None:
    """Paula is asked whether her staff still need their rights: all but one of them have signed in lately."""
    now, keeper, unit = clock.now(), region.actors["admin"], region.units["employment"]
    with clock.at(now - dt.timedelta(days=11)), acting(keeper):
        access.start_review(keeper, unit=unit)
    with maintaining():
        staff = User.objects.filter(memberships__unit=unit)
        staff.update(last_login=now - dt.timedelta(days=1))
        staff.filter(pk=region.users["antti.rusanen"].pk).update(last_login=now - dt.timedelta(days=130))


def _somebody_leaves(region: Region) -> None:
    """A colleague of Eero's worked until yesterday; his cases have come to Paula, who hands them over."""
    paula = region.actors["paula"]
    with acting(paula):
        place = Membership.objects.get(user=region.users[_LEAVER])
        access.end_membership(
            paula, membership=place, reason="Siirtyi toiseen tehtävään.", on=clock.today() - dt.timedelta(days=1),
            passes_on=True,
        )  # fmt: skip
    leaving.take_over_left()
