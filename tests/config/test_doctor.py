"""The doctor finds each fault that is put in, and says how to mend it; of a sound set-up it says nothing."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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


def test_missing_front_end_packages(settings: Any, tmp_path: Path) -> None:
    settings.STATICFILES_DIRS = [("hds", tmp_path / "none")]
    assert "The front-end packages are missing" in _wrong(examination.static_files)


def test_static_files_that_have_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static, "collected", lambda: False)
    assert "have changed since they were collected" in _wrong(examination.static_files)


def test_a_secret_key_that_others_can_read(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    (tmp_path / "secret-key").touch(mode=0o644)
    assert "Others on this machine can read" in _wrong(examination.secret_key)


def test_a_short_secret_key(settings: Any) -> None:
    settings.SECRET_KEY = "short"
    assert "The secret key is short" in _wrong(examination.secret_key)


def test_clocks_that_differ() -> None:
    with clock.at(clock.now() + dt.timedelta(minutes=7)):
        assert "differ by 4" in _wrong(examination.clock)


def test_a_demonstration_is_not_a_production(settings: Any) -> None:
    found = _wrong(examination.production)
    assert "SILTA_PRODUCTION is not set" in found
    assert "Demonstration mode is on" in found


SAFE = {
    "PRODUCTION": True, "DEMONSTRATION": False, "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True,
    "SECURE_SSL_REDIRECT": True, "SECURE_HSTS_SECONDS": 31_536_000, "ALLOWED_HOSTS": ["silta.example"],
}  # fmt: skip
SAFE_VARIABLES = {
    "SILTA_SECRET_KEY": "x" * 60, "SILTA_HOSTS": "silta.example",
    "DATABASE_URL": "postgresql://silta_app@db.example/silta?sslmode=verify-full",
    "DATABASE_OWNER_URL": "postgresql://silta_owner@db.example/silta?sslmode=verify-full",
}  # fmt: skip


@pytest.fixture
def production(settings: Any, monkeypatch: pytest.MonkeyPatch) -> object:
    """The settings of a sound production."""
    for name, value in SAFE.items():
        setattr(settings, name, value)
    for name, text in SAFE_VARIABLES.items():
        monkeypatch.setenv(name, text)
    monkeypatch.delenv("SILTA_EMBEDDED", raising=False)
    return settings


def test_a_sound_production_has_nothing_wrong(production: object) -> None:
    assert _wrong(examination.production) == ""


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PRODUCTION", False, "SILTA_PRODUCTION is not set"),
        ("DEMONSTRATION", True, "Demonstration mode is on"),
        ("DEBUG", True, "Pages of errors show the code"),
        ("ALLOWED_HOSTS", ["*"], "Every host name is accepted"),
        ("SESSION_COOKIE_SECURE", False, "Cookies travel without TLS"),
        ("CSRF_COOKIE_SECURE", False, "Cookies travel without TLS"),
        ("SESSION_COOKIE_HTTPONLY", False, "reach the cookie of the session"),
        ("SESSION_COOKIE_SAMESITE", "None", "reach the cookie of the session"),
        ("SECURE_SSL_REDIRECT", False, "Nobody turns plain HTTP to HTTPS"),
        ("SECURE_HSTS_SECONDS", 60, "Browsers are not told"),
        (
            "CONTENT_SECURITY_POLICY",
            {"DIRECTIVES": {"script-src": ["'self'", "'unsafe-inline'"]}},
            "foreign scripts",
        ),
        ("CONTENT_SECURITY_POLICY", {"DIRECTIVES": {"script-src": ["*"]}}, "foreign scripts"),
        (
            "PASSWORD_HASHERS",
            ["django.contrib.auth.hashers.MD5PasswordHasher"],
            "stored by MD5PasswordHasher",
        ),
        ("AUTH_PASSWORD_VALIDATORS", [], "Short or common passwords are accepted"),
        ("CSRF_TRUSTED_ORIGINS", ["http://silta.example"], "Forms are accepted from http://silta.example"),
        ("CSRF_TRUSTED_ORIGINS", ["https://*.example"], "Forms are accepted from"),
        ("SESSION_COOKIE_AGE", 30 * 86_400, "Sessions last longer than a day"),
    ],
)
def test_each_unsafe_setting_is_refused(name: str, value: object, told: str, production: object) -> None:
    setattr(production, name, value)
    assert told in _wrong(examination.production)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SILTA_SECRET_KEY", None, "The secret key lives in the data folder"),
        ("SILTA_HOSTS", None, "The host names are not set"),
        ("SILTA_EMBEDDED", "1", "The database is the embedded one"),
        ("SILTA_TRACEBACK", "1", "come with the data they happened to"),
        ("DATABASE_URL", "postgresql://silta_app@db.example/silta", "The way to the database is not sealed"),
    ],
)
def test_each_unsafe_variable_is_refused(
    name: str, value: str | None, told: str, production: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    assert told in _wrong(examination.production)


def test_mail_that_is_written_to_the_log_on_purpose_is_refused(
    production: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SILTA_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
    production.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "Mail is written to the log" in _wrong(examination.production)


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
