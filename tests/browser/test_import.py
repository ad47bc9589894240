"""A file brought in, as a unit's lead does it: dropped or chosen, looked through, corrected, imported, brought again.

The file is long enough for the work to go to the background, where the page follows it.
"""

import csv
import datetime as dt
import http.client
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from silta.intake.jobs import ROWS_WHILE_WAITING
from silta.kernel import clock
from silta.workbench.population import identity_code
from tests.browser.accessibility import violations
from tests.browser.conftest import sign_in
from tests.journeys.steps import HEADINGS, Import, write_file

pytestmark = pytest.mark.browser

ROWS = ROWS_WHILE_WAITING + 20
FIRST = ("Aada", "Eino", "Helmi", "Ilmari", "Kerttu", "Lauri", "Martta", "Onni", "Saimi", "Toivo")
LAST = (
    "Haapala",
    "Kivelä",
    "Lehtonen",
    "Mäkelä",
    "Niskanen",
    "Ojala",
    "Peltola",
    "Rantala",
    "Salmela",
    "Tuomela",
)
MEGABYTE = 1024 * 1024
# Drops a file on the area as a hand does it: it comes in over the edge, and is let go.
DROP = """
([area, name, bytes]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([new Uint8Array(bytes)], name, {type: "text/csv"}));
  const target = document.querySelector(area);
  for (const kind of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: carried}));
}
"""


@pytest.fixture
def caseload(tmp_path: Path) -> Path:
    """Clients without end; the second has a day that does not exist, the third an unsound code."""
    began = f"{clock.today() - dt.timedelta(days=40):%d.%m.%Y}"
    rows = [
        [f"T-{number}", LAST[number % 10], f"{FIRST[number // 10 % 10]} {FIRST[number % 7]}",
         identity_code(dt.date(1980, 1, 1) + dt.timedelta(days=number * 3), 940), "Kajaani", "", "Monialainen tuki",
         began, "Eero Virtanen"]
        for number in range(ROWS)
    ]  # fmt: skip
    rows[1][7], rows[2][3] = "31.2.2026", "010101-123X"
    return write_file(tmp_path / "asiakkaat.csv", *map(tuple, rows))


def follow(page: Page, rows: int) -> None:
    """Starts the import and waits at its page until the background has done it."""
    page.get_by_role("button", name=f"Tuo {rows} riviä").click()
    expect(page.locator("h1")).to_have_text("Miten riveille kävi", timeout=120_000)


def figures(page: Page) -> dict[str, int]:
    """The numbers of the summary by their names."""
    shown = page.locator(".figures > div").all()
    return {one.locator("dt").inner_text(): int(one.locator("dd").inner_text()) for one in shown}


def test_a_caseload_is_dropped_corrected_imported_and_brought_again(
    visit: Callable[..., Page], caseload: Path
) -> None:
    page = visit("paula")
    page.goto("/import/")
    page.evaluate(DROP, ["[data-drop]", "asiakkaat.csv", list(caseload.read_bytes())])
    expect(page.locator("[data-drop-chosen]")).to_contain_text("asiakkaat.csv")
    page.get_by_role("button", name="Lue tiedosto").click()
    steps = Import(page)
    steps.check_rows(system="Aiempi")
    assert figures(page) == {
        "Tulisi uusia": ROWS - 2, "Muuttuisi": 0, "Pysyisi ennallaan": 0, "Ohitettu tai jätetty pois": 0, "Korjattavia": 2,
    }  # fmt: skip
    assert violations(page) == []
    steps.correct(steps.row(3), "28.2.2026")
    page.reload()
    follow(page, ROWS - 1)
    assert figures(page)["Uusia asiakkaita"] == ROWS - 1
    assert figures(page)["Korjattavia"] == 1
    assert violations(page) == []
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV", exact=True).click()
    table = list(
        csv.reader(io.StringIO(taken.value.path().read_text("utf-8-sig"), newline=""), delimiter=";")
    )
    assert table[0] == [*HEADINGS, "Ongelma", "Mitä tehdä"]
    assert [row[:4] for row in table[1:]] == [["T-2", "Lehtonen", "Aada Helmi", "010101-123X"]]

    steps.bring(caseload)
    expect(page.locator("#main")).to_contain_text("Juuri tämä tiedosto tuotiin")
    steps.check_rows(system="Aiempi")
    follow(page, ROWS - 2)
    again = figures(page)
    assert (again["Uusia asiakkaita"], again["Muuttuneita"], again["Ennallaan"]) == (0, 0, ROWS - 2)


def test_the_file_is_chosen_with_the_keyboard(visit: Callable[..., Page], caseload: Path) -> None:
    page = visit("paula")
    # Told before the page is opened: a chooser that opens before the browser hands it over is gone for good.
    page.on("filechooser", lambda chooser: chooser.set_files(caseload))
    page.goto("/import/")
    page.locator("#main input[type=file]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-drop-chosen]")).to_contain_text("asiakkaat.csv")
    assert violations(page) == []


def test_a_file_is_brought_without_scripts(browser: Browser, product: str, caseload: Path) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=product, locale="fi")
    page = context.new_page()
    sign_in(page, "paula")
    Import(page).bring(caseload)
    context.close()


def test_a_file_that_is_too_large_is_not_even_sent(visit: Callable[..., Page], tmp_path: Path) -> None:
    large = tmp_path / "suuri.csv"
    with large.open("wb") as stream:
        stream.truncate(21 * MEGABYTE)
    page = visit("paula")
    page.goto("/import/")
    page.locator("input[type=file]").set_input_files(large)
    expect(page.locator("[data-drop-chosen]")).to_contain_text("Tiedosto on yli 20 Mt.")
    page.get_by_role("button", name="Lue tiedosto").click()
    expect(page.locator("h1")).to_have_text("Tuo asiakkaita")


def a_hundred_megabytes(token: str, boundary: str) -> Iterator[bytes]:
    """The body of a form with a file of a hundred megabytes, never whole in memory."""
    yield f'--{boundary}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'.encode()
    yield f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="suuri.csv"\r\n\r\n'.encode()
    for _piece in range(100):
        yield (b"Asiakasnumero;Sukunimi;Etunimet\r\n" * (MEGABYTE // 33 + 1))[:MEGABYTE]
    yield f"\r\n--{boundary}--\r\n".encode()


def test_a_hundred_megabytes_are_refused_at_the_field(visit: Callable[..., Page], product: str) -> None:
    page = visit("paula")
    page.goto("/import/")
    token = page.locator("#main input[name=csrfmiddlewaretoken]").first.input_value()
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    body = list(map(len, a_hundred_megabytes(token, "raja")))
    connection = http.client.HTTPConnection(urlsplit(product).netloc, timeout=120)
    connection.request(
        "POST", "/import/", a_hundred_megabytes(token, "raja"),
        {"Cookie": cookies, "Content-Type": "multipart/form-data; boundary=raja", "Content-Length": str(sum(body)),
         "Referer": f"{product}/import/", "Accept-Language": "fi"},
    )  # fmt: skip
    answer = connection.getresponse()
    shown = answer.read().decode()
    assert answer.status == 422
    assert re.search(r'id="id_file_error".*?Tiedosto on yli 20 Mt\. Jaa se osiin', shown, re.DOTALL)
    page.goto("/import/")
    expect(page.locator("#main")).not_to_contain_text("suuri.csv")
