"""How the two kinds of process enter the database."""

from config import database

URL = "postgresql://silta_app@db.example/silta?sslmode=require"


def test_only_a_process_that_answers_people_plans_its_prepared_queries_once_for_all_values() -> None:
    serving = database.django_settings(URL, serves=True)["OPTIONS"]
    assert serving["options"] == "-c plan_cache_mode=force_generic_plan"
    assert serving["sslmode"] == "require"
    working = database.django_settings(URL, role=database.APP)["OPTIONS"]
    assert working["options"] == "-c role=silta_app"
    assert "options" not in database.django_settings(URL)["OPTIONS"]
