"""What is remembered of a file's words: digests that tell nothing without the secret."""

import pytest
from django.utils.crypto import salted_hmac

from silta.intake.enums import Field
from silta.intake.queries import matching


@pytest.mark.parametrize("text", ["040 1", "Åke Öhman", "1" * 300])
@pytest.mark.parametrize(
    "secret", ["short", "s" * 50, "a secret that is longer than one block of the digest " * 2]
)
def test_a_digest_is_the_keyed_one_that_django_makes(
    text: str, secret: str, settings: pytest.FixtureRequest
) -> None:
    settings.SECRET_KEY = secret
    made = salted_hmac(f"silta.intake.{Field.PHONE.value}", text, algorithm="sha256").hexdigest()
    assert matching.digest(Field.PHONE, text) == made[:20]
    assert matching.digest(Field.EMAIL, text) != made[:20]
