"""Checks one row of a file: every cell read, every problem named, nothing guessed."""

import datetime as dt
import difflib
from collections.abc import Mapping

from silta.intake.enums import DATES, REQUIRED, Field
from silta.intake.rules import dates, values, words
from silta.intake.rules.reading import Checked, Context, Worker
from silta.kernel.folding import fold
from silta.kernel.identifiers import birth_date_of, compact_identity_code
from silta.people.rules import code_fault

MOST_CHARACTERS = {
    Field.EXTERNAL_ID: 80, Field.LAST_NAME: 150, Field.FIRST_NAMES: 150, Field.PHONE: 250, Field.EMAIL: 250,
    Field.NOTE: 4000,
}  # fmt: skip
_CLOSE_NAME, _CLOSE_PLACE = 0.85, 0.8
WITHOUT = "without"


def check(
    cells: Mapping[int, str], context: Context, *, stripped: frozenset[int] = frozenset(), width: int
) -> Checked:
    """Reads the cells of one row (column index to text) and names everything wrong with it.

    ``stripped`` are the columns from which control characters were taken away; ``width`` is the number of headings.
    """
    found = Checked()
    if any(index >= width and cell.strip() for index, cell in cells.items()):
        found.report("extra_cells")
    texts = found.texts
    for index, named in context.columns.items():
        texts[named] = _text(cells.get(index, ""), named, found, stripped=index in stripped)
    for named in REQUIRED:
        if not texts.get(named):
            found.report("missing", named)
    _read_names(texts, found)
    _read_identity(texts, found, context.today)
    _read_contacts(texts, found, context)
    _read_service(texts.get(Field.SERVICE, ""), found, context)
    dates.read(texts, found, context)
    _read_responsible(texts, found, context)
    if text := texts.get(Field.NOTE):
        found.values[Field.NOTE] = text
    if text := texts.get(Field.EXTERNAL_ID):
        found.values[Field.EXTERNAL_ID] = text
    return found


def _text(raw: str, named: Field, found: Checked, *, stripped: bool) -> str:
    text = values.tidy(raw)
    if text.startswith("'") and values.is_formula(text[1:]):
        # The apostrophe by which a safe export kept a spreadsheet program from running it.
        raw = text = text[1:].strip()
    if stripped:
        found.report("control_characters", named, raw)
    if text in {values.MASK, "-"}:
        return ""
    if text != raw and text.replace("\n", "") != raw.replace("\r", "").replace("\n", ""):
        found.report("tidied", named, raw)
    if named not in {Field.PHONE, *DATES} and values.is_formula(text):
        found.report("formula", named, text)
    if values.has_markup(text):
        found.report("markup", named, text)
    most = MOST_CHARACTERS.get(named)
    if most and len(text) > most:
        found.report("too_long", named, text, most=most)
        return ""
    return text


def _read_names(texts: Mapping[Field, str], found: Checked) -> None:
    for named in (Field.LAST_NAME, Field.FIRST_NAMES):
        text = " ".join(texts.get(named, "").split())
        if not text:
            continue
        found.values[named] = text
        if any(letter.isdigit() for letter in text):
            found.report("digits_in_name", named, text)
    last = found.values.get(Field.LAST_NAME, "")
    if fold(last) in words.surname_particles():
        found.report("surname_cut", Field.LAST_NAME, last)


def _read_identity(texts: Mapping[Field, str], found: Checked, today: dt.date) -> None:
    code, born = texts.get(Field.IDENTITY_CODE, ""), texts.get(Field.BIRTH_DATE, "")
    if born:
        try:
            found.values[Field.BIRTH_DATE] = values.read_date(born, today)
        except values.UnreadableError as error:
            found.report(error.code, Field.BIRTH_DATE, born)
    if not code:
        found.report("no_code", Field.IDENTITY_CODE)
        return
    if fault := code_fault(code, today=today):
        found.report("unsound_code", Field.IDENTITY_CODE, code, fault=fault[0])
        return
    sound = compact_identity_code(code)
    if sound != code and not any(one.code == "tidied" for one in found.problems_of(Field.IDENTITY_CODE)):
        found.report("tidied", Field.IDENTITY_CODE, code)
    found.values[Field.IDENTITY_CODE] = sound
    if born and found.values.get(Field.BIRTH_DATE, birth_date_of(sound)) != birth_date_of(sound):
        found.report("birth_date_differs", Field.BIRTH_DATE, born)
    found.values[Field.BIRTH_DATE] = birth_date_of(sound)


def _read_contacts(texts: Mapping[Field, str], found: Checked, context: Context) -> None:
    readers = {
        Field.PHONE: values.read_phone, Field.EMAIL: values.read_email, Field.NON_DISCLOSURE: values.read_yes_no,
    }  # fmt: skip
    for named, reader in readers.items():
        if text := texts.get(named):
            try:
                found.values[named] = reader(text)
            except values.UnreadableError as error:
                found.report(error.code, named, text)
    if not found.values.get(Field.EMAIL, "").isascii():
        found.report("mail_not_ascii", Field.EMAIL, texts[Field.EMAIL])
    for named in (Field.MOTHER_TONGUE, Field.SERVICE_LANGUAGE):
        if text := texts.get(named):
            try:
                found.values[named] = values.read_language(text)
            except values.UnreadableError as error:
                found.report(error.code, named, text)
                found.values[named] = "und"
    _read_municipality(texts.get(Field.MUNICIPALITY, ""), found, context)


def _read_municipality(text: str, found: Checked, context: Context) -> None:
    if not text:
        return
    place = context.places.get(fold(text))
    if place is None:
        close = difflib.get_close_matches(fold(text), context.places, n=1, cutoff=_CLOSE_PLACE)
        suggestion = context.places[close[0]].name if close else ""
        found.report("unknown_municipality", Field.MUNICIPALITY, text, suggestion)
    elif place.ended_on is not None:
        found.report(
            "ended_municipality", Field.MUNICIPALITY, text, place.successor, day=place.ended_on.isoformat(),
            successor=place.successor,
        )  # fmt: skip
        if place.successor_code:
            found.values[Field.MUNICIPALITY] = place.successor_code
    else:
        found.values[Field.MUNICIPALITY] = place.code


def _read_service(text: str, found: Checked, context: Context) -> None:
    if not text:
        return
    kind = context.services.get(fold(text))
    if not kind:
        found.report("unknown_service", Field.SERVICE, text)
    elif kind not in context.own_kinds:
        found.report("service_not_yours", Field.SERVICE, text)
    else:
        found.values[Field.SERVICE] = kind


def _read_responsible(texts: Mapping[Field, str], found: Checked, context: Context) -> None:
    text = texts.get(Field.RESPONSIBLE, "")
    if not text:
        if not texts.get(Field.ENDED_ON) and Field.RESPONSIBLE in context.columns.values():
            found.report("no_responsible", Field.RESPONSIBLE)
        return
    chosen = context.chosen_workers.get(fold(text))
    if chosen:
        if chosen != WITHOUT:
            found.values[Field.RESPONSIBLE] = chosen
        return
    people = _of_name(text, context)
    ours = [worker for worker in people if worker.is_ours]
    if len(ours) == 1:
        found.values[Field.RESPONSIBLE] = ours[0].user_id
    elif len(ours) > 1:
        found.report("ambiguous_responsible", Field.RESPONSIBLE, text)
    elif people:
        found.report("responsible_elsewhere", Field.RESPONSIBLE, text, unit=people[0].unit)
    else:
        found.report("unknown_responsible", Field.RESPONSIBLE, text, _nearest(text, context))


def _of_name(text: str, context: Context) -> tuple[Worker, ...]:
    """The workers of this name or address; a name may stand last name first, with a comma or without."""
    parts = fold(text).split()
    for name in (fold(text), " ".join([*parts[1:], *parts[:1]]), " ".join([*parts[-1:], *parts[:-1]])):
        if name in context.workers:
            return context.workers[name]
    return ()


def _nearest(text: str, context: Context) -> str:
    close = difflib.get_close_matches(fold(text), context.workers, n=1, cutoff=_CLOSE_NAME)
    return context.workers[close[0]][0].name if close else ""
