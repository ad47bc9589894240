"""What is known of the client's situation, domain by domain, with where it comes from."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from silta.cases import enums
from silta.cases.models import CATEGORY_OF_DOMAIN, AssessmentEntry, Case
from silta.cases.rules import definitions


@dataclass(slots=True)
class Known:
    """One entry of the assessment with what it was before it was put right."""

    entry: AssessmentEntry
    earlier: list[AssessmentEntry] = field(default_factory=list)


@dataclass(slots=True)
class DomainBlock:
    """Everything known in one domain; ``is_missing`` where the kind of case requires it and nothing is there."""

    code: str
    name: str
    category: str
    entries: list[Known] = field(default_factory=list)
    is_required: bool = False
    is_visible: bool = True

    @property
    def is_missing(self) -> bool:
        """Whether something that the definition requires has not been assessed."""
        return self.is_required and self.is_visible and not self.entries


def known_of(
    case: Case, entries: Iterable[AssessmentEntry], covered: Collection[str]
) -> tuple[DomainBlock, ...]:
    """What is known, domain by domain, strengths first; corrections are chained to what they replaced.

    ``entries`` are all of the case that the actor may know; ``covered`` are the categories that the acting unit may know in this case.
    """
    definition = definitions.definition(case.kind, case.definition_version)
    required = {domain for part in definition.required_parts for domain in part.domains}
    blocks = {
        domain.value: DomainBlock(
            domain.value, str(domain.label), CATEGORY_OF_DOMAIN[domain],
            is_required=domain in required, is_visible=CATEGORY_OF_DOMAIN[domain] in covered,
        )
        for domain in enums.Domain
    }  # fmt: skip
    by_key = {row.pk: row for row in entries}
    for row in by_key.values():
        if not row.is_current:
            continue
        known = Known(row)
        before = by_key.get(row.replaces_id) if row.replaces_id else None
        while before is not None:
            known.earlier.append(before)
            before = by_key.get(before.replaces_id) if before.replaces_id else None
        blocks[row.domain].entries.append(known)
    return tuple(blocks.values())
