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


def fold(text: str) -> str:
    """The text for comparing: no case, no accents (ä is a, ø is o, ß is ss), words parted by single spaces.

    A hyphen parts words (``Anna-Liisa`` is ``anna liisa``), an apostrophe does not (``O'Brien`` is ``obrien``).
    Letters of other scripts stay. Folding again changes nothing.
    """
    # Taken apart twice: folding the case of one letter can give a letter that itself comes apart.
    apart = _taken_apart(_taken_apart(text))
    letters = []
    for char in apart:
        kind = unicodedata.category(char)[0]
        if kind in "LN" and char not in _APOSTROPHES:
            letters.append(char)
        elif kind != "M" and char not in _APOSTROPHES:
            letters.append(" ")
    return " ".join("".join(letters).split())
