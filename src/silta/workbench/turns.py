"""The turns a case of joint support may take: hand-over, consent, the joint end, and what comes after it."""

import datetime as dt
from abc import ABC, abstractmethod
from dataclasses import dataclass

from silta.access import operations as access
from silta.access.enums import Category
from silta.cases.enums import Outcome
from silta.cases.models import Action, AgreedService, Goal
from silta.cases.operations import actions, ending, goals, network, opening, plan, services
from silta.workbench.telling import Story


@dataclass(frozen=True)
class Shape:
    """How one story goes: when it begins, how far it is told, whose case it is, and which turns it takes.

    ``days_ago`` is the beginning; ``until`` the stage after which the story stops (none: as far as history reaches);
    ``quiet_for`` leaves so many last days without a word.
    """

    days_ago: int
    responsible: str
    until: str = ""
    turns: frozenset[str] = frozenset()
    outcome: str = ""
    quiet_for: int = 0
    loops: int = 0


class Turns(Story, ABC):
    """A story of joint support with the turns of its shape."""

    shape: Shape
    worker: str
    members: dict[str, str]

    def turns(self, name: str) -> bool:
        """Whether the story takes this turn."""
        return name in self.shape.turns

    @abstractmethod
    def _month(self) -> None:
        """One month of work."""

    def _hand_over(self) -> None:
        others = [
            name
            for name in self.region.workers(self.region.units_of[self.worker], "case_worker")
            if name != self.worker
        ]
        new = "eero" if "eero" in others and self.turns("to_eero") else self.pick(others)
        with self.session(self.worker) as actor:
            network.hand_over(
                actor,
                case=self.case,
                to_user=self.region.users[new],
                note=self.pick(self.common["hand_over"]),
            )
        self.worker = new

    def _joins_unasked(self) -> None:
        """Kela's worker comes in before anybody has invited her, with a reason; then she is let know what she needs."""
        with self.session(self.members["kela"]) as actor:
            network.self_attach(
                actor, case_id=self.case_id, reason=self.common["self_attach"],
                answers_for=self.common["contact_answers"]["kela"],
            )  # fmt: skip
        with self.session(self.worker) as actor:
            network.share_more(actor, case=self.case, unit=self.unit("kela"), categories=sorted(Category))

    def _consent(self) -> None:
        """Health data to the provider, by the client's itemised written consent only (380/2023 116 §)."""
        with self.session(self.worker) as actor:
            consent = access.record_consent(
                actor, person=self.case.person, ground="written_consent_health", to_unit=self.unit("coaching"),
                categories=[Category.HEALTH], purpose_text=self.common["consent_purpose"], channel="writing",
                language="sv" if self.person.language == "sv" else "fi",
                valid_until=self.today + dt.timedelta(days=365),
            )  # fmt: skip
            network.share_more(
                actor, case=self.case, unit=self.unit("coaching"), categories=[Category.HEALTH]
            )
            if self.turns("withdrawn_consent"):
                access.withdraw_consent(actor, consent=consent)

    # The joint end, and what may come after it.
    def _ended(self) -> None:
        self.later(14, 30)
        outcome = self.shape.outcome or self.pick(self.situation["outcomes"])
        without = outcome in self.common["outcomes_without_path"]
        with self.session(self.worker) as actor:
            for goal in Goal.objects.filter(case_id=self.case_id, state="confirmed").order_by(
                "recorded_at", "id"
            ):
                if outcome not in {Outcome.WITHDREW, Outcome.DIED, Outcome.MOVED}:
                    goals.achieve_goal(
                        actor, goal=goal, version=goal.version, reason=self.common["achieved_goal"]
                    )
            case = self.case
            ending.end_case(
                actor, case=case, version=case.version, outcome=outcome, onward="none" if without else "path",
                onward_text=self.common["onward"][outcome], **self.deciders(case, outcome),
            )  # fmt: skip

    def _settle(self) -> None:
        """Everything is done or agreed, and one step is left: the worker's own, or one that waits for Kela."""
        self.moment = self.now - dt.timedelta(hours=2)
        waits, nudged = self.turns("only_waits"), self.turns("nudged")
        with self.session(self.worker) as actor:
            for action in Action.objects.filter(case_id=self.case_id, state="open").order_by(
                "recorded_at", "id"
            ):
                actions.complete_action(actor, action=action, version=action.version)
            waiting = AgreedService.objects.filter(
                case_id=self.case_id, state__in=["agreed", "requested", "delayed"]
            )
            for service in waiting.order_by("agreed_on", "id"):
                services.change_service(
                    actor, service=service, version=service.version, state="refused", reason=self.pick(self.common["refused"])
                )  # fmt: skip
            self.look_again()
            plan.hold_review(
                actor, case=self.case, findings=self.common["findings"][0], present=self.common["present"][3]
            )
            left = actions.add_action(
                actor, case=self.case, text="Lähetetään kuntoutuksen päätös" if waits else "Kutsutaan verkosto koolle",
                owner_unit=self.unit("kela") if waits else None,
                owner=self.region.users[self.members["kela"]] if waits else None,
                due_on=self.today + dt.timedelta(days=90 if self.shape.quiet_for else 25),
            )  # fmt: skip
        self.contact(self.worker, self.pick(self.situation["contacts"]))
        if nudged:
            with self.session(self.members["kela"]) as actor:
                actions.nudge_action(actor, action=left, version=left.version)

    def _after_all(self) -> None:
        if self.turns("settled"):
            self._settle()
        elif self.turns("reopen"):
            self.later(20, 60)
            with self.session(self.worker) as actor:
                ending.reopen_case(actor, case=self.case, reason=self.common["reopen"])
            self._month()
        elif self.turns("cycle"):
            self.later(95, 160)
            with self.session(self.worker) as actor:
                again = opening.open_case(
                    actor, person=self.case.person, kind="joint_support", source="self",
                    contact_reason=self.pick(self.situation["reasons"]),
                )  # fmt: skip
            self.case_id = again.pk
            self.contact(self.worker, self.pick(self.situation["contacts"]))
        elif self.turns("held"):
            with self.session("paula") as actor:
                ending.hold_erasure(actor, case=self.case, reason=self.common["held"])
        elif self.turns("late_note"):
            self.later(20, 50)
            if self._aftercare_goes_on():
                self.contact(self.worker, self.pick(self.situation["contacts"]))

    def _aftercare_goes_on(self) -> bool:
        with self.session(self.worker):
            until = self.case.aftercare_until
        return until is not None and until >= self.today
