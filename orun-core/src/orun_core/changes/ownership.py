"""Who owns a path: components by folder, compositions by file; the longest folder wins."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.spec.components import ComponentSummary
    from orun_core.spec.stages import Authored, LoadedComposition, NormalizedProject, Package

Owners = Mapping[str, tuple[str, ...]]
_VARIABLE: Final = re.compile(r"\{\{\s*\.(component|environment|group)\s*\}\}")
_MANIFESTS: Final = frozenset({"stack.yaml", "orun.yaml"})


@frozen
class Ownership:
    """Component names by the folder and by the component file they own; several may share a folder."""

    folders: Owners
    files: Owners

    def of(self, path: str) -> tuple[str, ...]:
        """The components that a path belongs to: by its file, else by the path itself or the nearest folder above it."""
        if path in self.files:
            return self.files[path]
        for folder in (path, *above(path)):
            if folder in self.folders:
                return self.folders[folder]
        return self.folders.get(".", ()) if "/" not in path else ()

    def below(self, opaque: frozenset[str]) -> Iterator[tuple[str, str]]:
        """(component, path) for every component that has a folder at or below one of the paths."""
        for folder, names in self.folders.items():
            for inside in {folder, *above(folder)} & opaque:
                yield from ((name, inside) for name in names)


def component_ownership(project: NormalizedProject) -> Ownership:
    """Ownership of a project: the folder of a component file, and each path that a component names."""
    intent = project.loaded.intent.origin.file
    folders: dict[str, dict[str, None]] = {}
    files: dict[str, dict[str, None]] = {}
    for component in project.components.summaries:
        name, file = component.name, component.file
        own = ""
        if file != intent:
            files.setdefault(file, {})[name] = None
            own = file.rpartition("/")[0] or "."
            folders.setdefault(own, {})[name] = None
        for path in component.paths:
            if path != own:
                for folder in _folders(path, component, project.environments):
                    folders.setdefault(folder, {})[name] = None
    return Ownership(_frozen(folders), _frozen(files))


def _folders(path: str, component: ComponentSummary, environments: Iterable[str]) -> Iterator[str]:
    """The folders that a path is in the environments."""
    for environment in environments if _VARIABLE.search(path) else ("",):
        yield posixpath.normpath(_filled(path.strip(), component, environment))


def _filled(path: str, component: ComponentSummary, environment: str) -> str:
    values = {"component": component.name, "environment": environment, "group": component.domain}
    return _VARIABLE.sub(lambda match: values[match[1]], path)


def _frozen(owners: Mapping[str, Iterable[str]]) -> Owners:
    return {key: tuple(sorted(names)) for key, names in owners.items()}


@frozen
class CompositionIndex:
    """Which files of local packages decide which compositions; values are keys of `users`: `source/type`.

    A YAML file in a composition's folder belongs to that composition, one elsewhere in a package to all of them.
    """

    files: Owners
    folders: Owners
    packages: frozenset[str]
    """Folders of whole packages; what is deleted there may leave its types to any other package."""
    users: Mapping[str, tuple[str, ...]]
    """`source/type` → components that use it."""
    remote: tuple[str, ...]
    """Compositions of packages that are fetched: a new lock may change them."""

    def of(self, path: str, *, deleted: bool) -> tuple[str, ...]:
        """The compositions that a changed file may have changed."""
        if path in self.files:
            return self.files[path]
        if path.endswith((".yaml", ".yml")):
            for folder in above(path):
                if folder in self.folders:
                    return tuple(self.users) if deleted and folder in self.packages else self.folders[folder]
        return ()


def composition_index(project: NormalizedProject, root: Path) -> CompositionIndex:
    """Index the packages of a project that come from this disk."""
    files: dict[str, dict[str, None]] = {}
    folders: dict[str, dict[str, None]] = {}
    roots: set[str] = set()
    remote: list[str] = []
    for package in project.loaded.packages:
        keys = {f"{package.request.name}/{type_}": found for type_, found in sorted(package.compositions.items())}
        folder = os.path.relpath(root / package.request.path, root).replace(os.sep, "/")
        if package.request.kind == "archive":
            files.setdefault(folder, {}).update(dict.fromkeys(keys))
        elif package.request.kind == "dir":
            _index_folder(package, folder, keys, files, folders)
            roots.add(folder)
        else:
            remote += keys
    return CompositionIndex(_frozen(files), _frozen(folders), frozenset(roots), _users(project.chosen), tuple(remote))


def _index_folder(
    package: Package,
    folder: str,
    keys: Mapping[str, LoadedComposition],
    files: dict[str, dict[str, None]],
    folders: dict[str, dict[str, None]],
) -> None:
    for manifest in _MANIFESTS:
        files.setdefault(posixpath.normpath(f"{folder}/{manifest}"), {}).update(dict.fromkeys(keys))
    if folder != ".":
        folders.setdefault(folder, {}).update(dict.fromkeys(keys))
    for key, composition in keys.items():
        own = posixpath.dirname(_file(composition.origin.file, package, folder))
        if own not in (folder, ""):
            folders.setdefault(own, {})[key] = None
        for origin in _origins(composition):
            files.setdefault(_file(origin, package, folder), {})[key] = None


def _users(chosen: Mapping[str, LoadedComposition]) -> dict[str, tuple[str, ...]]:
    users: dict[str, list[str]] = {}
    for name in sorted(chosen):
        users.setdefault(f"{chosen[name].source}/{chosen[name].type}", []).append(name)
    return {key: tuple(names) for key, names in users.items()}


def _origins(composition: LoadedComposition) -> set[str]:
    authored: list[Authored[object]] = [*composition.jobs.values(), *composition.profiles.values()]  # type: ignore[list-item]
    return {composition.origin.file, composition.schema_origin.file, *(item.origin.file for item in authored)}


def _file(origin: str, package: Package, folder: str) -> str:
    """A file of a package as seen from the intent's folder; packages far away are named `source:path` in origins."""
    source, _, inside = origin.partition(":")
    return posixpath.normpath(f"{folder}/{inside}") if inside and source == package.request.name else origin


def above(path: str) -> Iterator[str]:
    """The folders that a path is in, nearest first, without the root."""
    end = path.rfind("/")
    while end > 0:
        yield path[:end]
        end = path.rfind("/", 0, end)
