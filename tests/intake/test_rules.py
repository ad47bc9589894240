"""What a cell may say, and what is said of it when it does not."""

import datetime as dt
from uuid import uuid4

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from silta.intake.enums import Field, Severity
from silta.intake.rules import changes, checking, headings, problems, repeats, retention, values, waves, words
from silta.intake.rules.reading import Checked, Context, Place, Worker

TODAY = dt.date(2026, 11, 22)
COLUMNS = dict(enumerate(Field))
EERO = Worker("eero", "Eero Virtanen", "eero@example.fi", "Työllisyysalue", is_ours=True)
SAARA = Worker("saara", "Saara Niemi", "saara@example.fi", "Hyvinvointialue", is_ours=False)
CONTEXT = Context(
    today=TODAY, columns=COLUMNS, services={**words.services(), "typ": "joint_support"},
    own_kinds=frozenset({"joint_support", "coaching"}),
    workers={"eero virtanen": (EERO,), "saara niemi": (SAARA,)}, chosen_workers={},
    places={
        "kajaani": Place("205", "Kajaani"),
        "vuolijoki": Place("940", "Vuolijoki", dt.date(2006, 12, 31), "205", "Kajaani"),
    },
)  # fmt: skip
SOUND = {
    Field.EXTERNAL_ID: "KA-1", Field.LAST_NAME: "Korhonen", Field.FIRST_NAMES: "Aino", Field.IDENTITY_CODE: "010190-900P",
    Field.MUNICIPALITY: "Kajaani", Field.SERVICE: "Monialainen tuki", Field.OPENED_ON: "16.7.2025",
    Field.ASSESSMENT_STARTED_ON: "4.8.2025", Field.PLAN_MADE_ON: "2.11.2025", Field.LAST_REVIEW_ON: "10.11.2025",
    Field.RESPONSIBLE: "Eero Virtanen", Field.NON_DISCLOSURE: "E",
}  # fmt: skip


def checked(**changed: str) -> Checked:
    texts = {**SOUND, **{Field(name): text for name, text in changed.items()}}
    return checking.check(
        {index: texts.get(field, "") for index, field in COLUMNS.items()}, CONTEXT, width=len(COLUMNS)
    )


def codes(**changed: str) -> list[str]:
    return [problem.code for problem in checked(**changed).problems]


def test_a_sound_row_has_no_problem_and_every_value() -> None:
    found = checked()
    assert found.problems == []
    assert found.values[Field.OPENED_ON] == dt.date(2025, 7, 16)
    assert found.values[Field.SERVICE] == "joint_support"
    assert found.values[Field.BIRTH_DATE] == dt.date(1990, 1, 1)
    assert found.values[Field.RESPONSIBLE] == "eero"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("16.7.2025", dt.date(2025, 7, 16)), ("16.07.2025", dt.date(2025, 7, 16)), ("2025-07-16", dt.date(2025, 7, 16)),
        ("16/7/25", dt.date(2025, 7, 16)), ("45854", dt.date(2025, 7, 16)), ("45854.5", dt.date(2025, 7, 16)),
        ("20250716", dt.date(2025, 7, 16)), ("2025-07-16 00:00:00", dt.date(2025, 7, 16)),
        ("16.7.2025 klo 12.30", dt.date(2025, 7, 16)), ("1.1.69", dt.date(1969, 1, 1)), ("29.2.2024", dt.date(2024, 2, 29)),
    ],
)  # fmt: skip
def test_days_are_read_however_offices_write_them(text: str, day: dt.date) -> None:
    assert values.read_date(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [("31.2.2025", "no_such_day"), ("29.2.2025", "no_such_day"), ("keväällä", "not_a_date"), ("7/2025", "not_a_date"),
     ("99999", "not_a_date"), ("0.0.0000", "no_such_day")],
)  # fmt: skip
def test_days_that_are_none_are_told(text: str, code: str) -> None:
    with pytest.raises(values.UnreadableError) as caught:
        values.read_date(text, TODAY)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"last_name": ""}, ["missing"]),
        ({"last_name": "af"}, ["surname_cut"]),
        ({"first_names": "A1no"}, ["digits_in_name"]),
        ({"identity_code": ""}, ["no_code"]),
        ({"identity_code": " 010190-900p "}, ["tidied"]),
        ({"identity_code": "010190-900A"}, ["unsound_code"]),
        ({"birth_date": "2.1.1990"}, ["birth_date_differs"]),
        ({"opened_on": "31.2.2025"}, ["no_such_day"]),
        ({"opened_on": "3.4.2027"}, ["future_opening"]),
        ({"assessment_started_on": "1.7.2025"}, ["out_of_order"]),
        ({"plan_made_on": "1.8.2025"}, ["out_of_order"]),
        ({"plan_made_on": ""}, ["review_without_plan"]),
        ({"ended_on": "1.1.2020"}, ["out_of_order"]),
        ({"last_contact_on": "1.1.2025"}, ["contact_before_opening"]),
        ({"last_review_on": "1.12.2026"}, ["future_date"]),
        ({"opened_on": "1.1.1980", "identity_code": "010190-900P"}, ["before_birth"]),
        ({"service": "Starttivalmennus"}, ["unknown_service"]),
        ({"service": "Ammatillinen kuntoutus"}, ["service_not_yours"]),
        ({"responsible": "Eero Virtannen"}, ["unknown_responsible"]),
        ({"responsible": "Saara Niemi"}, ["responsible_elsewhere"]),
        ({"responsible": ""}, ["no_responsible"]),
        ({"municipality": "Vuolijoki"}, ["ended_municipality"]),
        ({"municipality": "Kajanni"}, ["unknown_municipality"]),
        ({"phone": "ei ole"}, ["not_a_phone"]),
        ({"email": "ei ole"}, ["not_an_email"]),
        ({"email": "åke@posti.example"}, ["mail_not_ascii"]),
        ({"non_disclosure": "ehkä"}, ["unknown_answer"]),
        ({"mother_tongue": "klingon"}, ["unknown_language"]),
        ({"note": '=HYPERLINK("http://x")'}, ["formula"]),
        ({"note": "<script>alert(1)</script>"}, ["markup"]),
        ({"note": "x" * 5000}, ["too_long"]),
    ],
)  # fmt: skip
def test_each_mistake_is_named_once(changed: dict[str, str], expected: list[str]) -> None:
    assert codes(**changed) == expected


def test_an_end_long_ago_may_not_be_kept() -> None:
    changed = {"opened_on": "1.1.2019", "ended_on": "1.1.2020", "assessment_started_on": "", "plan_made_on": "",
               "last_review_on": ""}  # fmt: skip
    assert "kept_too_long" in codes(**changed)


def test_a_misspelt_worker_is_suggested_and_never_assumed() -> None:
    found = checked(responsible="Eero Virtannen")
    assert found.problems[0].suggestion == "Eero Virtanen"
    assert Field.RESPONSIBLE not in found.values


@pytest.mark.parametrize("text", ["Virtanen Eero", "VIRTANEN, Eero", "  eero   virtanen "])
def test_a_worker_is_known_whichever_name_comes_first(text: str) -> None:
    assert checked(responsible=text).values[Field.RESPONSIBLE] == "eero"


def test_an_ended_municipality_becomes_its_successor() -> None:
    assert checked(municipality="VUOLIJOKI").values[Field.MUNICIPALITY] == "205"


@pytest.mark.parametrize(("text", "answer"), [("K", True), ("KYLLÄ", True), ("1", True), ("x", True), ("E", False),
                                              ("Ei", False), ("0", False), ("nej", False)])  # fmt: skip
def test_yes_and_no_in_the_words_of_offices(text: str, answer: bool) -> None:
    assert values.read_yes_no(text) is answer


def test_every_problem_says_what_is_wrong_and_what_to_do_in_three_languages() -> None:
    says = {"most": 1, "fault": "check", "rows": "2", "earlier": "opened_on", "day": "2025-01-02", "years": 4,
            "unit": "x", "successor": "Kajaani", "reason": "y"}  # fmt: skip
    for language in ("fi", "sv", "en"):
        with translation.override(language):
            for code in problems.KINDS:
                problem = problems.Problem(code, Field.NOTE, "v", says=says)
                assert problem.wrong
                assert problem.do
                assert "%(" not in problem.wrong + problem.do
                assert problems.from_data(problem.as_data()) == problem


def test_an_error_stops_the_row_until_it_is_accepted() -> None:
    unsound = [problems.Problem("unsound_code")]
    assert problems.stands(unsound, [])
    assert not problems.stands(unsound, ["unsound_code"])
    assert problems.stands([problems.Problem("missing")], ["missing"])
    assert problems.KINDS["no_responsible"].severity is Severity.WARNING


def seen(number: int, **fields: str) -> repeats.Seen:
    told = {"contents": str(number), "external_id": f"KA-{number}", "identity_code": "", "name": "Aino Korhonen",
            "service": "joint_support", **fields}  # fmt: skip
    return repeats.Seen(key=uuid4(), number=number, **told)


def found_in(*rows: repeats.Seen) -> list[list[str]]:
    found = repeats.find(rows)
    return [[problem.code for problem in found.get(row.key, [])] for row in rows]


def test_the_same_row_again_is_skipped() -> None:
    assert found_in(seen(2, contents="a"), seen(9, contents="a")) == [[], ["same_row"]]


def test_one_code_is_one_name() -> None:
    code = {"identity_code": "010190-900P"}
    assert found_in(seen(2, **code), seen(3, **code, name="Aino Uusinimi")) == [
        ["same_code_other_name"],
        ["same_code_other_name"],
    ]
    assert found_in(seen(2, **code), seen(3, **code)) == [["same_person"], ["same_person"]]
    assert found_in(seen(2, **code), seen(3, **code, service="coaching")) == [[], []]


def test_codes_that_differ_in_the_century_mark_are_two_people() -> None:
    both = found_in(
        seen(2, identity_code="221203A9144"), seen(3, identity_code="221203B9144", name="Toinen Henkilö")
    )
    assert both == [["twin_code"], ["twin_code"]]
    assert problems.KINDS["twin_code"].severity is Severity.WARNING


def test_one_number_is_one_client() -> None:
    assert found_in(seen(2, external_id="KA-1"), seen(3, external_id="KA-1")) == [
        ["same_number"],
        ["same_number"],
    ]


@pytest.mark.parametrize(
    ("names", "field"),
    [(["Efternamn", "Förnamn", "Personbeteckning"], Field.IDENTITY_CODE), (["Surname", "First name", "Start date"], Field.OPENED_ON),
     (["SUKUNIMI", "etunimi", "Henkilotunnus"], Field.IDENTITY_CODE)],
)  # fmt: skip
def test_headings_are_known_in_three_languages(names: list[str], field: Field) -> None:
    assert headings.guess(names)[2] is field


def test_the_headings_are_found_below_a_title() -> None:
    rows = [("Asiakasraportti 20.11.2026",), (), ("Asiakasnumero", "Sukunimi", "Etunimet"), ("1", "A", "B")]
    assert headings.find_row(rows) == 2


def test_a_saved_mapping_comes_before_the_known_words() -> None:
    assert headings.guess(["Sukunimi", "Muu"], {"Sukunimi": "note", "Muu": "last_name"}) == {
        0: Field.NOTE,
        1: Field.LAST_NAME,
    }


def plain(named: Field, value: object) -> str:
    return f"{named.value}={changes.as_text(value)}" if value else ""


def test_only_what_changed_in_the_file_changes() -> None:
    before = {"last_name": "last_name=Korhonen", "phone": "phone=1"}
    found = changes.differ(
        {Field.LAST_NAME: "Korhonen", Field.PHONE: "2"},
        {Field.LAST_NAME: "Virtanen", Field.PHONE: ["1"]},
        before,
        plain,
    )
    assert [(one.field, one.new) for one in found.changes] == [(Field.PHONE, "2")]
    assert found.problems == []


def test_what_was_changed_in_silta_stays() -> None:
    found = changes.differ(
        {Field.LAST_NAME: "Uusi"}, {Field.LAST_NAME: "Silta"}, {"last_name": "last_name=Vanha"}, plain
    )
    assert found.changes == []
    assert [problem.code for problem in found.problems] == ["changed_in_silta"]


def test_a_file_never_lifts_non_disclosure_and_never_moves_the_beginning() -> None:
    values_, current = {Field.NON_DISCLOSURE: False, Field.OPENED_ON: TODAY}, {
        Field.NON_DISCLOSURE: True, Field.OPENED_ON: dt.date(2025, 1, 1),
    }  # fmt: skip
    found = changes.differ(values_, current, {}, plain)
    assert found.changes == []
    assert [problem.code for problem in found.problems] == ["not_changed_by_file"] * 2


def test_an_older_review_is_nothing_new() -> None:
    found = changes.differ(
        {Field.LAST_REVIEW_ON: dt.date(2025, 1, 1)}, {Field.LAST_REVIEW_ON: [dt.date(2025, 5, 1)]}, {}, plain
    )
    assert found.changes == []


def test_what_tells_where_a_protected_person_is_stays_hidden() -> None:
    change = changes.Change(Field.PHONE, "040 1", "040 2")
    assert change.as_data(is_protected=True) == {"field": "phone", "old": "***", "new": "***"}
    assert change.as_data(is_protected=False)["new"] == "040 2"


def test_rows_are_kept_ninety_days() -> None:
    now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    assert now - retention.erasable_before(now) == dt.timedelta(days=90)


@given(st.dictionaries(st.sampled_from(sorted(COLUMNS)), st.text(max_size=60)))
def test_no_cell_whatever_breaks_the_check(cells: dict[int, str]) -> None:
    for problem in checking.check(cells, CONTEXT, width=len(COLUMNS)).problems:
        assert problem.wrong


@given(st.text(max_size=40))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert values.tidy(values.tidy(text)) == values.tidy(text)


def test_the_heading_of_every_problem_is_a_whole_sentence() -> None:
    for language in ("fi", "sv", "en"):
        with translation.override(language):
            for code, kind in problems.KINDS.items():
                assert kind.heading, code
                assert not set("%…") & set(kind.heading), code


def test_a_formula_that_silta_made_safe_is_read_as_it_was() -> None:
    found = checked(note="' =1+1")
    assert found.values[Field.NOTE] == "=1+1"


def test_rows_that_may_mean_one_person_wait_for_each_other() -> None:
    rows = [("a", ["1"]), ("b", ["2"]), ("c", ["1", "3"]), ("d", ["3"]), ("e", [])]
    assert list(waves.waves(rows)) == [["a", "b", "e"], ["c"], ["d"]]
