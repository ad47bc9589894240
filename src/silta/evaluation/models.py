"""The figures as they are shown, the reckonings they came from, and their charts. Nobody's data are in them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from silta.accounts.models import User
from silta.evaluation.enums import Hidden, RunState, Stage
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import KEEP, Holds, Retention
from silta.organisations.models import Unit


class Run(models.Model):
    """One reckoning: an extract and the figures counted from it, ordered by somebody or by the night."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ordered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ordered_by_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ordered_at = models.DateTimeField()
    state = models.CharField(_("state"), max_length=8, choices=RunState, default=RunState.ORDERED)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.WAITING)
    progressed_at = models.DateTimeField()
    as_of = models.DateField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    rows = models.JSONField(default=dict)
    failure = models.CharField(max_length=80, blank=True)

    class PersonalData:
        """Who ordered it; counts of rows."""

        fields = {
            **dict.fromkeys(
                ["id", "state", "stage", "progressed_at", "as_of", "finished_at", "rows", "failure"], Holds.NONE
            ),
            "ordered_by": Holds.REFERENCE, "ordered_by_unit": Holds.REFERENCE, "ordered_at": Holds.NONE,
        }  # fmt: skip
        retention = Retention(
            ground="703/2023 Annex: use logs, of which an extract is one", years=12, start="ordered_at"
        )

    class Meta:
        ordering = ["-ordered_at", "-id"]
        indexes = [models.Index(fields=["state", "-ordered_at"], name="evaluation_run_state")]

    def __str__(self) -> str:
        return f"{self.state} {self.ordered_at:%Y-%m-%d %H:%M}"


class _OfUnit(models.Model):
    """What is told of one indicator: of one unit, or of all where there is none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    computed_at = models.DateTimeField()

    class Meta:
        abstract = True


class Datum(_OfUnit):
    """One figure: the value of an indicator in one bucket, with its number, or why it is hidden.

    The bucket is a unit, a municipality, a kind of case and a month; what is empty stands for all. ``municipality`` is
    ``-`` where it is not known. Of a hidden cell neither value nor number is kept.
    """

    version = models.CharField(max_length=20)
    municipality = models.CharField(max_length=3, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    month = models.DateField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    n = models.PositiveIntegerField(null=True, blank=True)
    unknown = models.PositiveIntegerField(null=True, blank=True)
    hidden = models.CharField(max_length=10, choices=Hidden, blank=True)
    as_of = models.DateField()

    class PersonalData:
        """None: sums, of which small ones are hidden."""

        fields = dict.fromkeys(
            ["id", "code", "unit", "computed_at", "version", "municipality", "kind", "month", "value", "n", "unknown",
             "hidden", "as_of"],
            Holds.NONE,
        )  # fmt: skip
        retention = KEEP

    class Meta:
        ordering = ["code", "month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "unit", "municipality", "kind", "month"],
                nulls_distinct=False,
                name="evaluation_datum_once",
            ),
            models.CheckConstraint(
                condition=models.Q(hidden="", n__isnull=False)
                | ~models.Q(hidden="") & models.Q(n__isnull=True, value__isnull=True),
                name="evaluation_datum_hidden_is_empty",
            ),
        ]
        indexes = [models.Index(fields=["unit", "code"], name="evaluation_datum_unit")]

    def __str__(self) -> str:
        return f"{self.code} {self.month or ''}"


class Chart(_OfUnit):
    """The picture of one indicator over the months, drawn when it was counted."""

    svg = models.TextField()

    class PersonalData:
        """None: a picture of sums."""

        fields = dict.fromkeys(["id", "code", "unit", "computed_at", "svg"], Holds.NONE)
        retention = KEEP

    class Meta:
        ordering = ["code", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "unit"], nulls_distinct=False, name="evaluation_chart_once"
            )
        ]

    def __str__(self) -> str:
        return self.code
