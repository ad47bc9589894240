"""Nothing untranslated: every text of every room is in its catalogues, in Finnish and in Swedish."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from config import messages

ROOM_AND_LANGUAGE = [(room, language) for room in messages.rooms() for language in messages.LANGUAGES]
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def _forms(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (tuple, list)) else [message.string]


def _placeholders(text: str) -> list[str]:
    return sorted(set(_PLACEHOLDER.findall(text)))


@pytest.mark.parametrize(("room", "language"), ROOM_AND_LANGUAGE)
def test_every_text_is_in_the_catalogue_and_no_other(room: str, language: str) -> None:
    said = set(messages.texts(messages.gather(room)))
    kept = set(messages.texts(messages.read(room, language)))
    assert (said - kept, kept - said) == (set(), set()), "run: silta messages " + room


@pytest.mark.parametrize(("room", "language"), ROOM_AND_LANGUAGE)
def test_every_text_is_translated(room: str, language: str) -> None:
    kept = messages.texts(messages.read(room, language))
    assert [key for key, message in kept.items() if not messages.is_translated(message)] == []


@pytest.mark.parametrize(("room", "language"), ROOM_AND_LANGUAGE)
def test_translations_have_the_same_placeholders(room: str, language: str) -> None:
    different = {}
    for key, message in messages.texts(messages.read(room, language)).items():
        wanted = message.id if isinstance(message.id, (tuple, list)) else [message.id]
        allowed = {tuple(_placeholders(form)) for form in wanted}
        if any(tuple(_placeholders(form)) not in allowed for form in _forms(message) if form):
            different[key] = message.string
    assert different == {}


def test_rooms_agree_on_each_text() -> None:
    assert list(messages.disagreements()) == []


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small room of its own."""
    monkeypatch.setattr(messages, "ROOMS", tmp_path)
    (tmp_path / "hall" / "templates" / "hall").mkdir(parents=True)
    (tmp_path / "hall" / "apps.py").touch()
    (tmp_path / "hall" / "views.py").write_text(
        'A = _("Door")\nB = ngettext("one key", "%(n)s keys", n)\nC = pgettext("of a case", "Open")\n'
    )
    (tmp_path / "hall" / "templates" / "hall" / "page.html").write_text(
        """
        {% load i18n %}<p title="{% translate 'Window' %}" data-x='it's'>
            {% blocktranslate trimmed with name=person.name %}
              Welcome,
              {{ name }}!
            {% endblocktranslate %}
          {% blocktranslate trimmed count days=n %}one day{% plural %}{{ days }} days{% endblocktranslate %}
        {% translate "Open" context "a door" as open %} {% trans "Old <em>tag</em>" %}
        {{ _("In a filter")|upper }} {# Translators: a wall #}</p>
        """
    )
    return tmp_path / "hall"


def test_texts_of_python_and_of_templates_are_gathered(room: Path) -> None:
    found = {(key, tuple(m.id) if isinstance(m.id, (tuple, list)) else None)
             for key, m in messages.texts(messages.gather("hall")).items()}  # fmt: skip
    assert found == {
        (("Door", None), None),
        (("one key", None), ("one key", "%(n)s keys")),
        (("Open", "of a case"), None),
        (("Open", "a door"), None),
        (("Window", None), None),
        (("Welcome, %(name)s!", None), None),
        (("one day", None), ("one day", "%(days)s days")),
        (("Old <em>tag</em>", None), None),
        (("In a filter", None), None),
    }


def test_merging_keeps_translations_drops_what_is_no_longer_said_and_guesses_nothing(room: Path) -> None:
    assert messages.merge("hall", "fi").untranslated
    path = messages.catalogue_path("hall", "fi")
    path.write_text(path.read_text().replace('msgid "Door"\nmsgstr ""', 'msgid "Door"\nmsgstr "Ovi"'))
    (room / "views.py").write_text('A = _("Door")\nB = _("Doors")\n')
    report = messages.merge("hall", "fi")
    kept = messages.texts(messages.read("hall", "fi"))
    assert kept["Door", None].string == "Ovi"
    assert not kept["Doors", None].string
    assert ("one key", None) not in kept
    assert "Door" not in report.untranslated
    assert "Doors" in report.untranslated


def test_a_catalogue_that_says_nothing_new_is_not_written_again(room: Path) -> None:
    messages.merge("hall", "sv")
    path = messages.catalogue_path("hall", "sv")
    before = path.stat().st_mtime_ns
    messages.merge("hall", "sv")
    assert path.stat().st_mtime_ns == before
    assert "POT-Creation-Date" not in path.read_text()


def test_only_what_changed_is_compiled(room: Path) -> None:
    for language in messages.LANGUAGES:
        messages.merge("hall", language)
    assert len(messages.uncompiled()) == 2
    assert len(messages.compile_all()) == 2
    assert (messages.compile_all(), messages.uncompiled()) == ([], [])
