"""Long work told on the terminal."""

import sys
import time


def load_demonstration(*, people: int, seed: int) -> None:
    """Loads the demonstration region and tells how far it has come."""
    from silta.workbench import demonstration

    people = max(people, demonstration.LEAST_PEOPLE)
    began = time.monotonic()
    print(f"Loading the demonstration region: {people} people and their two years …", flush=True)

    def tell(done: int) -> None:
        if sys.stdout.isatty() and (done % 10 == 0 or done == people):
            print(f"\r  {done} of {people}", end="" if done < people else "\n", flush=True)

    demonstration.load(people=people, seed=seed, tell=tell)
    print(f"Loaded in {time.monotonic() - began:.0f} s.", flush=True)
