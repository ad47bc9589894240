"""What ``silta doctor`` looks at: each check says what is wrong and how to mend it, or nothing."""

import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRESQL = 150_000
SHORTEST_KEY = 50
_DAY, _YEAR = 86_400, 31_536_000
MOST_DRIFT = dt.timedelta(seconds=60)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and how to mend it."""

    wrong: str
    mend: str


Check = Callable[[], Iterator[Finding]]


def python() -> Iterator[Finding]:
    """The interpreter is new enough."""
    if sys.version_info < OLDEST_PYTHON:
        yield Finding(
            f"Python is {sys.version_info[0]}.{sys.version_info[1]}; Silta needs 3.11 or newer.",
            "Install a newer Python, remove .venv and run: make run PYTHON=python3.11",
        )


def folders() -> Iterator[Finding]:
    """The data folder can be written."""
    from config import database

    home = database.home()
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / f".doctor-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        yield Finding(
            f"The data folder {home} cannot be written: {error.strerror}.",
            "Give the user that runs Silta the right to write there, or set SILTA_HOME to another folder.",
        )


def static_files() -> Iterator[Finding]:
    """The front-end packages are installed and collected."""
    from django.conf import settings

    from config import static

    if missing := [str(folder) for _prefix, folder in settings.STATICFILES_DIRS if not Path(folder).is_dir()]:
        yield Finding(
            f"The front-end packages are missing: {', '.join(missing)}.", "Run: make .make/frontend"
        )
    elif not static.collected():
        yield Finding(
            "The static files have changed since they were collected.", "Run: silta serve, which collects"
        )


def translations() -> Iterator[Finding]:
    """The translations are compiled."""
    from config import messages

    if late := messages.uncompiled():
        yield Finding(
            f"{len(late)} catalogues are not compiled, {late[0]} the first.", "Run: silta messages --compile"
        )


def database_version() -> Iterator[Finding]:
    """The server is new enough and keeps text as UTF-8."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')"
        )
        version, encoding = cursor.fetchone()
    if version < OLDEST_POSTGRESQL:
        yield Finding(
            f"PostgreSQL is {version // 10000}; Silta needs 15 or newer.", "Upgrade the database server."
        )
    if encoding != "UTF8":
        yield Finding(
            f"The database keeps text as {encoding}.",
            "Make the database anew with ENCODING 'UTF8' and move the data.",
        )


_ROLE = """
SELECT r.rolsuper, r.rolbypassrls,
  array(SELECT c.relname::text FROM pg_class c WHERE c.relowner = r.oid AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace),
  array(SELECT o.rolname::text FROM pg_auth_members m JOIN pg_roles o ON o.oid = m.roleid WHERE m.member = r.oid)
FROM pg_roles r WHERE r.rolname = 'silta_app'
"""


def roles() -> Iterator[Finding]:
    """The role that serves pages owns nothing and cannot step around row-level security."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_ROLE)
        found = cursor.fetchone()
    if found is None:
        yield Finding(
            "The role silta_app does not exist.", "As the server's administrator: CREATE ROLE silta_app LOGIN"
        )
        return
    superuser, bypasses, owned, member_of = found
    if superuser or bypasses:
        yield Finding(
            "The role silta_app can step around row-level security.",
            "As the server's administrator: ALTER ROLE silta_app NOSUPERUSER NOBYPASSRLS",
        )
    if owned:
        yield Finding(
            f"The role silta_app owns {len(owned)} tables, {owned[0]} among them; an owner is not bound by policies.",
            "As the server's administrator: REASSIGN OWNED BY silta_app TO silta_owner",
        )
    if member_of:
        yield Finding(
            f"The role silta_app is a member of {', '.join(member_of)} and could act as it.",
            f"As the server's administrator: REVOKE {', '.join(member_of)} FROM silta_app",
        )


def separate_addresses() -> Iterator[Finding]:
    """The pages and the owner do not enter the database by one address."""
    if os.environ.get("DATABASE_OWNER_URL") == os.environ.get("DATABASE_URL"):
        yield Finding(
            "The pages enter the database by the owner's address.",
            "Set DATABASE_URL to sign in as silta_app and DATABASE_OWNER_URL as silta_owner.",
        )


def migrations() -> Iterator[Finding]:
    """Every migration of this version has been applied."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Finding(
            f"{len(plan)} migrations are not applied, {plan[0][0]} the first.", "Run: silta migrate"
        )


_LOCKS = """
SELECT array(SELECT concat_ws(' ', relname, relrowsecurity, relacl) FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname = ANY (%s) ORDER BY relname),
  array(SELECT concat_ws(' ', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies
        WHERE schemaname = 'public' ORDER BY tablename, policyname),
  array(SELECT concat_ws(' ', proname, prosrc) FROM pg_proc WHERE proname LIKE 'silta\\_%%' ORDER BY proname)
"""


_STRANGERS = """
SELECT DISTINCT tablename FROM pg_policies WHERE schemaname = 'public'
AND policyname NOT IN ('silta_read', 'silta_add', 'silta_change', 'silta_remove') ORDER BY tablename
"""


def policies() -> Iterator[Finding]:
    """Row-level security is what the rooms declare: applied anew in a transaction that is undone, it changes nothing."""
    from django.db import connection, transaction

    from silta.access import operations as access
    from silta.access import policies as declared

    tables = [policy.table for policy in declared.declared()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET LOCAL lock_timeout = '3s'")
        cursor.execute(_LOCKS, [tables])
        before = cursor.fetchone()
        access.lock_tables()
        cursor.execute(_LOCKS, [tables])
        after = cursor.fetchone()
        cursor.execute(_STRANGERS)
        strangers = [row[0] for row in cursor.fetchall()]
        transaction.set_rollback(True)
    differing = {
        line.split()[0]
        for old, new in zip(before, after, strict=True)
        for line in set(old).symmetric_difference(new)
    }
    if differing:
        yield Finding(
            f"Row-level security differs from what the code declares on {', '.join(sorted(differing)[:5])}"
            f"{' and others' if len(differing) > 5 else ''}.",  # noqa: PLR2004 - names enough for one line
            "Run: silta migrate",
        )

    if strangers:
        yield Finding(
            f"Row-level security has policies that nobody declares, on {', '.join(strangers)}.",
            "As the owner of the tables: DROP POLICY … for each of them.",
        )


def clock() -> Iterator[Finding]:
    """The machine and the database server agree on the time."""
    from django.db import connection

    from silta.kernel import clock as machine

    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        drift = abs(cursor.fetchone()[0] - machine.now())
    if drift > MOST_DRIFT:
        yield Finding(
            f"The clocks of this machine and of the database differ by {drift.total_seconds():.0f} seconds.",
            "Let both follow one time server (timedatectl set-ntp true).",
        )


def journal() -> Iterator[Finding]:
    """The hash chain of the journal is whole."""
    from silta.audit import operations, queries
    from silta.kernel.acting import maintaining

    with maintaining():
        broken = queries.first_broken_link()
        if broken is None:
            operations.note_verified()
    if broken is not None:
        yield Finding(
            f"The journal has been altered: {broken}.",
            "Keep a copy of the database as it is, and restore the journal from the last sound backup; "
            "tell the data protection officer.",
        )


def production() -> Iterator[Finding]:
    """What must hold where real people's data are kept."""
    from django.conf import settings

    if not settings.PRODUCTION:
        yield Finding(
            "SILTA_PRODUCTION is not set.", "Set SILTA_PRODUCTION=1: secure cookies, HTTPS, no demonstration."
        )
    if settings.DEMONSTRATION:
        yield Finding(
            "Demonstration mode is on.", "Set SILTA_DEMONSTRATION=0, and begin with an empty database."
        )
    if "SILTA_SECRET_KEY" not in os.environ:
        yield Finding(
            "The secret key lives in the data folder.", "Set SILTA_SECRET_KEY from a vault of secrets."
        )
    if os.environ.get("SILTA_EMBEDDED"):
        yield Finding(
            "The database is the embedded one.", "Set DATABASE_URL and DATABASE_OWNER_URL to a server."
        )
    if "SILTA_HOSTS" not in os.environ:
        yield Finding(
            "The host names are not set.", "Set SILTA_HOSTS to the names by which people reach Silta."
        )
    for is_unsafe, finding in _unsafe(settings):
        if is_unsafe:
            yield finding


def _unsafe(settings: Any) -> Iterator[tuple[bool, Finding]]:
    """Each setting that would leave a door open, whether or not it stands so now."""
    from django.conf import global_settings

    yield (
        settings.DEBUG,
        Finding("Pages of errors show the code and its values.", "Take DEBUG out of the settings."),
    )
    yield (
        "*" in settings.ALLOWED_HOSTS,
        Finding("Every host name is accepted.", "Name the hosts in SILTA_HOSTS."),
    )
    yield (
        not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE),
        Finding("Cookies travel without TLS.", "Set SILTA_PRODUCTION=1."),
    )
    yield (
        not settings.SESSION_COOKIE_HTTPONLY or settings.SESSION_COOKIE_SAMESITE not in {"Lax", "Strict"},
        Finding(
            "Scripts or other sites reach the cookie of the session.",
            "Take SESSION_COOKIE_… out of the settings.",
        ),
    )
    yield (
        not (settings.SECURE_SSL_REDIRECT or settings.SECURE_PROXY_SSL_HEADER),
        Finding(
            "Nobody turns plain HTTP to HTTPS.",
            "Set SILTA_SSL_REDIRECT=1, or SILTA_BEHIND_PROXY=1 where the proxy does so.",
        ),
    )
    yield (
        settings.SECURE_HSTS_SECONDS < _YEAR,
        Finding("Browsers are not told to use HTTPS only.", "Set SILTA_PRODUCTION=1."),
    )
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    yield (
        any("unsafe" in word or word == "*" for words in policy.values() for word in words),
        Finding(
            "The content security policy lets foreign scripts in.", "Take unsafe sources out of the settings."
        ),
    )
    hasher = settings.PASSWORD_HASHERS[0]
    yield (
        hasher not in global_settings.PASSWORD_HASHERS,
        Finding(
            f"Passwords are stored by {hasher.rpartition('.')[2]}.",
            "Put a slow function first in PASSWORD_HASHERS.",
        ),
    )
    checked = " ".join(one["NAME"] for one in settings.AUTH_PASSWORD_VALIDATORS)
    yield (
        "CommonPassword" not in checked or "MinimumLength" not in checked,
        Finding(
            "Short or common passwords are accepted.",
            "Put the validators of passwords back into the settings.",
        ),
    )
    yield (
        settings.EMAIL_BACKEND.endswith("console.EmailBackend") and "SILTA_EMAIL_BACKEND" in os.environ,
        Finding("Mail is written to the log.", "Set SILTA_EMAIL_BACKEND to one that sends, or take it away."),
    )
    origins = [
        origin
        for origin in settings.CSRF_TRUSTED_ORIGINS
        if not origin.startswith("https://") or "*" in origin
    ]
    yield (
        bool(origins),
        Finding(
            f"Forms are accepted from {', '.join(origins)}.", "Name whole https:// origins in SILTA_ORIGINS."
        ),
    )
    yield (
        settings.SESSION_COOKIE_AGE > _DAY,
        Finding("Sessions last longer than a day.", "Take SESSION_COOKIE_AGE out of the settings."),
    )
    yield (
        os.environ.get("SILTA_TRACEBACK") == "1",
        Finding(
            "Errors of the command line come with the data they happened to.", "Take SILTA_TRACEBACK away."
        ),
    )
    address = os.environ.get("DATABASE_URL", "")
    yield (
        _is_far(address) and "sslmode=" not in address,
        Finding(
            "The way to the database is not sealed.",
            "Add ?sslmode=verify-full to DATABASE_URL and DATABASE_OWNER_URL.",
        ),
    )


def _is_far(address: str) -> bool:
    """Whether the database is on another machine."""
    return (urlsplit(address).hostname or "localhost") not in {"localhost", "127.0.0.1", "::1"}


def secret_key() -> Iterator[Finding]:
    """The signing key is long, and nobody else on the machine can read it."""
    from django.conf import settings

    if len(settings.SECRET_KEY) < SHORTEST_KEY:
        yield Finding("The secret key is short.", "Set SILTA_SECRET_KEY to at least 50 random characters.")
    kept = Path(settings.HOME) / "secret-key"
    if kept.exists() and kept.stat().st_mode & 0o077:
        yield Finding(f"Others on this machine can read {kept}.", f"Run: chmod 600 {kept}")


BEFORE_THE_DATABASE: tuple[Check, ...] = (python, folders)
CHECKS: tuple[Check, ...] = (
    database_version,
    roles,
    separate_addresses,
    migrations,
    policies,
    translations,
    static_files,
    secret_key,
    clock,
)
