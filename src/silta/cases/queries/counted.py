"""What evaluation may count of cases: days, kinds and states, with ids that are keyed on the way out; no text, no name."""

from silta.kernel.offers import Column, Leaves, Offer


def offers() -> tuple[Offer, ...]:
    """The cases, their plans, reviews and services, as rows of facts."""
    case = Column("case_key", "t.case_id", "case", Leaves.KEYED)
    return (
        Offer(
            "cases", "cases_case t", "Case",
            (
                Column("case_key", "t.id", "id", Leaves.KEYED),
                Column("person_key", "t.person_id", "person", Leaves.KEYED),
                Column("unit_key", "t.unit_id", "unit", Leaves.KEYED),
                Column("kind", "t.kind", "kind"),
                Column("state", "t.state", "state"),
                Column("opened_on", "t.opened_on", "opened_on"),
                Column("assessment_started_on", "t.assessment_started_on", "assessment_started_on"),
                Column("ended_on", "t.ended_on", "ended_on"),
                Column("open_steps", "t.open_steps", "open_steps"),
            ),
        ),
        Offer("plans", "cases_planversion t", "PlanVersion", (case, Column("made_on", "t.made_on", "made_on"))),
        Offer("reviews", "cases_review t", "Review", (case, Column("held_on", "t.held_on", "held_on"))),
        Offer(
            "services", "cases_agreedservice t", "AgreedService",
            (
                case,
                Column("state", "t.state", "state"),
                Column("agreed_on", "t.agreed_on", "agreed_on"),
                Column("started_on", "t.started_on", "started_on"),
            ),
        ),
    )  # fmt: skip
