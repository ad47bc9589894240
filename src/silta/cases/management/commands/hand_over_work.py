"""Hands all the work of one unit over to another when organisations are reformed."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from silta.access import queries as access
from silta.access.enums import Permission
from silta.accounts.models import User
from silta.cases.operations import reform
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import SiltaError
from silta.organisations.models import Unit


class Command(BaseCommand):
    help = (
        "Hands all the work of one unit over to another: its cases, its parts in the cases of others, its workers. "
        "Run by the keeper of the installation, once, on the day of the reform."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from-unit", type=UUID, required=True, help="id of the unit that ends")
        parser.add_argument("--to-unit", type=UUID, required=True, help="id of the unit that goes on")
        parser.add_argument("--by", required=True, help="e-mail address of the keeper who does it")
        parser.add_argument("--reason", required=True, help="the decision or act behind the reform")
        parser.add_argument(
            "--on", type=dt.date.fromisoformat, default=None, help="first day of the new unit (YYYY-MM-DD)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        keeper = User.objects.filter(email=options["by"].lower()).first()
        actor = access.actor_for(keeper.pk) if keeper else None
        if actor is None or not access.permits(actor, Permission.ORGANISATIONS_MANAGE):
            raise CommandError("--by must be the e-mail address of a keeper of the installation")
        units = Unit.objects.select_related("organisation").in_bulk(
            [options["from_unit"], options["to_unit"]]
        )
        if {options["from_unit"], options["to_unit"]} - set(units):
            raise CommandError("--from-unit and --to-unit must be units of the register")
        try:
            with acting(actor):
                moved = reform.hand_over_work(
                    actor, from_unit=units[options["from_unit"]], to_unit=units[options["to_unit"]],
                    on=options["on"] or clock.today(), reason=options["reason"],
                )  # fmt: skip
        except SiltaError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(
            f"{moved.cases} cases, {moved.parts} parts in other cases and {moved.workers} workers went over; "
            f"{moved.grounds_ended} grounds ended."
        )
