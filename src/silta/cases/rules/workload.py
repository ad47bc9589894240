"""How much work a caseload is: each case weighs by the need of support that its definition states (REQ-003-101)."""

from collections.abc import Iterable
from dataclasses import dataclass

from silta.cases.enums import Need
from silta.cases.rules.schema import Definition


@dataclass(frozen=True, slots=True)
class Load:
    """A caseload: how many cases, and how much they weigh together; a light case weighs one."""

    cases: int = 0
    weight: int = 0

    def __add__(self, other: "Load") -> "Load":
        """Two caseloads together."""
        return Load(self.cases + other.cases, self.weight + other.weight)


def load(counts: Iterable[tuple[Definition, str, int]]) -> Load:
    """The caseload of so many cases of each kind and need."""
    total = Load()
    for definition, need, count in counts:
        total += Load(count, count * definition.need_weights[Need(need)])
    return total
