"""Which acts the journal knows, and in which words each is told."""

from functools import cache
from pathlib import Path

import yaml

from silta.kernel.language import Text


@cache
def sentences() -> dict[str, Text]:
    """Every act the journal may tell of, by its code: words that follow the name of whoever did it."""
    path = Path(__file__).parent / "definitions" / "sentences.yaml"
    return {code: Text(**words) for code, words in yaml.safe_load(path.read_text(encoding="utf-8")).items()}


def told(action: str) -> str:
    """The act in the reader's language; an act that is not registered is told by its code."""
    words = sentences().get(action)
    return str(words) if words else action
