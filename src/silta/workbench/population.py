"""The people of the region: invented names, artificial identity codes (900-999), homes by weight of population."""

import datetime as dt
import random
from dataclasses import dataclass

from silta.people.enums import NoCodeReason
from silta.workbench.demonstration_users import COLLEAGUES, USERS
from silta.workbench.words import read

_CHECK_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_LEAST, _MOST = 900, 999


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented person, as she is registered; ``situation`` is the life her story is told from."""

    situation: dict[str, object]
    first_names: str
    last_name: str
    call_name: str
    birth_date: dt.date
    identity_code: str
    no_code_reason: str
    language: str
    needs_interpreter: bool
    is_protected: bool
    municipality: str
    street: str
    phone: str


def identity_code(birth_date: dt.date, number: int) -> str:
    """The identity code of a date of birth and an individual number, with its check character."""
    digits = f"{birth_date:%d%m%y}{number:03d}"
    century = "-" if birth_date.year < 2000 else "A"  # noqa: PLR2004 - the century mark changes there
    return f"{digits[:6]}{century}{digits[6:]}{_CHECK_CHARACTERS[int(digits) % 31]}"


class Population:
    """Gives one invented person after another; the same seed gives the same people in the same order."""

    def __init__(self, seed: int, today: dt.date) -> None:
        self._random = random.Random(f"silta-people-{seed}")  # noqa: S311 - invention, not a secret
        self._today = today
        self._taken: set[str] = set()
        self._words = read("people")
        self._situations = read("joint_support")
        # Nobody is called as one of those who sign in: Aino has her own story, and workers are not their own clients.
        self._names = {
            (first, last) for first, _space, last in (user.name.partition(" ") for user in USERS + COLLEAGUES)
        }

    def person(self, index: int) -> Invented:
        """The next invented person; every situation of life comes in its turn."""
        rng = self._random
        situation = self._situations[index % len(self._situations)]
        first, last, language = self._name(situation)
        birth_date = self._birth_date(*situation["ages"])
        code = "" if index % 41 == 40 else self._code(birth_date)  # noqa: PLR2004 - one in forty-one has no code
        weights = self._words["municipalities"]
        return Invented(
            situation=situation,
            first_names=f"{first} {rng.choice(self._words['second_names'])}" if language == "fi" else first,
            last_name=last,
            call_name=first,
            birth_date=birth_date,
            identity_code=code,
            no_code_reason="" if code else rng.choice([NoCodeReason.NOT_YET, NoCodeReason.NOT_KNOWN]),
            language=language,
            needs_interpreter=language not in {"fi", "sv"},
            is_protected=index % 37 == 17,  # noqa: PLR2004 - a few live under non-disclosure
            municipality=rng.choices(list(weights), weights=list(weights.values()))[0],
            street=f"{rng.choice(self._words['streets'])} {rng.randint(1, 60)}",
            phone=f"044 000 {rng.randint(1000, 9999)}",
        )

    def _name(self, situation: dict[str, object]) -> tuple[str, str, str]:
        rng, words = self._random, self._words
        for _attempt in range(50):
            if situation.get("newcomer"):
                first, last, language = rng.choice(words["newcomers"])
            elif situation.get("swedish"):
                (first, last), language = rng.choice(words["swedish_names"]), "sv"
            else:
                first, last, language = (
                    rng.choice(words["first_names"]),
                    rng.choice(words["last_names"]),
                    "fi",
                )
            if (first, last) not in self._names:
                break
        self._names.add((first, last))
        return first, last, language

    def _birth_date(self, youngest: int, oldest: int) -> dt.date:
        days = self._random.randint(youngest * 365 + 10, oldest * 365 + 300)
        return self._today - dt.timedelta(days=days)

    def _code(self, birth_date: dt.date) -> str:
        numbers = list(range(_LEAST, _MOST + 1))
        self._random.shuffle(numbers)
        for number in numbers:
            code = identity_code(birth_date, number)
            if code not in self._taken:
                self._taken.add(code)
                return code
        raise ValueError(f"no artificial code is left for {birth_date}")
