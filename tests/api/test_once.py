"""Two calls with one key at the same moment: a database of its own, because what is written here is committed."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from config import database
from tests.copies import copied
from tests.harness import ROOT

# Each call runs in a thread with a connection of its own, and waits for the other before it sends.
_PROGRAM = """
import datetime as dt, threading
import django
django.setup()
from django.db import connection
from django.test import Client
from silta.access import operations as access
from silta.access.enums import TokenScope
from silta.cases.models import Note
from silta.cases.operations import opening
from silta.kernel import clock
from silta.kernel.acting import acting
from tests.cast import Cast, key

cast = Cast()
with acting(cast.eero):
    case = opening.open_case(cast.eero, person=key("aino person"), kind="coaching", source="self")
    last = clock.today() + dt.timedelta(days=9)
    secret = access.make_token(cast.eero, name="Koe", scopes=tuple(TokenScope), expires_on=last)[1]
both, answers = threading.Barrier(4), []

def call():
    client = Client(headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "kirjaus-0001"})
    both.wait()
    body = {"kind": "contact", "channel": "phone", "text": "Sovittiin tapaaminen."}
    answer = client.post(f"/api/v1/cases/{case.pk}/notes", body, content_type="application/json")
    answers.append((answer.status_code, answer.content))
    connection.close()

threads = [threading.Thread(target=call) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with acting(cast.eero):
    print(len(answers), len(set(answers)), answers[0][0], Note.objects.filter(case=case).count())
"""


@pytest.fixture
def scratch() -> Iterator[str]:
    with copied("once") as name:
        yield database.with_user(os.environ["SILTA_TEST_SERVER"], database.APP, name)


def test_calls_with_one_key_at_the_same_moment_have_one_effect_and_one_answer(scratch: str) -> None:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"SILTA_DATABASE_ROLE", "DATABASE_OWNER_URL"}
    }
    environment = kept | {"DATABASE_URL": scratch, "DJANGO_SETTINGS_MODULE": "config.settings"}
    told = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.split() == ["4", "1", "201", "1"], told.stderr[-2000:]
