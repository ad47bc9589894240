"""The building regulations that the import linter cannot see; the storeys are read from the linter's own contract."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "silta"
PUBLIC_DOORS = {"models", "queries", "operations", "rules", "enums"}
# One room mounts the others' edges towards programs (house.md section 2), as config mounts their addresses.
OTHER_DOORS = {"api": {"api"}}
FREE_ROOMS = {"kernel", "ui"}
WRITES = {
    "save", "create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create",
    "force_insert", "bulk_insert", "bulk_change",
}  # fmt: skip
# Edges that hold no rows of their own; what they "save" or "update" are sessions, spreadsheets, dictionaries.
ROOMS_WITH_ROWS = {
    "audit", "outbox", "accounts", "organisations", "people", "access", "cases", "intake", "subscriptions",
    "evaluation",
}  # fmt: skip


def storeys() -> dict[str, int]:
    """Each room's height, the lowest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "storeys")
    return {
        room.strip(" ()"): height
        for height, layer in enumerate(reversed(layers))
        for room in layer.split("|")
        if (SOURCE / room.strip(" ()")).exists()
    }


def is_below(lower: str, upper: str) -> bool:
    """Whether the first room lies on a lower storey than the second."""
    heights = storeys()
    return heights[lower] < heights[upper]


def modules(room: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every module of a room, parsed; migrations aside."""
    for path in sorted((SOURCE / room).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, ast.parse(path.read_text())


def imported(tree: ast.Module) -> Iterator[tuple[str, ...]]:
    """The dotted names of everything of ours that a module imports, wherever in it."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("silta."):
                yield tuple(name.split(".")[1:])


@pytest.mark.parametrize("room", sorted(storeys()))
def test_other_rooms_are_entered_by_their_public_doors(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {'.'.join(name)}"
        for path, tree in modules(room)
        for name in imported(tree)
        if name[0] != room
        and name[0] not in FREE_ROOMS
        and (len(name) == 1 or name[1] not in PUBLIC_DOORS | OTHER_DOORS.get(room, set()))
    ]
    assert not wrong, "Enter another room by models, queries, operations, rules or enums:\n" + "\n".join(
        wrong
    )


def test_foreign_keys_point_down() -> None:
    wrong = [
        f"{model._meta.label}.{field.name} → {target}"
        for model in apps.get_models()
        if model._meta.app_label in storeys()
        for field in model._meta.get_fields()
        if getattr(field, "remote_field", None) and not field.auto_created and field.concrete
        for target in [field.related_model._meta.app_label]
        if target in storeys()
        and target != model._meta.app_label
        and not is_below(target, model._meta.app_label)
    ]
    assert not wrong, "A foreign key that points up or sideways knots two rooms:\n" + "\n".join(wrong)


@pytest.mark.parametrize("room", sorted(storeys()))
def test_templates_link_down(room: str) -> None:
    pattern = re.compile(r"""\{%-?\s*url\s+['"]([a-z_]+):""")
    wrong = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in sorted((SOURCE / room).rglob("*.html"))
        for target in pattern.findall(path.read_text())
        if target in storeys() and target != room and not is_below(target, room)
    ]
    assert not wrong, "A template may link to its own room or a lower one:\n" + "\n".join(wrong)


def writes_rows(tree: ast.Module) -> Iterator[int]:
    """The lines on which a module seems to write rows."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            receiver = ast.unparse(node.func.value)
            speaks_of_rows = "objects" in receiver or re.search(r"\.(filter|exclude|all)\(", receiver)
            if speaks_of_rows or (node.func.attr == "save" and receiver not in {"book", "workbook"}):
                yield node.lineno


@pytest.mark.parametrize("room", sorted(ROOMS_WITH_ROWS))
def test_rows_are_written_in_operations_only(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path, tree in modules(room)
        if "operations" not in path.relative_to(SOURCE / room).parts[0]
        and path.name != "models.py"
        and "management" not in path.parts
        for line in writes_rows(tree)
    ]
    assert not wrong, "Rows are written by the verbs of operations:\n" + "\n".join(wrong)


def test_the_edges_write_through_operations() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for room in ("desk", "portal")
        for path, tree in modules(room)
        for line in writes_rows(tree)
    ]
    assert not wrong, "An edge calls an operation; it writes no rows itself:\n" + "\n".join(wrong)
