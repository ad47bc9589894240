"""Shorter stories of the other kinds of case: coaching, rehabilitation, and support at work."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from silta.access import operations as access
from silta.access.enums import Category
from silta.cases.models import Action, Goal
from silta.cases.operations import (
    actions,
    assessment,
    ending,
    goals,
    marks,
    network,
    notes,
    path,
    plan,
    services,
)
from silta.kernel.actor import Actor
from silta.workbench.telling import HistoryEndsError, Story
from silta.workbench.words import read

_OUTCOMES = {
    "coaching": ["open_employment", "supported_employment", "study", "withdrew"],
    "rehabilitation": ["rehabilitation", "open_employment", "study", "other_service"],
    "workplace_support": ["kept_job", "kept_job", "other", "rehabilitation"],
}
_LAST_STEPS = {
    "coaching": ["Soita kolmelle työnantajalle", "Käy tutustumassa työpaikkaan", "Sovi aloituspäivästä"],
    "rehabilitation": ["Täydennä hakemus", "Sovi tutustumiskäynti", "Kutsu siirtopalaveri koolle"],
}


@dataclass(frozen=True)
class OtherShape:
    """How such a story goes: its kind, its beginning, whose it is, how many months, and whether it has ended."""

    kind: str
    days_ago: int
    responsible: str
    months: int
    ends: bool = False
    outcome: str = ""


class OtherKind(Story):
    """One case of another kind than joint support."""

    def tell(self, shape: OtherShape) -> None:
        """Tells the story as far as its shape or the present day lets it."""
        self.shape = shape
        self.worker = shape.responsible
        self.words = self.pick(self._workplaces()) if shape.kind == "workplace_support" else self.situation
        try:
            getattr(self, f"_begin_{shape.kind}")()
            self._plan()
            for _month in range(shape.months):
                self._month()
            if shape.ends:
                self._end()
        except HistoryEndsError:
            self.moment = self.now

    def _workplaces(self) -> list[dict[str, Any]]:
        """What may happen at the employer whose coordinator tells the story."""
        own = self.region.units_of[self.worker]
        return [words for words in read("workplace") if words["at"] == own]

    def _begin_coaching(self) -> None:
        with self.session(self.worker) as actor:
            self.open(actor, kind="coaching", source="referred", reason=self.pick(self.situation["reasons"]))
        self.later(4, 12)
        with self.session(self.worker) as actor:
            path.start_assessment(actor, case=self.case)
            self._know(actor, ["strengths", "skills"])
            self._goal(actor, self.pick(self.situation["goals"]))
        self.later(5, 15)
        with self.session(self.worker) as actor:
            marks.note_mark(actor, case=self.case, mark="employer_contacted", on=self.today)

    def _begin_rehabilitation(self) -> None:
        with self.session(self.worker) as actor:
            self.open(
                actor, kind="rehabilitation", source="self", reason=self.pick(self.situation["reasons"])
            )
            marks.note_mark(actor, case=self.case, mark="applied", on=self.today)
        self.later(20, 45)
        with self.session(self.worker) as actor:
            marks.note_mark(actor, case=self.case, mark="decided", on=self.today)
            path.change_phase(actor, case=self.case, phase="decision", reason="Myönteinen päätös on annettu.")
            self._goal(actor, self.pick(self.situation["goals"]))
            marks.note_mark(
                actor, case=self.case, mark="commitment_until", on=self.today + dt.timedelta(days=240)
            )

    def _begin_workplace_support(self) -> None:
        with self.session(self.worker) as actor:
            self.open(
                actor, kind="workplace_support", source="workplace", reason=self.pick(self.words["reasons"])
            )
            marks.note_trigger(actor, case=self.case, trigger=self.words["trigger"], on=self.today)
        self.later(5, 14)
        with self.session(self.worker) as actor:
            path.change_phase(actor, case=self.case, phase="early_support", reason="Keskustelu on pidetty.")
            marks.note_mark(actor, case=self.case, mark="discussion_held", on=self.today)
            assessment.add_entry(
                actor, case=self.case, domain="strengths", text=self.words["strengths"], source="professional"
            )
            self._goal(actor, {"own": self.words["own"], "wording": self.words["wording"]})
            network.invite(
                actor, case=self.case, unit=self.unit("occupational"), user=self.region.users["sanna.oikarinen"],
                answers_for="Työterveysneuvottelu ja neuvonta", categories=[Category.PLAN], ground=self._consented(actor),
            )  # fmt: skip
            if "supervisor" in self.words:
                self._invite_supervisor(actor, self.words["supervisor"])

    def _invite_supervisor(self, actor: Actor, name: str) -> None:
        """The worker's own supervisor knows what was agreed about the work (759/2004 3 §): no health data."""
        network.invite(
            actor, case=self.case, unit=self.unit(self.region.units_of[name]), user=self.region.users[name],
            answers_for="Työtehtävät ja työvuorot", categories=[Category.PLAN, Category.SERVICE_NEED],
            ground="employment_relation",
        )  # fmt: skip

    def _consented(self, actor: Actor) -> str:
        """Occupational health is told by the worker's consent only (759/2004 5 §)."""
        access.record_consent(
            actor, person=self.case.person, ground="consent", to_unit=self.unit("occupational"),
            categories=[Category.IDENTITY, Category.CLIENTHOOD, Category.PLAN],
            purpose_text="Työterveyshuolto osallistuu työn järjestelyjen suunnitteluun.", channel="writing",
            language="fi",
        )  # fmt: skip
        return "consent"

    def _know(self, actor: Actor, domains: Sequence[str]) -> None:
        for domain in domains:
            assessment.add_entry(
                actor, case=self.case, domain=domain, text=self.pick(self.situation["entries"][domain]),
                source=self.pick(["client", "professional"]),
            )  # fmt: skip

    def _goal(self, actor: Actor, words: dict[str, str]) -> None:
        goal = goals.propose_goal(
            actor, case=self.case, own_words=words["own"], wording=words["wording"], proposed_by="client"
        )
        goals.confirm_goal(actor, goal=goal, version=1, reason=self.pick(self.common["confirmed_goal"]))
        self.look_again()

    def _plan(self) -> None:
        self.later(5, 15)
        with self.session(self.worker) as actor:
            self._promise(actor)
            name, provider = (
                self.words["service"]
                if self.shape.kind == "workplace_support"
                else (self.pick(self.situation["services"])[1], "Valmennus Vuoksi ry")
            )
            service = services.agree_service(
                actor, case=self.case, name=name, provider_name=provider,
                expected_on=self.today + dt.timedelta(days=30),
            )  # fmt: skip
            made = plan.make_plan(
                actor, case=self.case, reason=self.common["plan_reasons"][0],
                how_followed=self.pick(self.common["how_followed"]),
            )  # fmt: skip
            plan.accept_plan(
                actor,
                plan=made,
                accepted_how="otherwise",
                explained_how=self.pick(self.common["explained_how"]),
            )
        self.later(10, 25)
        with self.session(self.worker) as actor:
            services.change_service(actor, service=service, version=1, state="requested")
            services.change_service(actor, service=service, version=2, state="started")

    def _promise(self, actor: Actor) -> None:
        texts = (
            self.words["actions"] if self.shape.kind == "workplace_support" else _LAST_STEPS[self.shape.kind]
        )
        goal = Goal.objects.filter(case_id=self.case_id, state="confirmed").first()
        supervisor = self.words.get("supervisor")
        actions.add_action(
            actor, case=self.case, text=self.pick(texts), goal=goal,
            owner_is_client=not supervisor and self.chance(0.3),
            owner_unit=self.unit(self.region.units_of[supervisor]) if supervisor else None,
            owner=self.region.users[supervisor] if supervisor else None,
            due_on=self.today + dt.timedelta(days=self.rng.randint(10, 35)),
        )  # fmt: skip

    def _month(self) -> None:
        self.later(20, 36)
        self.contact(self.worker, self.pick(self.words["contacts"]))
        if "observations" in self.words and self.chance(0.6):
            with self.session(self.words["supervisor"]) as actor:
                notes.write_note(
                    actor, case=self.case, kind="observation", text=self.pick(self.words["observations"])
                )
        with self.session(self.worker) as actor:
            for action in Action.objects.filter(case_id=self.case_id, state="open").order_by(
                "recorded_at", "id"
            ):
                if self.chance(0.75):
                    actions.complete_action(
                        actor, action=action, version=action.version, reason=self.pick(self.common["done"])
                    )
            self._promise(actor)
            if self.chance(0.3):
                plan.hold_review(
                    actor,
                    case=self.case,
                    findings=self.pick(self.common["findings"]),
                    present="Asiakas ja vastuuhenkilö",
                )

    def _end(self) -> None:
        self.later(10, 20)
        outcome = self.shape.outcome or self.pick(_OUTCOMES[self.shape.kind])
        without = outcome in self.common["outcomes_without_path"]
        with self.session(self.worker) as actor:
            case = self.case
            ending.end_case(
                actor, case=case, version=case.version, outcome=outcome, onward="none" if without else "path",
                onward_text=self.common["onward"][outcome], **self.deciders(case, outcome),
            )  # fmt: skip
