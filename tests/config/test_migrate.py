"""The upgrade of an installation, as its keeper runs it."""

from pathlib import Path
from unittest import mock

import pytest
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from config import backups, cli, migrating


@pytest.mark.django_db
def test_a_backup_is_made_before_an_upgrade_and_without_a_whole_one_there_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []

    def make(folder: Path) -> Path:
        done.append(f"backup {folder.name}")
        return folder / "one"

    def migrate(*, verbosity: int) -> int:
        done.append(f"migrate {verbosity}")
        return 60

    arguments = ["migrate", "--quiet", "--backup", str(tmp_path / "kept")]
    with mock.patch.object(migrating, "migrate", migrate):
        with mock.patch.object(backups, "make", make):
            assert cli.main(arguments) == 0
        assert done == ["backup kept", "migrate 0"]
        with mock.patch.object(backups, "make", side_effect=backups.BackupError("The disk is full.")):
            assert cli.main(arguments) == 1
    assert done == ["backup kept", "migrate 0"]
    assert "The disk is full." in capsys.readouterr().err


@pytest.mark.django_db
@pytest.mark.parametrize(("atomic", "fits"), [([], True), ([True, True], True), ([True, False], False)])
def test_an_upgrade_goes_step_by_step_only_where_a_migration_asks_for_it(
    atomic: list[bool], fits: bool
) -> None:
    plan = [(mock.Mock(atomic=one), False) for one in atomic]
    with mock.patch.object(MigrationExecutor, "migration_plan", return_value=plan):
        assert migrating.fits_one_transaction() == fits
        with mock.patch.object(MigrationRecorder, "applied_migrations", return_value={}):
            assert not migrating.fits_one_transaction(), "an empty database is filled step by step"
