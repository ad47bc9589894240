"""Run as a process of its own: opens cases by the real operations until it is told to stop."""

import os
import signal
import sys

import django


def _one(number: int) -> str:
    from silta.cases.operations import opening
    from silta.kernel.acting import acting
    from silta.people.operations import register
    from tests.cast import Cast

    eero = Cast().eero
    with acting(eero):
        person = register(
            eero, first_names="Testi", last_name=f"Kirjoittaja{number}", no_code_reason="not_known"
        )
        case = opening.open_case(eero, person=person.pk, kind="joint_support", source="self")
    return str(case.pk)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    going = [True]
    signal.signal(signal.SIGTERM, lambda _number, _frame: going.clear())
    number = 0
    while going:
        number += 1
        sys.stdout.write(f"{_one(number)}\n")
        sys.stdout.flush()
    sys.exit(0)
