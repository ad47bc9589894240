"""The gallery, the frame around it, the error pages, and whether a session stands."""

from collections.abc import Callable
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

ERROR_PAGES = ("400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_gallery_shows_every_component_to_anybody(language: str) -> None:
    page = Client().get("/gallery/", headers={"accept-language": language})
    assert page.status_code == 200
    text = page.content.decode()
    assert f'<html lang="{language}"' in text
    for part in (
        "list-rows",
        "timeline__item",
        "path__step--current",
        "error-summary",
        "avatar--third",
        "bar__limit",
    ):
        assert part in text
    for forbidden in (" style=", "<style", " onclick=", "<script>"):
        assert forbidden not in text


@pytest.mark.django_db
def test_the_gallery_asks_the_database_nothing_of_a_visitor(
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    with django_assert_max_num_queries(9):  # only the acting transaction's own settings
        Client().get("/gallery/")


def test_the_frame_says_as_what_one_acts(page_of: Callable[[str], Client]) -> None:
    text = page_of("eero").get("/gallery/", headers={"accept-language": "fi"}).content.decode()
    assert "Työkyvyn tuki" in text
    assert "Eero Virtanen" in text
    assert "acting--employment" in text


def test_a_client_is_not_shown_units_or_the_search(page_of: Callable[[str], Client]) -> None:
    text = page_of("aino").get("/gallery/").content.decode()
    assert "Aino Korhonen" in text
    assert "menu--acting" not in text
    assert "frame-search" not in text


@pytest.mark.django_db
def test_whether_the_session_stands(page_of: Callable[[str], Client]) -> None:
    gone = Client().get("/gallery/alive/")
    assert (gone.status_code, gone.content) == (401, b"")
    assert page_of("eero").get("/gallery/alive/").status_code == 204
    assert "no-store" in gone.headers["cache-control"]
    assert Client().post("/gallery/alive/").status_code == 405


@pytest.mark.parametrize("name", ERROR_PAGES)
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_an_error_page_needs_nothing_that_might_be_broken(name: str, language: str) -> None:
    with translation.override(language):
        page = render_to_string(name)
    assert "<h1>" in page
    assert 'href="/"' in page


@pytest.mark.django_db
def test_an_aged_form_is_refused_in_plain_words() -> None:
    page = Client(enforce_csrf_checks=True).post("/language/", {"language": "sv"})
    assert page.status_code == 403
    assert "Sivu oli vanhentunut" in page.content.decode()


@pytest.mark.django_db
def test_messages_are_announced() -> None:
    from django.contrib.messages import constants
    from django.contrib.messages.storage.base import Message

    kinds = [(constants.SUCCESS, "success"), (constants.WARNING, "alert"), (constants.ERROR, "error")]
    messages = [Message(level, "<b>Sanottu</b>") for level, _ in kinds]
    page = render_to_string("layout/_messages.html", {"messages": messages}, RequestFactory().get("/"))
    assert 'aria-live="polite"' in page
    assert page.count("&lt;b&gt;Sanottu") == 3
    for _, kind in kinds:
        assert f"hds-notification--{kind}" in page


@pytest.mark.django_db
def test_the_sign_in_page_offers_the_invented_people_in_demonstration_mode_only(settings: Any) -> None:
    settings.DEMONSTRATION = True
    text = Client().get("/accounts/login/").content.decode()
    assert "eero.virtanen@tyollisyys.example" in text
    assert "silta-demo" in text
    settings.DEMONSTRATION = False
    text = Client().get("/accounts/login/").content.decode()
    assert "eero.virtanen" not in text
    assert "silta-demo" not in text
    assert 'class="demonstration"' not in text


def test_every_page_of_a_demonstration_says_that_it_is_one(
    page_of: Callable[[str], Client], settings: Any
) -> None:
    settings.DEMONSTRATION = True
    pages = (
        ("eero", "/"), ("eero", "/clients/"), ("eero", "/nothing-here/"), ("paula", "/import/"), ("admin", "/organisations/"),
        ("officer", "/access/erasure/"), ("tiina", "/figures/"), ("aino", "/me/"), ("aino", "/accounts/sessions/"),
    )  # fmt: skip
    for name, address in pages:
        shown = page_of(name).get(address).content.decode()
        assert "Esittely: kaikki henkilöt ovat keksittyjä." in shown, (name, address)
    settings.DEMONSTRATION = False
    assert "Esittely:" not in page_of("eero").get("/").content.decode()
