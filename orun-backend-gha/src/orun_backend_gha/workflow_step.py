"""One step of a plan as steps of GitHub Actions."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import field
from typing import TYPE_CHECKING, Any

from orun_core.spec.frozen import frozen

from orun_backend_gha.duration import minutes_of, seconds_of
from orun_backend_gha.expression import literal, without_expressions
from orun_backend_gha.references import with_variables
from orun_backend_gha.yaml_text import Commented

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orun_core.spec.plan import Step

    from orun_backend_gha.yaml_text import Tree

SHELLS = frozenset({"bash", "sh", "pwsh", "powershell", "python", "cmd"})
INTERPRETERS = {
    "bash": ("bash --noprofile --norc -eo pipefail", ""),
    "sh": ("sh -e", ""),
    "python": ("python", ".py"),
    "pwsh": ("pwsh -command . ", ".ps1"),
}
"""How a repeated script is started, and the ending of its file."""

SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

SCRIPT = """\
script="$RUNNER_TEMP/{name}"
cat > "$script" <<'{end}'
{body}
{end}
"""

REPEAT = """\
attempt=1
until {command} "$script"; do
  status=$?
  if [ "$attempt" -ge {attempts} ]; then
    exit "$status"
  fi
  pause=$((1 << (attempt > 5 ? 5 : attempt - 1)))
  echo "attempt $attempt of {attempts} ended with exit status $status; next one in ${{pause}}s"
  sleep "$pause"
  attempt=$((attempt + 1))
done
"""


@frozen
class Site:
    """Where steps stand. `root`: the intent's folder in the checkout; `folder`: the job's; `shell`: the workflow's default.

    `pins`: commit by action reference. `exact`: coreutils' `timeout` is there, so that limits hold to the second. `retries`: of
    a step that has no number of its own. `names_files`: scripts must be told what `ORUN_OUTPUT`, `ORUN_STEP_ID` and their like are.
    """

    root: str = ""
    folder: str = ""
    shell: str = "bash"
    pins: Mapping[str, str] = field(default_factory=dict)
    exact: bool = True
    retries: int = 0
    names_files: bool = True


def github_steps(step: Step, key: str, site: Site) -> list[dict[str, Tree]]:
    """The steps that do what `step` does: one, or one per attempt for an action that is retried. `key`: id in the workflow."""
    attempts = 1 + (step.retry or site.retries)
    if step.use:
        return [_action_step(step, key, attempt, attempts, site) for attempt in range(1, attempts + 1)]
    return [_script_step(step, key, attempts, site)]


def _head(step: Step, key: str, attempts: int) -> dict[str, Tree]:
    head: dict[str, Tree] = {"id": key, "name": literal(step.name or step.id)}
    if step.phase == "post":
        head["if"] = "always()"
    if step.on_failure == "continue":
        head["continue-on-error"] = True
    if step.timeout:
        head["timeout-minutes"] = minutes_of(step.timeout) * attempts
    return head


def _action_step(step: Step, key: str, attempt: int, attempts: int, site: Site) -> dict[str, Tree]:
    entry = _head(step, key if attempt == 1 else f"{key}_{attempt}", 1)
    if attempt > 1:
        earlier = key if attempt == 2 else f"{key}_{attempt - 1}"
        always = "always() && " if step.phase == "post" else ""
        entry["if"] = f"{always}steps.{earlier}.outcome == 'failure'"
    if attempt < attempts:
        entry["continue-on-error"] = True
    entry["uses"] = pinned(rooted(step.use, site.root), site.pins)
    if step.with_:
        entry["with"] = {name: text(step.with_[name]) for name in sorted(step.with_)}
    if step.env:
        entry["env"] = {name: text(step.env[name]) for name in sorted(step.env)}
    return entry


def _script_step(step: Step, key: str, attempts: int, site: Site) -> dict[str, Tree]:
    entry = _head(step, key, attempts)
    used = step.shell or site.shell
    told = site.names_files and used in ("bash", "sh")
    written = with_variables(step.run, step.id, site.root) if told else step.run
    script, moved = without_expressions(written, used)
    seconds = seconds_of(step.timeout)
    limited = site.exact and seconds % 60 != 0
    if attempts > 1 or limited:
        limit = f"timeout --kill-after=10 {seconds:g} " if limited else ""
        script, used = _repeated(script, used, key, attempts, limit)
    if used != site.shell:
        entry["shell"] = used if used in SHELLS or "{0}" in used else literal(f"{used} {{0}}")
    if step.working_directory:
        entry["working-directory"] = literal(posixpath.normpath(posixpath.join(site.folder, step.working_directory)))
    env = {**{name: text(value) for name, value in step.env.items()}, **moved}
    if env:
        entry["env"] = {name: env[name] for name in sorted(env)}
    entry["run"] = script or ":"
    return entry


def _repeated(script: str, shell: str, key: str, attempts: int, limit: str) -> tuple[str, str]:
    """A script that runs another one up to `attempts` times, and the shell for it."""
    command, ending = INTERPRETERS.get(shell, (shell, ""))
    if "{0}" in command:
        command = command.replace("{0}", "").rstrip()
    end = "ORUN_SCRIPT"
    while end in script:
        end += "_"
    body = script.removesuffix("\n")
    outer = "sh" if shell == "sh" else "bash"
    name = f"orun-{key}{ending}"
    written = SCRIPT.format(name=name, end=end, body=body)
    if attempts == 1:
        return f'{written}{limit}{command} "$script"\n', outer
    return written + REPEAT.format(command=limit + command, attempts=attempts), outer


def is_pinned(use: str, pins: Mapping[str, str]) -> bool:
    """True when the action is of this repository, an image, or given by commit."""
    return use.startswith(("./", "../", "docker://")) or bool(SHA.fullmatch(use.partition("@")[2])) or use in pins


def pinned(use: str, pins: Mapping[str, str]) -> Tree:
    """The reference of an action: by commit when `pins` or the plan has one, else as authored and marked as such."""
    if use in pins:
        return Commented(fixed(use, pins), use.partition("@")[2])
    if is_pinned(use, pins):
        return use
    return Commented(use, "zizmor: ignore[unpinned-uses] -- no commit of this action was given")


def fixed(use: str, pins: Mapping[str, str]) -> str:
    """The reference of an action: by commit when `pins` has one, else as authored."""
    return f"{use.partition('@')[0]}@{pins[use]}" if use in pins else use


def replaced(use: str, repositories: Iterable[str]) -> bool:
    """True when the action is of one of these repositories, `[https://SERVER/]OWNER/NAME@REF`."""
    action, _, ref = use.partition("@")
    repository = f"{'/'.join(action.split('/')[:2])}@{ref}"
    return any(f"/{known}".endswith(f"/{repository}") for known in repositories)


def rooted(use: str, root: str) -> str:
    """The reference, with a local one made relative to the checkout."""
    return f"./{posixpath.normpath(posixpath.join(root, use))}" if use.startswith(("./", "../")) else use


def text(value: Any) -> str:
    """An input or a variable as Actions want it: always text. Expressions stay: they are evaluated as data here."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
