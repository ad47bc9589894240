"""Run as a process of its own: kills processes of the product with SIGKILL in the middle of what they write.

A copy of the process that serves pages (the whole application with its middleware, signed in to the database as
``silta_app``) is forked, answers "register a client and open her case" one after another, and is killed at an
unforeseen moment. What it had begun and what it had answered is told line by line, for the test to compare.
"""

import os
import random
import signal
import sys
import time

import django

_EARLIEST, _LATEST = 0.05, 1.2


def _serve(told: int, number: int) -> None:
    """The child: asks the application as Eero's browser would, until it is killed."""
    from django.test import Client

    from silta.accounts.models import User
    from silta.kernel.identifiers import new_id
    from tests.hostile import registering

    browser = Client(raise_request_exception=False)
    browser.force_login(User.objects.get(email=registering.USER))
    while True:
        key = new_id()
        os.write(told, f"{number} begun {key}\n".encode())
        answer = browser.post(registering.PATH, registering.form(key))
        os.write(told, f"{number} answered {key} {answer.status_code}\n".encode())


def _read_until(source: int, seconds: float, *, waits_for: bytes = b"") -> bytes:
    """What comes within the time, or until the word has come."""
    import select

    found, deadline = b"", time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0 and not (waits_for and waits_for in found):
        if select.select([source], [], [], left)[0]:
            part = os.read(source, 65536)
            if not part:
                break
            found += part
    return found


def _kill_one(number: int, chance: random.Random) -> bytes:
    """Forks one process, lets it work a while after its first page, kills it, and returns all it told."""
    source, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(source)
        _serve(told, number)
        os._exit(1)
    os.close(told)
    # Every other one gets its first answer before the moment is drawn, however slow the machine is just now.
    heard = _read_until(source, 60, waits_for=(b"begun", b"answered")[number % 2])
    heard += _read_until(source, chance.uniform(_EARLIEST, _LATEST))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    heard += _read_until(source, 10)
    os.close(source)
    return heard


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from config import wsgi

    if wsgi.application is None:
        sys.exit("the application did not load")
    chance = random.Random(int(sys.argv[2]))  # noqa: S311 - moments to kill at, told so that a run can be repeated
    for number in range(int(sys.argv[1])):
        sys.stdout.write(_kill_one(number, chance).decode())
        sys.stdout.flush()
