"""Rendering one step: each templated field from its own text, with warnings for names that are not set."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from orun_core.compiler.sites import caution, problem
from orun_core.compiler.template import TemplateError, compile_template
from orun_core.spec.plan import Step

if TYPE_CHECKING:
    from orun_core.compiler.bind import ChosenStep
    from orun_core.spec.documents import Step as AuthoredStep
    from orun_core.spec.errors import Diagnostic
    from orun_core.spec.stages import Instance, Origin

PHASES: Final = {"pre": 0, "main": 1, "post": 2}
OLDER_NAMES: Final = {
    ".component": ".orun.component.name",
    ".environment": ".orun.environment.name",
    ".env": ".orun.environment.name",
    ".group": ".orun.component.domain",
    ".domain": ".orun.component.domain",
    ".type": ".orun.component.type",
}
"""What an older orun called otherwise, in lower case; everything else was a parameter."""


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
        self._near: dict[str, str] = {}
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
            self.problems[problem("bind/template", message, _field_origin(chosen, field), error.hint)] = None
            return ""

    def _note(self, name: str, line: int, field: str, chosen: ChosenStep, instance: Instance) -> None:
        who = self._missing.setdefault((_field_origin(chosen, field), f"{name}\0{field}\0{line}"), {})
        if not who:
            self._near.setdefault(name, _nearest_place(name, self._context[1]))
        who[f"{instance.name} in {instance.environment}"] = None

    def warnings(self) -> tuple[Diagnostic, ...]:
        """One warning per file and name that some job does not set; one for all names of an older orun in a file."""
        places: dict[tuple[str, str], list[_Place]] = {}
        for (origin, key), who in sorted(self._missing.items()):
            name, field, line = key.split("\0")
            group = (origin.file, name if _current_name(name) else "")
            places.setdefault(group, []).append(_Place(origin, name, f"{field}, line {line}", tuple(who)))
        near = self._near
        return tuple(_unset(found, near[name]) if name else _older(found) for (_, name), found in places.items())


class _Place(NamedTuple):
    """A place in a template whose name is not set. `who`: for which component in which environment."""

    origin: Origin
    name: str
    where: str
    who: tuple[str, ...]


def _unset(places: list[_Place], near: str) -> Diagnostic:
    first, *others = places
    elsewhere = f", also in {_count(len(others), 'other place')} of this file" if others else ""
    text = f"{first.where}: {first.name} is not set for {_named(places)}; it renders empty{elsewhere}"
    hint = "set it, or write a default: {{ or " + first.name + ' "…" }}'
    return caution("bind/missing-key", text, first.origin, f"did you mean {near}? {hint}" if near else hint)


def _nearest_place(name: str, context: Mapping[str, Any]) -> str:
    """The nearest name beside the one that is not set, empty when none is near or when it is there and null."""
    head, *above = name.split(".")
    if head not in ("", "$") or not above:
        return ""
    here: Any = context
    for key in above[:-1]:
        here = here.get(key) if isinstance(here, Mapping) else None
    if not isinstance(here, Mapping) or above[-1] in here:
        return ""
    near = get_close_matches(above[-1], here, n=1, cutoff=0.75)
    return ".".join((head, *above[:-1], near[0])) if near else ""


def _older(places: list[_Place]) -> Diagnostic:
    """Names without `parameters`, `env` or `orun` before them, which an older orun knew."""
    names = tuple(dict.fromkeys(place.name for place in places))
    are = "is a name" if len(names) == 1 else "are names"
    text = f"{places[0].where}: {', '.join(names)} {are} of an older orun, not set for {_named(places)}; rendered empty"
    written = ", ".join("{{ " + OLDER_NAMES.get(name.lower(), f".parameters{name}") + " }}" for name in names)
    return caution("bind/missing-key", text, places[0].origin, f"write {written}")


def _named(places: list[_Place]) -> str:
    """Who lacks it: the first one by name, the rest by number."""
    first, *others = dict.fromkeys(who for place in places for who in place.who)
    return f"{first} and {len(others)} more" if others else first


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _current_name(name: str) -> bool:
    return not name.startswith(".") or name.split(".")[1] in ("orun", "parameters", "env")


def _field_origin(chosen: ChosenStep, field: str) -> Origin:
    name, _, key = field.partition(":")
    origin = chosen.origins.get({"with": "with_"}.get(name, name), chosen.origin.at(name))
    return origin.at(key) if key else origin
