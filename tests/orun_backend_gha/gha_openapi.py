"""GitHub's own description of its API, as a judge of what our tests send and answer."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema_rs

PACKAGE = "@octokit/openapi/generated/api.github.com.json"


@cache
def description() -> Description | None:
    """The description from the npm package `@octokit/openapi` below `ORUN_NODE_MODULES`, if it is there."""
    file = Path(os.environ.get("ORUN_NODE_MODULES", "/nonexistent")) / PACKAGE
    return Description(json.loads(file.read_bytes())) if file.is_file() else None


class Description:
    """The paths of the API with the schemas of requests and answers."""

    def __init__(self, document: dict) -> None:
        self._components = document["components"]
        self._paths = [
            (
                re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path).replace("/contents/[^/]+", "/contents/.+") + "$"),
                operations,
            )
            for path, operations in document["paths"].items()
        ]

    def judge(self, method: str, target: str, sent: object, status: int, answered: object) -> list[str]:
        """What is wrong with a request and its answer; nothing when all is well."""
        path = urlsplit(target).path
        operation = next(
            (found[method.lower()] for where, found in self._paths if where.match(path) and method.lower() in found),
            None,
        )
        if operation is None:
            return [f"GitHub has no {method} {path}"]
        wrong = []
        if sent is not None:
            wrong += self._errors(operation["requestBody"], sent)
        answer = operation["responses"].get(str(status))
        if answer is None and status < 400 and status != 304:
            wrong.append(f"{method} {path} never answers {status}")
        elif answer is not None and answered is not None and status < 400:
            wrong += self._errors(answer, answered)
        return wrong

    def _errors(self, holder: dict, value: object) -> list[str]:
        if "$ref" in holder:
            _, _, kind, name = holder["$ref"].split("/")
            holder = self._components[kind][name]
        content = holder.get("content", {}).get("application/json")
        if content is None:
            return []
        needed: dict[str, object] = {}
        schema = {**self._plain(content["schema"], needed), "definitions": needed}
        return [str(error.message) for error in jsonschema_rs.Draft7Validator(schema).iter_errors(value)]

    def _plain(self, node: object, needed: dict) -> object:
        """A schema of OpenAPI 3.0 as JSON Schema, with what it refers to collected in `needed`."""
        if isinstance(node, list):
            return [self._plain(item, needed) for item in node]
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            name = node["$ref"].rpartition("/")[2]
            if name not in needed:
                needed[name] = {}
                needed[name] = self._plain(self._components["schemas"][name], needed)
            return {"$ref": f"#/definitions/{name}"}
        skipped = ("nullable", "example", "examples", "format", "exclusiveMinimum", "exclusiveMaximum")
        plain = {key: self._plain(value, needed) for key, value in node.items() if key not in skipped}
        return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain
