"""Reference pages and snapshots that follow from the code. `python tests/contract/reference.py` writes them all."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import fields, is_dataclass
from functools import partial
from importlib import import_module
from itertools import groupby
from pathlib import Path

import click
from orun_core.cli import main
from orun_core.cli.backend_options import TakesBackendOptions, format_flags
from orun_core.cli.schema import schema
from orun_core.plugins.discover import installed
from orun_core.plugins.registry import Registry
from orun_core.spec import API_VERSION, hooks
from orun_core.spec.codes import CODES
from orun_core.spec.errors import Diagnostic, PluginError

ROOT = Path(__file__).parents[2]
OURS = ("orun-core", "orun-backend-shell", "orun-backend-docker", "orun-backend-gha", "orun-source-oci", "orun-cockpit")
WIDE = {"terminal_width": 100, "max_content_width": 100}
BEGIN, END = "<!-- hooks: begin -->\n", "<!-- hooks: end -->"
CONTRACT = (
    "backend", "entries", "errors", "exporter", "host", "local_process", "policy", "run", "source", "stages", "store",
    "surface", "trigger",
)  # fmt: skip


def hooks_page() -> str:
    """`docs/hooks.md` with its table of signatures."""
    before, _, rest = (ROOT / "docs/hooks.md").read_text(encoding="utf-8").partition(BEGIN)
    return before + BEGIN + "\n".join(_hook_rows()) + "\n" + END + rest.partition(END)[2]


def _hook_rows() -> list[str]:
    rows = ["| hook | returns | when |", "|---|---|---|"]
    for name, function in vars(hooks).items():
        if name.startswith("orun_"):
            signature = inspect.signature(function)
            taken = ", ".join(f"{p.name}: {p.annotation}" for p in signature.parameters.values())
            returned = str(signature.return_annotation).replace("|", "\\|")
            said = " ".join((inspect.getdoc(function) or "").split())
            rows.append(f"| `{name}({taken})` | `{returned}` | {said} |")
    return rows


def errors_page() -> str:
    """`docs/errors.md`: every code with what it means."""
    lines = [
        "# Diagnostic codes",
        "",
        "`orun explain-error CODE` prints one of these. Exit codes are in [cli.md](cli.md).",
    ]
    for area, codes in groupby(sorted(CODES), key=lambda code: code.partition("/")[0]):
        lines += ["", f"## {area}", "", *(f"- `{code}` – {CODES[code]}" for code in codes)]
    return "\n".join(lines) + "\n"


def cli_page() -> str:
    """`docs/cli.md`: the help of every command of the whole product; raises `PluginError` when a part of it is missing."""
    registry = Registry(plugin for plugin in installed(sys.path) if plugin.distribution in OURS)
    if unusable := [registry.error(plugin) for plugin in registry.plugins if registry.error(plugin)]:
        raise PluginError(Diagnostic("plugin/import-failed", problem) for problem in unusable)
    context = click.Context(main.orun, info_name="orun", **main.orun.context_settings, **WIDE)
    context.meta["orun.registry"] = registry
    lines = ["# Command line", "", CLI_HEAD, "", *_help(context)]
    for name in main.orun.list_commands(context):
        command = main.orun.get_command(context, name)
        lines += _command(command, name, context, "##") if command else []
        if isinstance(command, TakesBackendOptions):
            lines += _backends(command, click.Context(command, parent=context, info_name=name))
    return "\n".join(lines).rstrip() + "\n"


CLI_HEAD = """Data goes to stdout; diagnostics, warnings and progress go to stderr.

| exit code | meaning |
|---|---|
| 0 | done; also when nothing was selected |
| 1 | a run could not start, or a job of it failed |
| 2 | the command line was wrong |
| 3 | the project is wrong |
| 4 | the project is right and a policy does not allow it |
| 5 | the plan is unreadable, tampered with, or of another version |
| 6 | a plugin is missing, clashes with another, or broke |
| 7 | nothing was selected, with `--fail-on-empty` |
| 130, 143 | interrupted, terminated |

| variable | says |
|---|---|
| `ORUN_RUNNER` | the backend of `orun run`; `--runner` wins |
| `ORUN_EXEC_ID` | the execution that `orun run` begins or continues; `--exec-id` wins |
| `ORUN_SECRET_KEY` | the value of the secret `KEY`: [running.md](running.md#secrets) |
| `ORUN_CONFIG_DIR` | folder of a legacy job registry, as `--config-dir` |
| `ORUN_CACHE_DIR` | the cache folder; `$XDG_CACHE_HOME/orun` or `~/.cache/orun` without it |
| `ORUN_STATE_STORE` | where runs are recorded: the name of a state store; `local` without it |
| `ORUN_PLAIN_HTTP` | hosts of registries that are spoken to without TLS, separated by commas |
| `ORUN_DISABLE_PLUGIN_AUTOLOAD` | `1`: no plugin but core's own |
| `ORUN_NO_TUI` | `1`: `orun` alone prints its help, also on a terminal |
| `ORUN_THEME`, `ORUN_ASCII`, `NO_COLOR`, `CLICOLOR_FORCE` | how it looks: [cockpit.md](cockpit.md#looks) |
| `CI` | `1` or `true`: `--frozen` is the default, and runs are shown line by line |

What steps find in their environment is in [running.md](running.md#environment)."""


def _command(command: click.Command, name: str, parent: click.Context, level: str) -> list[str]:
    command = copy(command)
    command._help_option = (
        None  # click keeps the one that it made first, perhaps for a test that called the command alone
    )
    context = click.Context(command, parent=parent, info_name=name, **WIDE)
    lines = ["", f"{level} {context.command_path}", "", *_help(context)]
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            lines += _command(found, below, context, level + "#") if found else []
    return lines


def _backends(command: TakesBackendOptions, context: click.Context) -> list[str]:
    """The options that a command takes for each backend."""
    lines: list[str] = []
    for backend in main.registry(context).offers("orun_backends"):
        formatter = click.HelpFormatter(width=100)
        format_flags(command.flags(context, backend.name), context, formatter)
        if said := formatter.getvalue().rstrip().splitlines():
            lines += ["", f"### {context.command_path} --runner {backend.name}", "", "```text", *said, "```"]
    return lines


def _help(context: click.Context) -> list[str]:
    return ["```text", *(line.rstrip() for line in context.get_help().splitlines()), "```"]


def api_surface() -> str:
    """Every hook, class, field and method that a plugin can see."""
    lines = [f"plugin API {'.'.join(map(str, API_VERSION))}", ""]
    lines += [f"hook {n}{inspect.signature(f)}" for n, f in vars(hooks).items() if n.startswith("orun_")]
    for name in CONTRACT:
        module = import_module(f"orun_core.spec.{name}")
        for owner in vars(module).values():
            if inspect.isclass(owner) and owner.__module__ == module.__name__:
                lines += [
                    "",
                    f"{name}.{owner.__name__}({', '.join(b.__name__ for b in owner.__bases__)})",
                    *_members(owner),
                ]
    return "\n".join(lines) + "\n"


def _members(owner: type) -> list[str]:
    lines: list[str] = []
    if is_dataclass(owner):
        lines += [f"  {field.name}: {field.type}" for field in fields(owner)]
    elif hasattr(owner, "__members__"):
        lines += [f"  {name} = {value.value}" for name, value in owner.__members__.items()]
    written = not is_dataclass(owner) and not getattr(owner, "_is_protocol", False)
    for name, member in vars(owner).items():
        if name.startswith("_") and not (written and name == "__init__"):
            continue
        if inspect.isfunction(member):
            lines.append(f"  {name}{inspect.signature(member)}")
        elif isinstance(member, property) and member.fget:
            lines.append(f"  {name} -> {inspect.signature(member.fget).return_annotation}")
    return lines


def shipped_schema(kind: str) -> str:
    """The JSON Schema of the plan or of a diff, as it is shipped."""
    return json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/hooks.md": hooks_page,
    "docs/errors.md": errors_page,
    "docs/cli.md": cli_page,
    "tests/contract/api_surface.txt": api_surface,
    "orun-core/src/orun_core/schemas/plan.schema.json": partial(shipped_schema, "plan"),
    "orun-core/src/orun_core/schemas/diff.schema.json": partial(shipped_schema, "diff"),
}
"""File → what it must hold."""


def write(names: list[str]) -> None:
    """Write the named pages, all without names."""
    for name in names or list(PAGES):
        file = ROOT / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(PAGES[name](), encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:])
