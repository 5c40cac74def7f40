"""Reading a composition package: its manifest, its compositions, and the files these refer to."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, Any

from orun_core.compiler.package_files import PackageFiles
from orun_core.compiler.sites import problem
from orun_core.spec.documents import (
    ComponentSchema,
    Composition,
    CompositionPackage,
    ExecutionProfile,
    IntentPreset,
    JobEntry,
    JobTemplate,
    JobTemplateFile,
    Profile,
    Stack,
)
from orun_core.spec.errors import CompileError
from orun_core.spec.nearest import did_you_mean
from orun_core.spec.stages import Authored, LoadedComposition, LoadedPreset, Origin, Package

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from orun_core.spec.source import FetchedSource, SourceRequest

COMPOSITION_FILES = ("composition.yaml", "compositions.yaml")


class PackageReader(PackageFiles):
    """Reads one package. `name_file` turns a path inside the package into the name that origins use."""

    def __init__(self, request: SourceRequest, fetched: FetchedSource, name_file: Callable[[str], str]) -> None:
        super().__init__(fetched.root, name_file)
        self.source = request.name
        self.request = request
        self.fetched = fetched

    def read(self) -> Package:
        """The package with all its compositions; raises `CompileError` with every problem found."""
        name, description, exports = self._manifest()
        compositions = {}
        for export, path, origin in exports:
            found = self._composition(export, path, origin, name)
            if found:
                compositions[export] = found
        if self.problems:
            raise CompileError(self.problems)
        return Package(
            self.request,
            self.fetched.digest,
            name,
            description,
            dict(sorted(compositions.items())),
            self.fetched.version,
        )

    def presets(self, wanted: Iterable[tuple[str, Origin]]) -> list[LoadedPreset]:
        """The presets of these names; raises `CompileError`."""
        stack = self.document("stack.yaml", Stack)
        at = self.origin("stack.yaml").at("spec", "intentPresets")
        published = stack.spec.intent_presets if stack else ()
        entries = {entry.name: (_inside(entry.path), at.at(index)) for index, entry in enumerate(published)}
        found = []
        for name, origin in wanted:
            if name not in entries:
                listed = ", ".join(sorted(entries)) or "none"
                self.add(
                    "load/unknown-preset",
                    f'source "{self.source}" publishes no preset "{name}"',
                    origin,
                    f"it has: {listed}",
                )
                continue
            path, here = entries[name]
            preset = self.document(path, IntentPreset, here)
            if preset and preset.kind != "IntentPreset":
                text = f'expected kind IntentPreset, got "{preset.kind}"'
                self.add("load/wrong-kind", text, self.origin(path).at("kind"))
            elif preset:
                found.append(LoadedPreset(f"{self.source}/{name}", self.origin(path).at("spec"), preset.spec))
        if self.problems:
            raise CompileError(self.problems)
        return found

    # --- manifest ---------------------------------------------------------------------------------------------------

    def _manifest(self) -> tuple[str, str, list[tuple[str, str, Origin]]]:
        if (self.folder / "stack.yaml").is_file():
            return self._stack()
        if (self.folder / "orun.yaml").is_file():
            return self._legacy_package()
        message = f'composition source "{self.source}" has neither stack.yaml nor orun.yaml'
        below = sorted(path.parent.name for path in self.folder.glob("*/stack.yaml"))
        hint = f"there is one in {', '.join(below)}" if below else "a package has a stack.yaml with `kind: Stack`"
        raise CompileError(problem("package/no-manifest", message, None, hint))

    def _stack(self) -> tuple[str, str, list[tuple[str, str, Origin]]]:
        origin = self.origin("stack.yaml")
        stack = self.document("stack.yaml", Stack)
        if stack is None:
            return "", "", []
        if stack.kind != "Stack":
            self.add("load/wrong-kind", f'expected kind Stack, got "{stack.kind}"', origin.at("kind"))
        if not stack.metadata.name.strip():
            self.add("package/no-name", "stack.yaml must set metadata.name", origin.at("metadata"))
        listed = origin.at("spec", "compositions")
        exports = []
        for index, entry in enumerate(stack.spec.compositions):
            path = _inside(entry.path)
            folder = posixpath.basename(posixpath.dirname(path))
            if not folder:
                hint = "write compositions/<type>/composition.yaml"
                self.add("package/bad-path", f'path "{entry.path}" names no composition folder', listed.at(index), hint)
            else:
                exports.append((folder, path, listed.at(index)))
        if not stack.spec.compositions:
            exports = [(name, path, self.origin(path)) for name, path in self._walk_exports()]
            if not exports:
                self.add("package/no-exports", "the stack has no composition files", origin)
        return stack.metadata.name, stack.metadata.description, self._unique(exports)

    def _walk_exports(self) -> list[tuple[str, str]]:
        found = []
        for folder, folders, files in os.walk(self.folder):
            folders.sort()
            relative = os.path.relpath(folder, self.folder).replace(os.sep, "/")
            if relative != ".":
                found += [
                    (posixpath.basename(relative), f"{relative}/{file}")
                    for file in sorted(files)
                    if file in COMPOSITION_FILES
                ]
        return sorted(found)

    def _legacy_package(self) -> tuple[str, str, list[tuple[str, str, Origin]]]:
        origin = self.origin("orun.yaml")
        package = self.document("orun.yaml", CompositionPackage)
        if package is None:
            return "", "", []
        if package.kind != "CompositionPackage":
            self.add("load/wrong-kind", f'expected kind CompositionPackage, got "{package.kind}"', origin.at("kind"))
        if not package.metadata.name:
            self.add("package/no-name", "orun.yaml must set metadata.name", origin.at("metadata"))
        if not package.spec.exports:
            self.add("package/no-exports", "the package exports no composition", origin.at("spec"))
        listed = origin.at("spec", "exports")
        exports = []
        for index, export in enumerate(package.spec.exports):
            if not export.composition.strip() or not export.path.strip():
                self.add("package/bad-path", "an export needs composition and path", listed.at(index))
            else:
                exports.append((export.composition, _inside(export.path), listed.at(index)))
        return package.metadata.name, package.metadata.description, self._unique(exports)

    def _unique(self, exports: list[tuple[str, str, Origin]]) -> list[tuple[str, str, Origin]]:
        seen: set[str] = set()
        for name, _, origin in exports:
            if name in seen:
                self.add("package/duplicate-export", f'composition "{name}" is exported twice', origin)
            seen.add(name)
        return exports

    # --- compositions -----------------------------------------------------------------------------------------------

    def _composition(self, export: str, path: str, listed: Origin, registry: str) -> LoadedComposition | None:
        before = len(self.problems)
        document = self.document(path, Composition, listed)
        if document is None:
            return None
        origin = self.origin(path)
        spec, at = document.spec, origin.at("spec")
        self._check_identity(export, document, origin)
        folder = posixpath.dirname(path)
        schema, schema_origin = self._schema(document, folder, at)
        jobs = self._jobs(document, folder, at)
        profiles = self._profiles(document, folder, at)
        if spec.default_job and jobs and spec.default_job not in jobs:
            self.add(
                "package/unknown-job",
                f'defaultJob "{spec.default_job}" is not one of its jobs',
                at.at("defaultJob"),
                did_you_mean(spec.default_job, jobs),
            )
        if len(self.problems) > before:
            return None
        return LoadedComposition(
            type=export,
            source=self.source,
            registry=registry,
            description=spec.description,
            default_job=spec.default_job,
            default_profile=spec.default_profile,
            schema=schema,
            schema_origin=schema_origin,
            jobs=jobs,
            profiles=profiles,
            origin=origin,
            lifecycle=spec.lifecycle,
            constraints=spec.constraints,
        )

    def _check_identity(self, export: str, document: Composition, origin: Origin) -> None:
        spec = document.spec
        if document.kind != "Composition":
            self.add("load/wrong-kind", f'expected kind Composition, got "{document.kind}"', origin.at("kind"))
        if document.metadata.name != export:
            text = f'metadata.name "{document.metadata.name}" must be the name of its export, "{export}"'
            hint = "an export is named by its folder, in an orun.yaml by `composition`"
            self.add("package/name-mismatch", text, origin.at("metadata", "name"), hint)
        if spec.type != document.metadata.name:
            text = f'spec.type "{spec.type}" must equal metadata.name "{document.metadata.name}"'
            self.add("package/name-mismatch", text, origin.at("spec", "type"))
        if not spec.jobs:
            self.add("package/no-jobs", f'composition "{export}" defines no job', origin.at("spec"))
        if not spec.default_job:
            self.add("package/no-default-job", f'composition "{export}" must set spec.defaultJob', origin.at("spec"))

    def _schema(self, document: Composition, folder: str, at: Origin) -> tuple[Mapping[str, Any], Origin]:
        spec = document.spec
        if spec.parameter_schema:
            return spec.parameter_schema, at.at("parameterSchema")
        if spec.schema_ref is None or not spec.schema_ref.name:
            self.add("package/no-schema", "a composition needs spec.parameterSchema or spec.schemaRef", at)
            return {}, at
        name = spec.schema_ref.name
        found = self.referred(
            ComponentSchema,
            "ComponentSchema",
            name,
            (f"{folder}/schema.yaml", f"{folder}/{name}.yaml"),
            at.at("schemaRef"),
        )
        return (found.value.spec.schema_, found.origin.at("spec", "schema")) if found else ({}, at)

    def _jobs(self, document: Composition, folder: str, at: Origin) -> dict[str, Authored[JobTemplate]]:
        jobs: dict[str, Authored[JobTemplate]] = {}
        for index, entry in enumerate(document.spec.jobs):
            origin = at.at("jobs", index)
            if entry.name in jobs:
                self.add("package/duplicate-job", f'job "{entry.name}" is defined twice', origin)
                continue
            job = self._job(entry, folder, origin)
            if job:
                jobs[entry.name] = job
        return jobs

    def _job(self, entry: JobEntry, folder: str, origin: Origin) -> Authored[JobTemplate] | None:
        if entry.template_ref is None:
            seen: set[str] = set()
            for index, step in enumerate(entry.steps):
                identity = step.id or step.name
                if identity and identity in seen:
                    self.add(
                        "package/duplicate-step",
                        f'job "{entry.name}" has two steps "{identity}"',
                        origin.at("steps", index),
                    )
                seen.add(identity)
            return Authored(entry, origin)
        name = entry.template_ref.name
        paths = (f"{folder}/jobs/{name}.yaml", f"{folder}/{name}.yaml")
        found = self.referred(JobTemplateFile, "JobTemplate", name, paths, origin.at("templateRef"))
        return Authored(found.value.spec, found.origin.at("spec")) if found else None

    def _profiles(self, document: Composition, folder: str, at: Origin) -> dict[str, Authored[Profile]]:
        spec = document.spec
        if spec.execution_profiles is not None:
            inline = {
                name: Authored(p, at.at("executionProfiles", name))
                for name, p in sorted(spec.execution_profiles.items())
            }
            if not spec.profiles:
                self._check_inline_profiles(document, inline, at)
            return inline
        profiles = {}
        for index, entry in enumerate(spec.profiles):
            if entry.profile_ref is None:
                continue
            name = entry.profile_ref.name
            paths = (f"{folder}/profiles/{name}.yaml", f"{folder}/{name}.yaml")
            found = self.referred(
                ExecutionProfile, "ExecutionProfile", name, paths, at.at("profiles", index, "profileRef")
            )
            if found:
                profiles[entry.name] = Authored(found.value.spec, found.origin.at("spec"))
        return profiles

    def _check_inline_profiles(
        self, document: Composition, profiles: Mapping[str, Authored[Profile]], at: Origin
    ) -> None:
        spec = document.spec
        if profiles and not spec.default_profile:
            self.add("package/no-default-profile", "executionProfiles need spec.defaultProfile", at)
        elif profiles and spec.default_profile not in profiles:
            text = f'defaultProfile "{spec.default_profile}" is not one of: {", ".join(profiles)}'
            self.add("package/unknown-profile", text, at.at("defaultProfile"))
        jobs = {entry.name: entry for entry in spec.jobs}
        for name, profile in profiles.items():
            if not profile.value.jobs:
                self.add("package/empty-profile", f'profile "{name}" selects no job', profile.origin)
            for job, selection in profile.value.jobs.items():
                origin = profile.origin.at("jobs", job)
                if job not in jobs:
                    text = f'profile "{name}" names unknown job "{job}"'
                    self.add("package/unknown-job", text, origin, did_you_mean(job, jobs))
                    continue
                if not selection.steps_enabled and not selection.include_capabilities:
                    self.add("package/empty-profile", f'profile "{name}" selects no step of job "{job}"', origin)
                self._check_enabled(name, jobs[job], selection.steps_enabled, origin)

    def _check_enabled(self, profile: str, job: JobEntry, enabled: tuple[str, ...], origin: Origin) -> None:
        known = {step.id or step.name for step in job.steps}
        for index, step in enumerate(enabled):
            here = origin.at("stepsEnabled", index)
            if job.template_ref is None and step not in known:
                self.add("package/unknown-step", f'profile "{profile}" enables unknown step "{step}"', here)
            if step in enabled[:index]:
                self.add("package/duplicate-step", f'profile "{profile}" enables step "{step}" twice', here)


def _inside(path: str) -> str:
    """A path as a package's manifest writes it, relative to the package."""
    return posixpath.normpath(path.strip().lstrip("/") or ".")
