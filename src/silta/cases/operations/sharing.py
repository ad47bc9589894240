"""The grounds on which the units of a case know the person: given, limited in time and ended with the case."""

import datetime as dt
from collections.abc import Collection, Iterable
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from silta.access import operations as access_operations
from silta.access import queries as access
from silta.access import rules as access_rules
from silta.access.enums import Category
from silta.access.models import Consent, Grant, Membership
from silta.cases.models import Case
from silta.cases.queries.joining import Joinable
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.organisations.enums import Kind
from silta.organisations.models import Unit
from silta.people.models import Person

SOURCE = access_rules.MATTER
# What a unit needs to judge whether a case is its own to take, or to join: no more (703/2023 9 §).
ESSENTIALS = frozenset({Category.IDENTITY, Category.CLIENTHOOD})
# Without these a unit cannot go on with a case.
_CORE = ESSENTIALS | {Category.PLAN, Category.SERVICE_NEED}
# An employer handles no health data and no social situation (759/2004 5 §); a provider gets health data only by the
# client's itemised consent (380/2023 116 §), so that its own clienthood opens none either.
_OWN = {
    Kind.EMPLOYER: ("employment_relation", frozenset(Category) - {Category.HEALTH, Category.SOCIAL}),
    **dict.fromkeys(
        (Kind.PROVIDER, Kind.ASSOCIATION, Kind.EDUCATION),
        ("own_register", frozenset(Category) - {Category.HEALTH}),
    ),
}
_OTHERS = ("own_register", frozenset(Category))


def works_in(user_id: UUID, unit_ids: Collection[UUID]) -> UUID | None:
    """Of these units, the first in which the user works today; none, if in none."""
    today = clock.today()
    found = (
        Membership.objects.filter(
            user_id=user_id, user__is_active=True, unit_id__in=unit_ids, valid_from__lte=today
        )
        .exclude(valid_until__lt=today)
        .order_by("valid_from", "id")
        .values_list("unit_id", flat=True)
    )
    return found.first()


def own_ground(organisation_kind: str) -> tuple[str, frozenset[str]]:
    """The ground on which an organisation of this kind knows its own client, and the categories it opens."""
    ground, categories = _OWN.get(Kind(organisation_kind), _OTHERS)
    return ground, frozenset(categories)


def give_own_grant(actor: Actor, case: Case, *, unit: Unit, valid_until: dt.datetime | None = None) -> Grant:
    """Lets a unit know the client of its own case, in the categories its kind of organisation may hold."""
    ground, categories = own_ground(unit.organisation.kind)
    return access_operations.give_grant(
        actor, person=Person(pk=case.person_id), unit=unit, ground=ground, categories=categories, from_unit=unit,
        valid_until=valid_until, source_type=SOURCE, source_id=case.pk,
    )  # fmt: skip


def current_grants(case: Case, unit: Unit | None = None) -> list[Grant]:
    """The grants in force that came from this case, of one unit or of all."""
    now = clock.now()
    rows = Grant.objects.filter(source_type=SOURCE, source_id=case.pk, valid_from__lte=now).exclude(
        valid_until__lte=now
    )
    return list(rows if unit is None else rows.filter(unit=unit))


def grounds_for(
    case: Case, *, from_unit: Unit, to_unit: Unit, categories: Iterable[str], ground: str | None = None
) -> list[tuple[str, list[str], Consent | None]]:
    """On which grounds each of these categories may go from one unit to the other, gathered by ground.

    A named ground is taken alone, and within an organisation the one on which it knows its own clients; else the first
    that holds, those that need nothing of the client first. Raises
    ``RuleBroken`` at the field ``categories`` with the categories that no ground opens: then nothing is shared.
    """
    today = clock.today()
    same = from_unit.organisation_id == to_unit.organisation_id
    own_code, own = own_ground(to_unit.organisation.kind)
    only = ground or (own_code if same else None)
    consents = list(
        Consent.objects.filter(person_id=case.person_id, to_unit=to_unit, withdrawn_at__isnull=True).exclude(
            valid_until__lt=today
        )
    )
    found: dict[tuple[str, UUID | None], tuple[str, list[str], Consent | None]] = {}
    missing: list[str] = []
    for category in sorted(set(categories)):
        chosen = _first_ground(
            category, from_unit, to_unit, same=same, own=own, today=today, consents=consents, only=only
        )
        if chosen is None:
            missing.append(category)
        else:
            name, consent = chosen
            key = (name, consent.pk if consent else None)
            found.setdefault(key, (name, [], consent))[1].append(category)
    if missing:
        raise RuleBroken(
            _("No ground lets these be shared with that unit: %(categories)s. Ask for the client's consent, or leave "
              "them out.") % {"categories": ", ".join(str(Category(one).label) for one in missing)},
            code="cases.no_ground", field="categories",
        )  # fmt: skip
    return list(found.values())


def _first_ground(
    category: str, from_unit: Unit, to_unit: Unit, *, same: bool, own: frozenset[str], today: dt.date,
    consents: list[Consent], only: str | None,
) -> tuple[str, Consent | None] | None:  # fmt: skip
    for ground in access_rules.grounds_for_sharing(
        from_unit.organisation.kind, to_unit.organisation.kind, category, same_organisation=same, today=today
    ):
        if (only is not None and ground.code != only) or (same and category not in own):
            continue
        if ground.needs is access_rules.Needs.CONSENT:
            consent = next(
                (one for one in consents if one.ground == ground.code and category in one.categories), None
            )
            if consent is not None:
                return ground.code, consent
        # A contract between the organisations is known to the worker, not to Silta: she names that ground herself.
        elif ground.needs is access_rules.Needs.NONE or only is not None:
            return ground.code, None
    return None


def share(
    actor: Actor,
    case: Case,
    *,
    to_unit: Unit,
    categories: Iterable[str],
    from_unit: Unit,
    ground: str | None = None,
    reference: str = "",
    valid_until: dt.datetime | None = None,
) -> list[Grant]:
    """Lets another unit know these categories of the client, for this case; see ``grounds_for`` for what it refuses.

    What the acting unit may not know itself, it cannot share.
    """
    wanted = set(categories)
    if wanted - access.covered_categories(actor, case.person_id, matter_id=case.pk):
        raise RuleBroken(_("Your unit cannot share what it may not know itself."), code="cases.shares_unknown",
                         field="categories")  # fmt: skip
    return [
        access_operations.give_grant(
            actor, person=Person(pk=case.person_id), unit=to_unit, ground=name, categories=some, from_unit=from_unit,
            valid_until=valid_until, consent=consent,
            reference=reference, source_type=SOURCE, source_id=case.pk,
        )
        for name, some, consent in grounds_for(
            case, from_unit=from_unit, to_unit=to_unit, categories=wanted, ground=ground
        )
    ]  # fmt: skip


def give_essentials(actor: Actor, found: Joinable, *, unit: Unit) -> Grant:
    """Lets a unit that joins by itself know who the client is and that there is a case, on the ground of its kind."""
    from_unit = Unit.objects.select_related("organisation").get(pk=found.unit_id)
    return access_operations.give_grant(
        actor, person=Person(pk=found.person_id), unit=unit, ground=found.ground, categories=ESSENTIALS,
        from_unit=from_unit, source_type=SOURCE, source_id=found.case_id,
    )  # fmt: skip


def take_over(actor: Actor, case: Case, *, from_unit: Unit, to_unit: Unit) -> None:
    """Gives a unit that takes the case over everything that may flow to it, and its own ground to go on.

    Raises ``RuleBroken`` where no ground opens so much as the plan to it. Between organisations, what no ground
    opens stays closed.
    """
    if from_unit.organisation_id == to_unit.organisation_id:
        give_own_grant(actor, case, unit=to_unit)
        return
    opened: dict[tuple[str, UUID | None], tuple[str, list[str], Consent | None]] = {}
    for category in sorted(own_ground(to_unit.organisation.kind)[1]):
        try:
            found = grounds_for(case, from_unit=from_unit, to_unit=to_unit, categories=[category])
        except RuleBroken:
            if category in _CORE:
                raise
            continue
        for name, some, consent in found:
            opened.setdefault((name, consent.pk if consent else None), (name, [], consent))[1].extend(some)
    for name, categories, consent in opened.values():
        access_operations.give_grant(
            actor, person=Person(pk=case.person_id), unit=to_unit, ground=name, categories=categories,
            from_unit=from_unit, consent=consent, source_type=SOURCE, source_id=case.pk,
        )  # fmt: skip
    access_operations.give_grant(
        actor, person=Person(pk=case.person_id), unit=to_unit, ground=own_ground(to_unit.organisation.kind)[0],
        categories={category for _name, some, _consent in opened.values() for category in some}, from_unit=to_unit,
        source_type=SOURCE, source_id=case.pk,
    )  # fmt: skip


def end_of(day: dt.date) -> dt.datetime:
    """The moment at which a day is over in Finland."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=clock.HELSINKI)


def limit(actor: Actor, case: Case, *, unit: Unit, until: dt.datetime, reason: str) -> None:
    """Gives the unit's grants of this case an end."""
    access_operations.end_grants(
        actor, source_type=SOURCE, source_id=case.pk, unit=unit, reason=reason, at=until
    )


def restore(actor: Actor, case: Case, *, unit: Unit, reason: str) -> None:
    """Gives the unit's grants of this case again without an end; what rests on a consent ends with it as before.

    A grant is never lengthened: the old row keeps what held before, and a new one begins.
    """
    before = current_grants(case, unit)
    end(actor, case, unit=unit, reason=reason)
    for grant in before:
        if not _is_own(grant):
            access_operations.give_grant(
                actor, person=Person(pk=case.person_id), unit=unit, ground=grant.ground, categories=grant.categories,
                from_unit=case.unit, consent=grant.consent, reference=grant.reference, source_type=SOURCE, source_id=case.pk,
            )  # fmt: skip


def succeed(actor: Actor, case: Case, grant: Grant, *, unit: Unit) -> bool:
    """Gives the successor of a unit what this grant let it know; whether the law allows so without asking the client."""
    ground = access_rules.grounds()[grant.ground]
    if ground.needs is not access_rules.Needs.NONE:
        return False
    categories = set(grant.categories)
    if ground.within_organisation:
        code, allowed = own_ground(unit.organisation.kind)
        from_unit, categories = unit, categories & allowed
    else:
        code, from_unit = ground.code, case.unit
    try:
        access_operations.give_grant(
            actor, person=Person(pk=case.person_id), unit=unit, ground=code, categories=categories,
            from_unit=from_unit, valid_until=grant.valid_until, source_type=SOURCE, source_id=case.pk,
        )  # fmt: skip
    except RuleBroken:
        return False
    return True


def _is_own(grant: Grant) -> bool:
    return access_rules.grounds()[grant.ground].within_organisation


def end(actor: Actor, case: Case, *, unit: Unit | None, reason: str) -> int:
    """Ends the grants that came from this case, of one unit or of all; returns how many."""
    return access_operations.end_grants(
        actor, source_type=SOURCE, source_id=case.pk, unit=unit, reason=reason
    )
