"""Runs Silta: the database, the pages and the jobs, until it is told to stop."""

import argparse
import json
import os
import socket
import sys
from pathlib import Path

from config.supervising import Child, Stopped, keep, listen

_HIGHEST_PORT, _MOST_PROCESSES, _LONGEST_DRAIN = 65_535, 256, 1800
SUMMARY = "run Silta: the database, the pages and the jobs"
EPILOG = """\
The first start makes the data folder (SILTA_HOME), migrates, collects the static files and, in demonstration mode,
loads the demonstration region: its first people before the first page, the others beside it. A later start keeps
the data. The web processes enter the database as silta_app and
do not know its owner's address. Ctrl-C or SIGTERM stops everything in order: what is being answered or done is
answered or done to its end, within --drain."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--port",
        type=port_number,
        default=os.environ.get("PORT", "8000"),
        help="port to listen on (default: PORT or 8000)",
    )
    parser.add_argument("--workers", type=_count, default=1, help="number of web processes (default: 1)")
    parser.add_argument(
        "--no-worker", action="store_true", help="do not run the jobs here (see silta worker)"
    )
    parser.add_argument(
        "--metrics-port", type=port_number, metavar="PORT",
        help="tell Prometheus on this port, too, at the address of --metrics-host (default: not told)",
    )  # fmt: skip
    parser.add_argument(
        "--metrics-host", default="127.0.0.1", metavar="HOST",
        help="address for Prometheus, out of the reach of people (default: 127.0.0.1)",
    )  # fmt: skip
    parser.add_argument(
        "--drain", type=_seconds, default="10", metavar="SECONDS",
        help="how long requests and jobs under way may take to end when Silta is told to stop (default: 10)",
    )  # fmt: skip
    parser.add_argument(
        "--people",
        type=_people,
        default=os.environ.get("SILTA_DEMO_PEOPLE", "300"),
        help="people in the demonstration region, when it is loaded (default: SILTA_DEMO_PEOPLE or 300)",
    )


def port_number(text: str) -> int:
    """The port that somebody typed; raises ``argparse.ArgumentTypeError`` where it is none."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _HIGHEST_PORT):
        raise argparse.ArgumentTypeError(f"“{text}” is not a port: give a number from 1 to 65535")
    return int(text)


def _people(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of people")
    return int(text)


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 < int(text) <= _LONGEST_DRAIN):
        raise argparse.ArgumentTypeError(f"“{text}” is not a time in seconds: give 2 to {_LONGEST_DRAIN}")
    return int(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _MOST_PROCESSES):
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of processes: give 1 or more")
    return int(text)


def run(chosen: argparse.Namespace) -> int:
    """Prepares what is missing, then serves; fails with a sentence where it cannot."""
    places = [("--port or PORT", chosen.host, chosen.port)]
    if chosen.metrics_port:
        places.append(("--metrics-port", chosen.metrics_host, chosen.metrics_port))
    for option, host, port in places:
        if problem := _port_problem(option, host, port):
            print(problem, file=sys.stderr)
            return 1
    listen()
    try:
        _prepare(chosen.people)
    except Stopped:
        return 0
    from config import embedded

    return keep(
        _children(chosen),
        ready=lambda: _welcome(chosen.host, chosen.port),
        tend=embedded.revive,
        patience=chosen.drain,
    )


def _prepare(people: int) -> None:
    """Everything that must be there before the first page."""
    from config import messages, starting

    messages.compile_all()
    starting.set_up()
    from config import migrating, static

    if migrating.bring_up_to_date():
        print("The database is up to date.", flush=True)
    static.collect()
    _load_demonstration(people)


def _port_problem(option: str, host: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"Silta cannot listen on {host}:{port} ({error.strerror}). Choose another with {option}."
    return ""


def _load_demonstration(people: int) -> None:
    from django.conf import settings

    from config import progress
    from silta.workbench import region

    if settings.DEMONSTRATION and region.is_empty():
        progress.begin(people=people, seed=1)


def _children(chosen: argparse.Namespace) -> list[Child]:
    from django.conf import settings
    from django.db import connections

    from config import metrics, progress

    connections.close_all()
    common = {key: value for key, value in os.environ.items() if key != "SILTA_MIGRATING"}
    if chosen.metrics_port:
        common |= metrics.begin_anew()
    web = {
        key: value
        for key, value in common.items()
        if key not in {"DATABASE_OWNER_URL", "SILTA_DATABASE_ROLE"}
    }
    granian = [
        sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi", "--no-ws",
        "--host", chosen.host, "--port", str(chosen.port), "--workers", str(chosen.workers),
        "--blocking-threads", "4", "--log-level", "warning", "--workers-kill-timeout", str(chosen.drain - 1),
        "--respawn-failed-workers", "--log-config", str(_log_of_the_web_server()),
    ]  # fmt: skip
    children = [Child("web server", granian, web)]
    if chosen.metrics_port:
        teller = ["metrics", "--host", chosen.metrics_host, "--port", str(chosen.metrics_port)]
        children.append(Child("teller of figures", [sys.executable, "-m", "config.cli", *teller], common))
    if not chosen.no_worker:
        children.append(Child("worker", [sys.executable, "-m", "config.cli", "worker"], common))
    if settings.DEMONSTRATION and progress.unfinished() is not None:
        rest = [sys.executable, "-m", "config.cli", "demo"]
        children.append(Child("loading of the demonstration", rest, common, ends=True))
    return children


def _log_of_the_web_server() -> Path:
    """The file from which granian reads how its lines are written: as all others."""
    from config import database, logs

    kept = database.home() / "web-server-log.json"
    kept.write_text(json.dumps(logs.for_the_web_server()))
    return kept


def _welcome(host: str, port: int) -> None:
    from django.conf import settings

    shown = f"[{host}]" if ":" in host else host
    print(
        f"\nSilta is at http://{shown}:{port}    (data: {Path(settings.HOME)}; stop with Ctrl-C)", flush=True
    )
    if settings.DEMONSTRATION:
        from django.utils.translation import override

        from silta.workbench import demonstration_users as demonstration

        print(f"\nDemonstration sign-ins, password {demonstration.PASSWORD}:")
        with override("en"):
            for user in demonstration.USERS:
                print(f"  {user.email:36} {user.description}")
        print(flush=True)
