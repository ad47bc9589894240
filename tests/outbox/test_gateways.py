"""Sending: only where the rules let it, to the address that was looked at, and nothing follows from the answer."""

import contextlib
import datetime as dt
import ipaddress
import itertools
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from silta.kernel import clock
from silta.outbox import gateways, rules
from silta.outbox.enums import Reason
from silta.outbox.rules import Answer
from tests.outbox.receiver import receiving

BODY = b'{"type": "test"}'
METADATA = "169.254.169.254"


def sent(url: str, *, stays_here: bool = True) -> Answer:
    return gateways.post(url, body=BODY, headers={"content-type": "application/json"}, stays_here=stays_here)


def names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """From here on every name leads to these addresses; what was looked up is told in the list."""
    asked: list[str] = []

    def looked_up(host: str, port: Any, **_options: Any) -> list[Any]:
        asked.append(host)
        number = port if isinstance(port, int) else {"https": 443, "http": 80}[port]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, number)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    return asked


def never_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_arguments: Any) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(gateways, "_status", connect)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", METADATA, "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:c0a8:101::1", "2001:db8::1",
        "2001:0:7f00:1::80ff:fffe",
    ],
)  # fmt: skip
def test_nothing_is_sent_to_a_private_place(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not rules.may_be_reached(ipaddress.ip_address(address), stays_here=False)
    names(monkeypatch, address)
    never_connects(monkeypatch)
    assert sent("https://vastaanottaja.example/", stays_here=False) == Answer(reason=Reason.ADDRESS)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e"])
def test_public_places_are_reached(address: str) -> None:
    assert rules.may_be_reached(ipaddress.ip_address(address), stays_here=False)


def test_a_demonstration_reaches_this_machine_and_no_other_private_one() -> None:
    assert rules.may_be_reached(ipaddress.ip_address("127.0.0.1"), stays_here=True)
    assert rules.may_be_reached(ipaddress.ip_address("::ffff:127.0.0.1"), stays_here=True)
    assert not rules.may_be_reached(ipaddress.ip_address("10.0.0.1"), stays_here=True)


def test_one_forbidden_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, "93.184.215.14", METADATA)
    never_connects(monkeypatch)
    assert sent("https://vastaanottaja.example/", stays_here=False).reason == Reason.ADDRESS


@pytest.mark.parametrize(
    "url",
    [
        "http://vastaanottaja.example/", "ftp://vastaanottaja.example/", "file:///etc/passwd", "https://", "//x.example",
        "https://user:word@x.example/", "https://x.example/#a", "https://x.example:99999/", "https://x.example:0/",
        "https://x.exa mple/", "https://x.example/\r\nhost: y", "https://ä.example/", "https://x.example\\@y/",
        "https://x.example/" + "a" * rules.URL_LENGTH, "gopher://127.0.0.1:25/", "",
    ],
)  # fmt: skip
def test_unsound_addresses_are_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    never_connects(monkeypatch)
    assert not rules.is_sound(url, stays_here=False)
    assert sent(url, stays_here=False) == Answer(reason=Reason.ADDRESS)


def test_plain_http_goes_no_further_than_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, "93.184.215.14")
    never_connects(monkeypatch)
    assert sent("http://vastaanottaja.example/", stays_here=True) == Answer(reason=Reason.ADDRESS)


@pytest.mark.parametrize(
    "spelling", ["http://0x7f.1/", "http://2130706433/", "http://localhost/", "http://[::1]/"]
)
def test_other_spellings_of_this_machine_lead_nowhere(spelling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    never_connects(monkeypatch)
    url = spelling.replace("http:", "https:")
    assert sent(url, stays_here=False).reason in {Reason.ADDRESS, Reason.NAME}


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere a moment later (DNS rebinding) leads nowhere: it is asked once."""
    with receiving() as receiver:
        asked = names(monkeypatch, "127.0.0.1")
        assert sent(f"http://vastaanottaja.example:{receiver.port}/a?b=c") == Answer(204)
    assert asked == ["vastaanottaja.example"]
    (request,) = receiver.received
    assert request.path == "/a?b=c"
    assert request.headers["host"] == f"vastaanottaja.example:{receiver.port}"
    assert request.body == BODY


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with receiving(status, 204) as receiver:
        assert sent(receiver.url) == Answer(status, Reason.REDIRECT)
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("status", "reason"), [(200, None), (202, None), (400, Reason.STATUS), (503, Reason.STATUS)]
)
def test_the_status_says_whether_it_arrived(status: int, reason: Reason | None) -> None:
    with receiving(status) as receiver:
        assert sent(receiver.url) == Answer(status, reason)


def test_no_server_no_connection() -> None:
    with receiving() as receiver:
        gone = receiver.url
    assert sent(gone) == Answer(reason=Reason.CONNECTION)


def test_a_name_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: Any, **_options: Any) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert sent("https://vastaanottaja.example/") == Answer(reason=Reason.NAME)


def test_a_server_that_drips_its_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is on the whole of it: each piece in time does not make the answer in time."""
    monkeypatch.setattr(gateways, "SECONDS", 0.4)

    letters = itertools.chain(b"HTTP/1.1 204 ", itertools.repeat(ord("N"), 3000))

    def drip(stream: Any) -> None:
        """For five minutes, unless the other end has gone."""
        with contextlib.suppress(OSError):
            for letter in letters:
                stream.write(bytes([letter]))
                time.sleep(0.1)

    with receiving() as receiver:
        receiver.meanwhile = drip
        assert sent(receiver.url) == Answer(reason=Reason.SLOW)
        assert next(letters, None) is not None, "the whole drip was waited for"


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with receiving() as receiver:
        assert sent(receiver.url) == Answer(204)


def certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's certificate of this name, and what trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=file)


def test_the_certificate_is_of_the_name_though_the_connection_is_to_an_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server, trust = certificate_for("vastaanottaja.example", tmp_path)
    names(monkeypatch, "127.0.0.1")
    with receiving(sealed_by=server) as receiver:
        untrusted = sent(f"https://vastaanottaja.example:{receiver.port}/")
        monkeypatch.setattr(gateways, "trusted", lambda: trust)
        another = sent(f"https://toinen.example:{receiver.port}/")
        trusted = sent(f"https://vastaanottaja.example:{receiver.port}/")
    assert untrusted == another == Answer(reason=Reason.CERTIFICATE)
    assert trusted == Answer(204)
    assert len(receiver.received) == 1
