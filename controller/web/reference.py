"""The API's description as a page: what a program may call, by scope, and what it gets.

Made of FastAPI's own description, on the server: it needs no script, so nothing from elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from controller.web import rights
from controller.web.api import Desk
from controller.web.guard import API_VERSION
from controller.web.language import language_of
from controller.web.times import now
from controller.web.view import View
from models.terms import Scope

router = APIRouter(include_in_schema=False)

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One field of a body, an answer or an address. `refers` names a model of the page."""

    name: str
    type: str
    refers: str
    required: bool
    says: str


@dataclass(frozen=True)
class Operation:
    """One thing to call. `gives` is what it answers, as a field without a name."""

    method: str
    path: str
    summary: str
    scopes: tuple[Scope, ...]
    asks: tuple[Field, ...]
    takes: Field | None
    gives: Field | None


@router.get("/docs")
def docs(core: Desk, request: Request) -> Response:
    view = View(language_of(request, core.settings), core.settings.zone, now())
    found = list(operations(request.app.openapi()))
    html = view.render(
        "docs.html",
        settings=core.settings,
        version=API_VERSION,
        base=core.settings.desk.link_base,
        scopes=list(Scope),
        operations=found,
        models=models(request.app.openapi(), found),
    )
    return HTMLResponse(html)


def operations(description: Schema) -> Iterator[Operation]:
    """All that some scope allows, in the order of the table of rights."""
    for route, scopes in rights.SCOPES.items():
        if not scopes:
            continue
        method, path = route.split()
        said = description["paths"][path][method.lower()]
        done = next(said["responses"][code] for code in sorted(said["responses"]))
        yield Operation(
            method,
            path,
            said["summary"],
            tuple(sorted(scopes)),
            tuple(_parameter(asked) for asked in said.get("parameters", ())),
            _content(said.get("requestBody", {})),
            _content(done),
        )


def models(description: Schema, found: list[Operation]) -> dict[str, tuple[Field, ...]]:
    """The models that these operations name, and those that they name in turn, by name."""
    schemas = description["components"]["schemas"]
    waiting = ["Problem", *(f.refers for op in found for f in (op.takes, op.gives) if f)]
    known: dict[str, tuple[Field, ...]] = {}
    while waiting:
        if (name := waiting.pop()) and name not in known:
            known[name] = tuple(_fields(schemas[name]))
            waiting += [field.refers for field in known[name]]
    return dict(sorted(known.items()))


def _fields(schema: Schema) -> Iterator[Field]:
    """Of a model its fields; of a choice what can be chosen."""
    if "enum" in schema:
        yield Field("", *_type(schema), required=True, says="")
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield Field(name, *_type(one), name in required, one.get("description", ""))


def _parameter(asked: Schema) -> Field:
    says = asked.get("description", "")
    return Field(asked["name"], *_type(asked["schema"]), asked["required"], says)


def _content(body: Schema) -> Field | None:
    for kind, content in body.get("content", {}).items():
        schema = content.get("schema", {})
        text, refers = _type(schema) if schema else (kind, "")
        return Field("", text, refers, required=True, says="")
    return None


def _type(schema: Schema) -> tuple[str, str]:
    """How a field's type is written, and the model that it names, if it names one."""
    if ref := schema.get("$ref"):
        name = ref.rpartition("/")[2]
        return name, name
    if "anyOf" in schema or "oneOf" in schema:
        parts = [_type(one) for one in schema.get("anyOf", schema.get("oneOf", ()))]
        return " | ".join(text for text, _ in parts), next((to for _, to in parts if to), "")
    if schema.get("type") == "array":
        text, to = _type(schema.get("items", {}))
        return f"{text}[]", to
    if chosen := schema.get("enum") or ([schema["const"]] if "const" in schema else []):
        return " | ".join(f'"{one}"' for one in chosen), ""
    return str(schema.get("format") or schema.get("type") or "object"), ""
