"""The glossary and the models name the same things."""

import re
from pathlib import Path

from django.apps import apps

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"


def test_every_model_has_its_term_in_three_languages_and_no_term_lacks_its_model() -> None:
    rows = re.findall(
        r"^\| ([a-z]+\.\w+) \| (.+?) \| (.+?) \| (.+?) \|", GLOSSARY.read_text(), flags=re.MULTILINE
    )
    models = {
        f"{model._meta.app_label}.{model.__name__}"
        for model in apps.get_models()
        if model.__module__.startswith("silta.") and not hasattr(model, "pgh_tracked_model")
    }
    assert {name for name, *_ in rows} == models
    assert all(term.strip() for _, *terms in rows for term in terms)
