"""Which composition a component is built and deployed by, of those that the packages export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orun_core.compiler.findings import Findings
    from orun_core.spec.documents import Component, Intent
    from orun_core.spec.stages import Authored, LoadedComposition, Package


class CompositionChoice:
    """`defaults`: the composition of each exported type: that of its binding, else the only one, else the first by precedence."""

    def __init__(self, intent: Intent, packages: Iterable[Package], findings: Findings) -> None:
        self._sources = {package.request.name: package for package in packages}
        self._settings = intent.compositions.resolution
        self._declared = {source.name for source in intent.compositions.sources}
        self._findings = findings
        self._ambiguous: set[str] = set()
        self._check_names()
        self.defaults = self._defaults()

    def _check_names(self) -> None:
        at = self._findings.at("compositions", "resolution")
        named = [(name, at.at("precedence", i)) for i, name in enumerate(self._settings.precedence)]
        named += [(name, at.at("bindings", type_)) for type_, name in self._settings.bindings.items()]
        for name, here in named:
            if name not in self._sources:
                text = f'unknown composition source "{name}"'
                self._findings.wrong("normalize/unknown-source", text, here, did_you_mean(name, self._sources))

    def _offers(self) -> dict[str, dict[str, LoadedComposition]]:
        """Compositions by source for each type; a source that the intent does not declare only fills gaps."""
        offers: dict[str, dict[str, LoadedComposition]] = {}
        for name, package in self._sources.items():
            for type_, composition in package.compositions.items():
                if name in self._declared:
                    offers.setdefault(type_, {})[name] = composition
        for name, package in self._sources.items():
            if name not in self._declared:
                for type_, composition in package.compositions.items():
                    offers.setdefault(type_, {name: composition})
        return offers

    def _defaults(self) -> dict[str, LoadedComposition]:
        rank = {name: index for index, name in enumerate(self._settings.precedence)}
        order = {name: index for index, name in enumerate(self._sources)}
        found = {}
        for type_, offers in sorted(self._offers().items()):
            bound = self._settings.bindings.get(type_)
            if bound in self._sources and bound not in offers:
                text = f'source "{bound}" does not export type "{type_}"'
                at = self._findings.at("compositions", "resolution", "bindings", type_)
                self._findings.wrong("normalize/bad-binding", text, at)
            elif bound in offers:
                found[type_] = offers[bound]
            elif len(offers) > 1 and not self._settings.precedence:
                text = f'type "{type_}" is exported by several sources: {", ".join(sorted(offers))}'
                hint = "declare compositions.resolution.precedence or a binding"
                self._findings.wrong("normalize/ambiguous-type", text, self._findings.at("compositions"), hint)
                self._ambiguous.add(type_)
            else:
                best = min(offers, key=lambda name: (rank.get(name, len(rank)), order[name]))
                found[type_] = offers[best]
        return found

    def of(self, component: Authored[Component]) -> LoadedComposition | None:
        """The composition that a component names, else that of its type; None with a finding where there is none."""
        value, reference = component.value, component.value.composition_ref
        if reference is None:
            if value.type not in self.defaults and value.type not in self._ambiguous:
                text = f'component "{value.name}" has unknown type "{value.type}"'
                hint = did_you_mean(value.type, self.defaults)
                self._findings.wrong("normalize/unknown-type", text, component.origin.at("type"), hint)
            return self.defaults.get(value.type)
        name, package = reference.name or value.type, self._sources.get(reference.source)
        at = component.origin.at("compositionRef")
        if package is None:
            text = f'component "{value.name}": compositionRef names unknown source "{reference.source}"'
            hint = did_you_mean(reference.source, self._sources)
            self._findings.wrong("normalize/unknown-source", text, at.at("source"), hint)
            return None
        if name not in package.compositions:
            text = f'component "{value.name}": source "{reference.source}" exports no "{name}"'
            hint = did_you_mean(name, package.compositions)
            self._findings.wrong("normalize/unknown-type", text, at.at("name"), hint)
        return package.compositions.get(name)

    def check_lifecycles(self, chosen: Mapping[str, LoadedComposition]) -> None:
        """One warning per deprecated composition that components use."""
        users: dict[int, list[str]] = {}
        for name in sorted(chosen):
            if chosen[name].lifecycle == "deprecated":
                users.setdefault(id(chosen[name]), []).append(name)
        for names in users.values():
            composition = chosen[names[0]]
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            text = f'type "{composition.type}" of {composition.source} is deprecated; {names[0]}{more} use it'
            self._findings.doubtful("normalize/deprecated", text, composition.origin.at("spec", "lifecycle"))
