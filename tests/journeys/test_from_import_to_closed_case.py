"""One client's story in the browser, from a file brought in to a case ended together, across four organisations.

Paula leads the employment authority's unit and brings her clients in from an earlier system. Eero becomes responsible
for Lempi; Saara of the county, Kaisa of Kela and Liisa of the provider come in, each seeing what a ground opens to her.
Väinö works in another unit of Eero's own authority: at every step the case does not exist to him.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from silta.kernel import clock
from silta.workbench.population import identity_code
from tests.browser.conftest import USERS
from tests.journeys.steps import (
    HEALTH,
    NO_GROUND,
    CasePage,
    Desk,
    Import,
    Journal,
    Stranger,
    fill_in,
    write_file,
)

pytestmark = pytest.mark.browser

NAME = "Lempi Tuulikki Kuusamäki"
PART = "uusamä"
CODE = identity_code(dt.date(1987, 2, 14), 987)
SERVICE = "Työhönvalmennus osa-aikaiseen työhön"
STRENGTHS = "Pitää lupauksensa, oppii tekemällä ja tulee toimeen kaikenikäisten kanssa"
SKILLS = "Keittiöalan tutkinto, kuusi vuotta koulun keittiössä"
SOCIAL = "Asuu yksin, velkaneuvonta on kesken"
BACK = "Selkä kestää seisomista noin kolme tuntia kerrallaan"
ABILITY = "Puolikas työpäivä onnistuu, kun työtä voi vaihdella"
WORDS = "Haluan takaisin keittiöön, mutta en enää raskaita patoja"
GOAL = "Osa-aikainen keittiötyö"
STEP = "Selvittää velkajärjestelyn aikataulun"
INTERNAL = "Puhutaan tiimissä toimeentulotuen perusteista ennen kuun vaihdetta"
KELA_NOTE = "Ammatillisen kuntoutuksen hakemus voidaan jättää sähköisesti"
CONTACT = "Käytiin läpi kolme keittiötä, joissa on tarjolla lyhyitä vuoroja"
FINDINGS = "Valmennus auttoi, sopimus osa-aikatyöstä on syntynyt, selkä on kestänyt"
NEXT = "Lempi soittaa mieluiten aamupäivällä. Työpaikan ohjaaja on tavattu kerran."
ONWARD = "Työ jatkuu Kotirannan keittiössä; Kelan kuntoutus seuraa selkää"
READS_AND_WRITES = {
    "katsoi asiaa", "aloitti palvelutarpeen arvioinnin", "kirjasi arviointiin tiedon", "kysyi, saako tietoja jakaa",
    "kutsui mukaan verkostoon", "ehdotti tavoitetta", "vahvisti tavoitteen", "teki suunnitelmasta uuden version",
    "kirjasi suunnitelman hyväksytyksi", "katsoi, mitä toinen yksikkö näkisi", "siirsi vastuun toiselle työntekijälle",
}  # fmt: skip


@pytest.fixture
def caseload(tmp_path: Path) -> Path:
    """Three clients of an earlier system: one sound row, one with a day that does not exist, one with an unsound code."""
    today = clock.today()
    began = f"{today - dt.timedelta(days=20):%d.%m.%Y}"
    common = ("Monialainen tuki",)
    return write_file(
        tmp_path / "asiakkaat.csv",
        ("V-1", "Kuusamäki", "Lempi Tuulikki", CODE, "Kajaani", "040 000 0987", *common, began, "Eero Virtanen"),
        ("V-2", "Honkaharju", "Veikko Olavi", identity_code(dt.date(1979, 5, 3), 986), "Sotkamo", "", *common,
         "31.2.2026", "Eero Virtanen"),
        ("V-3", "Lehtovaara", "Impi", "010101-123X", "Kuhmo", "", *common, began, "Eero Virtanen"),
    )  # fmt: skip


def _paula_brings_the_clients_in(page: Page, caseload: Path) -> tuple[str, str]:
    """The file, its columns, its problems corrected, the run; gives the addresses of the file and of Lempi's case."""
    file = Import(page)
    file.bring(caseload)
    expect(file.column("Vastuuhenkilö")).to_have_value("responsible")
    expect(file.column("Asiakkuus alkoi")).to_have_value("opened_on")
    file.check_rows(system="Vanha asiakasjärjestelmä")
    expect(file.figure("Korjattavia")).to_have_text("2")

    wrong_day, wrong_code = file.row(3), file.row(4)
    expect(wrong_day).to_contain_text("Tällaista päivää ei ole.")
    expect(wrong_code).to_contain_text("Henkilötunnus ei pidä paikkaansa.")
    file.correct(wrong_day, f"{clock.today() - dt.timedelta(days=30):%d.%m.%Y}")
    file.leave_out(wrong_code)

    file.run(rows=2)
    expect(file.figure("Uusia asiakkaita")).to_have_text("2")
    expect(file.figure("Ohitettu tai jätetty pois")).to_have_text("1")
    expect(file.figure("Korjattavia")).to_have_text("0")
    address = file.row(2).get_by_role("link", name="Avaa asiakkuus").evaluate("link => link.href")
    return page.url.partition("?")[0], address


def _eero_assesses(case: CasePage) -> None:
    """The assessment: strengths first, then the four domains of the law; health with its source and its necessity."""
    case.do("Aloita arviointi")
    expect(case.page.locator("#case-head [aria-current=step]")).to_contain_text("Palvelutarpeen arviointi")
    case.do("Mitä tiedetään", domain="Vahvuudet ja toiveet", text=STRENGTHS, source="client")
    case.do("Mitä tiedetään", domain="Osaaminen", text=SKILLS, source="client")
    case.do("Mitä tiedetään", domain="Sosiaalinen tilanne", text=SOCIAL, source="client")
    needed = "Tarvitaan sopivan työn ja työajan valintaan"
    case.choose("Mitä tiedetään")
    form = case.page.locator("#deed form.form")
    fill_in(form, domain="Terveydentila", text=BACK, source="statement")
    form.locator(".form__buttons button[type=submit]").click()
    expect(form).to_contain_text("Kerro, miksi tämä on kirjattava, jotta tuki toimii.")
    expect(form.locator("[name=text]")).to_have_value(BACK)
    case.send(source_detail="Työterveyslääkärin lausunto", necessity=needed)
    case.do("Mitä tiedetään", domain="Työ- ja toimintakyky", text=ABILITY, source="professional",
            source_detail="Työkyvyn arvio", necessity=needed)  # fmt: skip
    expect(case.known("strengths")).to_contain_text(STRENGTHS)
    expect(case.known("health")).to_contain_text(f"Välttämätön, koska: {needed}")
    case.do("Oikeudet ja velvollisuudet kerrottu", how="Selkeällä kielellä, esimerkkien avulla")


def _eero_asks_the_others_in(case: CasePage) -> None:
    """Saara and Kaisa on the ground of joint support, Liisa with what a provider may know: no health."""
    sharing = case.sharing()
    sharing.ask("Työikäisten sosiaalipalvelut")
    expect(sharing.answer(HEALTH)).to_contain_text("Monialainen tuki, välttämättömät tiedot")
    everything = ["identity", "clienthood", "skills", "social", "health", "service_need", "plan"]
    sharing.invite(
        user="Saara Niemi", answers_for="Velkajärjestely ja toimeentulotuki", categories=everything
    )
    sharing.ask("Kuntoutusratkaisut")
    expect(sharing.answer("Suunnitelma, sen toteutus ja tarkistus")).to_contain_text("381/2023 15 §")
    necessary = ["identity", "clienthood", "health", "plan"]
    sharing.invite(
        user="Kaisa Lehto", answers_for="Ammatillisen kuntoutuksen mahdollisuudet", categories=necessary
    )
    sharing.ask("Työhönvalmennus")
    expect(sharing.answer(HEALTH)).to_contain_text("Ei")
    expect(sharing.answer(HEALTH)).to_contain_text("Puuttuu:")
    expect(sharing.page.locator("[name=categories][value=health]")).to_have_count(0)
    necessary = ["identity", "clienthood", "skills", "plan"]
    sharing.invite(
        user="Liisa Koski", answers_for="Työpaikan etsiminen ja alkuun pääsy", categories=necessary
    )


def _eero_plans_with_lempi(case: CasePage) -> None:
    """A goal in Lempi's own words and its confirmation, a near step, a service, the plan and its acceptance."""
    case.open()
    case.do("Tavoite", own_words=WORDS, wording=GOAL, proposed_by="client")
    case.press(case.goal(GOAL), "Asiakas vahvistaa", reason="Lempi vahvisti tavoitteen tapaamisessa")
    expect(case.goal(GOAL)).to_contain_text("Asiakas on vahvistanut")
    due = clock.today() + dt.timedelta(days=5)
    case.add_step(
        text=STEP, owner="Saara Niemi, Työikäisten sosiaalipalvelut", due_on=due.isoformat(), goal=GOAL
    )
    case.do("Palvelu", name=SERVICE, provider_unit="Työhönvalmennus", goal=GOAL,
            expected_on=(clock.today() + dt.timedelta(days=14)).isoformat())  # fmt: skip
    expect(case.band("plan")).to_contain_text("Sovittu, mutta ei alkanut")
    case.do("Suunnitelman versio", reason="Ensimmäinen yhteinen suunnitelma",
            how_followed="Eero soittaa kahden viikon välein, yhteinen tapaaminen kuukausittain")  # fmt: skip
    case.press(case.band("plan"), "Kirjaa hyväksyntä", accepted_how="otherwise",
               explained_how="Luettiin ääneen yhdessä ja kerrottiin, mitä kukin kohta tarkoittaa")  # fmt: skip
    expect(case.band("plan")).to_contain_text("Asiakas on hyväksynyt")
    expect(case.band("plan").locator(".quote")).to_have_text(WORDS)


def _saara_keeps_her_promise(page: Page, address: str) -> None:
    """Her step is on her worklist; she does it, and writes a note for her own unit only."""
    row = Desk(page).on_worklist(NAME)
    expect(row).to_contain_text(STEP)
    place = row.get_attribute("id")
    row.locator(".row__action button").click()
    expect(page.locator(f"#{place} .why", has_text=STEP)).to_have_count(0)
    case = CasePage(page, address)
    case.open()
    expect(case.goal(GOAL).locator(".row--done")).to_contain_text(STEP)
    case.do("Muistiinpano", text=INTERNAL, visibility="internal")
    case.tells(INTERNAL)
    case.tells("Sisäinen: vain Työikäisten sosiaalipalvelut")


def _kaisa_sees_what_eero_foresaw(eero: CasePage, page: Page) -> CasePage:
    """Eero looks at the case as Kela; then Kaisa sees that, and no more, and writes a note to all."""
    foreseen = eero.sharing().see_as("Kuntoutusratkaisut").content()
    case = Desk(page).open_client(PART, NAME)
    assert case.content() == foreseen
    expect(case.known("health")).to_contain_text(BACK)
    expect(case.known("social")).to_contain_text(NO_GROUND)
    _does_not_know(case, INTERNAL, SOCIAL)
    case.do("Muistiinpano", text=KELA_NOTE, visibility="shared")
    case.tells(KELA_NOTE)
    return case


def _liisa_coaches(page: Page) -> CasePage:
    """No health to Liisa; she logs a contact, and the service begins."""
    case = Desk(page).open_client(PART, NAME)
    expect(case.known("health")).to_contain_text(NO_GROUND)
    expect(case.known("strengths")).to_contain_text(STRENGTHS)
    case.tells(KELA_NOTE)
    _does_not_know(case, BACK, ABILITY, SOCIAL, INTERNAL)
    case.press(
        page.locator(".page-head"), "Kirjaa yhteydenotto", result="reached", channel="meeting", text=CONTACT
    )
    case.tells(CONTACT)
    case.press(case.service(SERVICE), "Muuta", state="started")
    expect(case.service(SERVICE)).to_contain_text("Alkanut")
    return case


def _eero_reviews_and_hands_over(case: CasePage) -> None:
    """The plan is looked at together; Eero changes posts, and Paula takes over."""
    case.open()
    case.tells(CONTACT)
    case.tells(KELA_NOTE)
    _does_not_know(case, INTERNAL)
    case.do(
        "Tarkistus", findings=FINDINGS, present="Lempi, Saara, Kaisa, Liisa ja Eero", asked_by_client=True
    )
    expect(case.band("plan")).to_contain_text("tarkistettu")
    case.open()
    case.tells(FINDINGS)
    case.do("Luovuta vastuu", to_user="Paula Laine", note=NEXT)
    expect(case.page.locator("#case-head")).to_contain_text("Paula Laine")


def _paula_ends_the_case(case: CasePage) -> None:
    """The employment authority, the county and Kela end it together with Lempi: what came of it, and who goes on."""
    case.open()
    case.tells(NEXT)
    case.press(case.goal(GOAL), "Saavutettu", reason="Työsopimus 20 tuntia viikossa")
    case.choose("Päätä asiakkuus")
    expect(case.page.locator("#deed aside")).to_contain_text("Ei avoimia askelia")
    expect(case.page.locator("#deed aside")).to_contain_text("Ei palveluja kesken")
    case.send(
        outcome="Tuettu työ", onward="path", onward_text=ONWARD,
        parties=["client", "employment_authority", "wellbeing_county", "kela"],
    )  # fmt: skip
    _is_ended_with_aftercare(case)


def _is_ended_with_aftercare(case: CasePage) -> None:
    case.open()
    until = clock.today() + dt.timedelta(days=90)
    expect(case.page.locator("#case-head")).to_contain_text("Päättynyt")
    expect(case.band("path")).to_contain_text(ONWARD)
    expect(case.band("path").locator("dl.kv")).to_contain_text(f"{until.day}.{until.month}.{until.year}")
    assert not case.offers("Päätä asiakkuus")
    assert not case.offers("Tavoite")


def _does_not_know(case: CasePage, *texts: str) -> None:
    page = case.page.content()
    assert not [text for text in texts if text in page]


def _the_journal_tells(page: Page) -> None:
    """The officer of the authority sees who of his own organisation read and wrote, and who tried in vain."""
    journal = Journal(page)
    of_eero = journal.search(identity_code=CODE, worker=USERS["eero"])
    assert {who for who, _what in of_eero} == {"Eero Virtanen"}
    assert {what for _who, what in of_eero} >= READS_AND_WRITES
    of_paula = {what for _who, what in journal.search(identity_code=CODE, worker=USERS["paula"])}
    assert of_paula >= {"rekisteröi henkilön", "avasi asian", "katsoi asiaa", "päätti asian"}
    of_vaino = journal.search(identity_code=CODE, worker=USERS["vaino"])
    assert of_vaino
    assert set(of_vaino) == {("Väinö Salo", "yritti avata tietoja, mutta pääsy estettiin")}
    assert not journal.search(identity_code=CODE, worker=USERS["saara"]), (
        "the county's own officer reads these"
    )


def test_lempi_from_a_file_to_a_case_ended_together(visit: Callable[..., Page], caseload: Path) -> None:
    paula, eero, saara, kaisa, liisa = (visit(name) for name in ("paula", "eero", "saara", "kaisa", "liisa"))
    file, address = _paula_brings_the_clients_in(paula, caseload)
    vaino = Stranger(visit("vaino"), kept_from=[file, f"{file}columns/"])
    vaino.finds_nothing(address, PART)

    case = Desk(eero).open_client(PART, NAME)
    assert case.address == address
    vaino.kept_from += case.sharing().pages_of_the_person()
    case.open()
    _eero_assesses(case)
    vaino.finds_nothing(address, PART)

    _eero_asks_the_others_in(case)
    vaino.finds_nothing(address, PART)

    _eero_plans_with_lempi(case)
    vaino.finds_nothing(address, PART)

    _saara_keeps_her_promise(saara, address)
    vaino.finds_nothing(address, PART)

    of_kaisa = _kaisa_sees_what_eero_foresaw(case, kaisa)
    vaino.finds_nothing(address, PART)

    of_liisa = _liisa_coaches(liisa)
    vaino.finds_nothing(address, PART)

    _eero_reviews_and_hands_over(case)
    vaino.finds_nothing(address, PART)

    of_liisa.open()
    of_liisa.press(of_liisa.service(SERVICE), "Muuta", state="done")
    expect(of_liisa.service(SERVICE)).to_contain_text("Saatu")
    _paula_ends_the_case(CasePage(paula, address))
    for seen in (case, of_kaisa, CasePage(saara, address)):
        _is_ended_with_aftercare(seen)
    vaino.finds_nothing(address, PART)

    _the_journal_tells(visit("officer"))
