"""Stage 1, load: read the intent, find components, fetch packages. The only stage that touches files."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from orun_core.compiler.clearance import cleared
from orun_core.compiler.decode import read_error
from orun_core.compiler.discovery import find_components
from orun_core.compiler.document_cache import DocumentCache, ReadComponent, ReadIntent
from orun_core.compiler.legacy import load_config_dir
from orun_core.compiler.packages import PackageReader
from orun_core.compiler.sites import Sites, problem
from orun_core.spec.components import Components, ComponentSummary
from orun_core.spec.documents import Component
from orun_core.spec.errors import CompileError, Diagnostic, PluginError
from orun_core.spec.plan import InputFile
from orun_core.spec.source import SourceRequest
from orun_core.spec.stages import Authored, LoadedPreset, LoadedProject, Origin, Package, Request, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_core.spec.documents import Intent, Source

_CHUNK: Final = 1 << 16

Found = TypeVar("Found", ReadIntent, ReadComponent)
Result = TypeVar("Result")
RETIRED: Final = "load/retired-field"


def load(workspace: Workspace, request: Request) -> LoadedProject:
    """Read everything a compile needs.

    Raises `CompileError` with the problems of all files at once; packages are read even when components are broken.
    """
    return _Loader(workspace, request).load()


class _Loader:
    def __init__(self, workspace: Workspace, request: Request) -> None:
        self.workspace = workspace
        self.request = request
        self.sites = Sites(workspace.root, workspace.package_folders)
        self.documents = DocumentCache(workspace.memory)
        self.problems: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []
        self.inputs: list[InputFile] = []
        self.readers: dict[str, PackageReader] = {}

    def load(self) -> LoadedProject:
        name = self.workspace.intent.name
        read = self._document(name, self.documents.intent)
        if read is None:
            raise CompileError([*self.problems, *self.warnings])
        intent = read.intent
        origin = Origin(name)
        if "workflow_engine" in intent.execution.model_fields_set:
            here = origin.at("execution", "workflowEngine")
            self._add("load/removed-field", "execution.workflowEngine was removed from the format", here, "delete it")
        components = self._components(intent, origin)
        packages = self._packages(intent, origin)
        presets = self._presets(intent, origin)
        self.warnings = _gathered(self.warnings)
        if self.problems:
            raise CompileError([*self.problems, *self.warnings])
        self.documents.save(file.path for file in self.inputs)
        loaded = LoadedProject(
            request=self.request,
            intent=Authored(intent, origin),
            components=components,
            packages=packages,
            presets=presets,
            inputs=tuple(sorted(self.inputs, key=lambda file: file.path)),
            warnings=tuple(self.warnings),
        )
        return replace(loaded, cleared=cleared(self.workspace.memory, loaded))

    # --- components -------------------------------------------------------------------------------------------------

    def _components(self, intent: Intent, origin: Origin) -> Components:
        """Those of the intent, then those of files."""
        roots = origin.at("discovery", "roots") if intent.discovery.roots else origin
        files = self._attempt(partial(find_components, self.workspace.root, intent.discovery.roots, roots)) or ()
        summaries = [ComponentSummary.of(component, origin.file) for component in intent.components]
        inline, values = len(summaries), list[Component | None](intent.components)
        for file in files:
            if found := self._document(file, self.documents.component):
                summaries.append(found.summary)
                values.append(found.component)

        def read(position: int) -> Authored[Component]:
            file = summaries[position].file
            value = values[position] or self.documents.kept(file)
            return Authored(value, origin.at("components", position) if position < inline else Origin(file, "/spec"))

        return Components(summaries, read)

    # --- packages ---------------------------------------------------------------------------------------------------

    def _packages(self, intent: Intent, origin: Origin) -> tuple[Package, ...]:
        at = origin.at("compositions", "sources")
        packages = []
        seen: set[str] = set()
        for index, source in enumerate(intent.compositions.sources):
            here = at.at(index)
            if not source.name:
                self._add("load/no-name", "a composition source needs a name", here)
            elif source.name in seen:
                self._add("load/duplicate-source", f'composition source "{source.name}" is defined twice', here)
            else:
                package = self._attempt(partial(self._package, source, here))
                packages += [package] if package else []
            seen.add(source.name)
        if self.workspace.config_dir is not None:
            legacy = self._attempt(partial(load_config_dir, self.workspace, self.sites))
            packages += [legacy] if legacy else []
        elif not intent.compositions.sources:
            hint = "add compositions.sources, or give --config-dir for a legacy registry"
            self._add("load/no-compositions", "the intent declares no composition sources", origin, hint)
        return tuple(packages)

    def _package(self, source: Source, here: Origin) -> Package:
        request = SourceRequest(
            source.name, source.kind, source.path, source.ref, source.digest, options=_options(source)
        )
        try:
            fetched = self.workspace.fetch(request)
            named = fetched.root == self.workspace.root / source.path
            reader = PackageReader(
                request, fetched, lambda path: self.sites.package_file(source.name, fetched.root, path, named=named)
            )
            self.readers[source.name] = reader
            return reader.read()
        except CompileError as error:
            raise CompileError(
                [d if d.where else _placed(d, here.at(*_field(d, source))) for d in error.diagnostics]
            ) from error
        except PluginError as error:
            if any(d.code != "plugin/unknown-name" for d in error.diagnostics):
                raise
            raise CompileError([_unknown_kind(d, source, here.at("kind")) for d in error.diagnostics]) from error
        finally:
            if source.name in self.readers:
                self.warnings += self.readers[source.name].warnings

    def _presets(self, intent: Intent, origin: Origin) -> tuple[LoadedPreset, ...]:
        declared = {source.name for source in intent.compositions.sources}
        found: list[LoadedPreset] = []
        for index, extended in enumerate(intent.extends):
            here = origin.at("extends", index)
            if extended.source not in declared:
                listed = ", ".join(sorted(declared)) or "none"
                text = f'extends names unknown composition source "{extended.source}"'
                self._add("load/unknown-source", text, here.at("source"), f"declared sources: {listed}")
            elif extended.source in self.readers:
                reader = self.readers[extended.source]
                found += self._attempt(partial(reader.presets, [(extended.preset, here.at("preset"))])) or []
        return tuple(found)

    # --- files ------------------------------------------------------------------------------------------------------

    def _document(self, path: str, read: Callable[[bytes, str], Found]) -> Found | None:
        try:
            data = _bytes(f"{self.workspace.root}/{path}")
        except OSError as error:
            self.problems.append(read_error(path, error))
            return None
        found = self._attempt(partial(read, data, path))
        if found is not None:
            self.inputs.append(InputFile(path, f"sha256:{found.digest}"))
            self.warnings += found.warnings
        return found

    def _attempt(self, read: Callable[[], Result]) -> Result | None:
        """The result, or None after collecting the problems that `read` raised."""
        try:
            return read()
        except CompileError as error:
            self.problems += error.diagnostics
            return None

    def _add(self, code: str, message: str, origin: Origin, hint: str = "") -> None:
        self.problems.append(problem(code, message, origin, hint))


def _gathered(warnings: list[Diagnostic]) -> list[Diagnostic]:
    """The warnings; all about one retired field as one at its first place: whole repositories are written that way."""
    others = [warning for warning in warnings if warning.code != RETIRED]
    for message, number in Counter(warning.message for warning in warnings if warning.code == RETIRED).items():
        first = next(warning for warning in warnings if warning.message == message)
        more = f", here and in {number - 1} more {'place' if number == 2 else 'places'}" if number > 1 else ""
        others.append(replace(first, message=message + more))
    return others


def _bytes(path: str) -> bytes:
    """A whole file with as few calls as the system allows: there may be ten thousand of them."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(file, _CHUNK)
        while more := os.read(file, _CHUNK):
            data += more
        return data
    finally:
        os.close(file)


def _placed(diagnostic: Diagnostic, origin: Origin) -> Diagnostic:
    return replace(diagnostic, where=problem("", "", origin).where)


def _field(diagnostic: Diagnostic, source: Source) -> tuple[str, ...]:
    """The field of a composition source that a problem with fetching it is about."""
    reference = "path" if source.path else "ref"
    fields = {
        "package/no-manifest": reference,
        "source/not-found": reference,
        "source/no-version": "ref",
        "source/bad-reference": "ref",
        "source/bad-digest": "digest",
        "source/digest-mismatch": "digest",
        "source/cannot-verify": "verify",
    }
    return (fields[diagnostic.code],) if diagnostic.code in fields else ()


def _unknown_kind(diagnostic: Diagnostic, source: Source, at: Origin) -> Diagnostic:
    """The registry's answer in the words of the document; what it says of plugins that cannot be used stays."""
    text = f'composition source "{source.name}" is of unknown kind "{source.kind}"'
    message = "\n".join([text, *diagnostic.message.splitlines()[1:]])
    return _placed(replace(diagnostic, code="load/unknown-kind", message=message), at)


def _options(source: Source) -> dict[str, object]:
    known = {"pullPolicy": source.pull_policy, "verify": source.verify, **source.options}
    return {key: value for key, value in known.items() if value}
