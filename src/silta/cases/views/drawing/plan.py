"""Draws the rows of the plan: steps and services; and the small menu of a goal."""

from collections.abc import Container, Iterable

from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from silta.cases import enums
from silta.cases.models import Action, AgreedService, Goal
from silta.cases.queries import casepage
from silta.cases.rules import told
from silta.cases.views import drawing
from silta.cases.views.drawing import BUTTON, Deeds, Pen
from silta.kernel import clock
from silta.kernel.language import in_figures
from silta.ui.markup import joined, markup
from silta.ui.templatetags import ui

_TONES: dict[str, str] = {
    enums.ServiceState.AGREED: "warn", enums.ServiceState.REQUESTED: "info", enums.ServiceState.STARTED: "good",
    enums.ServiceState.DELAYED: "late", enums.GoalState.PROPOSED: "warn", enums.GoalState.CONFIRMED: "good",
}  # fmt: skip
_OF_STEP = Deeds(
    ("action_postpone", _("Another day")), ("action_hand", _("Somebody else takes the step")),
    ("action_nudge", _("Remind")), ("action_drop", _("Not needed")),
)  # fmt: skip
_OF_GOAL = Deeds(("goal_reword", _("Say the goal anew")), ("goal_drop", _("Give up")))
_ACHIEVED = Deeds(("goal_achieve", _("Achieved")))
_CONFIRMS = Deeds(
    ("goal_confirm", _("The client confirms")), ("goal_decline", _("The client says no")), shape=BUTTON
)


def tone(state: str) -> str:
    """The tone of the badge of a service's or a goal's state."""
    return _TONES.get(state, "neutral")


def steps(pen: Pen, found: Iterable[Action]) -> SafeString:
    """The rows of these steps."""
    return joined([_step(pen, one) for one in found])


def _step(pen: Pen, action: Action) -> SafeString:
    is_open = action.state == enums.ActionState.OPEN
    return markup(
        '<li class="row{}"><div class="row__main">{}<span class="step-text">{}</span></div>'
        '<div class="row__meta"><span>{}</span> {}</div>{}</li>',
        "" if is_open else " row--done", _tick(pen, action) if pen.records else "", action.text, casepage.owner_of(action),
        _when(action), _menu(pen, action) if pen.records else "",
    )  # fmt: skip


def _tick(pen: Pen, action: Action) -> SafeString:
    if action.state != enums.ActionState.OPEN:
        return markup('<span class="tick-done">{}</span> ', ui.icon("done"))
    tick = markup(
        '<button class="tick-button" type="submit" title="{}"><span class="visually-hidden">{}</span></button>',
        gettext("Mark as done"), gettext("Mark as done: %(what)s") % {"what": action.text},
    )  # fmt: skip
    return drawing.button(pen, "action_complete", action, tick)


def _when(action: Action) -> SafeString:
    if action.state != enums.ActionState.OPEN:
        return _muted(gettext("done %(date)s") % {"date": in_figures(action.state_on)})
    due = ui.due(action.due_on, clock.today()) if action.due_on else _muted(gettext("no date"))
    if action.nudged_on is None:
        return due
    reminded = gettext("reminded %(date)s") % {"date": in_figures(action.nudged_on)}
    return markup('{} <span class="small muted">{}</span>', due, reminded)


def _muted(words: str) -> SafeString:
    return markup('<span class="muted">{}</span>', words)


def _menu(pen: Pen, action: Action) -> SafeString:
    if action.state == enums.ActionState.OPEN:
        drawn = drawing.more(gettext("More for: %(what)s") % {"what": action.text}, _OF_STEP(pen, action.pk))
    else:
        back = markup(
            '<button class="hds-button hds-button--supplementary button-small" type="submit">{}<span>{}</span></button>',
            ui.icon("undo"), gettext("Take back"),
        )  # fmt: skip
        drawn = drawing.button(pen, "action_reopen", action, back)
    return markup('<div class="row__action">{}</div>', drawn)


def services(
    pen: Pen, found: Iterable[AgreedService], waited_for: Container[AgreedService], *, waiting: bool
) -> SafeString:
    """The rows of these services: of those that are waited for, or of the others."""
    return joined([_service(pen, one, waits=waiting) for one in found if (one in waited_for) is waiting])


def _service(pen: Pen, service: AgreedService, *, waits: bool) -> SafeString:
    return markup(
        '<li class="row"><div class="row__main">{} <span>{}</span> <span class="muted small">{}</span></div>'
        '<div class="row__meta">{} {}{}</div>{}</li>',
        ui.icon("service"), service.name, casepage.provider_of(service),
        ui.badge(enums.ServiceState(service.state).label, tone(service.state)),
        _wait(service) if waits else _muted(in_figures(service.state_on)),
        markup(' <span class="small muted">{}</span>', told.in_words(service.state_reason)) if service.state_reason else "",
        _change(pen, service) if pen.records else "",
    )  # fmt: skip


def _wait(service: AgreedService) -> SafeString:
    today = clock.today()
    days = (today - service.agreed_on).days
    waited = gettext("waited %(days)s") % {
        "days": ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    }
    return markup("<span>{}</span> {}", waited, ui.due(service.expected_on, today))


def _change(pen: Pen, service: AgreedService) -> SafeString:
    named = markup('{}<span class="visually-hidden">: {}</span>', gettext("Change"), service.name)
    link = markup(BUTTON, drawing.opens(pen.here, "service_state", service.pk), named)
    return markup('<div class="row__action">{}</div>', link)


def goal_edge(pen: Pen, goal: Goal) -> SafeString:
    """How a goal stands, and its small menu."""
    state = ui.badge(enums.GoalState(goal.state).label, tone(goal.state))
    if not pen.records:
        return state
    links = _OF_GOAL(pen, goal.pk)
    if goal.state != enums.GoalState.PROPOSED:
        links = _ACHIEVED(pen, goal.pk) + links
    what = gettext("More for: %(what)s") % {"what": goal.wording or goal.own_words}
    return state + drawing.more(what, links, group="goal")


def goal_answers(pen: Pen, goal: Goal) -> SafeString:
    """The client's two answers to a goal that waits for one."""
    if goal.state != enums.GoalState.PROPOSED or not pen.records:
        return SafeString("")
    return markup('<div class="card__foot cluster">{}</div>', _CONFIRMS(pen, goal.pk))
