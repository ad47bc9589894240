"""How a message is signed, where it may go, and when it is tried again: pure decisions.

The signature is that of Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA256 over id, time and body.
"""

import base64
import datetime as dt
import hashlib
import hmac
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from silta.outbox.enums import Reason

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# After each failed attempt, how long until the next: eight attempts in 27 hours and 36 minutes.
DELAYS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300, 600, 600))
JITTER = 0.2
# Behind others to the same receiver a message may wait longer than its own attempts take; but no longer than this.
TRIED_FOR = dt.timedelta(hours=36)
# Longer than an attempt may last: what is not told of by then was being sent by a worker that died.
LEASE = dt.timedelta(minutes=2)
KEPT_DAYS = 30
URL_LENGTH = 500
_SECRET_MARK, SECRET_BYTES = "whsec_", 32
_OK, _REDIRECTS, _ERRORS = 200, 300, 400
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_PURPOSE = b"silta.outbox"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: the status, if there was an answer, and why it failed, if it did."""

    status: int | None = None
    reason: Reason | None = None


def delay_after(tries: int, chance: float) -> dt.timedelta | None:
    """How long to wait after so many failed attempts, none for ever; ``chance`` (0 to 1) spreads it by a fifth."""
    if tries > len(DELAYS):
        return None
    return DELAYS[tries - 1] * (1 - JITTER + 2 * JITTER * chance)


def secret_of(key: bytes) -> str:
    """A secret as its receiver keeps it."""
    return _SECRET_MARK + base64.b64encode(key).decode()


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of one message by one secret."""
    key = base64.b64decode(secret.removeprefix(_SECRET_MARK))
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secrets: Iterable[str], *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What is sent beside the body; where two secrets hold, both sign."""
    signed = (signature(one, message_id=message_id, timestamp=timestamp, body=body) for one in secrets)
    return {
        "content-type": "application/json", "user-agent": "Silta", "webhook-id": message_id,
        "webhook-timestamp": str(timestamp), "webhook-signature": " ".join(signed),
    }  # fmt: skip


def cipher(installation_secrets: Sequence[str]) -> MultiFernet:
    """What keeps the receivers' secrets unreadable in the database; sealed by the first, opened by any."""
    return MultiFernet([_fernet(secret) for secret in installation_secrets])


def _fernet(secret: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE)
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))


def is_sound(url: str, *, stays_here: bool) -> bool:
    """Whether messages could be sent to such an address at all; ``stays_here`` allows plain HTTP, for demonstrations.

    Where its name leads is asked anew at each delivery.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= URL_LENGTH
    schemes = {"https", "http"} if stays_here else {"https"}
    return bool(
        plain and parts.scheme in schemes and parts.hostname and port != 0
        and "@" not in parts.netloc and "#" not in url and "\\" not in url
    )  # fmt: skip


def may_be_reached(address: Address, *, stays_here: bool) -> bool:
    """Whether messages may go to this address: a public one, or with ``stays_here`` this very machine.

    An address of version 6 that carries one of version 4 is as good as what it carries.
    """
    carried = _carried(address)
    if carried is not None:
        return may_be_reached(carried, stays_here=stays_here)
    if address.is_loopback:
        return stays_here
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _carried(address: Address) -> Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def is_accepted(status: int) -> bool:
    """Whether the receiver has taken the message."""
    return _OK <= status < _REDIRECTS


def is_redirect(status: int) -> bool:
    """Whether the receiver points elsewhere."""
    return _REDIRECTS <= status < _ERRORS
