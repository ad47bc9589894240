"""Brief stories: somebody comes, is heard once or twice, and goes her way or waits for the assessment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from silta.cases.operations import ending
from silta.workbench.telling import HistoryEndsError, Story

_OUTCOMES = ("withdrew", "other_service", "moved", "open_employment")


@dataclass(frozen=True)
class BriefShape:
    """When such a story begins, whose case it is, and how it ends; without an outcome it is open still."""

    days_ago: int
    responsible: str
    outcome: str = ""


def brief_shapes(workers: Sequence[str]) -> Iterator[BriefShape]:
    """Any number of them: one in four is open still, and began within a month; the others ended within two years."""
    for number in count():
        worker = workers[number % len(workers)]
        if number % 4 == 0:
            yield BriefShape(1 + number * 3 % 27, worker)
        else:
            yield BriefShape(60 + number * 17 % 600, worker, _OUTCOMES[number % len(_OUTCOMES)])


class Brief(Story):
    """One case of joint support that did not come to an assessment."""

    def tell(self, shape: BriefShape) -> None:
        """Tells the story as far as its shape or the present day lets it."""
        with self.session(shape.responsible) as actor:
            self.open(
                actor,
                kind="joint_support",
                source=self.pick(["self", "referred", "outreach"]),
                reason=self.pick(self.situation["reasons"]),
            )
        try:
            self.contact(shape.responsible, self.pick(self.situation["contacts"]))
            if shape.outcome:
                self.later(6, 40)
                self._end(shape)
        except HistoryEndsError:
            self.moment = self.now

    def _end(self, shape: BriefShape) -> None:
        without = shape.outcome in self.common["outcomes_without_path"]
        with self.session(shape.responsible) as actor:
            case = self.case
            ending.end_case(
                actor, case=case, version=case.version, outcome=shape.outcome, onward="none" if without else "path",
                onward_text=self.common["onward"][shape.outcome], **self.deciders(case, shape.outcome),
            )  # fmt: skip
