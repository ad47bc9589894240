"""Looks up what is installed in the public lists of vulnerabilities (``make audit``).

A known vulnerability fails. Where the lists cannot be reached, that is said loudly and nothing fails: a build without a
network stays possible, and nobody mistakes it for one that was looked up.
"""

import json
import subprocess
import sys
from collections.abc import Callable

_COMMAND = [
    sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--format", "json", "--progress-spinner", "off", "--timeout", "10",
]  # fmt: skip
_PATIENCE = 180


def _ask() -> str:
    """What the auditor says; empty where it could not find out."""
    try:
        return subprocess.run(_COMMAND, capture_output=True, text=True, timeout=_PATIENCE, check=False).stdout
    except subprocess.TimeoutExpired:
        return ""


def vulnerable(told: str) -> list[str] | None:
    """A line for each known vulnerability in the auditor's answer; ``None`` where it holds no answer."""
    try:
        packages = json.loads(told)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None
    return [
        f"{package['name']} {package['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'no version yet'}"
        for package in packages
        for found in package.get("vulns", ())
    ]


def main(ask: Callable[[], str] = _ask) -> int:
    """Prints what was found; status 1 where something is known to be vulnerable."""
    found = vulnerable(ask())
    if found is None:
        print(
            "!!! NOT LOOKED UP: the lists of vulnerabilities cannot be reached from here. Run `make audit` with a network."
        )
        return 0
    print("\n".join(found) or "No known vulnerability in what is installed.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
