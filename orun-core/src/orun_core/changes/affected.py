"""Which components a change touches, which of them are planned, and why."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from orun_core.changes.change_set import ChangeSet, change_set
from orun_core.changes.git import Repository
from orun_core.changes.intent_diff import INCOMPARABLE, IntentDiff, intent_diff
from orun_core.changes.options import IntentImpact
from orun_core.changes.ownership import component_ownership, composition_index
from orun_core.spec.errors import CompileError
from orun_core.spec.frozen import frozen
from orun_core.spec.json_form import json_name
from orun_core.state.layout import LOCK_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.changes.options import ChangeOptions
    from orun_core.spec.documents import Intent
    from orun_core.spec.stages import NormalizedProject
    from orun_core.spec.trigger import ChangeRange


class Cause(StrEnum):
    """Why a component is affected; the reason's subject is named in brackets."""

    FILE = "file"
    """A file of it changed (path)."""
    INTENT = "intent"
    """Its inline entry changed (`added`, `modified`)."""
    SECTION = "section"
    """A section of the intent changed that it watches (section)."""
    COMPOSITION = "composition"
    """The composition it uses changed (path or source)."""
    UNKNOWN = "unknown"
    """The earlier intent cannot be read, so everything may have changed (intent's path)."""
    INPUT = "input"
    """It takes another component as input (component)."""
    INCLUDE = "include"
    """A selected component always includes it (component)."""
    DEPENDENT = "dependent"
    """It depends on a changed component, and is not planned for that (component)."""


_TEXTS: Final = {
    Cause.FILE: "{} changed",
    Cause.INTENT: "its entry in the intent was {}",
    Cause.SECTION: 'section "{}" of the intent changed',
    Cause.COMPOSITION: "its composition changed: {}",
    Cause.UNKNOWN: "{} cannot be compared with an earlier one",
    Cause.INPUT: "its input {} changed",
    Cause.INCLUDE: "{} always includes it",
    Cause.DEPENDENT: "it depends on {}",
}


class Confidence(StrEnum):
    """How the selection stands to what really changed."""

    EXACT = "exact"
    BROAD = "broad"
    """More may be selected than changed."""
    NARROW = "narrow"
    """Changed sections of the intent reach components that are not selected: they do not watch them."""


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """One reason; as text it completes "NAME, because …"."""

    cause: Cause
    subject: str

    def __str__(self) -> str:
        return _TEXTS[self.cause].format(self.subject)


Reasons = Mapping[str, tuple[Reason, ...]]


@frozen
class Affected:
    """The answer, all maps sorted by component.

    `direct`: changed themselves, or by their inputs. `dependents`: depend on those, reported only. `selection`: what is
    planned. `outside`: changed files inside the intent's folder that belong to no component and no composition.
    """

    change: ChangeSet
    direct: Reasons
    dependents: Reasons
    selection: Reasons
    outside: tuple[str, ...]
    intent: IntentDiff | None
    confidence: Confidence
    notes: tuple[str, ...] = ()


def detect_changes(
    project: NormalizedProject,
    options: ChangeOptions,
    root: Path,
    parse: Callable[[bytes], Intent],
    ci: ChangeRange | None = None,
) -> Affected:
    """Ask git what changed and map it to components.

    `root`: the intent's folder. `parse`: reads an intent from bytes; a `CompileError` of it means that it is unreadable.
    `ci`: the range of the CI run, used when the options name none. Raises what `change_set` raises.
    """
    change = change_set(options, ci, root)
    intent = project.loaded.intent
    edited = any(file.path == intent.origin.file for file in change.files)
    difference = _compared(change, root, intent.origin.file, intent.value, parse) if edited else None
    return affected(project, change, difference, options.intent_impact, root)


def _compared(
    change: ChangeSet, root: Path, file: str, current: Intent, parse: Callable[[bytes], Intent]
) -> IntentDiff:
    if not change.start:
        return INCOMPARABLE
    repository = Repository(root)
    before = repository.content(change.start, file)
    after = repository.content(change.end, file) if change.end else None
    if before is None or (change.end and after is None):
        return INCOMPARABLE
    try:
        return intent_diff(parse(before), current if after is None else parse(after))
    except CompileError:
        return INCOMPARABLE


def affected(
    project: NormalizedProject, change: ChangeSet, intent: IntentDiff | None, impact: IntentImpact, root: Path
) -> Affected:
    """Map changed files and the intent's difference to components: linear in components, edges and files."""
    survey = _Survey(project)
    outside = survey.files(change, root)
    if intent is not None:
        survey.intent(intent, impact)
    survey.sections(_sections(project, change, intent), impact)
    edges = _Edges(project)
    changed = _closure(survey.reasons, edges.inputs, Cause.INPUT)
    selection = _closure(changed, edges.included, Cause.INCLUDE)
    reached = _closure(changed, edges.dependents, Cause.DEPENDENT)
    dependents = {name: reasons for name, reasons in reached.items() if name not in changed}
    return Affected(
        change,
        _sorted(changed),
        _sorted(dependents),
        _sorted(selection),
        outside,
        intent,
        survey.confidence,
        tuple(survey.notes),
    )


def _sections(project: NormalizedProject, change: ChangeSet, intent: IntentDiff | None) -> set[str]:
    """Changed sections of the intent; another preset, or an edit of one in a local package, may change all it can set."""
    sections = set(intent.sections) if intent else set()
    presets = {preset.origin.file for preset in project.loaded.presets}
    if "extends" in sections or any(file.path in presets for file in change.files):
        from orun_core.spec.documents import IntentPresetSpec

        sections.update(json_name(name) for name in IntentPresetSpec.model_fields)
    return sections


@dataclass(slots=True)
class _Survey:
    """Reasons found so far, by component."""

    project: NormalizedProject
    reasons: dict[str, dict[Reason, None]] = field(default_factory=dict)
    confidence: Confidence = Confidence.EXACT
    notes: list[str] = field(default_factory=list)

    def add(self, names: Iterable[str], cause: Cause, subject: str) -> bool:
        reason = Reason(cause, subject)
        found = False
        for name in names:
            self.reasons.setdefault(name, {})[reason] = None
            found = True
        return found

    def files(self, change: ChangeSet, root: Path) -> tuple[str, ...]:
        """Reasons from changed files; returns the files that belong to nobody."""
        owners = component_ownership(self.project)
        compositions = composition_index(self.project, root)
        intent = self.project.loaded.intent.origin.file
        outside = []
        for file in change.files:
            path = file.path
            keys = compositions.remote if path == LOCK_FILE else compositions.of(path, deleted=file.status == "D")
            users = [name for key in keys for name in compositions.users.get(key, ())]
            used = self.add(users, Cause.COMPOSITION, path) or bool(keys)
            if path in (intent, LOCK_FILE):
                continue
            owned = self.add(owners.of(path), Cause.FILE, path)
            if not used and not owned and not path.startswith("../"):
                outside.append(path)
        opaque = frozenset(file.path for file in change.files if file.opaque)
        if opaque:
            for name, path in owners.below(opaque):
                self.add([name], Cause.FILE, path)
        return tuple(outside)

    def intent(self, intent: IntentDiff, impact: IntentImpact) -> None:
        """Reasons from an edit of the intent; edits of inline components count whatever the impact is."""
        names = [component.name for component in self.project.components.summaries]
        for name in names:
            if name in intent.components:
                self.add([name], Cause.INTENT, intent.components[name])
        if impact is IntentImpact.NONE:
            if not intent.comparable:
                self._narrow("the intent changed beyond comparison, and --intent-impact none leaves that out")
            return
        for source in intent.sources:
            self.add((name for name in names if self.project.chosen[name].source == source), Cause.COMPOSITION, source)
        if not intent.comparable:
            file = self.project.loaded.intent.origin.file
            self.add(names, Cause.UNKNOWN, file)
            self.confidence = Confidence.BROAD
            self.notes.append(f"{file} cannot be compared with an earlier one, so every component is selected")

    def sections(self, sections: Iterable[str], impact: IntentImpact) -> None:
        """Reasons from changed sections of the intent; of `compositions` the users of the changed sources are known."""
        components = self.project.components.summaries
        for section in sorted(sections):
            reached = [
                component.name
                for component in components
                if impact is IntentImpact.ALL or (impact is IntentImpact.WATCH and section in component.watches)
            ]
            self.add(reached, Cause.SECTION, section)
            covered = section == "compositions" and impact is IntentImpact.WATCH
            if len(reached) < len(components) and not covered:
                which = "no component is" if impact is IntentImpact.NONE else "only components that watch it are"
                self._narrow(f'section "{section}" of the intent changed; {which} selected for that')

    def _narrow(self, note: str) -> None:
        if self.confidence is Confidence.EXACT:
            self.confidence = Confidence.NARROW
        if self.confidence is Confidence.NARROW:
            self.notes.append(note)


class _Edges:
    """Dependencies of a project in the three directions that matter here."""

    def __init__(self, project: NormalizedProject) -> None:
        self.inputs: dict[str, list[str]] = {}
        self.included: dict[str, list[str]] = {}
        self.dependents: dict[str, list[str]] = {}
        known = {component.name for component in project.components.summaries}
        for component in project.components.summaries:
            name = component.name
            for other in known.intersection(component.depends_on):
                self.dependents.setdefault(other, []).append(name)
            for other in known.intersection(component.inputs):
                self.inputs.setdefault(other, []).append(name)
            if component.includes:
                self.included[name] = sorted(known.intersection(component.includes))


def _closure(
    start: Mapping[str, Iterable[Reason]], edges: Mapping[str, list[str]], cause: Cause
) -> dict[str, dict[Reason, None]]:
    """Everything reachable over the edges, with the neighbour that reached it; what started keeps only its own reasons."""
    found = {name: dict.fromkeys(reasons) for name, reasons in start.items()}
    waiting = deque(sorted(found))
    while waiting:
        name = waiting.popleft()
        for other in edges.get(name, ()):
            if other not in found:
                found[other] = {}
                waiting.append(other)
            if other not in start:
                found[other][Reason(cause, name)] = None
    return found


def _sorted(reasons: Mapping[str, Iterable[Reason]]) -> Reasons:
    return {name: tuple(sorted(reasons[name])) for name in sorted(reasons)}
