"""The options that say what is compiled, shared by every command that compiles, and the `Request` they make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_core.changes.options import ChangeOptions
    from orun_core.host import Host
    from orun_core.spec.stages import Request
    from orun_core.spec.trigger import TriggerEvent

Command = TypeVar("Command", bound="Callable[..., Any]")

SELECTION = (
    click.option(
        "-e", "--env", "environments", metavar="A,B", multiple=True, help="Environments; names or prefixes ending in *."
    ),
    click.option("--all-envs", is_flag=True, help="All environments, said explicitly."),
    click.option(
        "--component", "components", metavar="NAME", multiple=True, help="Component; a name or a prefix ending in *."
    ),
)
TRIGGER = click.option("--trigger", metavar="NAME", default="", help="Plan as if this trigger binding had matched.")
EVENT = (
    click.option("--from-ci", metavar="PROVIDER", default="", help="Trigger provider of --event-file."),
    click.option("--event-file", metavar="FILE", default="", help="Event payload (JSON); needs --from-ci."),
)
PACKAGES = (
    click.option("--offline", is_flag=True, help="Never touch the network."),
    click.option(
        "--frozen/--no-frozen", default=None, help="Use exactly the locked packages; in CI, those from elsewhere."
    ),
)
RULES = (
    click.option("--as-of", metavar="DATE", default="", help="Day against which waivers expire, YYYY-MM-DD."),
    click.option("--strict", is_flag=True, help="Make warnings errors."),
)
CHANGED = click.option("--changed", is_flag=True, help="Only components that a change touches.")
COMPARED = (
    click.option("--base", metavar="REF", default="", help="Revision that the change starts from; main by default."),
    click.option("--head", metavar="REF", default="", help="Revision that it ends with; the working tree by default."),
    click.option("--files", metavar="A,B", multiple=True, help="Take these files as changed, without asking git."),
    click.option("--uncommitted", is_flag=True, help="What differs from HEAD."),
    click.option("--untracked", is_flag=True, help="New files that are not ignored."),
    click.option(
        "--intent-impact",
        type=click.Choice(["watch", "all", "none"]),
        default="watch",
        show_default=True,
        help="Whom a changed section of the intent reaches: components that watch it, all, or none.",
    ),
)


def options_of(*groups: Any) -> Callable[[Command], Command]:
    """A decorator that adds options, given one by one or in groups; `request_from` and `changes_from` read them."""
    flat = [option for group in groups for option in (group if isinstance(group, tuple) else (group,))]

    def add(command: Command) -> Command:
        for option in reversed(flat):
            command = option(command)
        return command

    return add


compile_options = options_of(SELECTION, TRIGGER, EVENT, PACKAGES, RULES)
change_options = options_of(CHANGED, COMPARED)


def request_from(host: Host, options: dict[str, Any]) -> Request:
    """Take the compile's options out of `options`; raises `UsageError` for contradictions and unreadable event files."""
    from orun_core.spec.stages import Request

    taken = {name: options.pop(name, default) for name, default in _DEFAULTS.items()}
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
        event=event_from(host, taken["from_ci"], taken["event_file"]),
        changed=taken["changed"],
        strict=taken["strict"],
        as_of=taken["as_of"],
        offline=taken["offline"],
        frozen=host.environ.get("CI", "").lower() in ("1", "true") if frozen is None else frozen,
        lock_required=bool(frozen),
    )


_DEFAULTS: dict[str, Any] = {
    "environments": (),
    "all_envs": False,
    "components": (),
    "trigger": "",
    "from_ci": "",
    "event_file": "",
    "changed": False,
    "offline": False,
    "frozen": None,
    "as_of": "",
    "strict": False,
}


def changes_from(options: dict[str, Any]) -> ChangeOptions:
    """Take what is compared out of `options`; to be asked before `request_from`.

    Raises `UsageError` for contradictions, and for options that nothing would read.
    """
    from orun_core.changes.options import ChangeOptions, IntentImpact

    files = [part.strip() for value in options["files"] for part in value.split(",")]
    if options["files"] and not any(files):
        raise UsageError(Diagnostic("usage/empty-value", "--files names no file"))
    read = options.get("changed", True) or options.get("trigger") or options.get("event_file")
    given = ChangeOptions(
        base=options.pop("base").strip(),
        head=options.pop("head").strip(),
        files=tuple(filter(None, files)),
        uncommitted=options.pop("uncommitted"),
        untracked=options.pop("untracked"),
        intent_impact=IntentImpact(options.pop("intent_impact")),
        fetch=not options.get("offline", False),
    )
    del options["files"]
    given.check()
    if given.explicit and not read:
        text = "what to compare is said, and not that only changed components are wanted"
        raise UsageError(Diagnostic("usage/missing-option", text, hint="add --changed"))
    return given


def event_from(host: Host, provider: str, file: str) -> TriggerEvent | None:
    if not file:
        return None
    if not provider:
        hint = "add --from-ci, for example --from-ci github"
        raise UsageError(Diagnostic("usage/missing-option", "--event-file needs --from-ci", hint=hint))
    return host.trigger_provider(provider).parse(_payload(file), host.environ)


def _payload(file: str) -> dict[str, Any]:
    """The JSON object of an event file, all of its text writable again."""
    try:
        payload = loads(Path(file).read_bytes())
        json.dumps(payload, ensure_ascii=False).encode()
    except OSError as error:
        text = f'cannot read the event file "{file}": {error.strerror}'
        raise UsageError(Diagnostic("trigger/event-file", text)) from error
    except ValueError as error:
        raise UsageError(Diagnostic("trigger/event-file", f'"{file}" is not JSON: {error}')) from error
    if not isinstance(payload, dict):
        raise UsageError(Diagnostic("trigger/event-file", f'"{file}" holds no JSON object'))
    return payload
