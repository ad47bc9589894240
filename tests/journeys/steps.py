"""What people do in Silta, step by step, in the words of their work: how a page is found and filled in is said here once."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Response, expect

HEADINGS = (
    "Asiakasnumero", "Sukunimi", "Etunimet", "Henkilötunnus", "Kotikunta", "Puhelin", "Palvelu", "Asiakkuus alkoi",
    "Vastuuhenkilö",
)  # fmt: skip
NOT_FOUND = "Täällä ei ole sinulle mitään"
NO_GROUND = "Yksikölläsi ei ole perustetta nähdä tätä."
HEALTH = "Terveys, työkyky ja toimintakyky"
# Pages and deeds of a case by their addresses; to a stranger none of them exists.
OF_A_CASE = (
    "", "sharing/", "members/", "plans/", "person/", "invite/", "merge/", "contact/", "note/", "entry/", "flag/",
    "goal/", "action/", "service/", "plan/", "review/", "hand-over/", "transfer/", "phase/", "assessment-start/",
    "end/", "reopen/",
)  # fmt: skip


def write_file(path: Path, *rows: tuple[str, ...]) -> Path:
    """A file of clients as an office's program saves it: semicolons, and the letters of Windows."""
    path.write_bytes("\r\n".join(";".join(row) for row in (HEADINGS, *rows)).encode("cp1252"))
    return path


def fill_in(form: Locator, **words: str | bool | list[str]) -> None:
    """Fills the fields by their names: texts typed, lists and buttons chosen, boxes ticked."""
    for name, value in words.items():
        field = form.locator(f"[name={name}]")
        kind = field.first.evaluate("field => field.tagName === 'SELECT' ? 'select' : field.type")
        if form.locator(f".pick [name={name}_text]").count():
            pick(form.locator(f".pick [name={name}_text]"), str(value))
        elif kind == "select":
            field.select_option(label=str(value))
        elif kind == "radio":
            _tick(form.locator(f"[name={name}][value='{value}']"))
        elif isinstance(value, list):
            for box in field.all():
                _tick(box, wanted=box.get_attribute("value") in value)
        elif kind == "checkbox":
            _tick(field, wanted=bool(value))
        else:
            field.fill(str(value))


def pick(field: Locator, name: str) -> None:
    """Types the name of one of thousands, and picks it from what is found."""
    field.fill("")
    field.press_sequentially(name)
    found = field.page.get_by_role("option").filter(has_text=re.compile(rf"^\s*{re.escape(name)}"))
    found.first.click()
    expect(field).to_have_value(re.compile(rf"^{re.escape(name)}, "))


def _tick(box: Locator, *, wanted: bool = True) -> None:
    """Presses the label of a box or button, which is what a hand reaches on the screen."""
    if box.is_checked() != wanted:
        box.locator("xpath=following-sibling::label").click()
    expect(box).to_be_checked(checked=wanted)


class Desk:
    """A professional before her own browser, signed in."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def find(self, part_of_name: str) -> Locator:
        """The names that the search at the top of every page finds."""
        box = self.page.locator("#frame-search")
        box.fill(part_of_name)
        box.press("Enter")
        self.page.wait_for_url("**/search/?q=*")
        # A search in vain tells the ways on in a list of their own, which names nobody.
        return self.page.locator("#main .list-rows:not([aria-labelledby=ways] *) .row__main > a")

    def open_client(self, part_of_name: str, name: str) -> "CasePage":
        """Opens the client found by a part of the name."""
        self.find(part_of_name).filter(has_text=name).click()
        expect(self.page.locator("h1")).to_have_text(name)
        return CasePage(self.page, self.page.url)

    def on_worklist(self, name: str) -> Locator:
        """The client's row on the first page, looked for page by page."""
        self.page.goto("/")
        row = self.page.locator("li.row").filter(has=self.page.get_by_role("link", name=name, exact=True))
        more = self.page.locator("#more-needs")
        while not row.count() and more.count():
            before = more.element_handle()
            more.get_by_role("link").click()
            before.wait_for_element_state("hidden")
        expect(row).to_have_count(1)
        return row


class Import:
    """The pages that bring a file of clients into Silta."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def bring(self, path: Path) -> None:
        """Chooses the file and has it read."""
        self.page.goto("/import/")
        self.page.locator("input[type=file]").set_input_files(path)
        self.page.get_by_role("button", name="Lue tiedosto").click()
        expect(self.page.locator("h1")).to_have_text("Mitä sarakkeissa on")

    def column(self, heading: str) -> Locator:
        """The choice of what the column of this heading holds."""
        return self.page.get_by_label(heading, exact=True)

    def check_rows(self, *, system: str) -> None:
        """Names the system the file comes from, and has the rows checked."""
        self.page.locator("[name=source]").fill(system)
        self.page.get_by_role("button", name="Tarkista rivit").click()
        expect(self.page.locator("h1")).to_have_text("Mitä tiedosto tekisi")

    def row(self, number: int) -> Locator:
        """One row of the file as the page shows it, opened where it is folded."""
        row = self.page.locator(".import-row").filter(
            has=self.page.get_by_role("heading", name=re.compile(rf"^Rivi {number}\b"))
        )
        if row.locator("details:not([open])").count():
            row.locator("summary").first.click()
        return row

    def figure(self, name: str) -> Locator:
        """A number of the summary by its name."""
        return (
            self.page.locator(".figures > div")
            .filter(has=self.page.get_by_text(name, exact=True))
            .locator("dd")
        )

    def correct(self, row: Locator, text: str) -> None:
        """Types what should stand in the cell at fault."""
        row.locator("input[name=text]").fill(text)
        row.get_by_role("button", name="Korjaa", exact=True).click()
        expect(row.get_by_text("Korjattava", exact=True)).to_have_count(0)

    def leave_out(self, row: Locator) -> None:
        """Leaves the row out of the import."""
        row.get_by_role("button", name="Jätä rivi pois").click()
        expect(row.get_by_text("Jätetty pois", exact=True)).to_be_visible()

    def run(self, rows: int) -> None:
        """Imports the sound rows."""
        self.page.reload()
        words = "Tuo 1 rivi" if rows == 1 else f"Tuo {rows} riviä"
        self.page.get_by_role("button", name=words).click()
        expect(self.page.locator("h1")).to_have_text("Miten riveille kävi")


@dataclass
class CasePage:
    """The page of one case, before one of its people."""

    page: Page
    address: str

    def open(self) -> None:
        """Comes back to the page."""
        response = self.page.goto(self.address)
        assert response is not None
        assert response.status == 200, f"{self.address} answered {response.status}"

    def band(self, name: str) -> Locator:
        """A band of the page: plan, path, happened, known."""
        return self.page.locator(f"#{name}")

    def tells(self, words: str) -> None:
        """The history tells it, on its newest page or on an earlier one."""
        history = self.band("happened")
        earlier = history.get_by_role("link", name="Näytä aiemmat")
        while earlier.count() and words not in history.inner_text():
            asked = earlier.get_attribute("href")
            earlier.click()
            expect(history.locator(f'a[href="{asked}"]')).to_have_count(0)
        expect(history).to_contain_text(words)

    def known(self, domain: str) -> Locator:
        """What is known in one domain."""
        return self.page.locator(f"section[aria-labelledby=known-{domain}]")

    def choose(self, deed: str) -> None:
        """Chooses a deed from the menu of the page, by its name there."""
        menu = self.page.locator(".page-head details.menu")
        menu.locator("summary").click()
        menu.get_by_role("link", name=deed, exact=True).click()

    def offers(self, deed: str) -> bool:
        """Whether the menu of the page offers the deed."""
        return (
            self.page.locator(".page-head details.menu a")
            .filter(has_text=re.compile(rf"^\s*{deed}\s*$"))
            .count()
            > 0
        )

    def send(self, **words: str | bool | list[str]) -> None:
        """Fills in the form that is open on the page, sends it, and waits until it is done."""
        place = self.page.locator("#deed")
        form = place.locator("form.form")
        expect(form).to_be_visible()
        fill_in(form, **words)
        form.locator(".form__buttons button[type=submit]").click()
        try:
            expect(place.locator("form")).to_have_count(0)
        except AssertionError as error:
            raise AssertionError(f"the form was not accepted: {place.inner_text()}") from error

    def do(self, deed: str, **words: str | bool | list[str]) -> None:
        """Chooses a deed from the menu and sends its form."""
        self.choose(deed)
        self.send(**words)

    def press(self, where: Locator, name: str, **words: str | bool | list[str]) -> None:
        """Follows a link to a deed within a part of the page, out of its menu where it is folded into one; sends its form."""
        link = where.get_by_role("link", name=name)
        menu = where.locator("details:not([open])").filter(has=self.page.locator("a", has_text=name))
        if not link.count() and menu.count():
            menu.first.locator("summary").first.click()
        link.click()
        self.send(**words)

    def add_step(self, **words: str) -> None:
        """Adds a near step in the line at the end of the plan."""
        form = self.page.locator("#plan .quick-add")
        fill_in(form, **words)
        form.get_by_role("button", name="Lisää askel").click()
        expect(self.band("plan").locator(".step-text", has_text=words["text"])).to_be_visible()

    def goal(self, words: str) -> Locator:
        """The card of one goal."""
        return self.page.locator("article.goal", has_text=words)

    def service(self, name: str) -> Locator:
        """The line of one agreed service."""
        return self.page.locator("#plan li.row", has=self.page.locator(".row__main", has_text=name))

    def sharing(self) -> "Sharing":
        """Who sees what of this client."""
        self.page.goto(f"{self.address}sharing/")
        return Sharing(self.page, self.address)

    def content(self) -> list[str]:
        """Everything the page tells of the client, without the buttons of whoever works in it."""
        told = (
            "#plan .quote", "#plan article.goal h3", "#plan .step-text", "#plan .row__meta", "#plan .row__main .muted",
            "#happened .timeline__head", "#happened .timeline__title", "#happened .text", "#known h3",
            "#known .known__entry > .text", "#known .known__edge", "#known section > p",
        )  # fmt: skip
        return [
            " ".join(text.split()) for place in told for text in self.page.locator(place).all_inner_texts()
        ]


@dataclass
class Sharing:
    """The page that tells who sees what, and asks others in."""

    page: Page
    address: str

    def ask(self, unit: str) -> None:
        """Asks whether the unit may be told, before anything is sent."""
        self.page.goto(f"{self.address}invite/")
        pick(self.page.get_by_role("combobox", name="Mikä yksikkö"), unit)
        self.page.get_by_role("button", name="Katso, mitä saa jakaa").click()
        expect(self.page.get_by_role("heading", name=f"Saammeko kertoa yksikölle {unit}?")).to_be_visible()

    def answer(self, category: str) -> Locator:
        """The answer for one category of data, with its ground or what is missing."""
        return self.page.locator("#invite tbody tr").filter(
            has=self.page.get_by_role("rowheader", name=category, exact=True)
        )

    def invite(self, *, user: str, answers_for: str, categories: list[str]) -> None:
        """Sends the invitation."""
        form = self.page.locator("#invite form[method=post]")
        fill_in(form, user=user, answers_for=answers_for, categories=categories)
        form.get_by_role("button", name="Lähetä kutsu").click()
        self.page.wait_for_url("**/sharing/")
        expect(self.row(user)).to_be_visible()

    def row(self, name: str) -> Locator:
        """The row of a unit, found by its own name or by somebody in it."""
        return self.page.locator(".matrix tbody tr").filter(has_text=name)

    def pages_of_the_person(self) -> list[str]:
        """The addresses of the client's consents and of questions about her data."""
        links = self.page.locator("#main a[href*='/access/people/']")
        return [str(address) for address in links.evaluate_all("links => links.map(link => link.href)")]

    def see_as(self, unit: str) -> CasePage:
        """The case as another unit sees it."""
        self.row(unit).get_by_role("link", name="Katso tämän yksikön silmin").click()
        expect(self.page.locator(".preview-note")).to_contain_text(unit)
        return CasePage(self.page, self.address)


class Stranger:
    """Somebody of the same authority who has no work for the client: to him she does not exist."""

    def __init__(self, page: Page, kept_from: list[str]) -> None:
        self.page = page
        self.kept_from = kept_from

    def finds_nothing(self, address: str, part_of_name: str) -> None:
        """Neither the page of the case, nor a page or deed of it, nor a page of the person, nor a row in the search."""
        answer = self.page.goto(address)
        self._is_not_found(answer)
        expect(self.page.locator("h1")).to_have_text(NOT_FOUND)
        self._tells_nothing(part_of_name)
        for page in [*(address + part for part in OF_A_CASE), *self.kept_from]:
            status = self.page.request.get(page).status
            assert status == 404, f"{urlsplit(page).path} answered {status}"
        self._cannot_write(address)
        self.page.goto("/")
        names = Desk(self.page).find(part_of_name)
        expect(self.page.get_by_text("Asiakkaistanne ei löytynyt ketään.")).to_be_visible()
        expect(names).to_have_count(0)

    def _is_not_found(self, answer: Response | None) -> None:
        assert answer is not None
        assert answer.status == 404, f"{answer.url} answered {answer.status}"

    def _tells_nothing(self, part_of_name: str) -> None:
        assert part_of_name not in self.page.content()

    def _cannot_write(self, address: str) -> None:
        """A form sent past the page is not found either."""
        cookies = {cookie["name"]: cookie["value"] for cookie in self.page.context.cookies()}
        words = {"text": "Kirjoitan tämän ohi sivun", "visibility": "shared"}
        headers = {"X-CSRFToken": cookies["csrftoken"], "Referer": address}
        answer = self.page.request.post(f"{address}note/", form=words, headers=headers)
        assert answer.status == 404, f"a note sent to {address} was answered {answer.status}"


class Journal:
    """The officer's search of the journal."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def search(self, *, identity_code: str, worker: str = "") -> list[tuple[str, str]]:
        """Who did what to the person's data, all pages of the answer."""
        self.page.goto("/access/journal/")
        form = self.page.locator("#main form.form")
        fill_in(form, identity_code=identity_code, worker=worker)
        form.get_by_role("button", name="Hae lokista").click()
        self.page.wait_for_url("**/access/journal/?*")
        found = self._rows()
        while (older := self.page.get_by_role("link", name="Vanhemmat tapahtumat")).count():
            with self.page.expect_navigation():
                older.click()
            found += self._rows()
        return found

    def _rows(self) -> list[tuple[str, str]]:
        rows: list[list[str]] = self.page.eval_on_selector_all(
            "#main tbody tr",
            "rows => rows.map(row => [...row.cells].map(cell => cell.firstChild.textContent.trim()))",
        )
        return [(cells[1], cells[2]) for cells in rows]
