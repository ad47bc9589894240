"""The command line of Silta."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

COMMANDS = (
    "serve", "demo", "keeper", "import", "backup", "restore", "scrub", "doctor", "metrics", "bench", "migrate", "worker", "token",
    "webhook", "messages", "manage",
)  # fmt: skip
_MODULES = {"import": "config.commands.importing"}
_EPILOG = """\
Every command has its own --help. The data folder is SILTA_HOME (default: .silta in the current folder); the
database is the embedded one unless DATABASE_URL names another. docs/operating.md lists every variable."""


def _module(command: str) -> ModuleType:
    return importlib.import_module(_MODULES.get(command, f"config.commands.{command}"))


def parser() -> argparse.ArgumentParser:
    """The whole command line, for the program itself and for the test that keeps its help complete."""
    whole = argparse.ArgumentParser(prog="silta", description=__doc__, epilog=_EPILOG)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = _module(name)
        added = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.__doc__,
            epilog=module.EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.arguments(added)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status. What goes wrong is said in a sentence, not in a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    chosen = parser().parse_args(arguments)
    try:
        return int(_module(chosen.command).run(chosen))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 141
    except Exception as error:
        if os.environ.get("SILTA_TRACEBACK") == "1":
            raise
        print(_sentence(error), file=sys.stderr)
        return 1


def _sentence(error: Exception) -> str:
    """What went wrong, for a person: the domain's own words, or the kind of error and its first line."""
    from silta.kernel.errors import SiltaError

    if isinstance(error, SiltaError):
        return str(error.message)
    first = next(iter(str(error).strip().splitlines()), "")
    return (
        f"This did not work: {first or type(error).__name__} ({type(error).__name__}).\n"
        "`silta doctor` looks at the whole set-up; SILTA_TRACEBACK=1 shows where it happened."
    )


if __name__ == "__main__":
    sys.exit(main())
