"""An employer sees employees where others see clients: in every language, and in nothing but words."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.test import Client
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext

from config import messages, wording
from silta.cases.views.registry import DEEDS
from tests.cases.situations import case_of_aino
from tests.cast import Cast

LANGUAGES = ("fi", "sv", "en")
CLIENTS = {"fi": r"\basiak(?!irj)", "sv": r"\bklient", "en": r"\bclient"}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def catalogue(language: str) -> Catalog:
    path = Path(wording.__file__).parent / "wordings" / f"{language}_X-employer" / "LC_MESSAGES" / "django.po"
    with path.open("rb") as kept:
        return read_po(kept, locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_is_a_text_of_some_room_and_speaks_of_no_client(language: str) -> None:
    said = {key for room in messages.rooms() for key in messages.texts(messages.gather(room))}
    for key, message in messages.texts(catalogue(language)).items():
        assert key in said, key
        forms = message.string if isinstance(message.string, (tuple, list)) else [message.string]
        wanted = message.id if isinstance(message.id, (tuple, list)) else [message.id]
        for words in forms:
            assert words, key
            assert not re.search(CLIENTS[language], words, re.IGNORECASE), words
            allowed = [sorted(_PLACEHOLDER.findall(one)) for one in wanted]
            assert sorted(_PLACEHOLDER.findall(words)) in allowed, words


@pytest.mark.parametrize(
    ("language", "name"), [("fi", "Työntekijä"), ("sv", "Medarbetaren"), ("en", "The employee")]
)
def test_whatever_is_not_worded_anew_is_said_in_the_language_itself(language: str, name: str) -> None:
    with translation.override(language):
        cancel, day = gettext("Cancel"), formats.get_format("SHORT_DATE_FORMAT")
    with translation.override(f"{language}-x-employer"):
        assert gettext("The client") == name
        assert gettext("Cancel") == cancel
        assert formats.get_format("SHORT_DATE_FORMAT") == day


def test_a_coordinator_reads_of_employees_on_every_page_of_a_case(
    cast: Cast, page_of: Callable[[str], Client]
) -> None:
    case = case_of_aino(cast, kind="workplace_support", by="hanna")
    hanna = page_of("hanna")
    pages = [
        reverse("desk:today"),
        reverse("desk:clients"),
        reverse("desk:search") + "?q=zzz",
        reverse("cases:new"),
    ]
    of_case = [
        "case",
        "person",
        "members",
        "plans",
        "sharing",
        *(deed.name for deed in DEEDS if deed.subject is None),
    ]
    pages += [reverse(f"cases:{name}", args=[case.pk]) for name in of_case]
    for address in pages:
        answer = hanna.get(address)
        if answer.status_code == 404:
            continue  # A deed that is not the coordinator's.
        text = re.sub(r"<[^>]*>", " ", answer.content.decode())
        found = re.findall(r"[^.]{0,40}\basiak(?!irj)\w*", text, re.IGNORECASE)
        assert not found, (address, found)
        assert '<html lang="fi"' in answer.content.decode()


def test_a_public_authority_reads_of_clients_still(cast: Cast, page_of: Callable[[str], Client]) -> None:
    assert "Työntekijät" in page_of("hanna").get("/").content.decode()
    assert "Asiakkaat" in page_of("eero").get("/").content.decode()
