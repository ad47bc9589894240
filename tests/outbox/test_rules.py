"""Signatures and patience."""

import datetime as dt

import pytest
from cryptography.fernet import InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from silta.outbox import rules


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of Standard Webhooks 1.0, which every library of theirs is tested with."""
    assert (
        rules.signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp=1614265330, body=b'{"test": 2432232314}',
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )  # fmt: skip


def test_two_secrets_both_sign() -> None:
    one, other = rules.secret_of(b"a" * 32), rules.secret_of(b"b" * 32)
    told = rules.headers([one, other], message_id="m", timestamp=1, body=b"{}")
    alone = rules.headers([other], message_id="m", timestamp=1, body=b"{}")
    assert alone["webhook-signature"] in told["webhook-signature"].split()
    assert len(told["webhook-signature"].split()) == 2


@given(body=st.binary(), moment=st.integers(0, 2**33))
def test_any_change_changes_the_signature(body: bytes, moment: int) -> None:
    secret = rules.secret_of(b"k" * 32)
    signed = rules.signature(secret, message_id="m", timestamp=moment, body=body)
    assert signed != rules.signature(secret, message_id="m", timestamp=moment, body=body + b" ")
    assert signed != rules.signature(secret, message_id="m", timestamp=moment + 1, body=body)
    assert signed != rules.signature(secret, message_id="n", timestamp=moment, body=body)


def test_patience_grows_and_ends() -> None:
    waits = [rules.delay_after(tries, 0.5) for tries in range(1, len(rules.DELAYS) + 2)]
    assert waits[-1] is None
    steps = [one for one in waits if one is not None]
    assert steps == sorted(steps)
    assert sum(steps, dt.timedelta()) == dt.timedelta(hours=27, minutes=36)
    assert sum(rules.DELAYS, dt.timedelta()) * (1 + rules.JITTER) < rules.TRIED_FOR


@given(tries=st.integers(1, len(rules.DELAYS)), chance=st.floats(0, 1))
def test_attempts_are_spread_by_a_fifth(tries: int, chance: float) -> None:
    wait = rules.delay_after(tries, chance)
    assert wait is not None
    assert 0.79 < wait / rules.DELAYS[tries - 1] < 1.21


@given(st.text())
def test_any_text_is_an_address_or_not(text: str) -> None:
    assert rules.is_sound(text, stays_here=False) in {True, False}


def test_a_sealed_secret_opens_with_the_installations_own_only() -> None:
    sealed = rules.cipher(["first", "second"]).encrypt(b"whsec_x")
    assert b"whsec" not in sealed
    assert rules.cipher(["new", "first"]).decrypt(sealed) == b"whsec_x"
    with pytest.raises(InvalidToken):
        rules.cipher(["second"]).decrypt(sealed)
