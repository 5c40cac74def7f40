"""Secrets that a profile asks for: `secretBindings` and `materialize` become references of the job (spec compile §7.8)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orun_core.compiler.secrets import reference_problem, same_reference
from orun_core.compiler.sites import problem
from orun_core.spec.plan import Materialize, SecretRef

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_core.spec.documents import Intent, Profile
    from orun_core.spec.errors import Diagnostic
    from orun_core.spec.stages import Authored, Instance, Origin

    Add = Callable[[str, str, Origin], None]


def bind_secrets(instance: Instance, intent: Intent, problems: dict[Diagnostic, None]) -> Instance | None:
    """The instance with its profile's secrets, None when the profile has none. Problems are added to `problems`."""
    profile = instance.composition.profiles.get(instance.profile)
    if profile is None or not (profile.value.secret_bindings or profile.value.materialize):
        return None

    def add(code: str, message: str, origin: Origin, hint: str = "") -> None:
        who = f'component "{instance.name}" in "{instance.environment}"'
        problems[problem(code, f"{who}: {message}", origin, hint)] = None

    state = intent.execution.state
    workspace = state.workspace.strip() or state.org.strip()
    project = state.project.strip() or intent.metadata.name
    refs = {ref.as_env: ref for ref in instance.secret_refs}
    variables: dict[str, str] = {}
    for key, binding in sorted(profile.value.secret_bindings.items()):
        origin = profile.origin.at("secretBindings", key)
        variable = binding.as_env or key
        reference = f"secret://{workspace}/project:{project}/env:{instance.environment}/{key}"
        wrong = reference_problem(reference) if workspace and project else "no workspace is known"
        if wrong:
            if binding.required:
                hint = "declare execution.state.workspace and execution.state.project"
                add("bind/secret-binding", f'required secret "{key}" cannot be mapped: {wrong}', origin, hint)
            continue
        variables[key] = variable
        known = refs.get(variable)
        if known is None:
            refs[variable] = SecretRef(variable, reference)
        elif known.optional:
            add("bind/secret-binding", f"{variable} is bound by the profile and optional in optionalSecretEnv", origin)
        elif not same_reference(known.ref, reference):
            add("bind/secret-binding", f'secret "{key}" and secretEnv bind {variable} to different references', origin)
    materialize = _materialize(profile, variables, instance, add)
    ordered = tuple(refs[name] for name in sorted(refs))
    return replace(instance, secret_refs=ordered, materialize=materialize)


def _materialize(
    profile: Authored[Profile], variables: dict[str, str], instance: Instance, add: Add
) -> Materialize | None:
    wanted = profile.value.materialize
    if wanted is None:
        return None
    origin = profile.origin.at("materialize")
    if not wanted.target.strip():
        add("bind/materialize", "materialize declares no target", origin)
    hard = {ref.as_env for ref in instance.secret_refs if not ref.optional}
    names = set()
    for index, key in enumerate(wanted.secrets):
        if key not in variables and key not in hard:
            add(
                "bind/materialize",
                f'"{key}" is neither a secret binding of the profile nor in secretEnv',
                origin.at("secrets", index),
            )
        names.add(variables.get(key, key))
    return Materialize(wanted.target, tuple(sorted(names)))
