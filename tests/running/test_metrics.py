"""Prometheus reads what all processes counted together, on a port of its own, and nothing about anybody."""

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import transaction

from config import metrics
from silta.audit import operations as audit
from silta.audit.enums import Outcome
from silta.kernel.acting import acting
from tests import ports
from tests.attacks.test_secrets import EERO, SECRETS
from tests.cast import key
from tests.running.product import ROOT, Product, signed_in

LOGINS = (
    'django_http_responses_total_by_status_view_method_total{method="GET",status="200",view="account_login"}'
)
REFUSALS = 'silta_acts_total{action="access.refused",outcome="refused"}'
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def test_two_processes_count_together_and_no_request_is_lost(product: Product) -> None:
    before = product.metrics().get(LOGINS, 0.0)
    with ThreadPoolExecutor(8) as many:
        answers = list(
            many.map(lambda _n: httpx.get(f"{product.address}/accounts/login/", timeout=30), range(60))
        )
    assert {answer.status_code for answer in answers} == {200}
    found = product.metrics()
    assert found[LOGINS] - before == 60
    processes = [
        name for name in found if name.startswith("silta_process_memory_bytes{") and 'process="web"' in name
    ]
    assert len(processes) >= 2, "both web processes answered"
    timed = 'django_http_requests_latency_seconds_by_view_method_bucket{le="+Inf",method="GET",view="account_login"}'
    assert found[timed] == found[LOGINS]


def test_acts_and_refusals_are_counted_by_their_code(product: Product) -> None:
    before = product.metrics()
    vaino = signed_in(product.address, "vaino.salo@tyollisyys.example")
    assert vaino.get(f"/cases/{key('aino case')}/").status_code == 404
    found = product.metrics()
    assert found[REFUSALS] - before.get(REFUSALS, 0.0) == 1


def test_what_the_database_knows_is_told(product: Product) -> None:
    signed_in(product.address, EERO)
    found = product.metrics()
    assert found["silta_database_answers"] == 1
    assert {name for name in found if name.startswith("silta_jobs{")} == {
        'silta_jobs{state="doing"}', 'silta_jobs{state="failed"}', 'silta_jobs{state="waiting"}',
    }  # fmt: skip
    assert found['silta_outbox_messages{state="waiting"}'] == 0
    assert found["silta_outbox_longest_wait_seconds"] == 0
    assert found["silta_journal_events"] > 0
    assert found["silta_emergency_accesses_to_review"] >= 0
    assert found["silta_rights_reviews_late"] >= 0
    assert found["silta_journal_verified_timestamp_seconds"] == 0, "nobody has verified it yet"
    began = time.time()
    looked = subprocess.run(
        [sys.executable, "-m", "config.cli", "doctor", "--journal"], env=product.environment, cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "ok     The hash chain of the journal is whole." in looked.stdout
    assert began <= product.metrics()["silta_journal_verified_timestamp_seconds"] <= time.time()


def test_nothing_tells_of_anybody_and_no_made_up_word_becomes_a_label(product: Product) -> None:
    eero = signed_in(product.address, EERO)
    for path in (
        "/",
        "/clients/",
        "/search/?q=Korhonen",
        f"/cases/{key('aino case')}/",
        "/Korhonen/",
        "/api/v1/cases",
    ):
        eero.get(path)
    httpx.request("KORHONEN", f"{product.address}/", timeout=30)
    httpx.get(f"{product.address}/healthz", headers={"host": "korhonen.example"}, timeout=30)
    told = httpx.get(f"http://127.0.0.1:{product.metrics_port}/metrics", timeout=20).text
    assert "cases:case" in told
    assert [secret for secret in (*SECRETS, EERO, "KORHONEN", "korhonen") if secret in told] == []
    assert _UUID.search(told) is None, "an id is in it"


def test_pages_do_not_tell_it_and_the_port_is_this_machines_own(product: Product) -> None:
    assert httpx.get(f"{product.address}/metrics", timeout=30).status_code in {302, 404}
    assert "silta_jobs" not in httpx.get(f"{product.address}/metrics", timeout=30, follow_redirects=True).text
    listening = [line.split()[1] for line in _tcp_sockets()]
    assert f"0100007F:{product.metrics_port:04X}" in listening


def _tcp_sockets() -> list[str]:
    return [row for row in Path("/proc/net/tcp").read_text().splitlines()[1:] if row.split()[3] == "0A"]


def test_a_database_that_is_away_is_a_figure_too() -> None:
    away = metrics.OfTheDatabase(f"postgresql://silta_owner@127.0.0.1:{ports.reserved()}/silta")
    (family,) = list(away.collect())
    assert (family.name, [sample.value for sample in family.samples]) == ("silta_database_answers", [0])


def test_a_figure_that_a_process_may_not_know_is_left_out(
    product: Product, caplog: pytest.LogCaptureFixture
) -> None:
    of_the_pages = metrics.OfTheDatabase(product.environment["DATABASE_URL"])
    found = {family.name for family in of_the_pages.collect()}
    assert "silta_database_answers" in found
    assert "silta_journal_events" not in found
    assert "figure not known" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("stays", [True, False])
def test_only_what_stays_is_counted(stays: bool, django_capture_on_commit_callbacks: Any) -> None:
    counted = audit._acts.labels(action="access.refused", outcome="refused")
    before = counted._value.get()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        with acting(None):
            audit.record(None, "access.refused", outcome=Outcome.REFUSED)
        if not stays:
            transaction.set_rollback(True)
    assert counted._value.get() - before == (1 if stays else 0)
