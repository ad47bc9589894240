"""What programs were answered, kept for some days."""

from django.db import models

from silta.access.models.places import Token
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import Holds, Retention


class KeptAnswer(models.Model):
    """What a program was answered when it wrote, so that the same call sent again has one effect and the same answer.

    The answer names the written row and its version, and tells nothing of anybody. The key and what was sent are kept as
    keyed digests, by which they can be known again and not be read.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="answers")
    key_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.CharField(max_length=200)
    etag = models.CharField(max_length=20, blank=True)
    location = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField()

    class PersonalData:
        """A row's id, for days."""

        fields = {
            "id": Holds.NONE, "token": Holds.REFERENCE, "key_digest": Holds.NONE, "request_digest": Holds.NONE,
            "status": Holds.NONE, "body": Holds.REFERENCE, "etag": Holds.NONE, "location": Holds.REFERENCE,
            "answered_at": Holds.FACT,
        }  # fmt: skip
        retention = Retention(
            ground="Kept for rules.ANSWER_DAYS, then removed every night; with its token, where that goes first.",
            follows="token",
        )

    class Meta:
        ordering = ["-answered_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["token", "key_digest"], name="access_keptanswer_once"),
        ]
        indexes = [models.Index(fields=["answered_at"], name="access_keptanswer_at")]

    def __str__(self) -> str:
        return f"{self.status} {self.answered_at:%Y-%m-%d %H:%M}"
