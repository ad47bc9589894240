"""The forms of imports: the file, the columns, a cell."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from silta.intake.enums import Field
from silta.intake.gateways.reading import MOST_BYTES, refuse
from silta.intake.models import File
from silta.intake.rules.checking import WITHOUT
from silta.ui.fields import PlainText


class UploadForm(forms.Form):
    """One file, by the button or dropped on it."""

    file = forms.FileField(
        label=_("File of clients"),
        help_text=_("A CSV file or an .xlsx workbook, at most 20 MB and 50,000 rows."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty. Choose a file that has headings and at least one row.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx", "data-most": MOST_BYTES}),
    )  # fmt: skip

    def clean_file(self) -> UploadedFile[Any]:
        """The file; raises the form's error where it is too large."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(str(refuse("too_large").message))
        return file


class ColumnsForm(forms.Form):
    """What each column holds, which kind of case each unknown service is, who each unknown name is."""

    source = PlainText(
        label=_("System the file comes from"), max_length=80,
        help_text=_("A client number is unique within one system. Give the same name each time."),
    )  # fmt: skip
    save = forms.BooleanField(
        label=_("Remember these choices for the next file of this system"), required=False, initial=True
    )

    def __init__(
        self,
        *args: Any,
        file: File,
        services: dict[str, int],
        kinds: dict[str, str],
        workers: dict[str, int],
        colleagues: dict[str, str],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self._services, self._workers = list(services), list(workers)
        self._headings = len(file.headings)
        nothing: list[tuple[str, str | Promise]] = [("", _("Not imported"))]
        for index, heading in enumerate(file.headings):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=heading or _("(no heading)"), required=False, choices=[*nothing, *Field.choices],
                initial=file.columns.get(str(index), ""),
            )  # fmt: skip
        for index, (word, _times) in enumerate(services.items()):
            self.fields[f"service_{index}"] = forms.ChoiceField(
                label=word, required=False, choices=[("", _("Choose")), *kinds.items()],
            )  # fmt: skip
        for index, (word, _times) in enumerate(workers.items()):
            self.fields[f"worker_{index}"] = forms.ChoiceField(
                label=word, required=False,
                choices=[("", _("Choose")), (WITHOUT, _("Nobody: bring in without a responsible person")), *colleagues.items()],
            )  # fmt: skip

    @property
    def columns(self) -> list[forms.BoundField]:
        """The inputs of the columns."""
        return [self[f"column_{index}"] for index in range(self._headings)]

    @property
    def services(self) -> list[forms.BoundField]:
        """The inputs of the service names."""
        return [self[f"service_{index}"] for index in range(len(self._services))]

    @property
    def workers(self) -> list[forms.BoundField]:
        """The inputs of the workers' names."""
        return [self[f"worker_{index}"] for index in range(len(self._workers))]

    def choices(self) -> dict[str, Any]:
        """What was chosen, as ``operations.choose`` takes it."""
        data = self.cleaned_data
        return {
            "columns": {index: data[f"column_{index}"] for index in range(self._headings)},
            "services": {word: data[f"service_{index}"] for index, word in enumerate(self._services)},
            "workers": {word: data[f"worker_{index}"] for index, word in enumerate(self._workers)},
            "source": data["source"],
            "save": data["save"],
        }
