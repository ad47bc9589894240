"""Reviews of rights: which units are asked, what is known of each membership, and what waits for the keeper."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import (
    BooleanField,
    Count,
    DateField,
    DateTimeField,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils.translation import gettext_lazy as _

from silta.access import rules
from silta.access.enums import Permission, Verdict
from silta.access.models import Membership, RightsAnswer, RightsReview
from silta.access.queries.deciding import own_unit_id, permits, require
from silta.access.queries.members import keeps_members_of
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, NotFound
from silta.organisations.models import Unit
from silta.organisations.queries import Listed

REVIEWED_AT_ONCE = 50
_ORDER = ("organisation__name_fi", "name_fi", "pk")
_SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One membership as its reviewer sees it, with what she has answered.

    ``open_cases`` is none where the reviewer may not know. ``is_own`` is her own membership, of which another must
    answer; ``is_hers_to_end`` and ``roles`` (the roles she may give instead) say what she can bring about herself.
    """

    membership: Membership
    answer: RightsAnswer | None
    has_second_factor: bool
    tokens: int
    addresses: int
    open_cases: int | None
    is_own: bool
    is_hers_to_end: bool
    roles: frozenset[str]

    @property
    def verdict(self) -> str:
        """What was answered; empty, where nothing was, or it was taken back."""
        return self.answer.verdict if self.answer else ""

    @property
    def version(self) -> int:
        """Of the answer; 0 where there is none."""
        return self.answer.version if self.answer else 0

    @property
    def is_request(self) -> bool:
        """Whether what was answered is the keeper's to do, not the reviewer's."""
        if not self.verdict:
            return self.is_own
        if self.verdict == Verdict.ENDS:
            return not self.is_hers_to_end
        return (
            self.verdict == Verdict.ROLE
            and self.answer is not None
            and not {self.membership.role, self.answer.right_role} <= self.roles
        )

    @property
    def told(self) -> dict[str, str | int | bool | None]:
        """What stands of it in the list that is confirmed: ids, codes, days and counts."""
        row, signed_in = self.membership, self.membership.user.last_login
        return {
            "membership": str(row.pk), "user": str(row.user_id), "role": row.role, "from": str(row.valid_from),
            "until": str(row.valid_until or ""), "signed_in": signed_in.isoformat() if signed_in else "",
            "second_factor": self.has_second_factor, "tokens": self.tokens, "addresses": self.addresses,
            "open_cases": self.open_cases, "answer": self.verdict,
            "ends_on": str(self.answer.ends_on or "") if self.answer else "",
            "right_role": self.answer.right_role if self.answer else "", "is_request": self.is_request,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnderReview:
    """How far a unit is: how many memberships it has, its open review, and when it was last reviewed."""

    unit: Unit
    people: int
    review_id: UUID | None
    due_on: dt.date | None
    closed_id: UUID | None
    closed_at: dt.datetime | None

    @property
    def is_late(self) -> bool:
        """Whether the day of its open review has passed."""
        return self.due_on is not None and self.due_on < clock.today()


def reviews_rights_of(unit_id: UUID) -> bool:
    """Whether whoever acts reviews the rights of this unit now: the database decides (``silta_reviews``)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT silta_reviews(%s)", [unit_id])
        return bool(cursor.fetchone()[0])


def rights_review_for(actor: Actor, review_id: UUID) -> RightsReview:
    """An open review that is the actor's to answer, or a closed one that she reviews or oversees; else ``NotFound``."""
    _require_a_part(actor)
    row = (
        RightsReview.objects.select_related("unit__organisation", "closed_by", "started_by")
        .filter(pk=review_id)
        .first()
    )
    if row is None or (row.closed_at is None and not reviews_rights_of(row.unit_id)):
        raise NotFound(_("There is no such review."), code="access.no_review")
    return row


def open_rights_reviews(actor: Actor) -> list[UnderReview]:
    """The open reviews that are the actor's to answer, the first due first; none for whoever reviews nothing."""
    return list(_open_reviews(actor, RightsReview.objects.all()))


def own_units_review(actor: Actor) -> UnderReview | None:
    """The open review of the actor's own unit, where it is hers to answer; none, where there is none.

    No other unit's is looked at: whose a review is costs the database a walk up from its unit.
    """
    return next(_open_reviews(actor, RightsReview.objects.filter(unit=actor.unit_id)), None)


def _open_reviews(actor: Actor, among: QuerySet[RightsReview]) -> Iterator[UnderReview]:
    if not permits(actor, Permission.RIGHTS_REVIEW):
        return
    hers = Func(F("unit_id"), function="silta_reviews", output_field=BooleanField())
    rows = among.annotate(hers=hers, people=_people("unit_id")).filter(hers=True, closed_at__isnull=True)
    for row in rows.select_related("unit__organisation").order_by("due_on", "pk"):
        yield UnderReview(row.unit, row.people or 0, row.pk, row.due_on, None, None)


def rights_overview(
    actor: Actor, *, late_only: bool = False, after: UUID | None = None
) -> Listed[UnderReview]:
    """A page of the units that the actor oversees and that have members, by name, each with the state of its review.

    Raises ``NotAllowed`` without the permission to oversee reviews.
    """
    rows = _overseen(actor).annotate(
        people=_people("pk"), review_id=_review("pk", False), due_on=_review("due_on", False),
        closed_id=_review("pk", True), closed_at=_review("closed_at", True),
    ).filter(people__gt=0)  # fmt: skip
    if late_only:
        rows = rows.filter(due_on__lt=clock.today())
    last = _overseen(actor).filter(pk=after).values_list(*_ORDER).first() if after else None
    if last is not None:
        body, name, key = last
        rows = rows.filter(
            Q(organisation__name_fi__gt=body)
            | Q(organisation__name_fi=body, name_fi__gt=name)
            | Q(organisation__name_fi=body, name_fi=name, pk__gt=key)
        )
    found = [
        UnderReview(row, row.people, row.review_id, row.due_on, row.closed_id, row.closed_at)
        for row in rows.select_related("organisation").order_by(*_ORDER)[: REVIEWED_AT_ONCE + 1]
    ]
    more = len(found) > REVIEWED_AT_ONCE
    return Listed(found[:REVIEWED_AT_ONCE], found[REVIEWED_AT_ONCE - 1].unit.pk if more else None)


def unit_overseen(actor: Actor, unit_id: UUID) -> Unit:
    """One unit whose reviews the actor oversees; raises ``NotFound`` for any other."""
    unit = _overseen(actor).filter(pk=unit_id).first()
    if unit is None:
        raise NotFound(_("There is no such unit."), code="access.no_unit")
    return unit


def reviewed_members(
    actor: Actor, review: RightsReview, open_cases: Mapping[UUID, int] | None
) -> list[Reviewed]:
    """The unit's memberships that have not ended, by name, with what is known and what was answered of each.

    ``open_cases`` counts the open cases of each user there (``strands.open_work_counts``). Four queries, however many
    members there are.
    """
    members = standing_members().filter(unit_id=review.unit_id)
    rows = list(members.select_related("user", "unit").order_by("user__name", "valid_from", "pk"))
    answers = {row.membership_id: row for row in review.answers.select_related("answered_by")}
    sealed = set(
        Authenticator.objects.filter(
            user_id__in=[row.user_id for row in rows], type__in=_SECOND_FACTORS
        ).values_list("user_id", flat=True)
    )
    keys = _keys_in(review.unit_id)
    by_keeper = permits(actor, Permission.ORGANISATIONS_MANAGE)
    keeps = keeps_members_of(actor, review.unit_id)
    roles = frozenset(rules.roles_to_give(by_keeper=by_keeper) if keeps else ())
    return [
        Reviewed(
            row, answers.get(row.pk), row.user_id in sealed, *keys.get(row.pk, (0, 0)),
            open_cases=None if open_cases is None else open_cases.get(row.user_id, 0),
            is_own=row.user_id == actor.user_id and not by_keeper, is_hers_to_end=keeps, roles=roles,
        )
        for row in rows
    ]  # fmt: skip


def digest_of_list(rows: list[Reviewed]) -> str:
    """A mark that changes with the list: who is on it, in which role, until when, and what was answered."""
    lines = [f"{one.membership.pk} {one.membership.valid_until} {one.version} {one.verdict}" for one in rows]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def confirmed_members(
    review: RightsReview,
) -> list[tuple[Membership, dict[str, object], RightsAnswer | None]]:
    """What was confirmed when the review was closed, in its order: each membership, what the list said, and the answer."""
    keys = [UUID(line["membership"]) for line in review.confirmed]
    rows = Membership.objects.select_related("user").in_bulk(keys)
    answers = {row.membership_id: row for row in review.answers.select_related("answered_by", "settled_by")}
    return [
        (rows[key], line, answers.get(key))
        for key, line in zip(keys, review.confirmed, strict=True)
        if key in rows
    ]


def rights_requests(actor: Actor) -> list[RightsAnswer]:
    """What reviewers could not bring about themselves and nobody has settled yet, the oldest first; for the keeper."""
    if not permits(actor, Permission.ORGANISATIONS_MANAGE):
        return []
    rows = RightsAnswer.objects.filter(
        is_request=True, settled_at__isnull=True, review__closed_at__isnull=False
    )
    return list(
        rows.select_related(
            "membership__user", "membership__unit__organisation", "answered_by", "review"
        ).order_by("answered_at", "pk")
    )


def rights_request_for(actor: Actor, answer_id: UUID) -> RightsAnswer:
    """One request that waits for the keeper; raises ``NotFound`` for any other."""
    require(actor, Permission.RIGHTS_OVERSEE)
    found = next((row for row in rights_requests(actor) if row.pk == answer_id), None)
    if found is None:
        raise NotFound(_("There is no such request."), code="access.no_rights_request")
    return found


def standing_members() -> "QuerySet[Membership]":
    """The memberships that have not ended, those that are still to begin included."""
    return Membership.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=clock.today()))


def _require_a_part(actor: Actor) -> None:
    if not (permits(actor, Permission.RIGHTS_REVIEW) or permits(actor, Permission.RIGHTS_OVERSEE)):
        raise NotAllowed(_("You cannot do this in the role you are acting in."), code="access.rights.review")


def _overseen(actor: Actor) -> "QuerySet[Unit]":
    require(actor, Permission.RIGHTS_OVERSEE)
    if permits(actor, Permission.ORGANISATIONS_MANAGE):
        return Unit.objects.all()
    return Unit.objects.filter(organisation__units=own_unit_id(actor))


def _people(unit: str) -> Subquery:
    rows = standing_members().filter(unit_id=OuterRef(unit)).order_by().values("unit_id")
    return Subquery(rows.annotate(many=Count("pk")).values("many"))


def _review(field: str, is_closed: bool) -> Subquery:
    kinds = {"due_on": DateField(), "closed_at": DateTimeField()}
    rows = RightsReview.objects.filter(unit_id=OuterRef("pk"), closed_at__isnull=not is_closed)
    return Subquery(rows.order_by("-started_at").values(field)[:1], output_field=kinds.get(field))


def _keys_in(unit_id: UUID) -> dict[UUID, tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM silta_keys_in(%s)", [unit_id])
        return {key: (tokens, addresses) for key, tokens, addresses in cursor.fetchall()}
