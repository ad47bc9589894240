"""Bringing a file, and telling what its columns hold."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from silta.intake import jobs, operations
from silta.intake.enums import WHERE_TO_REACH, Field, FileState, Outcome, RowState
from silta.intake.forms import ColumnsForm, UploadForm
from silta.intake.gateways import spreadsheets
from silta.intake.gateways.reading import refuse
from silta.intake.models import File
from silta.intake.queries import context
from silta.intake.queries import files as queries
from silta.intake.rules import words
from silta.intake.views import asking
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.kernel.folding import fold
from silta.kernel.request import Request

_SHOWN = 30


@asking.limited
@require_http_methods(["GET", "HEAD", "POST"])
def files(request: Request) -> HttpResponse:
    """The files the unit has brought, and the place to bring one."""
    actor = asking.actor_of(request)
    form = UploadForm()
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if request.META.get(asking.TOO_LARGE):
            form.errors["file"] = form.error_class([str(refuse("too_large").message)])
        elif form.is_valid():
            upload = form.cleaned_data["file"]
            try:
                file = operations.receive(actor, stream=upload.file, name=upload.name)
            except RuleBroken as error:
                form.add_error("file", str(error.message))
            else:
                return redirect("intake:columns", file.pk)
    page = {
        "form": form, "files": [(file, whole(file.counts)) for file in queries.visible_to(actor)[:_SHOWN]], "mappings": queries.mappings(actor),
    }  # fmt: skip
    return render(request, "intake/files.html", page, status=422 if form.errors else 200)


@require_safe
def template(request: Request) -> HttpResponse:
    """An empty table with the headings Silta knows, in the reader's language, to prepare a file in."""
    asking.actor_of(request)
    body = spreadsheets.write_xlsx([str(field.label) for field in Field], [], title="Silta")
    return attachment(body, "silta.xlsx")


def attachment(body: bytes, name: str) -> HttpResponse:
    """A file to save, never shown in the page."""
    kind = (
        "text/csv; charset=utf-8"
        if name.endswith(".csv")
        else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    return HttpResponse(
        body,
        content_type=kind,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: Request, file_id: UUID) -> HttpResponse:
    """What each column holds; saving checks the whole file."""
    actor = asking.actor_of(request)
    file = queries.get_for(actor, file_id)
    form = _columns_form(request, actor, file)
    if request.method == "POST" and form.is_valid():
        try:
            operations.choose(actor, file=file, **form.choices())
            return _check(actor, file)
        except RuleBroken as error:
            form.add_error("source" if error.field == "source" else None, str(error.message))
    page = {
        "file": file, "counts": whole(file.counts), "form": form, "before": queries.same_file_before(file),
        "sources": queries.sources(actor), "examples": _examples(file), "step": 2,
        "letters": words.writing(file.encoding),
    }  # fmt: skip
    return render(request, "intake/columns.html", page, status=422 if form.errors else 200)


def _check(actor: Actor, file: File) -> HttpResponse:
    if file.counts.get("rows", 0) > jobs.ROWS_WHILE_WAITING * 10:
        jobs.defer(jobs.check_file, actor, operations.begin_check(actor, file=file))
    else:
        operations.check_file(actor, file=file)
    return redirect("intake:file", file.pk)


def _columns_form(request: Request, actor: Actor, file: File) -> ColumnsForm:
    known, kinds = context.known_services(), context.open_kinds(file.unit)
    everybody = context.workers(file.unit)
    services = {
        word: times
        for word, times in queries.words_in(file, Field.SERVICE).items()
        if known.get(fold(word)) not in kinds
    }
    names = {
        word: times
        for word, times in queries.words_in(file, Field.RESPONSIBLE).items()
        if not any(worker.is_ours for worker in everybody.get(fold(word), ()))
    }
    colleagues = {
        worker.user_id: worker.name for group in everybody.values() for worker in group if worker.is_ours
    }
    initial = {"source": file.source or next(iter(queries.sources(actor)), "")}
    initial |= {f"service_{index}": file.services.get(fold(word), "") for index, word in enumerate(services)}
    initial |= {f"worker_{index}": file.workers.get(fold(word), "") for index, word in enumerate(names)}
    return ColumnsForm(
        request.POST or None, file=file, services=services, kinds=kinds, workers=names, colleagues=colleagues,
        initial=initial,
    )  # fmt: skip


def _examples(file: File) -> list[str]:
    """For each column the first text that stands in it; of columns that tell where to find a person, none."""
    found = [""] * len(file.headings)
    hidden = {int(index) for index, named in file.columns.items() if named in WHERE_TO_REACH}
    for row in file.rows.filter(is_protected=False)[:5]:
        for index, cell in enumerate(row.cells[: len(found)]):
            found[index] = "" if index in hidden else found[index] or cell.strip()[:40]
    return found


@require_http_methods(["POST"])
def forget(request: Request, mapping_id: UUID) -> HttpResponse:
    """Forgets a saved mapping."""
    actor = asking.actor_of(request)
    for mapping in queries.mappings(actor):
        if mapping.pk == mapping_id:
            operations.forget_mapping(actor, mapping=mapping)
            messages.success(request, _("The choices were forgotten."))
    return redirect("intake:files")


def whole(counts: dict[str, int]) -> dict[str, int]:
    """The counts with a number for every state and outcome, so that pages show a nought where there is none."""
    names = (*RowState.values, *Outcome.values, "all", "due", "rows", "blank", "repeated_headings")
    found = {name: counts.get(name, 0) for name in names}
    return {**found, "aside": found[Outcome.SKIPPED] + found[RowState.LEFT_OUT]}


def is_busy(file: File) -> bool:
    """Whether the file is being checked or imported."""
    return file.state in {FileState.CHECKING, FileState.RUNNING}
