"""What plugins offer: typed records that put a name on a behaviour.

`create`, `load` and `check` are factories or functions that import what they need when they are called, so that offering
costs nothing. `options` is a pydantic model class or None; it becomes intent validation, CLI flags and documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    import click
    from pydantic import BaseModel

    from orun_core.spec.backend import Backend
    from orun_core.spec.exporter import Exporter
    from orun_core.spec.host import Host
    from orun_core.spec.policy import PolicyCheck
    from orun_core.spec.source import CompositionSource
    from orun_core.spec.store import StateStore
    from orun_core.spec.surface import RunDisplay
    from orun_core.spec.trigger import TriggerProvider

OptionsLoader: TypeAlias = "Callable[[], type[BaseModel]] | None"


@frozen
class BackendEntry:
    """A place where plans run. `aliases` are further names; `create` takes the validated options (or None).

    `reap` removes what dead runs left elsewhere, or only names it when its last argument is True; `orun gc` calls it with a
    function that says of a `JobContext.owner` that its process is gone, and warns of a `RunError` where runs of this backend are
    recorded. `pin` takes host, options and image names and tells each with its digest; `orun plan --pin-images` calls it.
    """

    name: str
    summary: str
    create: Callable[[Host, object], Backend]
    aliases: tuple[str, ...] = ()
    options: OptionsLoader = None
    reap: Callable[[Host, Callable[[str], bool], bool], tuple[str, ...]] | None = None
    pin: Callable[[Host, object, tuple[str, ...]], Mapping[str, str]] | None = None


@frozen
class SourceEntry:
    """A kind of composition source; `needs` is the key that such an entry of the intent must have."""

    name: str
    summary: str
    create: Callable[[], CompositionSource]
    needs: Literal["path", "ref"] = "ref"


@frozen
class TriggerEntry:
    """A provider of events."""

    name: str
    summary: str
    create: Callable[[], TriggerProvider]


@frozen
class PolicyEntry:
    """A named policy. `options` validates the merged value; `check` looks at one job."""

    name: str
    summary: str
    check: PolicyCheck
    options: OptionsLoader = None


@frozen
class StoreEntry:
    """A place where runs are recorded."""

    name: str
    summary: str
    create: Callable[[Host], StateStore]


@frozen
class SurfaceEntry:
    """A top-level command (`load` returns a click command; its `ctx.obj` is the `Host`) or the display of `orun run`.

    The command called `name` is listed by `--help` with `summary` without importing the plugin. An entry with `display` is
    what `orun run` draws with; the one named `default` is core's own plain lines.
    """

    name: str
    summary: str
    load: Callable[[], click.Command] | None = None
    display: Callable[[Host], RunDisplay] | None = None


@frozen
class ExporterEntry:
    """A form that a plan can be exported to: `orun export NAME`.

    `options`: their fields are flags of that command. `command`: the one that writes this form, where that takes more than
    writing files; `orun export` names it.
    """

    name: str
    summary: str
    create: Callable[[], Exporter]
    options: OptionsLoader = None
    command: str = ""


Entry: TypeAlias = BackendEntry | SourceEntry | TriggerEntry | PolicyEntry | StoreEntry | SurfaceEntry | ExporterEntry
