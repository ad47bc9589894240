"""Answers to programs' writes, kept for some days: the same call sent again has one effect and the same answer."""

import datetime as dt
from uuid import UUID

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from silta.access import rules
from silta.access.models import KeptAnswer
from silta.kernel import clock
from silta.kernel.acting import maintaining
from silta.ui.programs import Answer, key_reused


class Answers:
    """What one token was answered; the calls with one key come one after another."""

    def __init__(self, token_id: UUID) -> None:
        """``token_id`` is the token that a program showed."""
        self._token_id = token_id

    def before(self, key: str, request: bytes) -> Answer | None:
        """What was answered to this call before; none, where it comes for the first time.

        Whoever sends the same key at the same moment waits here until this transaction is over. Raises
        ``RefusalError`` (422) where the key came with another request before.
        """
        self._wait(key)
        kept = KeptAnswer.objects.filter(token_id=self._token_id, key_digest=_digest("key", key)).first()
        if kept is None:
            return None
        if kept.request_digest != _digest("request", request):
            raise key_reused()
        return Answer(kept.status, kept.body, kept.etag, kept.location)

    def keep(self, key: str, request: bytes, answer: Answer) -> None:
        """Keeps the answer in the transaction of what was written; no other row of it tells of the program's call."""
        KeptAnswer(
            token_id=self._token_id, key_digest=_digest("key", key), request_digest=_digest("request", request),
            status=answer.status, body=answer.body, etag=answer.etag, location=answer.location,
            answered_at=clock.now(),
        ).save(force_insert=True)  # fmt: skip

    def _wait(self, key: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{self._token_id} {key}"]
            )


def _digest(what: str, value: str | bytes) -> str:
    return salted_hmac(f"silta.answers.{what}", value, algorithm="sha256").hexdigest()


def forget_answers() -> int:
    """Removes every answer older than ``rules.ANSWER_DAYS``; returns how many.

    Steps out of row-level security, for it is no unit's work: only the worker and the command line can run it.
    """
    with maintaining(), transaction.atomic():
        old = KeptAnswer.objects.filter(answered_at__lt=clock.now() - dt.timedelta(days=rules.ANSWER_DAYS))
        return old.delete()[0]
