"""Row security of figures: an evaluator reads those of all, a lead her own unit's; only the worker writes them."""

from silta.kernel.rowsecurity import Condition, TablePolicy

_READ = Condition(
    using=(
        "(SELECT silta_looking()) IS NULL AND (silta_may('figures.region')"
        " OR (silta_may('figures.view') AND t.unit_id = (SELECT silta_unit())))"
    ),
    check="false",
    change="false",
)
_RUN = Condition(
    using="silta_may('figures.view') AND (SELECT silta_looking()) IS NULL",
    check=(
        "silta_may('figures.view') AND (SELECT silta_looking()) IS NULL AND t.state = 'ordered'"
        " AND t.ordered_by_id = (SELECT silta_user()) AND t.ordered_by_unit_id = (SELECT silta_unit())"
    ),
    change="false",
)

POLICIES = [
    TablePolicy("evaluation_run", _RUN, verbs=("SELECT", "INSERT")),
    TablePolicy("evaluation_datum", _READ, verbs=("SELECT",)),
    TablePolicy("evaluation_chart", _READ, verbs=("SELECT",)),
]
