"""Reviews of rights: begun by the clock or early, answered one by one, closed with the list as it was seen.

Nobody loses anything by a review that nobody answers. What is answered comes true when it is closed, and no sooner.
"""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from silta.access import queries, rules, strands
from silta.access.enums import Permission, Verdict
from silta.access.models import Membership, RightsAnswer, RightsReview
from silta.access.operations.memberships import change_role, end_membership
from silta.audit import operations as audit
from silta.kernel import clock
from silta.kernel.acting import maintaining
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, RuleBroken
from silta.organisations.models import Unit
from silta.organisations.queries import units_on

_OVER = gettext_lazy("Somebody has closed this review already.")


def start_due_reviews() -> int:
    """Begins the review of every unit with members that was last looked through long enough ago; returns how many.

    A unit that was never reviewed counts from when its first member of today came. A unit that has an open review is not
    asked twice; an open review of a unit whose members have all gone is closed, for there is nobody to answer for. It is
    no unit's work, so it runs past row-level security and stands in the journal as the system's: only the worker can.
    """
    with maintaining(), transaction.atomic():
        _close_empty()
        begun = [
            RightsReview(unit_id=unit, started_at=clock.now(), due_on=due)
            for unit, due in _units_due(clock.today())
        ]
        RightsReview.objects.bulk_create(begun)
        audit.record_many(
            None, "access.start_rights_review",
            [audit.Told(subject=row, recipient_unit_id=row.unit_id) for row in begun],
        )  # fmt: skip
    return len(begun)


def _units_due(today: dt.date) -> Iterator[tuple[UUID, dt.date]]:
    """Each unit that is to be asked now, with the day by which it answers."""
    asked = set(RightsReview.objects.filter(closed_at__isnull=True).values_list("unit_id", flat=True))
    reviewed = dict(RightsReview.objects.order_by().values_list("unit_id").annotate(last=Max("closed_at")))
    first = queries.standing_members().filter(unit__in=units_on(today)).order_by()
    for unit, since in first.values_list("unit_id").annotate(since=Min("valid_from")):
        last = reviewed.get(unit)
        day = last.astimezone(clock.HELSINKI).date() if last else since
        due = rules.review_due(day, settings.RIGHTS_REVIEW_MONTHS, today)
        if unit not in asked and due is not None:
            yield unit, due


def _close_empty() -> None:
    has_members = queries.standing_members().values("unit_id")
    for review in RightsReview.objects.filter(closed_at__isnull=True).exclude(unit_id__in=has_members):
        review.closed_at = clock.now()
        review.save(update_fields=["closed_at"])
        audit.record(
            None, "access.close_rights_review", subject=review, recipient_unit_id=review.unit_id, people=0
        )


@transaction.atomic
def start_review(actor: Actor, *, unit: Unit) -> RightsReview:
    """Asks a unit early whether its staff still need their rights, whatever the clock would say.

    Raises ``NotAllowed`` for a unit that the actor does not oversee, ``RuleBroken`` where nobody works there, ``Conflict``
    while a review of it is open.
    """
    queries.unit_overseen(actor, unit.pk)
    if not queries.standing_members().filter(unit=unit).exists():
        raise RuleBroken(_("Nobody works in this unit."), code="access.review_empty")
    if RightsReview.objects.filter(unit=unit, closed_at__isnull=True).exists():
        raise Conflict(_("A review of this unit is open already."), code="access.review_open")
    review = RightsReview(
        unit=unit, started_at=clock.now(), started_by_id=actor.user_id,
        due_on=clock.today() + dt.timedelta(days=rules.REVIEW_DAYS),
    )  # fmt: skip
    review.save(force_insert=True)
    audit.record(actor, "access.start_rights_review", subject=review, recipient_unit_id=unit.pk)
    return review


@transaction.atomic
def answer_for_member(
    actor: Actor,
    *,
    review: RightsReview,
    membership: Membership,
    verdict: str,
    version: int,
    ends_on: dt.date | None = None,
    right_role: str = "",
    note: str = "",
) -> RightsAnswer:
    """Says of one membership whether it stays, ends on a day, or has the wrong role; an empty verdict takes it back.

    A draft: nothing follows before the review is closed. ``version`` is of the answer that was seen, 0 where there was
    none. Raises ``NotAllowed`` for another's review and for one's own membership, ``RuleBroken`` for half an answer,
    ``Conflict`` where the review is closed, the membership has ended, or another has answered meanwhile.
    """
    locked = _open_and_hers(actor, review)
    standing = queries.standing_members().filter(pk=membership.pk, unit_id=locked.unit_id).first()
    if standing is None:
        raise Conflict(_("This membership has ended meanwhile."), code="access.review_member_gone")
    if standing.user_id == actor.user_id and not queries.permits(actor, Permission.ORGANISATIONS_MANAGE):
        raise NotAllowed(gettext_lazy("Another must answer for you."), code="access.review_own")
    problem = rules.answer_problem(
        verdict, role=standing.role, right_role=right_role, ends_on=ends_on, until=standing.valid_until,
        today=clock.today(),
    )  # fmt: skip
    if problem:
        raise problem
    row = RightsAnswer.objects.select_for_update().filter(review=locked, membership=standing).first()
    if (row.version if row else 0) != version:
        raise Conflict(
            _("Somebody has answered this meanwhile. Look at her answer."), code="access.review_answered"
        )
    is_new, row = row is None, row or RightsAnswer(review=locked, membership=standing, version=0)
    row.verdict, row.version = verdict, row.version + 1
    row.ends_on = ends_on if verdict == Verdict.ENDS else None
    row.right_role = right_role if verdict == Verdict.ROLE else ""
    row.note = note.strip() if verdict else ""
    row.answered_by_id, row.answered_at = actor.user_id, clock.now()
    row.save(force_insert=is_new)
    audit.record(
        actor, "access.answer_rights_review", subject=row, recipient_unit_id=locked.unit_id, membership=str(standing.pk),
        answer=verdict,
    )  # fmt: skip
    return row


def _open_and_hers(actor: Actor, review: RightsReview) -> RightsReview:
    """The review, kept from others until this transaction ends."""
    queries.require(actor, Permission.RIGHTS_REVIEW)
    if not queries.reviews_rights_of(review.unit_id):
        raise NotAllowed(gettext_lazy("This review is not yours to answer."), code="access.review_of_another")
    locked = RightsReview.objects.select_for_update().get(pk=review.pk)
    if locked.closed_at is not None:
        raise Conflict(_OVER, code="access.review_closed")
    return locked


@transaction.atomic
def close_review(actor: Actor, *, review: RightsReview, seen: str) -> RightsReview:
    """Confirms the whole list as it was seen (``queries.digest_of_list``), and lets come true what was answered.

    Memberships end on their days, and what their users still answer for comes to the lead of the unit; a wrong role is
    ended and the right one given. What the actor may not do herself, and her own membership, becomes a request to the
    keeper. Raises ``NotAllowed`` for another's review, ``RuleBroken`` while somebody is not answered for, ``Conflict``
    where the review is closed or the list is no longer the one that was seen.
    """
    locked = _open_and_hers(actor, review)
    rows = queries.reviewed_members(actor, locked, strands.open_work_counts(actor, locked.unit_id))
    if queries.digest_of_list(rows) != seen:
        raise Conflict(
            _("The list has changed since you saw it. Look at it again, and then confirm it."),
            code="access.review_changed",
        )
    missing = [one for one in rows if not one.verdict and not one.is_own]
    if missing:
        raise RuleBroken(_("Answer for everybody first."), code="access.review_unanswered")
    confirmed = [one.told for one in rows]
    for one in rows:
        _bring_about(actor, locked, one)
    locked.closed_at, locked.closed_by_id, locked.confirmed = clock.now(), actor.user_id, confirmed
    locked.save(update_fields=["closed_at", "closed_by", "confirmed"])
    audit.record(
        actor, "access.close_rights_review", subject=locked, recipient_unit_id=locked.unit_id, people=len(rows),
        confirmed=[{name: line[name] for name in _IN_JOURNAL} for line in confirmed],
    )  # fmt: skip
    return locked


_IN_JOURNAL = ("membership", "role", "from", "until", "answer", "ends_on", "right_role", "is_request")


def _bring_about(actor: Actor, review: RightsReview, one: queries.Reviewed) -> None:
    if one.is_request:
        _ask_keeper(actor, review, one)
    elif one.answer is not None and one.verdict == Verdict.ENDS:
        end_membership(
            actor, membership=one.membership, reason=one.answer.note or _("Review of rights"), on=one.answer.ends_on,
            passes_on=True,
        )  # fmt: skip
    elif one.answer is not None and one.verdict == Verdict.ROLE:
        change_role(
            actor,
            membership=one.membership,
            role=one.answer.right_role,
            reason=one.answer.note or _("Review of rights"),
        )


def _ask_keeper(actor: Actor, review: RightsReview, one: queries.Reviewed) -> None:
    if one.answer is None:
        RightsAnswer(
            review=review,
            membership=one.membership,
            answered_by_id=actor.user_id,
            answered_at=clock.now(),
            is_request=True,
        ).save(force_insert=True)
    else:
        one.answer.is_request = True
        one.answer.save(update_fields=["is_request"])


@transaction.atomic
def settle_request(actor: Actor, *, answer: RightsAnswer, note: str) -> RightsAnswer:
    """The keeper notes what became of a request of a review: what she changed, or why it stays as it is.

    Raises ``NotAllowed`` for whoever is no keeper, ``RuleBroken`` without a note, ``Conflict`` where it is settled.
    """
    queries.require(actor, Permission.ORGANISATIONS_MANAGE)
    if not note.strip():
        raise RuleBroken(_("Say what was done."), code="access.settled_note", field="note")
    locked = RightsAnswer.objects.select_for_update().get(pk=answer.pk)
    if locked.settled_at is not None:
        raise Conflict(_("This has been settled already."), code="access.request_settled")
    locked.settled_at, locked.settled_by_id, locked.settled_note = clock.now(), actor.user_id, note.strip()
    locked.save(update_fields=["settled_at", "settled_by", "settled_note"])
    audit.record(actor, "access.settle_rights_request", subject=locked, membership=str(locked.membership_id))
    return locked
