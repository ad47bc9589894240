"""Run as a process of its own: brings a caseload to where its import is in the queue, as the page's button does.

``python -m tests.hostile.importing ROWS JOBS``: so many clients without a code, each of her own, and so many jobs on the
same file (one, unless somebody's button was pressed twice and both presses came through). The worker does the rest.
"""

import io
import os
import sys

import django

_HEADINGS = "Asiakasnumero;Sukunimi;Etunimet;Kotikunta;Turvakielto;Palvelu;Asiakkuus alkoi"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _name(number: int) -> str:
    """A name that no other row has, and that none is like."""
    letters = ""
    for _place in range(4):
        number, rest = divmod(number, len(_LETTERS))
        letters += _LETTERS[rest] * 2
    return letters.capitalize()


def _caseload(rows: int) -> io.BytesIO:
    lines = [
        f"KA-{n};{_name(n * 7)};{_name(n * 7 + 3)};Kajaani;E;Monialainen tuki;1.9.2025" for n in range(rows)
    ]
    return io.BytesIO("\r\n".join([_HEADINGS, *lines, ""]).encode())


def _queue(rows: int, jobs_on_it: int) -> str:
    from silta.intake import jobs, operations
    from silta.kernel.acting import acting
    from tests.cast import Cast

    paula = Cast().paula
    with acting(paula):
        file = operations.receive(paula, stream=_caseload(rows), name="asiakkaat.csv")
        columns = {int(index): named for index, named in file.columns.items()}
        file = operations.choose(
            paula, file=file, columns=columns, services=file.services, workers=file.workers, source="Vanha", save=False
        )  # fmt: skip
        file = operations.check_file(paula, file=file)
        file = operations.begin(paula, file=file)
        for _job in range(jobs_on_it):
            jobs.defer(jobs.run_file, paula, file)
    return str(file.pk)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.stdout.write(_queue(int(sys.argv[1]), int(sys.argv[2])))
