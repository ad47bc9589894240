"""How many may try to sign in: an office behind one address comes in at eight o'clock, and whoever guesses is stopped."""

import concurrent.futures
import http.cookiejar
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.cache import cache
from django.test import Client

from config import database
from silta.accounts.models import User
from silta.audit.models import Event
from tests import ports
from tests.cast import PASSWORD, PROFESSIONALS, Cast, as_owner, key

ROOT = Path(__file__).resolve().parents[2]
LOGIN = "/accounts/login/"
EERO, KAISA = PROFESSIONALS["eero"][1], PROFESSIONALS["kaisa"][1]
PROXY = "192.0.2.1"


@pytest.fixture(autouse=True)
def _quick_passwords(cast: Cast, settings: Any) -> None:
    """The strength of the password's hash is not what is tried here, and hundreds are asked."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with as_owner():
        for name in PROFESSIONALS:
            user = User.objects.get(pk=key(name))
            user.set_password(PASSWORD)
            user.save()


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still: so many attempts are of one minute, however slow the machine is."""
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)


def _try(email: str, password: str, address: str = "192.0.2.7", **headers: str) -> Any:
    return Client(REMOTE_ADDR=address).post(LOGIN, {"login": email, "password": password}, headers=headers)


@pytest.mark.usefixtures("one_moment")
def test_an_office_behind_one_address_signs_in_within_a_minute(cast: Cast) -> None:
    everybody = [who[1] for who in PROFESSIONALS.values()]
    for number in range(60):
        email = everybody[number % len(everybody)]
        if number % 3 == 0:
            assert _try(email, "väärin").status_code == 200
        assert _try(email, PASSWORD).status_code == 302, number


@pytest.mark.usefixtures("one_moment")
def test_one_persons_mistakes_shut_out_nobody_else(cast: Cast) -> None:
    for _attempt in range(100):
        _try(EERO, "unohtunut")
    assert _try(EERO, PASSWORD).status_code == 200, "five wrong ones stop the sixth"
    assert _try(EERO, PASSWORD, address="198.51.100.4").status_code == 200, "from wherever it is tried"
    assert _try(KAISA, PASSWORD).status_code == 302
    told = _try(EERO, PASSWORD, **{"Accept-Language": "en"}).content.decode()
    assert "Wait five minutes" in told


@pytest.mark.usefixtures("one_moment")
def test_an_address_from_which_one_password_is_tried_for_everybody_is_shut_out(cast: Cast) -> None:
    for number in range(60):
        page = _try(f"joku{number}@tyollisyys.example", "Kajaani2026!").content.decode()
    assert "minuutti" not in page
    with as_owner():
        before = Event.objects.filter(action="accounts.sign_in").count()
    told = _try(KAISA, PASSWORD)
    assert told.status_code == 200
    assert "Odota minuutti" in told.content.decode()
    with as_owner():
        assert Event.objects.filter(action="accounts.sign_in").count() == before + 1
    assert _try(KAISA, PASSWORD, address="198.51.100.4").status_code == 302, "no other address suffers"


def test_a_patient_one_is_shut_out_for_longer(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = time.time()
    for minute in range(5):
        monkeypatch.setattr(time, "time", lambda at=begun + 61 * minute: at)
        for number in range(60):
            assert "Odota" not in _try(f"j{minute}.{number}@kela.example", "Kesä2026Kesä").content.decode()
    monkeypatch.setattr(time, "time", lambda: begun + 61 * 5)
    assert "Odota tunti" in _try(KAISA, PASSWORD).content.decode()


@pytest.mark.usefixtures("one_moment")
def test_whoever_floods_the_page_is_told_how_long_to_wait_in_her_own_language(
    cast: Cast, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "2/m/ip"}
    words = {"fi": "Odota minuutti", "sv": "Vänta en minut", "en": "Wait one minute"}
    _try(EERO, "x"), _try(EERO, "x")
    for language, told in words.items():
        answer = _try(EERO, "x", **{"Accept-Language": language})
        assert (answer.status_code, answer["Retry-After"]) == (429, "60")
        assert told in answer.content.decode()


@pytest.mark.usefixtures("one_moment")
def test_behind_a_proxy_each_is_counted_by_her_own_address(cast: Cast, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(61):
        _try(f"joku{number}@kela.example", "x", PROXY, **{"X-Forwarded-For": "10.0.0.1, 198.51.100.4"})
    assert _try(KAISA, PASSWORD, PROXY, **{"X-Forwarded-For": "198.51.100.4"}).status_code == 200
    assert _try(KAISA, PASSWORD, PROXY, **{"X-Forwarded-For": "198.51.100.4, 203.0.113.9"}).status_code == 302


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The real product on a copy of the cast's database, entered by the roles of production."""
    server, name = os.environ["SILTA_TEST_SERVER"], f"test_crowd_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {database.NAME}")
    port = ports.reserved()
    kept = {k: v for k, v in os.environ.items() if k not in {"SILTA_DATABASE_ROLE", "SILTA_MIGRATING"}}
    environment = kept | {
        "DATABASE_URL": database.with_user(server, database.APP, name),
        "DATABASE_OWNER_URL": database.with_user(server, database.OWNER, name),
        "SILTA_DEMONSTRATION": "0", "SILTA_HOME": str(tmp_path),
    }  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "config.cli",
        "serve",
        "--no-worker",
        "--workers",
        "2",
        "--port",
        str(port),
    ]
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}{LOGIN}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(240)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5)  # noqa: S310 - this machine
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"the product did not come up: {log.read_text()[-2000:]}")


def _arrives(product: str, email: str) -> tuple[int, str]:
    """One browser's sign-in: the status and the address at which it ends."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = opener.open(product + LOGIN, timeout=60).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    typed = {"login": email, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    try:
        answer = opener.open(product + LOGIN, urllib.parse.urlencode(typed).encode(), timeout=60)
    except urllib.error.HTTPError as error:
        return error.code, error.url
    return answer.status, answer.url


def test_eight_who_press_at_the_same_moment_all_come_in(served: str) -> None:
    cache.clear()
    emails = [who[1] for who in list(PROFESSIONALS.values())[:8]] * 2
    with concurrent.futures.ThreadPoolExecutor(8) as crowd:
        ends = list(crowd.map(lambda email: _arrives(served, email), emails))
    assert [status for status, _url in ends] == [200] * 16
    assert not [url for _status, url in ends if LOGIN in url]
