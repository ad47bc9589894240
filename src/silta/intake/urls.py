"""The addresses of the room."""

from django.urls import URLPattern, path, re_path

from silta.intake.views import files, rows

app_name = "intake"
_FILE = "<uuid:file_id>/"
urlpatterns: list[URLPattern] = [
    path("", files.files, name="files"),
    path("template.xlsx", files.template, name="template"),
    path("mappings/<uuid:mapping_id>/forget/", files.forget, name="forget"),
    path(f"{_FILE}columns/", files.columns, name="columns"),
    path(_FILE, rows.file, name="file"),
    path(f"{_FILE}progress/", rows.progress, name="progress"),
    path(f"{_FILE}rows/<uuid:row_id>/", rows.correct, name="correct"),
    path(f"{_FILE}run/", rows.run, name="run"),
    path(f"{_FILE}check/", rows.recheck, name="recheck"),
    re_path(r"^(?P<file_id>[0-9a-f-]{36})/to-correct\.(?P<ending>csv|xlsx)$", rows.bad_rows, name="bad_rows"),
]
