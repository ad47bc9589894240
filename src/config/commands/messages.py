"""Gathers the texts to translate, room by room, and compiles the translations."""

import argparse

SUMMARY = "gather the texts to translate and compile the translations"
EPILOG = """\
Without --compile the catalogues src/silta/<room>/locale/{fi,sv}/LC_MESSAGES/django.po are brought in step with the
code, and what lacks a translation is counted. Translations are never overwritten or guessed; texts that the code no
longer says are left out. `silta serve` and the tests compile by themselves what has changed."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument(
        "rooms", nargs="*", metavar="ROOM", help="a room (access, cases, …); without one, all rooms"
    )
    parser.add_argument(
        "--compile", action="store_true", help="only compile the catalogues that have changed"
    )
    parser.add_argument("--list", action="store_true", help="also print each text that lacks a translation")


def run(chosen: argparse.Namespace) -> int:
    """Gathers and reports, or compiles; fails on a room that does not exist."""
    from config import messages

    if not chosen.compile:
        if unknown := set(chosen.rooms) - set(messages.rooms()):
            print(
                f"There is no room called {', '.join(sorted(unknown))}. Rooms: {', '.join(messages.rooms())}."
            )
            return 2
        _gather(chosen.rooms or messages.rooms(), everything=chosen.list)
    for path in messages.compile_all():
        print(f"compiled {path}")
    return 0


def _gather(rooms: list[str], *, everything: bool) -> None:
    from config import messages

    for room in rooms:
        for language in messages.LANGUAGES:
            report = messages.merge(room, language)
            if report.total:
                print(
                    f"{room:14} {language}  {report.total:4} texts, {len(report.untranslated):4} untranslated"
                )
            if everything:
                for text in report.untranslated:
                    print(f"    {text}")
    for line in messages.disagreements():
        print(f"Two translations of one text (use pgettext where they must differ): {line}")
