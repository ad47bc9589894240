"""The document of the interface: OpenAPI 3.1, with what the library cannot know of problems, scopes, keys and versions."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import get_language
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from silta.api.examples import example_of
from silta.ui.programs import (
    KEY_HEADER,
    KEY_PATTERN,
    MATCH_HEADER,
    PROBLEM_TYPE,
    TAG_PATTERN,
    TITLES,
    Problem,
    Token,
)

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_RECEIPT = "#/components/schemas/Receipt"
_ALWAYS = (400, 401, 403, 404, 422, 429)
_SIGN_IN = {"WWW-Authenticate": {"schema": {"type": "string"}}}
_DESCRIPTION = """\
Everything goes through the same rights as on the pages: a program sees and does what the maker of its token sees and may
do in that place, and every act stands in the journal. Absent and forbidden look the same (404).

Errors are problem details (RFC 9457) in the language of Accept-Language (fi, sv, en). Lists are paged: give the `next` of
a page as `cursor`. A query parameter that is not known is passed over.

Every write wants an `Idempotency-Key` of its own: the same call sent again within four days has no second effect and is
answered the same; a call that was refused wrote nothing, and may be sent again with its key. A write to something that has
a `version` wants it in `If-Match`, as the ETag has it: "3". A write answers with a receipt, the id of the row and its
version; what the row says is read by its address.
"""
_KEY = {
    "name": KEY_HEADER, "in": "header", "required": True, "schema": {"type": "string", "pattern": KEY_PATTERN},
    "description": "The call's own key: sent again with the same, it has one effect.",
    "example": "kirjaus-2026-11-02.0042",
}  # fmt: skip
_MATCH = {
    "name": MATCH_HEADER, "in": "header", "required": True, "schema": {"type": "string", "pattern": TAG_PATTERN},
    "description": "The ETag of what was read and is to be changed.", "example": '"3"',
}  # fmt: skip
_ETAG = {
    "ETag": {"description": "The version, for If-Match.", "schema": {"type": "string"}, "example": '"3"'}
}
# What the most usual refusals look like; the others tell their own title in the same shape.
_CODES = {
    400: "api.no_key", 401: "api.no_token", 403: "api.scope", 404: "api.not_found", 409: "cases.transfer_decided",
    412: "cases.conflict", 422: "api.unsound", 428: "api.no_version", 429: "api.too_many",
}  # fmt: skip


class Documented(NinjaAPI):
    """The interface with its whole document."""

    def __init__(self, **options: Any) -> None:
        """``options`` are the library's."""
        super().__init__(
            title="Silta", version="1.0.0", description=_DESCRIPTION, docs_url=None, **options,
        )  # fmt: skip
        self._told: dict[str, OpenAPISchema] = {}

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The name of the view is the name of the operation."""
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The whole document in the reader's language, put together once: it is open to all, and takes its time."""
        language = get_language() or ""
        if language not in self._told:
            self._told[language] = self._completed(**options)
        return self._told[language]

    def _completed(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        shapes = document.setdefault("components", {}).setdefault("schemas", {})
        shapes["Problem"] = _problem_schema()
        scopes = dict(self._scopes())
        document["components"]["securitySchemes"] = {
            "Token": {
                "type": "http", "scheme": "bearer",
                "description": "A token made on the page of one's own programs, or by `silta token`. Its scopes: "
                + ", ".join(sorted(set(scopes.values()))) + ".",
            }
        }  # fmt: skip
        for path in document["paths"].values():
            for method, operation in path.items():
                _complete(operation, shapes, method=method, scope=scopes[operation["operationId"]])
        return document

    def _scopes(self) -> Iterator[tuple[str, str]]:
        """The scope that each operation needs, by its id."""
        for _prefix, router in self._routers:
            for view in router.path_operations.values():
                for operation in view.operations:
                    auth = operation.auth_callbacks[0]
                    if isinstance(auth, Token):
                        yield (
                            operation.operation_id or self.get_openapi_operation_id(operation),
                            str(auth.scope),
                        )


def _problem_schema() -> dict[str, Any]:
    schema = Problem.model_json_schema()
    fault = schema.pop("$defs")["Fault"]
    schema["properties"]["errors"]["items"] = fault
    schema["examples"] = [_problem(422)]
    return schema


def _problem(status: int) -> dict[str, Any]:
    code, title = _CODES[status], str(TITLES[status])
    told: dict[str, Any] = {
        "type": f"urn:silta:problem:{code}", "title": title, "status": status, "detail": title, "code": code,
        "errors": [],
    }  # fmt: skip
    if code == "api.unsound":
        told["errors"] = [{"pointer": "/reason", "detail": "Tämä puuttuu."}]
    return told


def _complete(operation: dict[str, Any], shapes: dict[str, Any], *, method: str, scope: str) -> None:
    needs_version = operation.pop("x-needs-version", False)
    writes = _RECEIPT in str(operation["responses"])
    if operation["summary"] == operation["operationId"].replace("_", " ").title():
        operation["summary"] = re.split(r"[.;:,]", operation["description"])[0]
    operation["security"] = [{"Token": [scope]}]
    operation["description"] = f"{operation.get('description', '')}\n\nScope: `{scope}`.".strip()
    operation["parameters"] = operation.get("parameters", []) + [_KEY] * writes + [_MATCH] * needs_version
    for parameter in operation["parameters"]:
        if "example" not in parameter:
            parameter["example"] = example_of(parameter["schema"], shapes, name=parameter["name"])
    for told in [operation.get("requestBody", {}), *operation["responses"].values()]:
        for content in told.get("content", {}).values():
            content["example"] = example_of(content["schema"], shapes)
    for response in operation["responses"].values():
        if writes or _has_version(response, shapes):
            response["headers"] = _ETAG
    for status in _ALWAYS + ((409,) if method == "post" else ()) + ((412, 428) if needs_version else ()):
        operation["responses"][status] = {
            "description": str(TITLES[status]),
            "content": {PROBLEM_TYPE: {"schema": _PROBLEM, "example": _problem(status)}},
        }
    operation["responses"][401]["headers"] = operation["responses"][403]["headers"] = _SIGN_IN


def _has_version(response: dict[str, Any], shapes: dict[str, Any]) -> bool:
    """Whether what is answered is one thing with a version, and not a list."""
    content = response.get("content", {}).get("application/json", {})
    shape = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return "version" in shapes.get(shape, {}).get("properties", {})
