"""The whole region of many people: some stories told by the operations, then copied."""

from collections.abc import Callable

from config import database
from config.crowding import loading

# From here on people are copied; up to here each has a story of her own.
MOST_TOLD = 5_000
_LONG, _BRIEF = 100, 36


def make(*, people: int, seed: int, tell: Callable[[str], None] = lambda _line: None) -> int:
    """Founds the region, tells the stories and copies them until there are so many people; returns how many.

    Needs the embedded server: its superuser loads without triggers. What is cut short is to be made anew in another
    data folder: table by table it is whole, but not together.
    """
    from django.db import connection

    from silta.kernel import clock
    from silta.workbench import demonstration

    day = clock.today()
    tell(f"Telling {_LONG + _BRIEF} stories …")
    demonstration.begin(seed=seed)
    demonstration.go_on(people=_LONG, seed=seed, done=demonstration.LEAST_PEOPLE, day=day)
    demonstration.tell_brief(many=_BRIEF, seed=seed, done=_LONG, day=day)
    connection.close()
    tell("Copying them …")
    with loading.without_log(database.home() / "postgres"):
        address = database.with_user(database.start_embedded().address, "postgres")
        return loading.multiply(address, people=people, tell=tell)
