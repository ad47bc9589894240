"""The doctor finds each fault that is put in, and says how to mend it; of a sound set-up it says nothing."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from config import examination, messages, static
from silta.audit import operations as audit
from silta.audit.models import Event
from silta.kernel import clock
from silta.kernel.acting import acting
from tests.cast import Cast, as_owner, key

pytestmark = pytest.mark.django_db


def _wrong(check: Callable[[], Iterator[examination.Finding]]) -> str:
    found = list(check())
    assert all(finding.mend for finding in found)
    return " ".join(finding.wrong for finding in found)


def _run(*statements: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _as_superuser(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET ROLE silta_app")


@pytest.mark.parametrize(
    "check",
    [
        examination.python,
        examination.folders,
        examination.database_version,
        examination.roles,
        examination.migrations,
        examination.policies,
        examination.secret_key,
        examination.clock,
    ],
)
def test_a_sound_set_up_has_nothing_wrong(check: Callable[[], Iterator[examination.Finding]]) -> None:
    assert _wrong(check) == ""
    assert check.__doc__


def test_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination.sys, "version_info", (3, 9))
    assert "Python is 3.9" in _wrong(examination.python)


def test_a_data_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SILTA_HOME", str(tmp_path / "file"))
    assert "cannot be written" in _wrong(examination.folders)


def test_a_role_that_steps_around_row_level_security() -> None:
    _as_superuser("ALTER ROLE silta_app BYPASSRLS")
    assert "can step around row-level security" in _wrong(examination.roles)


def test_a_role_that_owns_tables() -> None:
    _as_superuser("ALTER TABLE cases_note OWNER TO silta_app")
    assert "owns 1 tables, cases_note" in _wrong(examination.roles)


def test_a_role_that_may_become_the_owner() -> None:
    _as_superuser("REVOKE silta_app FROM silta_owner", "GRANT silta_owner TO silta_app")
    assert "is a member of silta_owner" in _wrong(examination.roles)


def test_one_address_for_both_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://silta_owner@localhost/silta")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://silta_owner@localhost/silta")
    assert "by the owner's address" in _wrong(examination.separate_addresses)


def test_a_migration_that_is_not_applied() -> None:
    _run("DELETE FROM django_migrations WHERE app = 'cases'")
    assert "migrations are not applied, cases.0001_initial the first" in _wrong(examination.migrations)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE cases_note DISABLE ROW LEVEL SECURITY",
        "DROP POLICY silta_read ON cases_note",
        "ALTER POLICY silta_read ON cases_note USING (true)",
        "GRANT DELETE ON cases_note TO silta_app",
    ],
)
def test_row_level_security_that_differs_from_the_declarations(statement: str) -> None:
    _run(statement)
    assert "Row-level security differs from what the code declares on cases_note" in _wrong(
        examination.policies
    )


def test_a_policy_that_nobody_declares() -> None:
    _run("CREATE POLICY everything ON cases_note FOR SELECT TO silta_app USING (true)")
    assert "policies that nobody declares, on cases_note" in _wrong(examination.policies)


def test_translations_that_are_not_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "hall" / "locale" / "fi" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.touch()
    monkeypatch.setattr(messages, "ROOMS", tmp_path)
    assert "1 catalogues are not compiled" in _wrong(examination.translations)


def test_missing_front_end_packages(settings: object, tmp_path: Path) -> None:
    settings.STATICFILES_DIRS = [("hds", tmp_path / "none")]  # type: ignore[attr-defined]
    assert "The front-end packages are missing" in _wrong(examination.static_files)


def test_static_files_that_have_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static, "collected", lambda: False)
    assert "have changed since they were collected" in _wrong(examination.static_files)


def test_a_secret_key_that_others_can_read(settings: object, tmp_path: Path) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    (tmp_path / "secret-key").touch(mode=0o644)
    assert "Others on this machine can read" in _wrong(examination.secret_key)


def test_a_short_secret_key(settings: object) -> None:
    settings.SECRET_KEY = "short"  # type: ignore[attr-defined]
    assert "The secret key is short" in _wrong(examination.secret_key)


def test_clocks_that_differ() -> None:
    with clock.at(clock.now() + dt.timedelta(minutes=7)):
        assert "differ by 4" in _wrong(examination.clock)


def test_a_demonstration_is_not_a_production(settings: object) -> None:
    found = _wrong(examination.production)
    assert "SILTA_PRODUCTION is not set" in found
    assert "Demonstration mode is on" in found


def test_the_doctor_names_the_first_broken_link_of_the_journal(cast: Cast) -> None:
    assert _wrong(examination.journal) == ""
    with acting(cast.eero):
        for _time in range(3):
            audit.record(cast.eero, "cases.view", person_id=key("aino person"))
    with as_owner():
        second = Event.objects.order_by("position")[1]
    _as_superuser(
        "SET LOCAL session_replication_role = replica",
        f"UPDATE audit_event SET action = 'cases.open' WHERE id = '{second.pk}'",
        "SET LOCAL session_replication_role = origin",
    )
    wrong = _wrong(examination.journal)
    assert f"chain {second.chain}, position {second.position}, event {second.pk}: changed" in wrong
