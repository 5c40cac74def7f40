"""No job whose content changed is left out: random repositories, random edits, two whole plans as the proof."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from compiling import composition
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from monorepo import FILES, Monorepo, component
from orun_core.changes.affected import Confidence
from orun_core.changes.options import IntentImpact
from orun_core.changes.verify import Verification, verify

NAMES = ["a", "b", "c", "d", "e"]
TYPES = ["svc", "site"]


@dataclass(frozen=True)
class Unit:
    """A component: in a file below `place`, or inline when `place` is empty."""

    type: str = "svc"
    place: str = ""
    value: int = 0
    dev_only: bool = False
    needs: tuple[str, ...] = ()
    watches: bool = False

    def spec(self) -> str:
        needs = ", ".join(f"{{component: {name}, include: if-selected, input: true}}" for name in self.needs)
        environments = "[dev]" if self.dev_only else "[dev, prod]"
        watches = "[env]" if self.watches else "[]"
        return (
            f"type: {self.type}, parameters: {{value: {self.value}}}, subscribe: {{environments: {environments}}}, "
            f"dependsOn: [{needs}], change: {{watches: {watches}}}"
        )


@dataclass(frozen=True)
class World:
    """Everything that a repository of this test may say."""

    units: dict[str, Unit] = field(default_factory=dict)
    env: int = 0
    group: int = 0
    name: str = "shop"
    steps: dict[str, int] = field(default_factory=dict)
    second: str = ""
    """Type that the second package exports, empty without a second package."""
    prefer_second: bool = False
    preset: int | None = None
    stack: str = "st"
    noise: int = 0

    def files(self) -> dict[str, str]:
        inline = [
            f"  - {{name: {n}, path: inline/{n}, {u.spec()}}}" for n, u in sorted(self.units.items()) if not u.place
        ]
        sources = "{name: local, kind: dir, path: ./stack}"
        sources += ", {name: more, kind: dir, path: ./more}" if self.second else ""
        precedence = "[more, local]" if self.prefer_second else "[local, more]"
        lines = [
            f"metadata: {{name: {self.name}}}",
            f"compositions: {{sources: [{sources}]"
            + (f", resolution: {{precedence: {precedence}}}" * bool(self.second))
            + "}",
            "extends: [{source: local, preset: p}]" if self.preset is not None else "",
            f"env: {{LEVEL: '{self.env}'}}",
            f"environments: {{dev: {{}}, prod: {{parameterDefaults: {{'*': {{size: {self.group}}}}}}}}}",
            "components:" if inline else "components: []",
            *inline,
        ]
        files = {
            "intent.yaml": "\n".join(filter(None, lines)) + "\n",
            "stack/stack.yaml": f"kind: Stack\nmetadata: {{name: {self.stack}}}\n"
            "spec: {intentPresets: [{name: p, path: presets/p.yaml}]}\n",
            "stack/presets/p.yaml": f"kind: IntentPreset\nmetadata: {{name: p}}\nspec: {{env: {{P: '{self.preset}'}}}}\n",
            "noise.txt": f"{self.noise}\n",
        }
        for type_ in TYPES:
            files[f"stack/compositions/{type_}/composition.yaml"] = self.composition(f"local/{type_}", type_)
        if self.second:
            files["more/stack.yaml"] = "kind: Stack\nmetadata: {name: more}\n"
            files[f"more/compositions/{self.second}/composition.yaml"] = self.composition("more", self.second)
        for name, unit in self.units.items():
            if unit.place:
                spec = f"kind: Component\nmetadata: {{name: {name}}}\nspec: {{{unit.spec()}}}\n"
                files[f"{unit.place}/{name}/component.yaml"] = spec
        return files

    def composition(self, key: str, type_: str) -> str:
        return composition(
            type_, f"[{{name: one, run: 'echo {key} {self.steps.get(key, 0)} {{{{ .parameters.value }}}}'}}]"
        )


units = st.builds(
    Unit,
    type=st.sampled_from(TYPES),
    place=st.sampled_from(["", "apps", "apps/a"]),
    value=st.integers(0, 2),
    dev_only=st.booleans(),
    watches=st.booleans(),
)


def linked(chosen: dict[str, Unit]) -> dict[str, Unit]:
    """Each component takes the one before it as input: no cycles, nothing dangling."""
    names = sorted(chosen)
    return {name: replace(chosen[name], needs=(names[i - 1],) if i and i % 2 else ()) for i, name in enumerate(names)}


worlds = st.builds(
    World,
    units=st.dictionaries(st.sampled_from(NAMES), units, min_size=1).map(linked),
    second=st.sampled_from(["", *TYPES]),
    prefer_second=st.booleans(),
    preset=st.sampled_from([None, 0]),
)
Edit = Callable[[World], World]
edits: st.SearchStrategy[Edit] = st.one_of(
    st.tuples(st.sampled_from(NAMES), units).map(lambda t: lambda w: replace(w, units=linked({**w.units, t[0]: t[1]}))),
    st.sampled_from(NAMES).map(
        lambda n: lambda w: replace(w, units=linked({k: v for k, v in w.units.items() if k != n} or w.units))
    ),
    st.integers(1, 3).map(lambda n: lambda w: replace(w, env=n)),
    st.integers(1, 3).map(lambda n: lambda w: replace(w, group=n)),
    st.sampled_from(["local/svc", "local/site", "more"]).map(lambda k: lambda w: replace(w, steps={k: 1})),
    st.sampled_from(["", *TYPES]).map(lambda s: lambda w: replace(w, second=s)),
    st.booleans().map(lambda b: lambda w: replace(w, prefer_second=b)),
    st.sampled_from([None, 0, 1]).map(lambda p: lambda w: replace(w, preset=p)),
    st.just(lambda w: replace(w, stack="renamed")),
    st.just(lambda w: replace(w, name="store")),
    st.just(lambda w: replace(w, noise=1)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds, st.lists(edits, min_size=1, max_size=3))
def test_no_job_that_changed_is_left_out(world: World, changes: list[Edit]) -> None:
    edited = world
    for change in changes:
        edited = change(edited)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        repo = Monorepo.create(Path(folder), world.files())
        before = repo.plan()
        gone: dict[str, str | None] = dict.fromkeys(world.files().keys() - edited.files().keys())
        repo.commit({**gone, **edited.files()})
        after = repo.plan()
        everything = repo.detect(base="HEAD~1", head="HEAD", intent_impact=IntentImpact.ALL)
        watched = repo.detect(base="HEAD~1", head="HEAD")
        assert verify(before, after, everything.selection).left_out == ()
        assert verify(before, after, watched.selection).proved or watched.confidence is Confidence.NARROW
        if edited.files() == world.files():
            assert everything.selection == {}


def test_a_selection_that_misses_something_is_caught(tmp_path: Path) -> None:
    repo = Monorepo.create(
        tmp_path,
        {**FILES, "intent.yaml": FILES["intent.yaml"].replace("prod: {}", "prod: {selectors: {components: ['*']}}")},
    )
    before = repo.plan()
    repo.write({"apps/db/component.yaml": component("db", more="parameters: {x: 1}")})
    repo.write({"apps/api/component.yaml": component("api")})
    after = repo.plan()
    assert verify(before, after, {"db", "api"}) == Verification(("db.prod.deploy",), (), (), len(after.jobs) - 1)
    assert verify(before, after, ()) == Verification((), ("db.prod.deploy",), ("api.prod.deploy",), len(after.jobs) - 2)
    assert not verify(before, after, ()).proved
