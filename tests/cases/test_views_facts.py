"""Dates and reasons that only some kinds of case have: recorded, shown on the path, and taken back."""

import datetime as dt

from silta.cases.models import Case
from silta.cases.operations import marks
from silta.kernel import clock
from silta.kernel.acting import acting
from tests.cases.situations import case_of_aino
from tests.cases.test_views import Pages, address, fragment, text
from tests.cases.test_views_deeds import do
from tests.cast import Cast

MARK, TRIGGER = "poissaolon ensimmäinen päivä", "Pitkittynyt sairauspoissaolo"


def recorded(cast: Cast) -> Case:
    case = case_of_aino(cast, kind="workplace_support", by="hanna", source="workplace")
    with acting(cast.hanna):
        marks.note_mark(cast.hanna, case=case, mark="absence_started", on=clock.today())
        marks.note_trigger(cast.hanna, case=case, trigger="prolonged_absence", on=clock.today())
    return case


def test_what_was_recorded_by_mistake_is_taken_back_and_the_history_keeps_both(
    cast: Cast, page_of: Pages
) -> None:
    case, hanna = recorded(cast), page_of("hanna")
    path = fragment(text(hanna.get(address("case", case))), "path")
    assert MARK.capitalize() in path
    assert TRIGGER in path
    for deed, field, code in (("mark_withdraw", "mark", "absence_started"),
                              ("trigger_withdraw", "trigger", "prolonged_absence")):  # fmt: skip
        assert address(deed, case) in path
        chosen = {field: f"{code} {clock.today().isoformat()}"}
        assert do(hanna, address(deed, case), **chosen, reason="Väärä henkilö").status_code == 302
    page = text(hanna.get(address("case", case)))
    path, history = fragment(page, "path"), fragment(page, "happened")
    for words, deed in ((MARK, "mark_withdraw"), (TRIGGER, "trigger_withdraw")):
        assert words not in path.lower()
        assert words not in path
        assert address(deed, case) not in path
        assert f"Peruttu: {words}" in history
    assert history.count("Väärä henkilö") == 2


def test_a_date_recorded_anew_meanwhile_is_not_taken_back_unseen(cast: Cast, page_of: Pages) -> None:
    case, hanna = recorded(cast), page_of("hanna")
    place, seen = address("mark_withdraw", case), f"absence_started {clock.today().isoformat()}"
    assert seen in text(hanna.get(place))
    earlier = clock.today() - dt.timedelta(days=1)
    with acting(cast.hanna):
        marks.note_mark(cast.hanna, case=case, mark="absence_started", on=earlier)
    late = do(hanna, place, mark=seen, reason="Väärä henkilö")
    assert late.status_code == 422
    assert "id_mark_error" in text(late)
    assert f"absence_started {earlier.isoformat()}" in text(late)


def test_only_what_holds_can_be_taken_back(cast: Cast, page_of: Pages) -> None:
    case, hanna = recorded(cast), page_of("hanna")
    refused = do(hanna, address("mark_withdraw", case), mark="absence_ended", reason="Ei ollut")
    assert refused.status_code == 422
    assert "id_mark_error" in text(refused)
