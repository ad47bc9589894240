"""A file sent where none was asked for reaches neither the disk nor the memory."""

import io
import tempfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

ONE_MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("address", ["/accounts/login/", "/cases/new/", "/import/", "/nowhere/"])
def test_nothing_is_kept_of_a_strangers_file(db: None, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []

    def noted(*arguments: Any, **named: Any) -> Any:
        kept.append(arguments)
        return tempfile.NamedTemporaryFile()

    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", noted)
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    token = client.cookies["csrftoken"].value
    file = SimpleUploadedFile("x.bin", b"\0" * (3 * ONE_MEGABYTE))
    client.post(address, {"csrfmiddlewaretoken": token, "file": file})
    assert kept == []


def test_the_fields_around_a_file_are_read_and_that_there_was_one() -> None:
    file = io.BytesIO(b"x" * ONE_MEGABYTE)
    file.name = "kuva.png"
    request = RequestFactory().post("/", {"before": "1", "file": file, "text": "jälkeen"})
    assert (request.POST["before"], request.POST["text"]) == ("1", "jälkeen")
    (kept,) = request.FILES.getlist("file")
    assert (kept.name, kept.size) == ("kuva.png", 0)
