"""Rendering one step: each templated field from its own text, with warnings for names that are not set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from orun_core.compiler.sites import caution, problem
from orun_core.compiler.template import TemplateError, compile_template
from orun_core.spec.plan import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.compiler.bind import ChosenStep
    from orun_core.spec.documents import Step as AuthoredStep
    from orun_core.spec.errors import Diagnostic
    from orun_core.spec.stages import Instance, Origin

PHASES: Final = {"pre": 0, "main": 1, "post": 2}


def phase_of(step: AuthoredStep) -> str:
    """Phase without case and spaces, `main` by default."""
    return step.phase.strip().lower() or "main"


def template_context(instance: Instance, job_id: str, job: str) -> dict[str, Any]:
    """What `.` is in a template (spec compile §7.7)."""
    value = instance.component.value
    return {
        "orun": {
            "component": {"name": value.name, "type": value.type, "domain": value.domain},
            "environment": {"name": instance.environment},
            "composition": {"type": value.type},
            "profile": {"name": instance.profile},
            "job": {"id": job_id, "name": job},
        },
        "parameters": instance.parameters,
        "env": instance.env,
    }


class StepRenderer:
    """Renders steps and keeps what went wrong, once per template place and name."""

    def __init__(self) -> None:
        self.problems: dict[Diagnostic, None] = {}
        self._missing: dict[tuple[Origin, str], dict[str, None]] = {}
        self._context: tuple[str, dict[str, Any]] = ("", {})

    def render(self, chosen: ChosenStep, instance: Instance, job_id: str, job: str, position: int) -> Step:
        """The plan's step; `position` counts from 1 in execution order."""
        if self._context[0] != job_id:
            self._context = (job_id, template_context(instance, job_id, job))
        step = chosen.step

        def text(field: str, value: str) -> str:
            return self._text(value, field, chosen, instance) if value else ""

        def top_level(field: str, values: Mapping[str, Any]) -> dict[str, Any]:
            return {k: text(f"{field}:{k}", v) if isinstance(v, str) else v for k, v in values.items()}

        return Step(
            id=step.name or f"step-{position}",
            phase=phase_of(step),  # type: ignore[arg-type]
            name=step.name,
            order=step.order,
            run=text("run", step.run),
            use=text("use", step.use),
            with_=top_level("with", step.with_),
            env=top_level("env", step.env),
            shell=text("shell", step.shell),
            working_directory=text("working-directory", step.working_directory),
            timeout=step.timeout,
            retry=step.retry,
            resume=step.resume,
            on_failure=step.on_failure,
        )

    def _text(self, value: str, field: str, chosen: ChosenStep, instance: Instance) -> str:
        if "{{" not in value:
            return value
        try:
            template = compile_template(value)
            return template.render(self._context[1], lambda name, line: self._note(name, line, field, chosen, instance))
        except TemplateError as error:
            where = f"line {error.line} of the template" if "\n" in value else f"column {error.column}"
            message = f'step "{chosen.step.name or chosen.step.id}" {field}: {error.message} ({where})'
            self.problems[problem("bind/template", message, _field_origin(chosen, field))] = None
            return ""

    def _note(self, name: str, line: int, field: str, chosen: ChosenStep, instance: Instance) -> None:
        who = self._missing.setdefault((_field_origin(chosen, field), f"{name}\0{field}\0{line}"), {})
        who[f"{instance.name} in {instance.environment}"] = None

    def warnings(self) -> tuple[Diagnostic, ...]:
        """One warning per template place and name that some job does not set."""
        found = []
        for (origin, key), who in sorted(self._missing.items()):
            name, field, line = key.split("\0")
            first, *others = who
            more = f" and {len(others)} more" if others else ""
            text = f"{field}, line {line}: {name} is not set for {first}{more}; it renders empty"
            hint = "set it, or write a default: {{ or " + name + ' "…" }}'
            found.append(caution("bind/missing-key", text, origin, hint))
        return tuple(found)


def _field_origin(chosen: ChosenStep, field: str) -> Origin:
    name, _, key = field.partition(":")
    origin = chosen.origins.get({"with": "with_"}.get(name, name), chosen.origin.at(name))
    return origin.at(key) if key else origin
