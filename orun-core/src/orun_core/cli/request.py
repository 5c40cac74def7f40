"""The options that say what is compiled, shared by every command that compiles, and the `Request` they make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from orun_core.spec.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_core.host import Host
    from orun_core.spec.stages import Request
    from orun_core.spec.trigger import TriggerEvent

Command = TypeVar("Command", bound="Callable[..., Any]")

OPTIONS = (
    click.option(
        "-e", "--env", "environments", metavar="A,B", multiple=True, help="Environments; names or prefixes ending in *."
    ),
    click.option("--all-envs", is_flag=True, help="All environments, said explicitly."),
    click.option(
        "--component", "components", metavar="NAME", multiple=True, help="Component; a name or a prefix ending in *."
    ),
    click.option("--trigger", metavar="NAME", default="", help="Plan as if this trigger binding had matched."),
    click.option("--from-ci", metavar="PROVIDER", default="", help="Trigger provider of --event-file."),
    click.option("--event-file", metavar="FILE", default="", help="Event payload (JSON); needs --from-ci."),
    click.option("--offline", is_flag=True, help="Never touch the network."),
    click.option(
        "--frozen/--no-frozen", default=None, help="Use exactly the locked packages; the default when CI is set."
    ),
    click.option("--as-of", metavar="DATE", default="", help="Day against which waivers expire, YYYY-MM-DD."),
    click.option("--strict", is_flag=True, help="Make warnings errors."),
)


def compile_options(command: Command) -> Command:
    """Add the options of a compile to a command; `request_from` reads them."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def request_from(host: Host, options: dict[str, Any]) -> Request:
    """Take the compile's options out of `options`; raises `UsageError` for contradictions and unreadable event files."""
    from orun_core.spec.stages import Request

    taken = {name: options.pop(name) for name in _NAMES}
    environments = tuple(part.strip() for value in taken["environments"] for part in value.split(",") if part.strip())
    if taken["all_envs"] and taken["environments"]:
        raise UsageError(Diagnostic("usage/conflict", "--env and --all-envs exclude each other"))
    if taken["environments"] and not environments:
        raise UsageError(Diagnostic("usage/empty-value", "--env names no environment"))
    if taken["trigger"] and taken["event_file"]:
        raise UsageError(Diagnostic("usage/conflict", "--trigger and --event-file exclude each other"))
    frozen = taken["frozen"]
    return Request(
        environments=environments,
        all_environments=taken["all_envs"],
        components=tuple(taken["components"]),
        trigger=taken["trigger"],
        event=_event(host, taken["from_ci"], taken["event_file"]),
        strict=taken["strict"],
        as_of=taken["as_of"],
        offline=taken["offline"],
        frozen=host.environ.get("CI", "").lower() in ("1", "true") if frozen is None else frozen,
    )


_NAMES = (
    "environments",
    "all_envs",
    "components",
    "trigger",
    "from_ci",
    "event_file",
    "offline",
    "frozen",
    "as_of",
    "strict",
)


def _event(host: Host, provider: str, file: str) -> TriggerEvent | None:
    if not file:
        return None
    if not provider:
        hint = "add --from-ci, for example --from-ci github"
        raise UsageError(Diagnostic("usage/missing-option", "--event-file needs --from-ci", hint=hint))
    try:
        payload = json.loads(Path(file).read_bytes())
    except OSError as error:
        text = f'cannot read the event file "{file}": {error.strerror}'
        raise UsageError(Diagnostic("trigger/event-file", text)) from error
    except ValueError as error:
        raise UsageError(Diagnostic("trigger/event-file", f'"{file}" is not JSON: {error}')) from error
    return host.trigger_provider(provider).parse(payload, host.environ)
