"""Files as they come: in any encoding and separator, broken, malicious, or not tables at all."""

import contextlib
import csv
import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from silta.intake.gateways import spreadsheets
from silta.intake.gateways.reading import Record, Table
from silta.kernel.errors import RuleBroken

TEXT = 'Sukunimi;Etunimet;Lisätieto\r\nHämäläinen;Åke;"Sanoi: ""huomenna""; ei tullut\nSoitetaan"\r\n'


def rows(data: bytes) -> list[tuple[str, ...]]:
    return [record.cells for record in read(data).records]


def read(data: bytes) -> Table:
    return spreadsheets.read(io.BytesIO(data))


def refused(data: bytes) -> str:
    with pytest.raises(RuleBroken) as caught:
        list(read(data).records)
    assert caught.value.field == "file"
    return caught.value.code.removeprefix("intake.")


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "cp1252",
        "iso8859-15",
        "mac-roman",
        "cp850",
    ],
)
def test_finnish_letters_survive_every_usual_encoding(encoding: str) -> None:
    found = rows(TEXT.encode(encoding))
    assert found[1] == ("Hämäläinen", "Åke", 'Sanoi: "huomenna"; ei tullut\nSoitetaan')


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_every_usual_separator(separator: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(
        [["a", "b", "c"], ["1", "x; y, z | w\t", "3"], ["4", "5", "6"]]
    )
    found = read(out.getvalue().encode())
    assert found.separator == separator
    assert [record.cells[2] for record in found.records] == ["c", "3", "6"]


def test_excels_own_hint_decides() -> None:
    assert rows(b"sep=,\r\na,b;c\r\n1,2;3\r\n") == [("a", "b;c"), ("1", "2;3")]


def test_control_characters_are_taken_away_and_told() -> None:
    record = list(read(b"a;b\nx\x00\x07y;z\n").records)[1]
    assert record == Record(2, ("xy", "z"), frozenset({0}))


def test_blank_rows_keep_the_numbers_of_the_others() -> None:
    found = [record for record in read(b"a;b\n;\n1;2\n").records if not record.is_blank]
    assert [record.number for record in found] == [1, 3]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"), (b"  \r\n ", "empty"), (b"\x00" * 50, "empty"),
        (b"%PDF-1.7 ...", "not_a_table"), (b"\x89PNG\r\n\x1a\n", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old_excel"),
        (b"<!DOCTYPE html><table>", "web_page"), (b'{"clients": []}', "not_a_table"),
        (b"PK\x03\x04 broken", "broken"), (b"MZ\x90\x00\x03\x00", "not_a_table"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_by_its_content(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_a_file_over_the_limit_is_refused_unread() -> None:
    class Vast(io.BytesIO):
        def seek(self, _offset: int, whence: int = 0) -> int:
            return 100 * 1024 * 1024 if whence == io.SEEK_END else 0

        def read(self, _size: int | None = -1) -> bytes:
            raise AssertionError("a file that is too large was read")

    with pytest.raises(RuleBroken) as caught:
        spreadsheets.read(Vast())
    assert caught.value.code == "intake.too_large"


def test_a_quotation_mark_that_never_closes_names_its_row() -> None:
    data = b"a;b\n1;2\n" + b'3;"open\n' + b"4;5\n" * 300
    with pytest.raises(RuleBroken) as caught:
        list(read(data).records)
    assert caught.value.code == "intake.open_quote"
    assert "3" in str(caught.value.message)


def test_too_many_rows_and_columns() -> None:
    assert refused(b"a;b\n" + b"1;2\n" * 50_001) == "too_many_rows"
    assert refused(b";".join([b"x"] * 201) + b"\n") == "too_many_columns"


def workbook(*table: list[object], merge: str = "", sheets: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in table:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    for name in sheets:
        book.create_sheet(name)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_gives_texts() -> None:
    data = workbook(
        ["Sukunimi", "Päivä", "Puhelin", "K", "Kaava"],
        ["Öhman", dt.date(2025, 7, 16), 358405825633, True, "=1+1"],
    )  # fmt: skip
    assert rows(data)[1] == ("Öhman", "2025-07-16", "358405825633", "true", "=1+1")


def test_merged_cells_speak_on_every_row_and_are_told() -> None:
    found = read(workbook(["a", "b"], ["Kajaani", "1"], [None, "2"], [None, "3"], merge="A2:A4"))
    assert [record.cells for record in found.records][1:] == [
        ("Kajaani", "1"),
        ("Kajaani", "2"),
        ("Kajaani", "3"),
    ]
    assert found.notices[0]["code"] == "merged_cells"


def test_the_first_sheet_with_rows_is_read() -> None:
    found = read(workbook(["a", "b"], ["1", "2"], sheets=("Ohje",)))
    assert len(list(found.records)) == 2
    assert found.notices[0]["others"] == "Ohje"
    assert refused(workbook()) == "no_sheet"


def package(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def test_bombs_are_refused_before_they_unpack() -> None:
    assert (
        refused(package(**{"xl__workbook.xml": b"x", "xl__sharedStrings.xml": b"\x00" * (40 * 1024 * 1024)}))
        == "bomb"
    )
    assert refused(package(**{f"xl__{number}.xml": b"" for number in range(2_001)})) == "bomb"
    laughs = b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><workbook>&lol2;</workbook>'
    assert refused(package(**{"xl__workbook.xml": laughs})) == "bomb"


def test_other_packages_are_told_apart() -> None:
    assert refused(package(mimetype=b"application/vnd.oasis.opendocument.spreadsheet")) == "open_document"
    assert refused(package(**{"word__document.xml": b"<x/>"})) == "not_a_table"
    assert refused(package(**{"xl__workbook.xml": b"<workbook"})) == "broken"


@given(st.binary(max_size=3000))
@example(b"\xff\xfe\x00")
@example(b'"')
@example(b"PK\x03\x04")
def test_wild_bytes_give_rows_or_a_clear_refusal(data: bytes) -> None:
    with contextlib.suppress(RuleBroken):
        for record in read(data).records:
            assert all("\x00" not in cell for cell in record.cells)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+SUM(A1)", "-2+3", "@cmd", "\tx", '=HYPERLINK("http://x")', "  =1+1", "\u00a0@cmd", "＝1+1"],
)
def test_what_is_written_runs_in_no_program(text: str) -> None:
    written = b"".join(spreadsheets.write_csv(["a", "b"], [[text, "x"]]))
    cells = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert cells[1][0] == f"'{text}"
    book = openpyxl.load_workbook(io.BytesIO(spreadsheets.write_xlsx(["a"], [[text]], title="t")))
    assert book.active["A2"].data_type == "s"


def test_numbers_with_a_sign_stay_numbers() -> None:
    assert spreadsheets.safe("+358 40 123") == "+358 40 123"
    assert spreadsheets.safe("+358 (0)40 123") == "+358 (0)40 123"
    assert spreadsheets.safe(" -5") == " -5"


def test_what_silta_writes_silta_reads() -> None:
    table = [["Hämäläinen", "=1", "a;b\nc"], ["", "x", '"']]
    for written in (
        b"".join(spreadsheets.write_csv(["a", "b", "c"], table)), spreadsheets.write_xlsx(["a", "b", "c"], table, title="t"),
    ):  # fmt: skip
        assert [row[:2] for row in rows(written)[1:]] == [("Hämäläinen", "'=1"), ("", "x")]
