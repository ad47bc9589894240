"""Stories of joint support: from the first contact to the joint end, with the turns that real cases take."""

import datetime as dt
from collections.abc import Sequence

from silta.access.enums import Category
from silta.cases.models import Action, AgreedService, Goal
from silta.cases.operations import (
    actions,
    assessment,
    flags,
    goals,
    network,
    notes,
    path,
    plan,
    services,
    transfers,
)
from silta.kernel.actor import Actor
from silta.workbench.telling import HistoryEndsError
from silta.workbench.turns import Shape, Turns

STAGES = ("contact", "assessment", "goals", "plan", "services", "follow_up", "ended")
_EVERYTHING = sorted(Category)
_FOR_PROVIDERS = sorted(set(Category) - {Category.HEALTH, Category.SOCIAL})
_COLLEAGUES = {
    "social": ("saara", "timo.heikkinen"),
    "health": ("minna.kinnunen", "tuomas.haataja"),
    "kela": ("kaisa", "riitta.komulainen"),
    "coaching": ("liisa", "noora.ahonen"),
}
_HEALTH_SOURCES = ("Lääkärin lausunto", "Terveydenhoitajan tarkastus", "Työkyvyn arvio")
# Up to which draw (of 0-1) a promise is kept, dropped or postponed in a month, and a service refused, delayed or going on.
_DONE, _DROPPED, _POSTPONED = 0.72, 0.78, 0.9
_REFUSED, _DELAYED, _GOES_ON = 0.15, 0.35, 0.6
_NECESSITY = "Tarvitaan sopivan työn ja palvelun valintaan."


class JointSupport(Turns):
    """One case of joint support, told stage by stage."""

    def tell(self, shape: Shape) -> None:
        """Tells the story as far as its shape or the present day lets it."""
        self.shape = shape
        self.members = {}
        self.worker = shape.responsible
        self.now -= dt.timedelta(days=shape.quiet_for)
        try:
            for stage in STAGES:
                getattr(self, f"_{stage}")()
                if stage == shape.until:
                    break
            self._after_all()
        except HistoryEndsError:
            self.moment = self.now

    # The first contact.
    def _contact(self) -> None:
        source = self.pick(["self", "self", "referred", "referred", "outreach", "workplace"])
        if self.turns("imported"):
            source = "imported"
        elif self.turns("transferred"):
            source = "transferred"
        if self.turns("no_responsible"):
            with self.session(self.worker) as actor:
                self.open_for_nobody(actor, kind="joint_support", reason=self.pick(self.situation["reasons"]))
            return
        with self.session(self.worker) as actor:
            case = self.open(
                actor, kind="joint_support", source=source, reason=self.pick(self.situation["reasons"])
            )
            if self.turns("light"):
                path.set_need(actor, case=case, need="light", reason="Asiakas etenee pitkälti itse.")
            elif self.turns("intensive"):
                path.set_need(actor, case=self.case, need="intensive", reason="Useita palveluja yhtä aikaa.")
            if self.turns("flag") or self.person.needs_interpreter:
                text = (
                    self.common["flags"][0]
                    if self.person.needs_interpreter
                    else self.pick(self.common["flags"])
                )
                flags.raise_flag(actor, case=case, text=text)
        self.contact(self.worker, self.pick(self.situation["contacts"]))
        if self.turns("not_reached"):
            self.later(2, 5)
            self.contact(
                self.worker,
                self.pick(self.common["not_reached"]),
                result=self.pick(["not_reached", "no_show"]),
            )

    # The assessment, by those who know each domain.
    def _assessment(self) -> None:
        self.later(5, 14)
        with self.session(self.worker) as actor:
            case = path.start_assessment(actor, case=self.case)
            path.explain_duties(actor, case=case, how=self.pick(self.common["duties"]))
            self._entries(actor, ["strengths", "life", "skills"])
            self._invite(actor, "social")
            self._invite(actor, "health")
            if self.turns("self_attached"):
                self.members["kela"] = _COLLEAGUES["kela"][0]
            else:
                self._invite(actor, "kela")
            if self.turns("supporter"):
                network.add_supporter(
                    actor, case=case, name="Sisko Helena", answers_for="Mukana tapaamisissa"
                )
        self.later(6, 16)
        if self.turns("self_attached"):
            self._joins_unasked()
        with self.session(self.members["social"]) as actor:
            self._entries(actor, ["social"])
        with self.session(self.members["health"]) as actor:
            self._entries(actor, ["health", "work_ability"])
            if self.chance(0.4):
                notes.write_note(
                    actor, case=self.case, kind="observation", text=self.pick(self.situation["health_notes"]),
                    visibility="restricted", category=Category.HEALTH,
                )  # fmt: skip

    def _entries(self, actor: Actor, domains: Sequence[str]) -> None:
        for domain in domains:
            health = domain in {"health", "work_ability"}
            entry = assessment.add_entry(
                actor, case=self.case, domain=domain, text=self.pick(self.situation["entries"][domain]),
                source=self._source(domain),
                source_detail=self.pick(_HEALTH_SOURCES) if health else "", necessity=_NECESSITY if health else "",
            )  # fmt: skip
            if domain == "work_ability" and self.turns("disputed"):
                assessment.dispute(actor, entry=entry, note=self.common["disputed"])
            if domain == "social" and self.turns("corrected"):
                assessment.correct_entry(actor, entry=entry, text=f"{self.common['corrected']}{entry.text}")

    def _source(self, domain: str) -> str:
        """From whom an entry comes: now and then from somebody close to the client, or from a register."""
        if domain == "life" and self.turns("supporter"):
            return "close_one"
        if domain == "skills" and self.turns("imported"):
            return "register"
        return self.pick(
            ["statement", "professional"]
            if domain in {"health", "work_ability"}
            else ["client", "client", "professional"]
        )

    def _invite(self, actor: Actor, unit: str) -> None:
        worker = self.pick(_COLLEAGUES[unit]) if not self.turns(f"with_{unit}") else _COLLEAGUES[unit][0]
        self.members[unit] = worker
        answers = self.common["contact_answers"]["coach" if unit == "coaching" else unit]
        network.invite(
            actor, case=self.case, unit=self.unit(unit), user=self.region.users[worker], answers_for=answers,
            categories=_FOR_PROVIDERS if unit == "coaching" else _EVERYTHING,
        )  # fmt: skip

    # Goals in the client's own words.
    def _goals(self) -> None:
        if self.turns("no_goal"):
            raise HistoryEndsError
        self.later(7, 20)
        wanted = self.situation["goals"]
        with self.session(self.worker) as actor:
            for number, words in enumerate(
                self.rng.sample(
                    wanted, k=min(len(wanted), 2 if self.turns("declined_goal") or self.chance(0.2) else 1)
                )
            ):
                goal = goals.propose_goal(
                    actor, case=self.case, own_words=words["own"], wording=words["wording"],
                    proposed_by=self.pick(["client", "client", "together"]),
                )  # fmt: skip
                if number == 0 or not self.turns("declined_goal"):
                    goals.confirm_goal(
                        actor, goal=goal, version=1, reason=self.pick(self.common["confirmed_goal"])
                    )
                    self.look_again()
                    self._steps(actor, goal, words["steps"])
                else:
                    goals.decline_goal(actor, goal=goal, version=1, reason=self.common["declined_goal"])
            if self.turns("proposed_goal"):
                words = self.pick(wanted)
                goals.propose_goal(actor, case=self.case, own_words=words["own"], proposed_by="professional")
            self._invite(actor, "coaching")

    def _steps(self, actor: Actor, goal: Goal, steps: Sequence[Sequence[str]]) -> None:
        for owner, text in steps:
            due = self.today + dt.timedelta(days=self.rng.randint(14, 42))
            unit = {"coach": "coaching", "responsible": ""}.get(owner, owner)
            if owner == "client":
                actions.add_action(
                    actor, case=self.case, text=text, goal=goal, owner_is_client=True, due_on=due
                )
            elif unit in self.members:
                actions.add_action(
                    actor, case=self.case, text=text, goal=goal, owner_unit=self.unit(unit),
                    owner=self.region.users[self.members[unit]], due_on=due,
                )  # fmt: skip
            else:
                actions.add_action(actor, case=self.case, text=text, goal=goal, due_on=due)

    # The plan, made, explained and answered.
    def _plan(self) -> None:
        self.later(10, 24)
        with self.session(self.worker) as actor:
            goal = Goal.objects.filter(case_id=self.case_id, state="confirmed").first()
            offered = self.situation["services"]
            for provider in self.rng.sample(offered, k=2):
                self._agree(actor, goal, provider)
            self._make_plan(actor, self.common["plan_reasons"][0])
        if self.turns("transfer"):
            self._offer()

    def _agree(self, actor: Actor, goal: Goal | None, provider: Sequence[str]) -> None:
        known = provider[0] if provider[0] in self.region.units else ""
        services.agree_service(
            actor, case=self.case, name=provider[1], goal=goal, provider_unit=self.unit(known) if known else None,
            provider_name="" if known else provider[2],
            expected_on=self.today + dt.timedelta(days=self.rng.randint(20, 50)),
        )  # fmt: skip

    def _make_plan(self, actor: Actor, reason: str) -> None:
        made = plan.make_plan(
            actor, case=self.case, reason=reason, how_followed=self.pick(self.common["how_followed"])
        )
        if self.turns("refused_plan"):
            plan.refuse_plan(actor, plan=made, reason="Tapaamisia on liikaa. Haluan miettiä vielä.")
        elif not self.turns("unanswered_plan"):
            plan.accept_plan(
                actor, plan=made, accepted_how=self.pick(["otherwise", "signature"]),
                explained_how=self.pick(self.common["explained_how"]),
            )  # fmt: skip
            self.look_again()

    def _offer(self) -> None:
        other = "employment" if self.region.units_of[self.worker] != "employment" else "employment_young"
        self.later(3, 10)
        with self.session(self.worker) as actor:
            offer = transfers.propose_transfer(
                actor, case=self.case, to_unit=self.unit(other), reason=self.pick(self.common["transfer_reasons"]),
                note=self.pick(self.common["hand_over"]),
            )  # fmt: skip
        if self.turns("transfer_waits"):
            raise HistoryEndsError
        self.later(2, 9)
        if self.turns("transfer_overtaken"):
            self._hand_over()
            return
        taker = "paula" if other == "employment" else "tuula.moilanen"
        with self.session(taker) as actor:
            if self.turns("transfer_declined"):
                transfers.decline_transfer(
                    actor, transfer=offer, reason=self.pick(self.common["decline_reasons"])
                )
            elif not self.turns("transfer_withdrawn"):
                self.worker = self.pick(self.region.workers(other, "case_worker")[:2])
                transfers.accept_transfer(actor, transfer=offer, responsible=self.region.users[self.worker])
        if self.turns("transfer_withdrawn"):
            with self.session(self.worker) as actor:
                transfers.withdraw_transfer(actor, transfer=offer, reason="Asiakas perui muuton.")

    # Services and everyday work, month by month.
    def _services(self) -> None:
        self.later(8, 20)
        self._month()
        if self.turns("hand_over"):
            self._hand_over()
        if self.turns("consent"):
            self._consent()

    def _follow_up(self) -> None:
        for month in range(self.shape.loops or self.rng.randint(1, 3)):
            self.later(30, 44)
            self._month()
            if month % 2 == 1:
                self._review()
        if self.turns("dropped_goal"):
            with self.session(self.worker) as actor:
                goal = Goal.objects.filter(case_id=self.case_id, state="confirmed").first()
                if goal is not None:
                    goals.drop_goal(
                        actor, goal=goal, version=goal.version, reason=self.common["dropped_goal"]
                    )

    def _month(self) -> None:
        """One month of work: a word with the client, what was promised, what was agreed."""
        self.contact(self.worker, self.pick(self.situation["contacts"]))
        with self.session(self.worker) as actor:
            self._promises(actor)
            self._agreements(actor)
            if self.chance(0.3):
                self._note(actor)
        if self.chance(0.3):
            coach = self.members["coaching"]
            with self.session(coach) as actor:
                notes.write_note(
                    actor, case=self.case, kind="contact", text=self.pick(self.situation["contacts"]),
                    channel=self.pick(["meeting", "visit", "phone"]), result=self.pick(["reached", "reached", "cancelled"]),
                )  # fmt: skip

    def _note(self, actor: Actor) -> None:
        internal = self.chance(0.5)
        notes.write_note(
            actor, case=self.case, kind="observation", visibility="internal" if internal else "shared",
            text=self.pick(self.common["internal" if internal else "observations"]), with_client=not internal,
        )  # fmt: skip

    def _promises(self, actor: Actor) -> None:
        open_ones = Action.objects.filter(case_id=self.case_id, state="open").order_by("recorded_at", "id")[
            :2
        ]
        for action in open_ones:
            own = action.owner_is_client or action.owner_unit_id in {None, actor.unit_id}
            turn = self.rng.random()
            if turn < _DONE and not (self.turns("waiting") and not own):
                actions.complete_action(
                    actor, action=action, version=action.version, reason=self.pick(self.common["done"])
                )
            elif turn < _DROPPED and own:
                actions.drop_action(
                    actor, action=action, version=action.version, reason="Ei enää ajankohtainen."
                )
            elif turn < _POSTPONED and own:
                actions.postpone_action(
                    actor, action=action, version=action.version,
                    due_on=max(self.today, action.due_on or self.today) + dt.timedelta(days=21),
                    reason=self.pick(self.common["postponed"]),
                )  # fmt: skip
        goal = Goal.objects.filter(case_id=self.case_id, state="confirmed").first()
        if goal is not None and not self.turns("no_step"):
            words = self.pick(self.situation["goals"])
            self._steps(actor, goal, self.rng.sample(words["steps"], k=1))

    def _agreements(self, actor: Actor) -> None:
        if self.turns("never_started"):
            return
        steps = {"agreed": "requested", "requested": "started", "delayed": "started", "started": "done"}
        for service in AgreedService.objects.filter(case_id=self.case_id, state__in=steps).order_by(
            "agreed_on", "id"
        )[:2]:
            turn = self.rng.random()
            state, reason = steps[service.state], ""
            if service.state == "requested" and turn < _REFUSED:
                state, reason = "refused", self.pick(self.common["refused"])
            elif service.state == "requested" and turn < _DELAYED:
                state, reason = "delayed", self.pick(self.common["delayed"])
            elif service.state == "started" and turn < _GOES_ON:
                continue
            services.change_service(
                actor, service=service, version=service.version, state=state, reason=reason
            )
            self.look_again()

    def _review(self) -> None:
        with self.session(self.worker) as actor:
            plan.hold_review(
                actor, case=self.case, findings=self.pick(self.common["findings"]),
                present=self.pick(self.common["present"]), asked_by_client=self.chance(0.15),
            )  # fmt: skip
            if self.chance(0.6) or self.turns("plan_versions"):
                self._agree(actor, None, self.pick(self.situation["services"]))
                self._make_plan(actor, self.pick(self.common["plan_reasons"][1:]))
