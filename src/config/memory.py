"""How much memory a process uses, as the kernel of Linux tells."""

from dataclasses import dataclass
from pathlib import Path

_KIB = 1024


@dataclass(frozen=True, slots=True)
class Used:
    """What one process uses, in bytes: all that is in memory (RSS), and its part where several share it (PSS)."""

    process: str
    resident: int
    proportional: int


def of(pid: int) -> Used | None:
    """What the process uses; none where it has ended, belongs to another user, or the machine does not tell."""
    place = Path("/proc") / str(pid)
    try:
        rows = dict(line.split(":", 1) for line in (place / "smaps_rollup").read_text().splitlines()[1:])
        command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return Used(_role(command), _bytes(rows["Rss"]), _bytes(rows["Pss"]))
    except (OSError, ValueError, KeyError):
        return None


def _bytes(text: str) -> int:
    return int(text.split(maxsplit=1)[0]) * _KIB


def _role(command: str) -> str:
    """What the process does for Silta, by how it was started."""
    return "worker" if "config.cli worker" in command else "web"
