"""Aino's story: the fullest of all, the one a newcomer opens first."""

import datetime as dt
import random

from silta.access import operations as access
from silta.access.enums import Category
from silta.cases.models import AssessmentEntry
from silta.cases.operations import actions, assessment, flags, goals, network, notes, path, plan, services
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.workbench.population import Invented
from silta.workbench.region import IN_FORCE, Region
from silta.workbench.telling import Story
from silta.workbench.words import read

_PERSON = Invented(
    situation={},
    first_names="Aino Maria",
    last_name="Korhonen",
    call_name="Aino",
    birth_date=dt.date(1990, 1, 1),
    identity_code="010190-900P",
    no_code_reason="",
    language="fi",
    needs_interpreter=False,
    is_protected=False,
    municipality="Kajaani",
    street="",
    phone="044 000 1990",
)
_DAYS = 246


def tell_aino(region: Region, rng: random.Random) -> None:
    """Writes Aino's case: Eero is responsible; Saara, Kaisa and Liisa take part; Liisa sees no health data."""
    begins = max(clock.today() - dt.timedelta(days=_DAYS), IN_FORCE)
    Aino(region, _PERSON, rng, begins=begins, now=clock.now()).tell()


class Aino(Story):
    """One case, told step by step."""

    def tell(self) -> None:
        """From the first call to last week."""
        self.words = read("aino")
        self._opens()
        self._is_assessed()
        self._plans()
        self._works()
        self._changes()

    def _opens(self) -> None:
        with self.session("eero") as actor:
            case = self.open(actor, kind="joint_support", source="self", reason=self.words["reason"])
            access.represent(actor, person=case.person, user=self.region.users["aino"])
            flags.raise_flag(actor, case=case, text="Ei soittoja ennen kello kymmentä")
        self.contact("eero", self.words["contacts"][0])

    def _is_assessed(self) -> None:
        self.later(8, 8)
        with self.session("eero") as actor:
            path.start_assessment(actor, case=self.case)
            path.explain_duties(actor, case=self.case, how=self.common["duties"][0])
            for domain in ("strengths", "life", "skills"):
                self._entry(actor, domain, "client")
            self._brings_in(actor)
        self.later(9, 9)
        with self.session("saara") as actor:
            self._entry(actor, "social", "client")
            self._write(actor, "contact", "social_note", channel="meeting")
        with self.session("minna.kinnunen") as actor:
            self._entry(actor, "health", "professional", "Terveydenhoitajan tarkastus")
            self._entry(actor, "work_ability", "statement", "Lääkärin lausunto")
            self._write(
                actor, "observation", "health_note", visibility="restricted", category=Category.HEALTH
            )

    def _entry(self, actor: Actor, domain: str, source: str, detail: str = "") -> None:
        assessment.add_entry(
            actor, case=self.case, domain=domain, text=self.words["entries"][domain], source=source, source_detail=detail,
            necessity="Tarvitaan sopivan työn ja työajan valintaan." if detail else "",
        )  # fmt: skip

    def _brings_in(self, actor: Actor) -> None:
        everything = sorted(Category)
        for worker, unit, answers in (
            ("saara", "social", self.common["contact_answers"]["social"]),
            ("minna.kinnunen", "health", self.common["contact_answers"]["health"]),
            ("kaisa", "kela", self.common["contact_answers"]["kela"]),
        ):
            network.invite(
                actor, case=self.case, unit=self.unit(unit), user=self.region.users[worker], answers_for=answers,
                categories=everything,
            )  # fmt: skip
        network.add_supporter(actor, case=self.case, name="Sisko Maija", answers_for="Mukana tapaamisissa")

    def _plans(self) -> None:
        self.later(12, 12)
        with self.session("eero") as actor:
            network.invite(
                actor, case=self.case, unit=self.unit("coaching"), user=self.region.users["liisa"],
                answers_for=self.common["contact_answers"]["coach"],
                categories=sorted(set(Category) - {Category.HEALTH, Category.SOCIAL}),
            )  # fmt: skip
            first, second = (
                goals.propose_goal(
                    actor,
                    case=self.case,
                    own_words=words["own"],
                    wording=words["wording"],
                    proposed_by="client",
                )
                for words in self.words["goals"]
            )
            third = goals.propose_goal(
                actor, case=self.case, own_words=self.words["third_goal"]["own"],
                wording=self.words["third_goal"]["wording"], proposed_by="professional",
            )  # fmt: skip
            goals.decline_goal(actor, goal=third, version=1, reason=self.common["declined_goal"])
            for goal in (first, second):
                goals.confirm_goal(actor, goal=goal, version=1, reason=self.common["confirmed_goal"][0])
            self.look_again()
            self.work, self.rest = first, second
            self._promises(actor)
        self.later(14, 14)
        with self.session("eero") as actor:
            self.services = {
                name: services.agree_service(
                    actor, case=self.case, name=self.words["services"][name], goal=self.work,
                    provider_unit=self.unit(name) if name in self.region.units else None,
                    provider_name=self.words["services"].get(f"{name}_provider", ""),
                    expected_on=self.today + dt.timedelta(days=days),
                )
                for name, days in (("coaching", 21), ("kela", 60), ("group", 30))
            }  # fmt: skip
            made = plan.make_plan(
                actor,
                case=self.case,
                reason=self.common["plan_reasons"][0],
                how_followed=self.common["how_followed"][0],
            )
            plan.accept_plan(
                actor, plan=made, accepted_how="otherwise", explained_how=self.common["explained_how"][1]
            )

    def _promises(self, actor: Actor) -> None:
        self.promised = [
            actions.add_action(
                actor, case=self.case, text=text, goal=goal, owner_is_client=owner == "aino",
                owner_unit=None if owner in {"aino", "eero"} else self.unit(self.region.units_of[owner]),
                owner=None if owner in {"aino", "eero"} else self.region.users[owner],
                due_on=self.today + dt.timedelta(days=days),
            )
            for owner, text, goal, days in (
                ("aino", "Merkitsen kalenteriin kolme menoa viikossa", self.rest, 14),
                ("liisa", "Etsitään kaksi paikkaa, joihin voi käydä tutustumassa", self.work, 30),
                ("eero", "Selvitetään työkokeilun ehdot", self.work, 25),
                ("saara", "Tehdään yhdessä toimeentulotuen hakemus", self.rest, 20),
            )
        ]  # fmt: skip

    def _works(self) -> None:
        for number, days, result in (
            (1, 15, "reached"),
            (2, 22, "reached"),
            (3, 20, "not_reached"),
            (4, 3, "reached"),
        ):
            self.later(days, days)
            self.contact("eero", self.words["contacts"][number], result=result)
        with self.session("eero") as actor:
            for action in self.promised:
                actions.complete_action(actor, action=action, version=1)
            self._moves(actor, "coaching", "requested", "started")
            self._moves(actor, "kela", "requested")
            self._moves(actor, "group", "requested")
            services.change_service(
                actor,
                service=self.services["group"],
                version=2,
                state="refused",
                reason=self.words["refused"],
            )
            plan.hold_review(
                actor, case=self.case, findings=self.words["findings"][0], present=self.common["present"][3]
            )

    def _moves(self, actor: Actor, name: str, *states: str) -> None:
        for version, state in enumerate(states, start=1):
            services.change_service(actor, service=self.services[name], version=version, state=state)
        self.look_again()

    def _changes(self) -> None:
        self.later(20, 20)
        with self.session("liisa") as actor:
            self._write(actor, "observation", "coach_note")
            self._write(actor, "observation", "coach_internal", visibility="internal")
        with self.session("kaisa") as actor:
            self._write(actor, "contact", "kela_note", channel="phone")
        self.later(30, 30)
        with self.session("minna.kinnunen") as actor:
            known = AssessmentEntry.objects.get(case_id=self.case_id, domain="work_ability", is_current=True)
            assessment.correct_entry(actor, entry=known, text=self.words["entries"]["work_ability_newer"])
        with self.session("eero") as actor:
            trial = services.agree_service(
                actor, case=self.case, name=self.words["services"]["trial"], goal=self.work,
                provider_name=self.words["services"]["trial_provider"], expected_on=self.today,
            )  # fmt: skip
            services.change_service(actor, service=trial, version=1, state="requested")
            services.change_service(actor, service=trial, version=2, state="started")
            self.look_again()
            made = plan.make_plan(
                actor,
                case=self.case,
                reason=self.common["plan_reasons"][3],
                how_followed=self.common["how_followed"][0],
            )
            plan.accept_plan(
                actor, plan=made, accepted_how="electronically", explained_how=self.common["explained_how"][0]
            )
        self.later(24, 24)
        with self.session("eero") as actor:
            plan.hold_review(
                actor, case=self.case, findings=self.words["findings"][1], present=self.common["present"][3],
                asked_by_client=True,
            )  # fmt: skip
        self._lately()

    def _lately(self) -> None:
        """The last weeks, counted back from today, so that the lists always have something of hers."""
        self.moment = self.now - dt.timedelta(days=12)
        self.contact("eero", self.words["contacts"][5])
        with self.session("eero") as actor:
            for owner, text, days in (
                ("kaisa", "Selvitetään, miksi kuntoutusselvitys ei ole alkanut", 9),
                ("aino", "Kerron Kotirannan johtajalle, millaiset päivät sopivat", 15),
                ("eero", "Kutsutaan verkosto koolle työkokeilun jatkosta", 14),
            ):
                actions.add_action(
                    actor, case=self.case, text=text, goal=self.work, owner_is_client=owner == "aino",
                    owner_unit=self.unit("kela") if owner == "kaisa" else None,
                    owner=self.region.users["kaisa"] if owner == "kaisa" else None,
                    due_on=self.today + dt.timedelta(days=days),
                )  # fmt: skip

    def _write(
        self,
        actor: Actor,
        kind: str,
        text: str,
        *,
        channel: str = "",
        visibility: str = "shared",
        category: str = "clienthood",
    ) -> None:
        notes.write_note(
            actor,
            case=self.case,
            kind=kind,
            text=self.words[text],
            channel=channel,
            visibility=visibility,
            category=category,
        )
