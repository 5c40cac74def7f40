"""Component parameters against the JSON Schema of their composition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from orun_core.compiler.sites import problem
from orun_core.spec.errors import CompileError, Diagnostic
from orun_core.spec.nearest import nearest
from orun_core.spec.stages import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orun_core.spec.documents import Component
    from orun_core.spec.stages import Authored, LoadedComposition

SCHEMA_DEFAULT: Final = "schema default"
"""Name of the layer below all others."""


class SchemaBook:
    """Validators of the compositions in use, each compiled once."""

    def __init__(self) -> None:
        self._validators: dict[int, Any] = {}
        self._defaults: dict[int, tuple[Layer, ...]] = {}

    def check(
        self, component: Authored[Component], composition: LoadedComposition, parameters: Mapping[str, Any]
    ) -> tuple[Diagnostic, ...]:
        """Problems of these parameters. The object validated is the original's: name, type, parameters, inputs (the same), domain, labels."""
        value = component.value
        subject = {
            "name": value.name,
            "type": value.type,
            "parameters": parameters,
            "inputs": parameters,
            "domain": value.domain,
            "labels": value.labels,
        }
        try:
            validator = self._validator(composition)
        except CompileError as error:
            return error.diagnostics
        return tuple(dict.fromkeys(self._problems(validator, subject, component, composition)))

    def _problems(
        self, validator: Any, subject: dict[str, Any], component: Authored[Component], composition: LoadedComposition
    ) -> Iterator[Diagnostic]:
        if validator.is_valid(subject):
            return
        who = f'component "{component.value.name}", type "{composition.type}"'
        for error in validator.iter_errors(subject):
            path = ["parameters" if key == "inputs" else key for key in error.instance_path[:1]]
            path += error.instance_path[1:]
            place = component.origin.at(*path)
            rule = f"schema: {composition.schema_origin.file}#{_pointer(error.schema_path)}"
            if error.kind.name == "additionalProperties":
                known = _properties(composition.schema, error.schema_path[:-1])
                for name in error.kind.unexpected:
                    near = nearest(name, known)
                    hint = f'did you mean "{near}"? {rule}' if near else rule
                    text = f'{who}: {_field(path)}"{name}" is not allowed'
                    yield problem("normalize/schema", text, place.at(name), hint)
            else:
                yield problem("normalize/schema", f"{who}: {_field(path)}{error.message}", place, rule)

    def _validator(self, composition: LoadedComposition) -> Any:
        import jsonschema_rs

        found = self._validators.get(id(composition.schema))
        if found is None:
            try:
                found = jsonschema_rs.validator_for(
                    dict(composition.schema), validate_formats=True, retriever=_refuse_external
                )
            except (ValueError, jsonschema_rs.ReferencingError) as error:
                said = str(error).splitlines()[0].rpartition("ValueError: ")[2]
                text = f'the schema of type "{composition.type}" is not valid: {said}'
                raise CompileError(problem("normalize/bad-schema", text, composition.schema_origin)) from error
            self._validators[id(composition.schema)] = found
        return found

    def defaults(self, composition: LoadedComposition) -> tuple[Layer, ...]:
        """`default:` values of the schema's parameters, for `compiler: {schemaDefaults: apply}`, as the lowest layers."""
        key = id(composition.schema)
        if key not in self._defaults:
            properties = composition.schema.get("properties")
            layers = []
            for section in ("inputs", "parameters"):
                declared = properties.get(section) if isinstance(properties, dict) else None
                fields = declared.get("properties") if isinstance(declared, dict) else None
                found = {
                    name: field["default"]
                    for name, field in (fields or {}).items()
                    if isinstance(field, dict) and "default" in field
                }
                origin = composition.schema_origin.at("properties", section, "properties")
                layers += [Layer(SCHEMA_DEFAULT, origin, found)] if found else []
            self._defaults[key] = tuple(layers)
        return self._defaults[key]


def _refuse_external(uri: str) -> Any:
    raise ValueError(f"a schema may only refer to itself, not to {uri}")


def _field(path: list[str | int]) -> str:
    return f"{'.'.join(str(key) for key in path)}: " if path else ""


def _pointer(path: list[str | int]) -> str:
    return "/" + "/".join(str(key) for key in path)


def _properties(schema: Any, path: list[str | int]) -> tuple[str, ...]:
    """Names that the object schema at a path knows."""
    for key in path:
        schema = schema[key]
    return tuple(schema.get("properties", ()))
