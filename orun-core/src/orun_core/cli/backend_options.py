"""Options of a backend on the command line of `orun run`: a flag for each field of its options model, and `-O NAME=VALUE`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from orun_core.cli.model_options import ModelOption, flag_of, given, typed, validated
from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from click.shell_completion import CompletionItem
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from orun_core.plugins.registry import Registry
    from orun_core.spec.entries import BackendEntry

_BACKENDS: Final = "orun_backends"
_KNOWN: Final = "orun.backend_flags"
_BAD: Final = "run/bad-option"


class TakesBackendOptions(click.Command):
    """A command with the options of backends, too; its callback has those that were given as `backend_flags`.

    Backends are asked only when the command line has an option that is not the command's own, or wants help about a named
    backend: whoever types no such option imports no plugin.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click's, after the backends were asked for what the command itself does not know."""
        words = args[: args.index("--")] if "--" in args else args
        strange = {word.partition("=")[0] for word in words if word.startswith("--")} - self._own(ctx)
        if strange or not set(ctx.help_option_names).isdisjoint(words):
            ctx.meta[_KNOWN] = self.flags(ctx, self._asked(ctx, args), strange)
        return super().parse_args(ctx, args)

    def flags(self, ctx: click.Context, backend: str, strange: Iterable[str] = ()) -> tuple[ModelOption, ...]:
        """The options of `backend`, and those of the others while some of `strange` are not explained."""
        plugins, own, left = _registry(ctx), self._own(ctx), set(strange)
        known: dict[str, ModelOption] = {}
        for names in _backends(plugins, first=backend):
            if backend not in names and not left:
                break
            offered = [ModelOption(name, field) for name, field in _fields(plugins, names[0]).items()]
            free = [flag for flag in offered if own.isdisjoint((*flag.opts, *flag.secondary_opts))]
            known = {flag.field: flag for flag in free} | known
            left -= {word for flag in free for word in (*flag.opts, *flag.secondary_opts)}
        return tuple(known.values())

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own, then those of the backends that were asked."""
        return [*super().get_params(ctx), *ctx.meta.get(_KNOWN, ())]

    def invoke(self, ctx: click.Context) -> Any:
        """As click's, with what was given for backends."""
        ctx.params["backend_flags"] = given(ctx)
        return super().invoke(ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """As click's; options of the named backend, and of all where nothing else fits."""
        backend = _named(ctx.params)
        fits = any(flag.startswith(incomplete) for flag in self._own(ctx))
        if incomplete.startswith("-") and (backend or not fits):
            ctx.meta[_KNOWN] = self.flags(ctx, backend, () if fits else [incomplete])
        return super().shell_complete(ctx, incomplete)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own options, then those of the backend that help was asked about."""
        flags = ctx.meta.pop(_KNOWN, ())
        super().format_options(ctx, formatter)
        format_flags(flags, ctx, formatter)

    def _own(self, ctx: click.Context) -> set[str]:
        return {flag for param in super().get_params(ctx) for flag in (*param.opts, *param.secondary_opts)}

    def _asked(self, ctx: click.Context, args: Sequence[str]) -> str:
        parser = self.make_parser(ctx)
        parser.ignore_unknown_options = True
        return _named(parser.parse_args(list(args))[0])


def format_flags(flags: Sequence[ModelOption], ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The section of a help page about the options of a backend."""
    if rows := [row for flag in flags if (row := flag.get_help_record(ctx))]:
        with formatter.section("Options of the backend"):
            formatter.write_dl(rows)


def backend_options(
    plugins: Registry, entry: BackendEntry, options: Sequence[str], flags: Mapping[str, object]
) -> BaseModel | None:
    """The options of a backend, None for one without any. Raises `UsageError` (`run/bad-option`) with everything that is wrong."""
    model = entry.options() if entry.options else None
    fields: Mapping[str, FieldInfo] = model.model_fields if model else {}
    problems = [_elsewhere(plugins, entry.name, name) for name in flags if name not in fields]
    values = {name: typed(fields[name], value) for name, value in flags.items() if name in fields}
    for option in options:
        name, mark, value = option.partition("=")
        field = fields.get(name.replace("-", "_"))
        if not mark:
            problems.append(_bad(f'"{option}" has no value', "write --runner-option NAME=VALUE"))
        elif field is None and fields:
            problems.append(_bad(f'backend "{entry.name}" has no option "{name}"', did_you_mean(name, fields)))
        elif field is None:
            problems.append(_bad(f'backend "{entry.name}" takes no options'))
        else:
            values[name.replace("-", "_")] = typed(field, value)
    if problems:
        raise UsageError(problems)
    return validated(model, values, _BAD) if model else None


def _elsewhere(plugins: Registry, backend: str, name: str) -> Diagnostic:
    having = [names[0] for names in _backends(plugins) if name in _fields(plugins, names[0])]
    hint = f"{' and '.join(having)} {'has' if len(having) == 1 else 'have'} it: add --runner {having[0]}"
    return _bad(f'backend "{backend}" has no option {flag_of(name)}', hint)


def _bad(message: str, hint: str = "") -> Diagnostic:
    return Diagnostic(_BAD, message, hint=hint)


def _backends(plugins: Registry, first: str = "") -> list[tuple[str, ...]]:
    """The names of each backend, beginning with the one called `first`."""
    named = [(offer.name, *offer.aliases) for offer in plugins.offers(_BACKENDS)]
    return sorted(named, key=lambda names: first not in names)


def _fields(plugins: Registry, backend: str) -> Mapping[str, FieldInfo]:
    _, entry = plugins.find(_BACKENDS, backend)
    fields: Mapping[str, FieldInfo] = entry.options().model_fields if entry.options else {}
    return fields


def _named(values: Mapping[str, Any]) -> str:
    return "github-actions" if values.get("gha") else str(values.get("runner") or "").strip().lower()


def _registry(ctx: click.Context) -> Registry:
    from orun_core.cli.main import registry

    return registry(ctx)
