"""Text for comparing and finding: what people type and what a register holds, made alike."""

import unicodedata

# Letters that Unicode does not take apart; the Sámi, Baltic, Polish, Turkish and Nordic names of Finland's registers.
_LETTERS = str.maketrans({
    "ø": "o", "ß": "ss", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŧ": "t", "ŋ": "n",
    "ı": "i", "ĸ": "k", "ʒ": "z", "ə": "e", "ŀ": "l", "ŉ": "n",
})  # fmt: skip
_APOSTROPHES = frozenset("'’‘ʼʻʹ`´′ʽ＇")


def _taken_apart(text: str) -> str:
    return unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)


def _folded(letter: str) -> str:
    # Taken apart twice: folding the case of one letter can give a letter that itself comes apart.
    apart = _taken_apart(_taken_apart(letter))
    kinds = [(char, unicodedata.category(char)[0]) for char in apart if char not in _APOSTROPHES]
    return "".join(char if kind in "LN" else " " for char, kind in kinds if kind != "M")


class _Folds(dict[int, str]):
    """What becomes of each letter, found out when it is met first: no letter depends on those beside it."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _folded(chr(code))
        return found


_FOLDS = _Folds()


def fold(text: str) -> str:
    """The text for comparing: no case, no accents (ä is a, ø is o, ß is ss), words parted by single spaces.

    A hyphen parts words (``Anna-Liisa`` is ``anna liisa``), an apostrophe does not (``O'Brien`` is ``obrien``).
    Letters of other scripts stay. Folding again changes nothing.
    """
    return " ".join(text.translate(_FOLDS).split())
