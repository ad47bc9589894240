"""Files that nobody asked for: a form may carry one to any address, and none may fill the disk."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class Unkept(FileUploadHandler):
    """Keeps of a file that there was one; its bytes are let go as they come. Pages that take files say so themselves."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Lets the bytes go."""

    def file_complete(self, file_size: int) -> SimpleUploadedFile:  # noqa: ARG002 - Django's signature
        """An empty file of the name."""
        return SimpleUploadedFile(self.file_name or "", b"")
