"""The pages of an import, as Paula walks them; to Väinö and Eero they do not exist."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from silta.cases.models import Case
from silta.intake.gateways.reading import MEGABYTE
from silta.intake.models import File, Row
from silta.kernel.acting import acting
from tests.cast import Cast, as_owner
from tests.intake.conftest import HEADINGS, MAIJA, MATTI
from tests.intake.test_gateways import package

PageOf = Callable[[str], Client]


def upload(*rows: str, name: str = "asiakkaat.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\r\n".join([HEADINGS, *rows]).encode("cp1252"))


def only_file() -> File:
    with as_owner():
        return File.objects.get()


def only_row(number: int = 2) -> Row:
    with as_owner():
        return Row.objects.get(number=number)


def brought(page: Client, *rows: str) -> File:
    """A file brought, its columns accepted as they were recognised."""
    page.post(reverse("intake:files"), {"file": upload(*rows)})
    file = only_file()
    data = {f"column_{index}": field for index, field in file.columns.items()}
    page.post(reverse("intake:columns", args=[file.pk]), {**data, "source": "Vanha", "save": "on"})
    return only_file()


def test_paula_walks_from_a_file_to_cases(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    assert "Tuo asiakkaita" in page.get(reverse("intake:files")).content.decode()
    answer = page.post(
        reverse("intake:files"), {"file": upload(MATTI, MAIJA.replace("1.9.2025", "31.2.2025"))}
    )
    columns = reverse("intake:columns", args=[only_file().pk])
    assert answer["Location"] == columns
    assert "Meikäläinen" in page.get(columns).content.decode()
    data = {f"column_{index}": field for index, field in only_file().columns.items()}
    answer = page.post(columns, {**data, "source": "Vanha järjestelmä", "save": "on"})
    shown = page.get(answer["Location"]).content.decode()
    assert "Tällaista päivää ei ole." in shown
    assert "Tuo 1 rivi" in shown
    with as_owner():
        assert not Case.objects.exists()
    answer = page.post(reverse("intake:run", args=[only_file().pk]))
    done = page.get(f"{answer['Location']}?show=").content.decode()
    assert "Miten riveille kävi" in done
    with acting(cast.paula):
        assert Case.objects.count() == 1


def test_a_cell_is_corrected_in_the_page_with_htmx_and_without(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    file = brought(page, MATTI.replace("16.7.2025", "31.2.2025"))
    row = only_row()
    address = reverse("intake:correct", args=[file.pk, row.pk])
    still = page.post(
        address,
        {"field": "opened_on", "text": "eilen", "version": row.version},
        headers={"HX-Request": "true"},
    )
    assert "Tämä ei ole päivämäärä." in still.content.decode()
    late = page.post(
        address,
        {"field": "opened_on", "text": "1.3.2025", "version": row.version},
        headers={"HX-Request": "true"},
    )
    assert late.status_code == 422
    answer = page.post(address, {"field": "opened_on", "text": "1.3.2025", "version": only_row().version})
    assert answer.status_code == 302
    assert only_row().state == "ready"


def test_correcting_a_row_brings_the_figures_and_the_button_along(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    file = brought(page, MATTI.replace("16.7.2025", "31.2.2025"), MAIJA)
    assert "Tuo 1 rivi" in page.get(reverse("intake:file", args=[file.pk])).content.decode()
    shown = page.post(
        reverse("intake:correct", args=[file.pk, only_row().pk]),
        {"field": "opened_on", "text": "1.3.2025", "version": only_row().version},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert 'id="figures" hx-swap-oob="true"' in shown
    assert "Tuo 2 riviä" in shown


def test_a_long_file_is_paged_by_key_and_tells_first_what_to_do(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    wrong = [
        MATTI.replace("KA-1;", f"KA-{number};").replace("16.7.2025", "31.2.2025") for number in range(45)
    ]
    address = reverse("intake:file", args=[brought(page, *wrong).pk])
    first = page.get(address).content.decode()
    assert numbers(first) == list(range(2, 22))
    assert (
        first.index("Mitä pitää korjata")
        < first.index("Korjaa päivä, tai tyhjennä solu")
        < first.index("Rivi 2 ")
    )
    assert "Näytä 45 riviä" in first
    assert first.count("<details open>") == 1
    second = page.get(f"{address}{links(first)['next']}").content.decode()
    assert numbers(second) == list(range(22, 42))
    last = page.get(f"{address}{links(second)['next']}").content.decode()
    assert numbers(last) == list(range(42, 47))
    assert set(links(last)) == {"prev"}
    assert numbers(page.get(f"{address}{links(last)['prev']}").content.decode()) == list(range(22, 42))


def test_a_row_that_is_there_twice_is_not_counted_among_those_to_import(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    shown = page.get(reverse("intake:file", args=[brought(page, MATTI, MATTI).pk])).content.decode()
    assert "Tuo 1 rivi\n" in shown


def numbers(shown: str) -> list[int]:
    return [int(number) for number in re.findall(r"<h3>Rivi (\d+) ", shown)]


def links(shown: str) -> dict[str, str]:
    return {
        rel: unescape(href).partition("#")[0]
        for href, rel in re.findall(r'href="(\?[^"]*)"\s+rel="(next|prev)"', shown)
    }


def test_when_a_row_is_in_order_the_next_wrong_one_is_offered(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    wrong = [
        MATTI.replace("16.7.2025", "31.2.2025"),
        MAIJA,
        MAIJA.replace("KA-2", "KA-3")
        .replace("Mehiläinen", "Toinen")
        .replace("200680-935J", "")
        .replace("1.9.2025", "eilen"),
    ]
    file = brought(page, *wrong)
    with as_owner():
        first, third = file.rows.get(number=2), file.rows.get(number=4)

    def corrected(row: Row, text: str, **said: object) -> str:
        data = {"field": "opened_on", "text": text, "version": row.version, "showing": "state:bad", **said}
        return page.post(
            reverse("intake:correct", args=[file.pk, row.pk]), data, headers={"HX-Request": "true"}
        ).content.decode()

    still = corrected(first, "eilen", until=4)
    assert "Rivi on kunnossa" not in still
    assert "autofocus" in still
    here = corrected(only_row(2), "1.3.2025", until=4)
    assert f'id="row-{third.pk}" hx-swap-oob="true"' in here
    assert here.index(str(third.pk)) < here.index("autofocus")
    page.post(reverse("intake:correct", args=[file.pk, first.pk]), {"deed": "leave_out"})
    page.post(reverse("intake:correct", args=[file.pk, first.pk]), {"deed": "bring_back"})
    elsewhere = corrected(only_row(2), "2.3.2025", until=2)
    assert 'href="?show=state%3Abad&amp;after=3#rows"' in elsewhere
    assert "Korjattavia rivejä ei ole enää" in corrected(only_row(4), "1.9.2025", until=4)


def test_going_on_leaving_out_and_taking_back(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    file = brought(page, MATTI.replace("918K", "918A"))
    address = reverse("intake:correct", args=[file.pk, only_row().pk])
    page.post(address, {"deed": "accept", "code": "unsound_code"})
    assert only_row().state == "ready"
    page.post(address, {"deed": "leave_out"})
    assert only_row().state == "left_out"
    page.post(address, {"deed": "bring_back"})
    assert only_row().state == "bad"


def test_the_page_masks_where_a_protected_person_is(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    file = brought(page, MAIJA.replace("040 2", "ei puhelinta").replace("1.9.2025", "31.2.2025"))
    shown = page.get(f"{reverse('intake:file', args=[file.pk])}?show=").content.decode()
    assert "ei puhelinta" not in shown
    assert "Turvakielto" in shown


@pytest.mark.parametrize("municipality", ["Kajani", "Jalasjärvi"])
def test_no_word_of_advice_tells_where_a_protected_person_is(
    cast: Cast, page_of: PageOf, municipality: str
) -> None:
    page = page_of("paula")
    file = brought(page, MAIJA.replace("Kajaani", municipality).replace("1.9.2025", "31.2.2025"))
    shown = page.get(f"{reverse('intake:file', args=[file.pk])}?show=").content.decode()
    taken = page.get(reverse("intake:bad_rows", args=[file.pk, "csv"])).content.decode()
    assert "Mehiläinen" in shown
    assert "Mehiläinen" in taken
    for place in (municipality, "Kajaani", "Kurikka", "2015"):
        assert place not in shown
        assert place not in taken


def test_who_may_be_protected_is_treated_as_protected_until_it_is_known(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    file = brought(page, MAIJA.replace(";K;", ";varmaan;"))
    taken = page.get(reverse("intake:bad_rows", args=[file.pk, "csv"])).content.decode()
    assert "Mehiläinen" in taken
    assert "040 2" not in taken
    assert "Kajaani" not in taken


def test_the_examples_of_columns_tell_nobody_s_whereabouts(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    page.post(reverse("intake:files"), {"file": upload(MAIJA)})
    shown = page.get(reverse("intake:columns", args=[only_file().pk])).content.decode()
    assert "Mehiläinen" in shown
    assert "040 2" not in shown
    assert "Kajaani" not in shown


@pytest.mark.parametrize("place", ["²", "9" * 5000, "-1", "x"])
def test_a_mangled_place_in_the_list_begins_anew(cast: Cast, page_of: PageOf, place: str) -> None:
    page = page_of("paula")
    file = brought(page, MATTI)
    address = reverse("intake:file", args=[file.pk])
    assert page.get(address, {"show": "", "after": place}).status_code == 200
    correct = reverse("intake:correct", args=[file.pk, only_row().pk])
    assert page.post(correct, {"field": "phone", "text": "040 3", "version": place}).status_code == 302


def test_markup_in_a_cell_is_shown_as_text(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    file = brought(page, MATTI.replace("Soitettu", "<script>alert(1)</script>"))
    shown = page.get(f"{reverse('intake:file', args=[file.pk])}?show=").content.decode()
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_rows_to_correct_are_taken_out(cast: Cast, page_of: PageOf, ending: str) -> None:
    page = page_of("paula")
    file = brought(page, MATTI.replace("16.7.2025", "31.2.2025"))
    answer = page.get(reverse("intake:bad_rows", args=[file.pk, ending]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert len(answer.content) > 200


def test_what_is_no_table_is_told_at_the_field(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    for content, words in (
        (b"%PDF-1.7", "ei ole taulukko"),
        (b"", "on tyhjä"),
        (b"PK\x03\x04x", "vahingoittunut"),
        (
            package(**{"xl__workbook.xml": b"x", "xl__sharedStrings.xml": b" " * (40 * MEGABYTE)}),
            "purkautuisi",
        ),
    ):
        answer = page.post(reverse("intake:files"), {"file": SimpleUploadedFile("a.csv", content)})
        assert answer.status_code == 422
        assert re.search(rf'id="id_file_error"[^<]*<[^>]*>[^<]*{words}', answer.content.decode())
    assert page.post(reverse("intake:files")).status_code == 422
    with as_owner():
        assert not File.objects.exists()


def test_a_file_too_large_is_refused_and_not_kept(cast: Cast, page_of: PageOf) -> None:
    vast = SimpleUploadedFile("a.csv", b"a;b\n" + b"1;2\n" * 6_000_000)
    answer = page_of("paula").post(reverse("intake:files"), {"file": vast})
    assert answer.status_code == 422
    assert "yli 20 Mt" in answer.content.decode()


def test_progress_is_told_and_ends(cast: Cast, page_of: PageOf) -> None:
    page = page_of("paula")
    file = brought(page, MATTI)
    with as_owner():
        File.objects.update(state="running", rows_total=4, rows_done=1)
    running = page.get(reverse("intake:progress", args=[file.pk]))
    assert "1/4" in running.content.decode()
    assert "HX-Refresh" not in running
    with as_owner():
        File.objects.update(state="done")
    assert page.get(reverse("intake:progress", args=[file.pk]))["HX-Refresh"] == "true"


def test_a_template_names_every_field(cast: Cast, page_of: PageOf) -> None:
    assert page_of("paula").get(reverse("intake:template")).content.startswith(b"PK")


def test_to_everybody_else_there_is_nothing(cast: Cast, page_of: PageOf) -> None:
    file = brought(page_of("paula"), MATTI)
    row = only_row()
    for name in ("vaino", "eero", "saara", "admin", "officer", "aino"):
        page = page_of(name)
        for address in (
            reverse("intake:files"), reverse("intake:columns", args=[file.pk]), reverse("intake:file", args=[file.pk]),
            reverse("intake:progress", args=[file.pk]), reverse("intake:bad_rows", args=[file.pk, "csv"]),
        ):  # fmt: skip
            assert page.get(address).status_code == 404, (name, address)
        for address in (
            reverse("intake:run", args=[file.pk]),
            reverse("intake:correct", args=[file.pk, row.pk]),
        ):
            assert page.post(address).status_code == 404, (name, address)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_pages_speak_three_languages(cast: Cast, page_of: PageOf, language: str) -> None:
    page = page_of("paula")
    file = brought(page, MATTI.replace("16.7.2025", "31.2.2025"))
    page.cookies["silta_language"] = language
    words = {
        "fi": "Tällaista päivää ei ole.",
        "sv": "Det finns ingen sådan dag.",
        "en": "There is no such day.",
    }
    assert words[language] in page.get(reverse("intake:file", args=[file.pk])).content.decode()
