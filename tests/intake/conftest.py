"""Files to import: the caseload an office exported, and small ones made for a story."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine

CASELOAD = Path(__file__).parent / "data" / "caseload-export.csv"
DAY = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
HEADINGS = (
    "Asiakasnumero;Sukunimi;Etunimet;Henkilötunnus;Kotikunta;Puhelin;Sähköposti;Turvakielto;Palvelu;Asiakkuus alkoi;"
    "Arviointi aloitettu;Suunnitelma laadittu;Viimeisin tarkistus;Vastuuhenkilö;Viimeisin yhteydenotto;Asiakkuus päättyi;"
    "Lisätieto"
)  # fmt: skip
MATTI = "KA-1;Meikäläinen;Matti;141263-918K;Kajaani;040 1;matti@x.example;E;Monialainen tuki;16.7.2025;4.8.2025;2.11.2025;10.1.2026;Eero Virtanen;1.11.2026;;Soitettu"
MAIJA = "KA-2;Mehiläinen;Maija;200680-935J;Kajaani;040 2;;K;Työhönvalmennus;1.9.2025;;;;;;;"


@pytest.fixture(autouse=True)
def _on_the_day_of_the_export() -> Iterator[None]:
    with time_machine.travel(DAY, tick=True):
        yield


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of these rows below the usual headings: ``written(MATTI, MAIJA)``."""

    def write(*rows: str, name: str = "asiakkaat.csv") -> Path:
        path = tmp_path / name
        path.write_bytes("\r\n".join([HEADINGS, *rows, ""]).encode("cp1252"))
        return path

    return write
