"""Sends a message over the network. Addresses come from users: it goes only where the rules let it, and nowhere from there."""

import asyncio
import ipaddress
import socket
import ssl
from urllib.parse import urlsplit, urlunsplit

import httpx

from silta.outbox import rules
from silta.outbox.enums import Reason
from silta.outbox.rules import Answer

# How long the receiver has for all of its answer, however slowly it speaks.
SECONDS = 10.0


class RefusedError(Exception):
    """Nothing may be sent there."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


def post(url: str, *, body: bytes, headers: dict[str, str], stays_here: bool) -> Answer:
    """Posts the body to where the name leads now; follows no redirect and reads nothing of the answer but its status.

    The name is looked up once, and the connection goes to the address that was looked at: a name that leads elsewhere
    a moment later leads nowhere. One forbidden address among them is enough to send nothing.
    """
    try:
        address = _destination(url, stays_here=stays_here)
        status = asyncio.run(_status(url, address, body, headers))
    except RefusedError as error:
        return Answer(reason=error.reason)
    except (TimeoutError, httpx.TimeoutException):
        return Answer(reason=Reason.SLOW)
    except httpx.InvalidURL:
        return Answer(reason=Reason.ADDRESS)
    except (httpx.HTTPError, OSError) as error:
        is_untrusted = isinstance(_first_cause(error), ssl.SSLCertVerificationError)
        return Answer(reason=Reason.CERTIFICATE if is_untrusted else Reason.CONNECTION)
    if rules.is_accepted(status):
        return Answer(status)
    return Answer(status, Reason.REDIRECT if rules.is_redirect(status) else Reason.STATUS)


def _destination(url: str, *, stays_here: bool) -> rules.Address:
    """The one address to connect to; raises ``RefusedError`` where nothing may be sent."""
    if not rules.is_sound(url, stays_here=stays_here):
        raise RefusedError(Reason.ADDRESS)
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise RefusedError(Reason.NAME) from None
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    # Nothing goes unsealed further than this machine.
    is_sealed = parts.scheme == "https" or all(address.is_loopback for address in addresses)
    if not is_sealed or not all(rules.may_be_reached(one, stays_here=stays_here) for one in addresses):
        raise RefusedError(Reason.ADDRESS)
    return addresses[0]


def trusted() -> ssl.SSLContext:
    """The certificates this machine trusts."""
    return ssl.create_default_context()


async def _status(url: str, address: rules.Address, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    pinned = f"[{address}]" if isinstance(address, ipaddress.IPv6Address) else str(address)
    there = urlunsplit(parts._replace(netloc=f"{pinned}:{parts.port}" if parts.port else pinned))
    # No proxy or netrc of the environment: the address is the one that was looked at.
    async with (
        asyncio.timeout(SECONDS),
        httpx.AsyncClient(verify=trusted(), trust_env=False, timeout=SECONDS) as client,
        client.stream(
            "POST",
            there,
            content=body,
            headers={**headers, "host": parts.netloc},
            extensions={"sni_hostname": parts.hostname},
            follow_redirects=False,
        ) as answer,
    ):
        return answer.status_code


def _first_cause(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
