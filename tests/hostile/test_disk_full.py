"""The disk is full, for real: a write is refused with a page that says so, nothing is half written, and it comes back.

The whole data folder (the embedded database with its log, and where uploads pass through) is put on a small filesystem in
memory. Where this process may not mount one (it is not root), the database is made to refuse with the same error.
"""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.hostile import registering, serving
from tests.hostile.conftest import folder_for_a_server
from tests.hostile.installation import Installation, copied_from_the_tests_server
from tests.hostile.serving import Ledger, Person, people_at_work, until

_MEGABYTE = 1024 * 1024
_SIZE = "420m"
_REFUSE = """
CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER is_full BEFORE INSERT ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION is_full()
"""
_TAKE_AGAIN = "DROP FUNCTION is_full() CASCADE"


class SmallDisk:
    """The folder of an installation on a filesystem that can be filled and emptied."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=755", "tmpfs", str(folder)],
            capture_output=True, check=False,
        )  # fmt: skip
        self.is_real = mounted.returncode == 0
        self._ballast = folder / "ballast"

    def fill(self, installation: Installation) -> None:
        """Until not one more byte goes in."""
        if not self.is_real:
            with psycopg.connect(installation.start(), autocommit=True) as owner:
                owner.execute(_REFUSE)
            return
        with self._ballast.open("ab", buffering=0) as ballast:
            for size in (_MEGABYTE, 4096, 1):
                with suppress(OSError):
                    while ballast.write(b"\0" * size) == size:
                        continue

    def make_room(self, installation: Installation) -> None:
        """All of it again."""
        if not self.is_real:
            with psycopg.connect(installation.start(), autocommit=True) as owner:
                owner.execute(_TAKE_AGAIN)
            return
        self._ballast.unlink()

    def leave(self) -> None:
        """Takes the filesystem away."""
        if self.is_real:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """A filesystem of this test's own."""
    with folder_for_a_server() as folder:
        made = SmallDisk(folder)
        try:
            yield made
        finally:
            made.leave()


@pytest.fixture
def installation(disk: SmallDisk) -> Iterator[Installation]:
    """All that is kept lies on it."""
    made = copied_from_the_tests_server(disk.folder / "home")
    yield made
    made.stop()


def _upload(person: Person) -> httpx.Response:
    """A file that is too large to be held in memory, as the page of imports sends it."""
    note = b"Sovittu. " * 300
    lines = [b"Meikalainen;Matti%d;Monialainen tuki;%s" % (number, note) for number in range(1_200)]
    rows = b"\r\n".join([b"Sukunimi;Etunimet;Palvelu;Lisatieto", *lines])
    return person.upload("/import/", "asiakkaat.csv", rows)


def test_a_full_disk_refuses_writes_and_takes_them_again_when_there_is_room(
    disk: SmallDisk, installation: Installation
) -> None:
    uploads = disk.folder / "uploads"
    uploads.mkdir()
    ledger = Ledger()
    with serving.serving(installation.environment | {"TMPDIR": str(uploads)}, "--no-worker") as served:
        lead = Person(served, ledger, user=registering.LEAD)
        with people_at_work(served, ledger):
            until(lambda: len(ledger.answered()) >= 5, "the first writes")
            disk.fill(installation)
            refused = ledger.attempts[serving.UNAVAILABLE]
            until(lambda: ledger.attempts[serving.UNAVAILABLE] >= refused + 10, "writes to be refused")
            assert served.status("/healthz") == serving.OK
            if disk.is_real:
                page = _upload(lead)
                assert (page.status_code, page.headers["Retry-After"]) == (serving.UNAVAILABLE, "10")
            before = len(ledger.answered())
            disk.make_room(installation)
            until(lambda: served.status("/readyz") == serving.OK, "Silta to be ready again")
            until(lambda: len(ledger.answered()) >= before + 5, "writes to be taken again")
        assert list(uploads.iterdir()) == []
        assert _upload(lead).status_code == serving.FOUND
        lead.close()
        serving.send_the_last_again(served, ledger)
        serving.each_is_there_once(installation.start(), ledger)
        with psycopg.connect(installation.start()) as reader:
            files = reader.execute("SELECT count(*) FROM intake_file").fetchone()
    assert files == (1,)
