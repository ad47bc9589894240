"""The demonstration region loaded, and told on the terminal; what is left over goes on beside the running product."""

import datetime as dt
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from config import database


@dataclass
class Load:
    """One load of the region: kept in the data folder, so that an interrupted one goes on where it was."""

    people: int
    seed: int
    day: str
    done: int = 0

    def keep(self) -> None:
        """Writes it down."""
        _kept().write_text(json.dumps(asdict(self)))


def _kept() -> Path:
    return database.home() / "demonstration.json"


def unfinished() -> Load | None:
    """The load that has begun and is not complete; none, if there is none."""
    if not _kept().exists():
        return None
    load = Load(**json.loads(_kept().read_text()))
    return load if load.done < load.people else None


def begin(*, people: int, seed: int) -> None:
    """Loads the people that every list needs; the rest is left to ``go_on``."""
    from silta.kernel import clock
    from silta.workbench import demonstration

    people = max(people, demonstration.LEAST_PEOPLE)
    began = time.monotonic()
    print(
        f"Loading the demonstration region, first {demonstration.LEAST_PEOPLE} of {people} people …",
        flush=True,
    )
    # Noted down first: what follows is written as a whole or not at all, and begun anew where nothing is there.
    load = Load(people, seed, clock.today().isoformat(), done=demonstration.LEAST_PEOPLE)
    load.keep()
    demonstration.begin(seed=seed, tell=lambda done: _tell(done, demonstration.LEAST_PEOPLE))
    print(f"Loaded in {time.monotonic() - began:.0f} s.", flush=True)


def go_on(load: Load, *, quietly: bool = False) -> None:
    """Loads the people that are left over."""
    from silta.workbench import demonstration

    def written(done: int) -> None:
        load.done = done
        load.keep()
        if not quietly:
            _tell(done, load.people)

    demonstration.go_on(
        people=load.people, seed=load.seed, done=load.done, day=dt.date.fromisoformat(load.day), tell=written
    )
    print(f"The demonstration region is complete: {load.people} people.", flush=True)


def _tell(done: int, people: int) -> None:
    if sys.stdout.isatty():
        print(f"\r  {done} of {people}", end="" if done < people else "\n", flush=True)
