"""What is sealed at rest: a form typed when the session had ended, for its typist alone; secrets of second factors."""

import base64
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# Time enough to find the telephone of the second factor; not for the next one at a shared desk the day after.
KEPT_FOR = dt.timedelta(hours=1)
MOST_FIELDS, MOST_CHARACTERS = 300, 200_000
_FORM_OF, _SECOND_FACTOR = b"silta.unsent ", b"silta.second_factor"


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form that was sent too late: to which address, its fields, and for which of her places the user had typed it."""

    place: str
    path: str
    fields: Sequence[tuple[str, str]]
    had_files: bool = False

    @property
    def written(self) -> list[str]:
        """The longer words among the fields, for the user to know her own text by."""
        return [
            value for _name, value in self.fields if " " in value.strip() and any(map(str.isalpha, value))
        ]


def is_keepable(fields: Sequence[tuple[str, str]]) -> bool:
    """Whether a form is of a size that people type."""
    size = sum(len(name) + len(value) for name, value in fields)
    return len(fields) <= MOST_FIELDS and size <= MOST_CHARACTERS


def _cipher(secret: str, purpose: bytes) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=purpose)
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))


def second_factor_cipher(secrets: Sequence[str]) -> MultiFernet:
    """What keeps the secrets of second factors unreadable in the database.

    They are sealed by the first of the installation's secrets and opened by any of them, so that the first can change.
    """
    return MultiFernet([_cipher(secret, _SECOND_FACTOR) for secret in secrets])


def seal(unsent: Unsent, *, user_id: UUID, secret: str, now: dt.datetime) -> str:
    """The form as text that only the installation can read, and only for this user."""
    content = json.dumps(asdict(unsent)).encode()
    return _cipher(secret, _FORM_OF + user_id.bytes).encrypt_at_time(content, int(now.timestamp())).decode()


def unseal(sealed: str, *, user_id: UUID, secret: str, now: dt.datetime) -> Unsent | None:
    """The form; none for another user, after its time, or where the text has been tampered with."""
    try:
        content = _cipher(secret, _FORM_OF + user_id.bytes).decrypt_at_time(
            sealed, int(KEPT_FOR.total_seconds()), int(now.timestamp())
        )
    except InvalidToken:
        return None
    told: dict[str, Any] = json.loads(content)
    return Unsent(**told | {"fields": [(name, value) for name, value in told["fields"]]})
