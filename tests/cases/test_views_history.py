"""The history of a case as it is shown: in order, page by page, and anew after each deed."""

import datetime as dt
import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from silta.cases.models import Action, Case
from silta.cases.operations import actions, flags, notes
from silta.cases.queries import casehistory
from silta.cases.views import drawing
from silta.cases.views.registry import DEEDS
from silta.kernel import clock
from silta.kernel.acting import acting
from tests.cases.situations import again, case_of_aino
from tests.cases.test_views import HTMX, Pages, address, fragment, planned, text
from tests.cast import Cast, as_owner


def read_on(client: Client, case: Case, show: str = "") -> list[str]:
    """The words “tale-N.” of the history, page by page until it ends."""
    told: list[str] = []
    place = f"{address('case', case)}?show={show}"
    for _page in range(9):
        part = text(client.get(place, headers=HTMX | {"HX-Target": "more-moments"}))
        told += re.findall(r"tale-\d+\.", part)
        more = re.search(r'hx-get="([^"]+before=[^"]+)"', part)
        if more is None:
            break
        place = more[1].replace("&amp;", "&")
    return told


def test_within_a_minute_what_was_recorded_last_stands_first(cast: Cast, page_of: Pages) -> None:
    case = case_of_aino(cast)
    minute = (clock.now() + dt.timedelta(hours=1)).replace(second=0, microsecond=0)
    # The form of the second note was opened before the first was written: its id is the older one.
    older, newer = uuid.UUID(int=1), uuid.UUID(int=2)
    for number, (seconds, key) in enumerate([(10, newer), (30, older)]):
        with clock.at(minute + dt.timedelta(seconds=seconds)), acting(cast.eero):
            notes.write_note(
                cast.eero, case=case, kind="observation", text=f"tale-{number}.", happened_at=minute, key=key
            )
    # A flag knows its second, and was raised between the two.
    with clock.at(minute + dt.timedelta(seconds=20)), acting(cast.eero):
        flags.raise_flag(cast.eero, case=case, text="tale-7.")
    assert read_on(page_of("eero"), case) == ["tale-1.", "tale-7.", "tale-0."]


def test_what_was_done_on_a_day_stands_first_of_it_in_its_last_minute_too(cast: Cast, page_of: Pages) -> None:
    case = case_of_aino(cast)
    late = dt.datetime.combine(clock.today(), dt.time(23, 59, 30), clock.HELSINKI)
    with clock.at(late), acting(cast.eero):
        step = actions.add_action(cast.eero, case=case, text="tale-1.")
        actions.complete_action(cast.eero, action=step, version=step.version)
        notes.write_note(cast.eero, case=case, kind="observation", text="tale-0.", happened_at=late)
    with clock.at(late + dt.timedelta(seconds=40)), acting(cast.eero):
        notes.write_note(cast.eero, case=case, kind="observation", text="tale-2.")
    assert read_on(page_of("eero"), case) == ["tale-2.", "tale-1.", "tale-0."]


def test_a_minute_longer_than_a_page_is_read_on_whole_and_in_order(cast: Cast, page_of: Pages) -> None:
    case = case_of_aino(cast)
    minute = (clock.now() + dt.timedelta(hours=1)).replace(second=0, microsecond=0)
    for number in range(47):
        # Two of each are recorded at the same moment; the ids run against the clock.
        with clock.at(minute + dt.timedelta(milliseconds=400 * (number // 2))), acting(cast.eero):
            notes.write_note(cast.eero, case=case, kind="observation", text=f"tale-{number}.", happened_at=minute,
                             key=uuid.UUID(int=1000 - number))  # fmt: skip
    told = read_on(page_of("eero"), case, "notes")
    assert len(told) == len(set(told)) == 47
    moments = [int(re.findall(r"\d+", one)[0]) // 2 for one in told]
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize(
    "before", ["", "2030-01-01T10:00:00+00:00_2030-01-01T10:00:01+00:00_" + str(uuid.UUID(int=9))]
)
def test_the_notes_of_a_page_come_from_the_index_in_their_order(cast: Cast, before: str) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero), connection.cursor() as cursor:
        for number in range(3):
            notes.write_note(cast.eero, case=case, kind="observation", text=f"tale-{number}.")
        found = casehistory.window("notes", before).notes(case)
        assert found is not None
        with CaptureQueriesContext(connection) as asked:
            found.rows()
        # So few rows would be sorted faster: whether the index could have been used is asked.
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
        )
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using cases_note_case" in plan
    assert "Sort" not in plan


def test_a_note_tells_its_time_to_the_minute(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        now = notes.write_note(cast.eero, case=case, kind="observation", text="Nyt.")
    assert (now.happened_at.second, now.happened_at.microsecond) == (0, 0)


def test_a_step_done_is_told_in_the_history_at_once(cast: Cast, page_of: Pages) -> None:
    case, eero = planned(cast), page_of("eero")
    with as_owner():
        step = Action.objects.get(case=case)
    answer = eero.post(address("action_complete", case, step.pk), {"version": step.version}, headers=HTMX)
    told = text(answer)
    whole = text(eero.get(address("case", case)))
    beside = ' hx-swap-oob="true"'
    # The band of the deed takes its place by the answer's target, the others beside it by their own ids.
    for band, is_beside in (("plan", False), ("path", True), ("happened", True)):
        assert (beside in fragment(told, band)) is is_beside
        assert fragment(told, band).replace(beside, "") == fragment(whole, band)
    assert step.text in fragment(told, "happened")


def test_the_history_stays_under_the_filter_that_was_chosen(cast: Cast, page_of: Pages) -> None:
    case, eero = planned(cast), page_of("eero")
    with as_owner():
        step = Action.objects.get(case=case)
    looking = HTMX | {"HX-Current-URL": f"http://testserver{address('case', case)}?show=contacts"}
    answer = eero.post(address("action_complete", case, step.pk), {"version": step.version}, headers=looking)
    assert step.text not in fragment(text(answer), "happened")


def test_an_address_that_is_none_undoes_no_deed(cast: Cast, page_of: Pages) -> None:
    case = planned(cast)
    with as_owner():
        step = Action.objects.get(case=case)
    where = address("action_complete", case, step.pk)
    answer = page_of("eero").post(
        where, {"version": step.version}, headers=HTMX | {"HX-Current-URL": "http://[x/"}
    )
    assert answer.status_code == 200
    assert step.text in fragment(text(answer), "happened")


def test_when_a_case_ends_and_opens_again_the_menu_changes_with_it(cast: Cast, page_of: Pages) -> None:
    case, eero = planned(cast), page_of("eero")
    typed = {"version": again(cast, case).version, "outcome": "open_employment", "onward": "path",
             "onward_text": "Työterveys", "ended_on": str(clock.today()),
             "parties": ["client", "employment_authority", "wellbeing_county", "kela"]}  # fmt: skip
    answer = eero.post(address("end", case), typed, headers=HTMX)
    ended = text(answer)
    assert answer.status_code == 200, ended
    menu = ended[ended.index('id="case-menu"') :]
    assert address("reopen", case) in menu
    assert address("contact", case) not in menu
    opened = text(eero.post(address("reopen", case), {"reason": "Työ loppuikin"}, headers=HTMX))
    assert address("contact", case) in opened[opened.index('id="case-menu"') :]


def test_the_addresses_in_the_page_are_those_of_the_deeds() -> None:
    case, row = Case(), uuid.uuid4()
    here = address("case", case)
    for deed in DEEDS:
        subject = [row] if deed.subject else []
        assert drawing.address_of(here, deed.name, *(subject or [None])) == address(deed.name, case, *subject)
