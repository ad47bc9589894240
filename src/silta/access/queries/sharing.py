"""Who may know what of a person: grants, consents, and "may I share this?" before anything is sent."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from silta.access import rules
from silta.access.enums import Category
from silta.access.models import Consent, Grant
from silta.access.queries.deciding import covered_categories, own_unit_id
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound
from silta.kernel.statements import Asked, Statement
from silta.organisations.models import Unit
from silta.people.models import Person


@dataclass(frozen=True, slots=True)
class SharingAnswer:
    """Yes or no for one category: the ground with its citation and text, and for a no what is missing."""

    category: str
    allowed: bool
    ground: str = ""
    citation: str = ""
    name: str = ""
    text: str = ""
    missing: str | Promise = ""
    already: bool = False
    consent_id: UUID | None = None

    @property
    def category_name(self) -> str:
        """The category in the reader's language."""
        return str(Category(self.category).label)


def current_grants(person_id: UUID) -> list[Grant]:
    """The grants over the person that hold now, with unit, organisation and consent; the oldest first."""
    return list(_grants_at(person_id, clock.now()).select_related("unit__organisation", "consent"))


def _grants_at(person_id: UUID, now: dt.datetime) -> "QuerySet[Grant]":
    rows = Grant.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now), person_id=person_id,
                                valid_from__lte=now)  # fmt: skip
    return rows.order_by("valid_from", "id")


_GRANTS = Statement(_grants_at, UUID, dt.datetime)


def grants_now(person_id: UUID) -> Asked[Grant]:
    """The rows of the grants over the person that hold now, the oldest first."""
    return _GRANTS(person_id, clock.now())


def consents_of(person_id: UUID) -> list[Consent]:
    """The person's consents, the newest first; withdrawn and expired ones too, for the history."""
    return list(
        Consent.objects.filter(person_id=person_id).select_related("to_unit__organisation", "from_unit")
    )


def consent_for(actor: Actor, consent_id: UUID) -> Consent:
    """One consent that the actor may see, read-journalled; raises ``NotFound``."""
    consent = (
        Consent.objects.select_related("to_unit__organisation", "from_unit").filter(pk=consent_id).first()
    )
    if consent is None:
        raise NotFound(_("There is no such consent."), code="access.no_consent")
    audit.record(actor, "access.read_consent", kind=Kind.READ, person_id=consent.person_id, subject=consent)
    return consent


def consents_that_cover(person_id: UUID, to_unit: Unit, categories: Collection[str]) -> list[Consent]:
    """The valid consents by which the person lets these categories go to the unit; the newest first."""
    today = clock.today()
    rows = Consent.objects.filter(
        person_id=person_id, to_unit=to_unit, categories__contains=sorted(categories), withdrawn_at__isnull=True,
        given_on__lte=today,
    ).filter(Q(valid_until__isnull=True) | Q(valid_until__gte=today))  # fmt: skip
    return list(rows)


def may_share(
    actor: Actor, *, person: Person, to_unit: Unit, categories: Sequence[str]
) -> list[SharingAnswer]:
    """May the acting unit let ``to_unit`` know these categories? One answer each, before anything is sent.

    A yes names the ground with its citation and text; a no says what is missing. Nothing is written but the journal:
    the question itself is an act on the person's data (REQ-001-08: deny by default, explain the denial).
    """
    from_unit = Unit.objects.select_related("organisation").get(pk=own_unit_id(actor))
    own = covered_categories(actor, person.pk)
    known = {
        category
        for grant in current_grants(person.pk)
        if grant.unit_id == to_unit.pk
        for category in grant.categories
    }
    answers = []
    for category in categories:
        if category not in own:
            answers.append(SharingAnswer(category, allowed=False, missing=gettext(
                "Your unit has no right to these data itself, so it cannot share them.")))  # fmt: skip
        else:
            answers.append(_answer(person.pk, from_unit, to_unit, category, already=category in known))
    audit.record(
        actor, "access.ask_sharing", kind=Kind.READ, person_id=person.pk, recipient_unit_id=to_unit.pk,
        allowed=[answer.category for answer in answers if answer.allowed],
        denied=[answer.category for answer in answers if not answer.allowed],
    )  # fmt: skip
    return answers


def _answer(
    person_id: UUID, from_unit: Unit, to_unit: Unit, category: str, *, already: bool
) -> SharingAnswer:
    grounds = rules.grounds_for_sharing(
        from_unit.organisation.kind, to_unit.organisation.kind, category,
        same_organisation=from_unit.organisation_id == to_unit.organisation_id, today=clock.today(),
    )  # fmt: skip
    if not grounds:
        return SharingAnswer(category, allowed=False, missing=gettext(
            "No law lets these data go from %(from)s to %(to)s, not even with consent."
        ) % {"from": from_unit.organisation.get_kind_display(), "to": to_unit.organisation.get_kind_display()})  # fmt: skip
    for ground in grounds:
        consent = None
        if ground.needs is rules.Needs.CONSENT:
            consent = next(
                (
                    row
                    for row in consents_that_cover(person_id, to_unit, [category])
                    if row.ground == ground.code
                ),
                None,
            )
        if ground.needs is rules.Needs.NONE or consent is not None:
            return _say(category, ground, already=already, consent_id=consent.pk if consent else None)
    return _say(category, grounds[0], allowed=False, missing=_lacking(grounds))


def _lacking(grounds: Sequence[rules.Ground]) -> str:
    wanted = {
        rules.Needs.CONSENT: gettext("the client's consent that names these data and this recipient"),
        rules.Needs.CONTRACT: gettext("a written contract on processing with the recipient"),
    }
    missing = dict.fromkeys(f"{wanted[ground.needs]} ({ground.citation})" for ground in grounds)
    return gettext("Missing: %(what)s.") % {"what": f" {gettext('or')} ".join(missing)}


def _say(
    category: str, ground: rules.Ground, *, allowed: bool = True, missing: str = "", already: bool = False,
    consent_id: UUID | None = None,
) -> SharingAnswer:  # fmt: skip
    return SharingAnswer(
        category, allowed=allowed, ground=ground.code, citation=ground.citation, name=str(ground.name),
        text=str(ground.text), missing=missing, already=already, consent_id=consent_id,
    )  # fmt: skip


def person_exists(person_id: UUID) -> bool:
    """Whether the register holds the person, asked across row-level security by a function of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT silta_person_exists(%s)", [person_id])
        return bool(cursor.fetchone()[0])


def knows_people(organisation_id: UUID) -> bool:
    """Whether the organisation has, or had, a ground to know anybody, asked across row-level security."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT silta_knows_people(%s)", [organisation_id])
        return bool(cursor.fetchone()[0])


def whose(subject_id: UUID) -> UUID | None:
    """Whose data a row's id stands for, asked across row-level security: only for the journal of a refusal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT silta_whose(%s)", [subject_id])
        found: UUID | None = cursor.fetchone()[0]
        return found
