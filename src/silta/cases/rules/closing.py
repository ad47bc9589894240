"""Whose part the decision to end a case needs, by its definition (381/2023 8 §)."""

from silta.cases.rules.deadlines import Facts
from silta.cases.rules.schema import CONTROLLER, Decider, Definition


def needed(definition: Definition, facts: Facts, *, controller_kind: str) -> dict[str, Decider]:
    """Who has to decide now, by code: ``client``, or the kind of an organisation; the controller goes by its kind.

    Nobody, before that has happened from which on there is something to end together.
    """
    since = definition.closing.decided_since
    if since is not None and since not in facts.dates:
        return {}
    return {
        controller_kind if one.who == CONTROLLER else str(one.who): one
        for one in definition.closing.decided_by
    }
