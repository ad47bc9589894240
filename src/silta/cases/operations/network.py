"""Who takes part: inviting, joining, what each may know, leaving, and handing over the responsibility."""

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.access.models import Grant
from silta.accounts.models import User
from silta.cases.enums import Joined, Part
from silta.cases.models import Case, Flag, HandOver, Participation
from silta.cases.operations import path, recording, responsibility, sharing
from silta.cases.queries import casepage, joining
from silta.cases.rules import told
from silta.cases.rules.told import Told
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, NotFound, RuleBroken
from silta.organisations.models import Unit


@transaction.atomic
def invite(
    actor: Actor,
    *,
    case: Case,
    unit: Unit,
    user: User | None = None,
    answers_for: str,
    categories: Collection[str],
    ground: str | None = None,
    reference: str = "",
    key: UUID | None = None,
) -> Participation:
    """Asks a unit, perhaps a named person in it, to take part, and lets it know what it needs for its own share.

    The categories rest on grounds that hold between the acting unit and the invited one, a consent among them where
    one is recorded; who the client is and that there is a case always belong to them. ``ground`` chooses one: a written contract
    between the organisations is known to the worker, who names that ground and the contract (``reference``). Raises
    ``RuleBroken`` at the field at fault: nothing is shared then.
    """
    recording.require_work(actor, case)
    access.require(actor, Permission.GRANT_GIVE, case.scope)
    recording.require_open(case)
    words = recording.require_text(answers_for, field="answers_for", message=_("Tell what they answer for."))
    _require_fit(case, unit, user)
    if key is None or not Participation.objects.filter(pk=key, case=case).exists():
        _require_not_in(case, unit, user)
    row, is_new = recording.new_row(
        actor, case, Participation, key=key, unit=unit, user=user, part=Part.MEMBER, answers_for=words,
        joined_on=clock.today(), joined_how=Joined.INVITED,
    )  # fmt: skip
    if is_new:
        _share_missing(
            actor, case, unit, wanted={*categories, *sharing.ESSENTIALS}, ground=ground, reference=reference
        )
        recording.finish(actor, case, "invite", subject=row, recipient_unit_id=unit.pk)
    return row


def _require_fit(case: Case, unit: Unit, user: User | None) -> None:
    today = clock.today()
    if unit.valid_from > today or (unit.valid_until is not None and unit.valid_until < today):
        raise RuleBroken(_("The unit does not exist any more."), code="cases.unit_closed", field="unit")
    if unit.organisation.kind not in path.definition_of(case).participant_kinds:
        raise RuleBroken(_("This kind of organisation does not take part in such a case."),
                         code="cases.unit_not_fit", field="unit")  # fmt: skip
    if user is not None and sharing.works_in(user.pk, [unit.pk]) is None:
        raise RuleBroken(
            _("The person does not work in that unit."), code="cases.user_elsewhere", field="user"
        )


def _require_not_in(case: Case, unit: Unit, user: User | None) -> None:
    if Participation.objects.filter(case=case, unit=unit, user=user, left_on__isnull=True).exists():
        raise RuleBroken(_("They take part already."), code="cases.takes_part", field="unit")


def _share_missing(
    actor: Actor, case: Case, unit: Unit, *, wanted: Collection[str], ground: str | None, reference: str
) -> list[Grant]:
    known = {category for grant in sharing.current_grants(case, unit) for category in grant.categories}
    missing = set(wanted) - known
    if not missing:
        return []
    from_unit = recording.unit_of(actor)
    return sharing.share(
        actor, case, to_unit=unit, categories=missing, from_unit=from_unit, ground=ground, reference=reference
    )


@transaction.atomic
def share_more(
    actor: Actor,
    *,
    case: Case,
    unit: Unit,
    categories: Collection[str],
    ground: str | None = None,
    reference: str = "",
) -> list[Grant]:
    """Lets a unit that takes part know more, because its share needs it or the client has consented to it.

    Raises ``RuleBroken`` where the unit does not take part, or no ground opens the categories.
    """
    recording.require_work(actor, case)
    access.require(actor, Permission.GRANT_GIVE, case.scope)
    recording.require_open(case)
    if not Participation.objects.filter(case=case, unit=unit, left_on__isnull=True).exists():
        raise RuleBroken(_("The unit does not take part in the case."), code="cases.not_in", field="unit")
    grants = _share_missing(actor, case, unit, wanted=categories, ground=ground, reference=reference)
    recording.finish(actor, case, "share_more", recipient_unit_id=unit.pk, categories=sorted(categories))
    return grants


@transaction.atomic
def add_supporter(
    actor: Actor, *, case: Case, name: str, answers_for: str = "", key: UUID | None = None
) -> Participation:
    """Records the client's own supporter, with the client's consent (REQ-004-11); she sees nothing in Silta."""
    recording.require_say(actor, case)
    recording.require_open(case)
    words = recording.require_text(name, field="name", message=_("Give the supporter's name."))
    row, is_new = recording.new_row(
        actor, case, Participation, key=key, outsider_name=words, part=Part.SUPPORTER, answers_for=answers_for.strip(),
        joined_on=clock.today(), joined_how=Joined.INVITED,
    )  # fmt: skip
    if is_new:
        recording.finish(actor, case, "add_supporter", subject=row)
    return row


@transaction.atomic
def self_attach(
    actor: Actor, *, case_id: UUID, reason: str, answers_for: str = "", key: UUID | None = None
) -> Participation:
    """Comes into a case one has work in before anybody has invited one, with a reason that is kept (lesson 4).

    It is possible only where the law lets the case's unit and the acting one know such a client without consent: for
    joint support between the employment authority, the county and Kela (381/2023 15 §), never between units of one
    organisation, which invite or transfer. The unit gets to know who the client is and that there is a case, no
    more; a flag tells the responsible person, who shares the rest. Raises ``NotFound``, in the same words, for a case
    that is not there, has ended or may not be joined.
    """
    access.require(actor, Permission.CASE_SELF_ATTACH)
    words = recording.require_text(
        reason, field="reason", message=_("Tell what your work for this person is.")
    )
    unit = recording.unit_of(actor)
    if key is not None and (there := Participation.objects.filter(pk=key, unit=unit).first()):
        return there
    if (found := joining.case_to_join(actor, case_id)) is None:
        raise NotFound(_("No case was found that you could join. Ask a colleague in the case to invite you."),
                       code="cases.nothing_to_join")  # fmt: skip
    sharing.give_essentials(actor, found, unit=unit)
    case = Case.objects.select_related("unit__organisation").get(pk=found.case_id)
    if Participation.objects.filter(
        case=case, unit=unit, user_id=actor.user_id, left_on__isnull=True
    ).exists():
        raise RuleBroken(_("You take part already."), code="cases.takes_part")
    row, _made = recording.new_row(
        actor, case, Participation, key=key, unit=unit, user_id=actor.user_id, part=Part.MEMBER,
        answers_for=answers_for.strip(), joined_on=clock.today(), joined_how=Joined.SELF_ATTACHED,
    )  # fmt: skip
    responsibility.tell_why(actor, row, words)
    user = User.objects.get(pk=actor.user_id)
    recording.new_row(
        actor, case, Flag,
        text=told.with_names(Told.JOINED_ALONE, name=user.name, unit=unit.name),
    )  # fmt: skip
    recording.finish(actor, case, "self_attach", subject=row, recipient_unit_id=unit.pk)
    return row


@transaction.atomic
def leave(actor: Actor, *, participation: Participation, reason: str) -> Participation:
    """Ends a period of taking part; when a unit's last member leaves, what it may know of the case ends too.

    A unit leaves by itself, and the unit responsible for the case may end anybody's part. Raises ``RuleBroken`` for
    the responsible person, whose part is handed over, never left.
    """
    case = recording.case_of(participation)
    access.require(actor, Permission.CASE_WORK, case.scope)
    if actor.unit_id not in {participation.unit_id, case.unit_id}:
        raise NotAllowed(_("You cannot end the part of another unit."), code="cases.part_of_another")
    if participation.left_on is not None:
        return participation
    if participation.part == Part.RESPONSIBLE:
        raise RuleBroken(_("The responsible person does not leave: hand the case over first."),
                         code="cases.responsible_leaves")  # fmt: skip
    words = recording.require_text(reason, field="reason", message=_("Tell why."))
    responsibility.close(participation, on=clock.today(), reason=Told.LEFT)
    responsibility.tell_why_left(actor, participation, words)
    recording.finish(actor, case, "leave", subject=participation, recipient_unit_id=participation.unit_id)
    if participation.unit_id not in {None, case.unit_id} and participation.unit_id not in case.scope.unit_ids:
        sharing.end(actor, case, unit=participation.unit, reason=words[:200])
    return participation


@transaction.atomic
def change_share(
    actor: Actor, *, participation: Participation, version: int, answers_for: str
) -> Participation:
    """Says anew what a participant answers for; the participant's own unit or the responsible unit does so.

    Raises ``Conflict`` where somebody else has said it anew since it was looked at.
    """
    case = recording.case_of(participation)
    access.require(actor, Permission.CASE_WORK, case.scope)
    recording.require_open(case)
    if actor.unit_id not in {participation.unit_id, case.unit_id}:
        raise NotAllowed(_("You cannot change the part of another unit."), code="cases.part_of_another")
    words = recording.require_text(answers_for, field="answers_for", message=_("Tell what they answer for."))
    seen = Participation.objects.filter(pk=participation.pk, answers_for=participation.answers_for)
    if participation.version != version or not seen.update(answers_for=words):
        raise recording.changed_meanwhile()
    participation.answers_for = words
    recording.finish(actor, case, "change_share", subject=participation)
    return participation


@transaction.atomic
def hand_over(
    actor: Actor,
    *,
    case: Case,
    to_user: User,
    note: str = "",
    transition_days: int | None = None,
    version: int | None = None,
    key: UUID | None = None,
) -> HandOver:
    """Gives the responsibility to another worker of a unit in the case, with what she must know (REQ-001-19).

    The former worker may still write until the transition window closes (lesson 2); open transfers are overtaken
    (lesson 3). The responsible herself hands over, a lead of her unit or of the case's assigns (``case.assign``), and where
    nobody is responsible any worker of the case's unit may take it. Raises ``RuleBroken`` where the note is missing though there
    is somebody to hand over from, or the new worker is not in a unit of the case; ``Conflict`` where the case is no longer
    the ``version`` that was looked at, or was handed over meanwhile.
    """
    recording.require_work(actor, case)
    recording.require_open(case)
    if key is not None and (there := HandOver.objects.filter(pk=key, case=case).first()):
        return there
    was_left = recording.renew(case).left_by_id is not None
    recording.change(case, case.version if version is None else version, **responsibility.TAKEN_ON)
    former = responsibility.responsible_now(case)
    _require_may_hand_over(actor, case, former, to_user)
    if former is not None:
        recording.require_text(note, field="note", message=_("Tell the next worker what she must know."))
    unit_id = sharing.works_in(to_user.pk, [case.unit_id]) or sharing.works_in(
        to_user.pk, case.scope.unit_ids
    )
    if unit_id is None:
        raise RuleBroken(_("The new responsible person must work in a unit of the case. Invite the unit first, or "
                           "transfer the case."), code="cases.responsible_elsewhere", field="to_user")  # fmt: skip
    today = clock.today()
    days = path.definition_of(case).transition_days if transition_days is None else transition_days
    until = today + dt.timedelta(days=days) if former is not None and days > 0 else None
    if former is not None:
        responsibility.close(former, on=today, reason=Told.HANDED_OVER, writes_until=until)
    responsibility.appoint(actor, case, user_id=to_user.pk, unit_id=unit_id, on=today)
    responsibility.overtake_transfers(actor, case, reason=Told.HANDED_TO_ANOTHER)
    if was_left:
        responsibility.take_down_left(actor, case, Told.HANDED_TO_ANOTHER)
    row, _made = recording.new_row(
        actor, case, HandOver, key=key, from_user_id=former.user_id if former else None, to_user=to_user, on=today,
        note=note.strip(), transition_until=until,
    )  # fmt: skip
    recording.finish(actor, case, "hand_over", subject=row, to_user=str(to_user.pk))
    case.responsible = to_user
    if former is not None:
        _let_go(actor, case, former, until)
    return row


@transaction.atomic
def keep(actor: Actor, *, case: Case, version: int | None = None) -> Case:
    """Says that whoever a leaver's case came to keeps it: it asks to be handed over no more.

    Raises ``NotAllowed`` for everybody but the responsible worker, ``Conflict`` where nothing waits for her word any more
    or the case is no longer the ``version`` that was looked at.
    """
    recording.require_work(actor, case)
    recording.renew(case)
    if case.responsible_id != actor.user_id:
        raise NotAllowed(
            _("Only the responsible worker says that she keeps the case."), code="cases.not_responsible"
        )
    if case.left_by_id is None:
        raise recording.changed_meanwhile()
    recording.change(case, case.version if version is None else version, **responsibility.TAKEN_ON)
    responsibility.take_down_left(actor, case, Told.KEPT)
    recording.finish(actor, case, "keep")
    return case


def _let_go(actor: Actor, case: Case, former: Participation, until: dt.date | None) -> None:
    """Where nobody of the former worker's unit is left in the case, what it may know ends with the transition window."""
    if former.unit is None or former.unit_id == case.unit_id:
        return
    if Participation.objects.filter(case=case, unit=former.unit, left_on__isnull=True).exists():
        return
    reason = Told.HANDED_OVER
    if until is None:
        sharing.end(actor, case, unit=former.unit, reason=reason)
    else:
        sharing.limit(actor, case, unit=former.unit, until=sharing.end_of(until), reason=reason)


def _require_may_hand_over(actor: Actor, case: Case, former: Participation | None, to_user: User) -> None:
    if former is not None and former.user_id == to_user.pk:
        raise RuleBroken(_("She is responsible already."), code="cases.responsible_already", field="to_user")
    if not casepage.may_hand_over(actor, case, former):
        raise NotAllowed(
            _("Only the responsible worker or the lead hands the case over."), code="access.case.assign"
        )
