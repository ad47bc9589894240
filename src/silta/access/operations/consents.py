"""The client's consents and permits: recorded, and withdrawn with effect at once."""

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries, rules
from silta.access.enums import Category, ConsentChannel, Permission
from silta.access.models import Consent, Grant
from silta.access.operations.grants import end_each
from silta.audit import operations as audit
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed
from silta.organisations.models import Unit
from silta.people.models import Person


def _demand_say_over(actor: Actor, person: Person) -> None:
    """The client has the say over her own consents; a worker records them where her unit knows of the clienthood."""
    if actor.is_client:
        queries.require(actor, Permission.OWN_CONSENT)
        allowed = actor.person_id == person.pk
    else:
        queries.require(actor, Permission.CONSENT_RECORD)
        allowed = Category.CLIENTHOOD in queries.covered_categories(actor, person.pk)
    if not allowed:
        raise NotAllowed(
            _("You cannot record this person's consents."),
            code="access.consent_of_another",
            person_id=person.pk,
        )


@transaction.atomic
def record_consent(
    actor: Actor,
    *,
    person: Person,
    ground: str,
    to_unit: Unit,
    categories: Collection[str],
    purpose_text: str,
    channel: str,
    language: str,
    given_on: dt.date | None = None,
    valid_until: dt.date | None = None,
    from_unit: Unit | None = None,
) -> Consent:
    """Records what the person permits: which data, to whom, for what, how long (703/2023 53 §, 380/2023 116 §).

    Raises ``RuleBroken`` where the ground does not rest on consent, cannot hold between the two parties for these
    data, names nothing, is dated ahead or ends before it begins, or where the law demands writing and it was spoken.
    """
    _demand_say_over(actor, person)
    today, now = clock.today(), clock.now()
    given = given_on or today
    own_unit = Unit.objects.filter(pk=actor.unit_id).first() if actor.unit_id else None
    source = from_unit or own_unit
    named = rules.grounds().get(ground)
    problem = rules.consent_problem(
        named, categories, source.organisation.kind if source else None, to_unit.organisation.kind, channel=channel,
        given_on=given, valid_until=valid_until, purpose_text=purpose_text, today=today,
    )  # fmt: skip
    if problem is not None:
        raise problem
    consent = Consent(
        person=person, ground=ground, from_unit=source, to_unit=to_unit, categories=sorted(categories),
        purpose_text=purpose_text.strip(), channel=ConsentChannel(channel), language=language, given_on=given,
        valid_until=valid_until, recorded_by_id=actor.user_id, recorded_by_unit_id=actor.unit_id, recorded_at=now,
    )  # fmt: skip
    consent.save(force_insert=True)
    audit.record(
        actor, "access.record_consent", person_id=person.pk, subject=consent, ground=ground,
        recipient_unit_id=to_unit.pk, categories=sorted(categories),
    )  # fmt: skip
    return consent


@transaction.atomic
def withdraw_consent(actor: Actor, *, consent: Consent) -> int:
    """The person takes her consent back; every grant that rests on it ends at once. Returns how many ended.

    Withdrawing needs no reason (REQ-002-12: without detriment). Raises ``Conflict`` when it is withdrawn already.
    """
    _demand_say_over(actor, consent.person)
    now = clock.now()
    locked = Consent.objects.select_for_update(of=("self",)).get(pk=consent.pk)
    if locked.withdrawn_at is not None:
        raise Conflict(_("The consent has been withdrawn already."), code="access.consent_withdrawn")
    locked.withdrawn_at, locked.withdrawn_recorded_by_id = now, actor.user_id
    locked.save(update_fields=["withdrawn_at", "withdrawn_recorded_by"])
    consent.withdrawn_at, consent.withdrawn_recorded_by_id = now, actor.user_id
    audit.record(
        actor, "access.withdraw_consent", person_id=consent.person_id, subject=consent, ground=consent.ground,
        recipient_unit_id=consent.to_unit_id,
    )  # fmt: skip
    resting = Grant.objects.filter(consent=consent).exclude(valid_until__lte=now)
    return end_each(actor, list(resting), now, "consent withdrawn")
