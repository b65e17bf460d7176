"""The API's OpenAPI document as a page: operations by tag, with their fields flattened into rows.

Reads the document only; knows no route and no schema class. References are resolved here, recursion is cut.
"""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

_METHODS: Final = ("get", "post", "put", "patch", "delete")

#: Depth to which nested objects are shown.
_MAX_DEPTH: Final = 6

#: Shapes of one body that are laid out: a hundred forms would hide everything else.
_MOST_VARIANTS: Final = 3

_EXAMPLES: Final[Mapping[str, Any]] = {"string": "…", "integer": 1, "number": 1.0, "boolean": True}

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A parameter, or a member of a schema."""

    name: str
    depth: int  #: 0 for members of the outermost object
    type: str
    is_required: bool
    description: str
    place: str = ""  #: parameters: `path`, `query`, `header`


@dataclass(frozen=True, slots=True)
class Body:
    """A request or response body in one content type."""

    content_type: str
    variant: str  #: which of several shapes this is; empty when there is only one
    fields: Sequence[FieldRow]
    example: str  #: pretty JSON, or text; empty when there is none
    more_variants: int = 0  #: how many shapes beside this one aren't laid out; on the last one that is


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation may answer.

    Attributes:
        bodies: Empty for problems, which all have the one shape of RFC 9457.
    """

    status: str
    description: str
    bodies: Sequence[Body]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: Sequence[FieldRow]
    bodies: Sequence[Body]
    answers: Sequence[Answer]
    curl: str


@dataclass(frozen=True, slots=True)
class Group:
    """Operations of one tag."""

    name: str
    anchor: str
    description: str
    operations: Sequence[Operation]


@dataclass(frozen=True, slots=True)
class ApiReference:
    """The whole document."""

    title: str
    version: str
    description: str
    groups: Sequence[Group]


def api_reference(document: Json, base_url: str) -> ApiReference:
    """Lay out a document.

    Args:
        document: OpenAPI 3.
        base_url: where the API answers, without a slash at the end; goes into the curl lines.
    """
    by_tag: dict[str, list[Operation]] = {}
    for operation, tag in _operations(document, base_url):
        by_tag.setdefault(tag, []).append(operation)
    described = {tag["name"]: tag.get("description") or "" for tag in document.get("tags", ())}
    order = [*(name for name in described if name in by_tag), *(name for name in by_tag if name not in described)]
    info = document.get("info", {})
    return ApiReference(
        title=info.get("title", ""),
        version=info.get("version", ""),
        description=info.get("description", ""),
        groups=[Group(name, f"tag-{_slug(name)}", described.get(name, ""), by_tag[name]) for name in order],
    )


def _operations(document: Json, base_url: str) -> Iterator[tuple[Operation, str]]:
    reader = _SchemaReader(document)
    for path, item in document.get("paths", {}).items():
        shared = item.get("parameters", [])
        for method in _METHODS:
            if method in item:
                operation = item[method]
                tag = (operation.get("tags") or ["API"])[0]
                yield _operation(reader, base_url, (method, path), operation, shared), tag


def _operation(
    reader: "_SchemaReader", base_url: str, route: tuple[str, str], operation: Json, shared: Sequence[Json]
) -> Operation:
    method, path = route
    bodies = reader.bodies(operation.get("requestBody", {}))
    answers = [
        Answer(status, _reason(status, reader.resolve(answer)), reader.bodies(answer))
        for status, answer in sorted(operation.get("responses", {}).items())
    ]
    return Operation(
        anchor=_slug(operation.get("operationId") or f"{method}-{path}"),
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=[reader.parameter(parameter) for parameter in [*shared, *operation.get("parameters", [])]],
        bodies=bodies,
        answers=answers,
        curl=_curl(base_url + path, method, bodies[0] if bodies else None, reader.key_variable(operation)),
    )


def _reason(status: str, answer: Json) -> str:
    if answer.get("description"):
        return str(answer["description"])
    return HTTPStatus(int(status)).phrase if status.isdigit() else ""


def _curl(url: str, method: str, body: Body | None, key_variable: str | None) -> str:
    """One command that can be pasted into a shell; the variable with the key is for the reader to set."""
    lines = [f"curl {'' if method == 'get' else f'-X {method.upper()} '}{shlex.quote(url)}"]
    if key_variable is not None:
        lines.append(f'-H "Authorization: Bearer ${key_variable}"')
    if body is not None:
        lines.append(f"-H {shlex.quote(f'Content-Type: {body.content_type}')}")
        lines.append(f"--data {shlex.quote(_one_line(body))}")
    return " \\\n  ".join(lines)


def _one_line(body: Body) -> str:
    return json.dumps(json.loads(body.example), ensure_ascii=False) if body.example.startswith("{") else body.example


def _slug(text: str) -> str:
    return "-".join("".join(character if character.isalnum() else " " for character in text).lower().split())


class _SchemaReader:
    """Reads the schemas of one document."""

    def __init__(self, document: Json) -> None:
        self._document = document

    def resolve(self, node: Json) -> Json:
        """Follow a reference; members beside `$ref` win over those of the target."""
        seen: set[str] = set()
        while isinstance(node.get("$ref"), str) and node["$ref"] not in seen:
            seen.add(node["$ref"])
            target: Any = self._document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target.get(part, {})
            node = {**target, **{name: value for name, value in node.items() if name != "$ref"}}
        return node

    def key_variable(self, operation: Json) -> str | None:
        """The variable that holds the key of an operation; None: it needs none."""
        wanted = operation.get("security", self._document.get("security", [{}]))
        if not wanted:
            return None
        return "MOTCUA_ADMIN_KEY" if "admin-key" in wanted[0] else "MOTCUA_KEY"

    def parameter(self, parameter: Json) -> FieldRow:
        """A parameter of an operation."""
        found = self.resolve(parameter)
        schema = self.resolve(found.get("schema", {}))
        description = found.get("description") or schema.get("description") or ""
        is_required = bool(found.get("required"))
        return FieldRow(found["name"], 0, self._type(schema), is_required, description, found.get("in", ""))

    def bodies(self, holder: Json) -> list[Body]:
        """What a request or response may carry."""
        bodies = []
        for content_type, media in self.resolve(holder).get("content", {}).items():
            if content_type == "application/problem+json":
                continue
            schema = self._merged(media.get("schema", {}))
            if "oneOf" in schema:
                branches = schema["oneOf"]
                bodies += [self._variant(content_type, branch) for branch in branches[:_MOST_VARIANTS]]
                bodies[-1] = replace(bodies[-1], more_variants=max(0, len(branches) - _MOST_VARIANTS))
            else:
                example = self._text(self._media_example(media))
                bodies.append(Body(content_type, "", list(self._rows(schema, 0)), example))
        return bodies

    def _variant(self, content_type: str, branch: Json) -> Body:
        """One of several shapes, called by its constant member, else by its name among the schemas."""
        schema = self._merged(branch)
        constants = [member["const"] for member in schema.get("properties", {}).values() if "const" in member]
        name = str(constants[0]) if constants else branch.get("$ref", "").rpartition("/")[2]
        return Body(content_type, name, list(self._rows(schema, 0)), self._text(self._example(schema, 0)))

    def _media_example(self, media: Json) -> Any:
        if "example" in media:
            return media["example"]
        for example in media.get("examples", {}).values():
            return self.resolve(example).get("value")
        return self._example(media.get("schema", {}), 0)

    def _text(self, example: Any) -> str:
        if example in (None, {}):
            return ""
        return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)

    def _rows(self, schema: Json, depth: int) -> Iterator[FieldRow]:
        found = self._merged(schema)
        if found.get("type") == "array" or "items" in found:
            found = self._merged(found.get("items", {}))
        required = set(found.get("required", ()))
        for name, member in found.get("properties", {}).items():
            inner = self._merged(member)
            yield FieldRow(name, depth, self._type(inner), name in required, inner.get("description", ""))
            if depth < _MAX_DEPTH:
                yield from self._rows(inner, depth + 1)

    def _merged(self, schema: Json) -> Json:
        """A schema with its references followed and the parts of `allOf` put together."""
        found = self.resolve(schema)
        merged: dict[str, Any] = {name: value for name, value in found.items() if name != "allOf"}
        for part in found.get("allOf", ()):
            inner = self._merged(part)
            properties = {**inner.get("properties", {}), **merged.get("properties", {})}
            merged = {**inner, **merged, **({"properties": properties} if properties else {})}
        return merged

    def _type(self, schema: Json) -> str:
        """In words: type, format, choices and limits."""
        kinds = schema.get("type")
        options = [self._type(self._merged(part)) for part in (*schema.get("oneOf", ()), *schema.get("anyOf", ()))]
        kind = " | ".join(kinds) if isinstance(kinds, list) else kinds or " | ".join(dict.fromkeys(options)) or "any"
        if kind == "array":
            kind = f"array of {self._type(self._merged(schema.get('items', {})))}"
        if "format" in schema:
            kind += f" ({schema['format']})"
        if "enum" in schema:
            kind += ": " + ", ".join(str(value) for value in schema["enum"] if value is not None)
        return kind + "".join(f", {words} {schema[name]}" for name, words in _LIMITS if name in schema)

    def _example(self, schema: Json, depth: int) -> Any:
        found = self._merged(schema)
        for name in ("example", "default", "const"):
            if name in found:
                return found[name]
        for name in ("examples", "enum", "oneOf", "anyOf"):
            if found.get(name):
                first = found[name][0]
                return self._example(first, depth + 1) if name in {"oneOf", "anyOf"} else first
        if depth > _MAX_DEPTH:
            return None
        if found.get("properties"):
            return {name: self._example(member, depth + 1) for name, member in found["properties"].items()}
        if "items" in found:
            return [self._example(found["items"], depth + 1)]
        kind = found.get("type")
        return _EXAMPLES.get(kind[0] if isinstance(kind, list) else kind or "", None)


_LIMITS: Final = (
    ("minLength", "min length"),
    ("maxLength", "max length"),
    ("minimum", "min"),
    ("maximum", "max"),
    ("minItems", "min items"),
    ("maxItems", "max items"),
    ("pattern", "pattern"),
    ("default", "default"),
)
