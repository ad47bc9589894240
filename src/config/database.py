"""Where the database is, and the three roles it is entered by.

- the *superuser* of the embedded server makes the other two; a production server's administrator does the same once;
- ``silta_owner`` owns the tables, migrates, and signs in for the worker and the command line;
- ``silta_app`` serves pages: it owns nothing and cannot step around row-level security.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg import sql

OWNER, APP = "silta_owner", "silta_app"
NAME = "silta"


def home() -> Path:
    """The data folder: ``SILTA_HOME``, or ``.silta`` below the current folder."""
    return Path(os.environ.get("SILTA_HOME", ".silta")).resolve()


@dataclass(frozen=True)
class Embedded:
    """A running embedded server; ``address`` is its superuser's address, without a database name."""

    address: str


def start_embedded(folder: Path | None = None) -> Embedded:
    """Starts (or joins) the embedded PostgreSQL whose data lives in ``folder`` (default: ``SILTA_HOME``/postgres).

    The server stops when the last process that started or joined it ends.
    """
    import warnings

    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    from config import embedded

    return Embedded(embedded.started(folder or home() / "postgres").get_uri())


def make_roles(superuser_url: str, name: str = NAME) -> None:
    """Makes the two roles and the database, where they are missing. ``superuser_url`` names any existing database."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER, APP):
            if role not in known:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP), sql.Identifier(OWNER)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(name), sql.Identifier(OWNER)
                )
            )


def with_user(url: str, user: str, name: str = NAME) -> str:
    """The same server, entered by another role into another database."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{user}@{host}", path=f"/{name}").geturl()


def provide() -> None:
    """Makes sure ``DATABASE_URL`` and ``DATABASE_OWNER_URL`` are set: from the environment, or by the embedded server."""
    if "DATABASE_URL" in os.environ:
        os.environ.setdefault("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
        return
    embedded = start_embedded()
    make_roles(embedded.address)
    os.environ["DATABASE_URL"] = with_user(embedded.address, APP)
    os.environ["DATABASE_OWNER_URL"] = with_user(embedded.address, OWNER)
    os.environ["SILTA_EMBEDDED"] = "1"


def django_settings(url: str, *, role: str | None = None, serves: bool = False) -> dict[str, Any]:
    """Django's settings for one PostgreSQL address; ``role`` is taken on after sign-in.

    ``serves`` is for a process that answers people: it asks the same queries for single rows and short pages all day.
    Its prepared queries are planned once for all values: by itself the server plans each of the first five uses anew,
    and to plan a query under the policies takes longer than to run it.
    """
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", None) or parts.hostname or ""
    # Queries are prepared on the server at their second use: under the policies planning costs more than running.
    # A server that does not answer is given up soon: the page says so instead of keeping its reader waiting.
    options: dict[str, Any] = {
        "server_side_binding": True, "prepare_threshold": 2, "connect_timeout": 5, **query,
    }  # fmt: skip
    wanted = [f"-c role={role}"] if role else []
    if serves:
        wanted.append("-c plan_cache_mode=force_generic_plan")
    if wanted:
        options["options"] = " ".join(wanted)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or NAME,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
