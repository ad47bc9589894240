"""The document of the interface: OpenAPI 3.1, with what the library cannot know of problems."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from silta.ui.programs import PROBLEM_TYPE, TITLES, Problem

_SCHEMA = {"$ref": "#/components/schemas/Problem"}
_DESCRIPTION = """\
Everything goes through the same rights as on the pages: a program sees what the maker of its token sees in that place,
and every act stands in the journal. Absent and forbidden look the same (404).

Errors are problem details (RFC 9457) in the language of Accept-Language (fi, sv, en). Lists are paged: give the `next` of
a page as `cursor`. A case tells its version as ETag and in `version`.
"""


class Documented(NinjaAPI):
    """The interface with its whole document."""

    def __init__(self, **options: Any) -> None:
        """``options`` are the library's."""
        super().__init__(
            title="Silta", version="1.0.0", description=_DESCRIPTION, docs_url=None, **options,
        )  # fmt: skip

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The document of the library, completed."""
        document = super().get_openapi_schema(**options)
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _problem_schema()
        for path in document["paths"].values():
            for operation in path.values():
                _complete(operation)
        return document


def _problem_schema() -> dict[str, Any]:
    schema = Problem.model_json_schema()
    fault = schema.pop("$defs")["Fault"]
    schema["properties"]["errors"]["items"] = fault
    schema["examples"] = [
        {"type": "urn:silta:problem:api.unsound", "title": "Pyynnössä on virhe", "status": 422,
         "detail": "Pyynnössä on virhe", "code": "api.unsound",
         "errors": [{"pointer": "/limit", "detail": "Arvo on väärää tyyppiä tai väärän kokoinen."}]}
    ]  # fmt: skip
    return schema


def _complete(operation: dict[str, Any]) -> None:
    for status in (400, 401, 403, 404, 422, 429):
        operation["responses"][status] = {
            "description": str(TITLES[status]),
            "content": {PROBLEM_TYPE: {"schema": _SCHEMA}},
        }
    sign_in = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    operation["responses"][401]["headers"] = operation["responses"][403]["headers"] = sign_in
