"""From changed files and intents to components: reasons, dependents, the intent's impact, confidence, and its cost."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from compiling import composition
from monorepo import FILES, STACK_FILES, Monorepo, component, git, intent, parse_intent
from orun_core.changes.affected import Affected, Cause, Confidence, Reason, affected, detect_changes
from orun_core.changes.change_set import ChangeSet
from orun_core.changes.git import ChangedFile
from orun_core.changes.intent_diff import IntentDiff
from orun_core.changes.options import ChangeOptions, IntentImpact
from orun_core.changes.ownership import Ownership
from orun_core.spec.components import Components, ComponentSummary
from orun_core.spec.documents import Component, DependsOn, Intent
from orun_core.spec.stages import Authored, LoadedProject, NormalizedProject, Origin, Request
from orun_core.spec.tree import document


def ask(repo: Monorepo, *files: str, intent: IntentDiff | None = None, impact: str = "watch") -> Affected:
    change = ChangeSet(tuple(ChangedFile(path) for path in files), "flags")
    return affected(repo.project(), change, intent, IntentImpact(impact), repo.root)


@pytest.fixture
def repo(tmp_path: Path) -> Monorepo:
    made = Monorepo(tmp_path, tmp_path)
    made.write(FILES)
    return made


def test_every_component_has_its_reasons(repo: Monorepo) -> None:
    found = ask(repo, "libs/core/a", "libs/core/b", "apps/report/r", "apps/api/x", "README.md")
    assert found.direct == {
        "api": (Reason(Cause.FILE, "apps/api/x"),),
        "core": (Reason(Cause.FILE, "libs/core/a"), Reason(Cause.FILE, "libs/core/b")),
        "dash": (Reason(Cause.INPUT, "report"),),
        "report": (Reason(Cause.FILE, "apps/report/r"),),
    }
    assert found.dependents == {"cron": (Reason(Cause.DEPENDENT, "api"),)}
    assert found.selection == {**found.direct, "db": (Reason(Cause.INCLUDE, "api"),)}
    assert found.outside == ("README.md",)
    assert (found.confidence, found.notes) == (Confidence.EXACT, ())


def test_the_answer_is_json(repo: Monorepo) -> None:
    tree = json.loads(json.dumps(document(ask(repo, "apps/dash/x", "README.md"))))
    assert tree == {
        "change": {"files": [{"path": "apps/dash/x"}, {"path": "README.md"}], "origin": "flags"},
        "direct": {"dash": [{"cause": "file", "subject": "apps/dash/x"}]},
        "dependents": {},
        "selection": {"dash": [{"cause": "file", "subject": "apps/dash/x"}]},
        "outside": ["README.md"],
        "intent": None,
        "confidence": "exact",
    }


@pytest.mark.parametrize("cause", Cause)
def test_every_reason_has_words(cause: Cause) -> None:
    assert "SUBJECT" in str(Reason(cause, "SUBJECT"))


def test_the_plan_holds_what_is_selected(tmp_path: Path) -> None:
    environments = {"intent.yaml": FILES["intent.yaml"].replace("dev: {}", "dev: {selectors: {components: ['*']}}")}
    repo = Monorepo.create(tmp_path, {**FILES, **environments})
    repo.commit({"apps/api/main.py": "2\n", "services/web/index.html": "2\n"})
    options = ChangeOptions(base="HEAD~1")
    plan = repo.plan(lambda project: tuple(detect_changes(project, options, repo.root, parse_intent).selection))
    assert [job.id for job in plan.jobs] == ["db.dev.deploy", "api.dev.deploy", "web.dev.deploy"]
    assert (plan.metadata.trigger.scope, plan.metadata.selection.mode) == ("changed", "scoped")


def test_dependents_are_reported_and_not_selected(repo: Monorepo) -> None:
    found = ask(repo, "apps/db/x")
    assert list(found.selection) == ["db"]
    assert found.dependents == {"api": (Reason(Cause.DEPENDENT, "db"),), "cron": (Reason(Cause.DEPENDENT, "api"),)}


ENV = IntentDiff(("env",))
BOTH = IntentDiff(("env",), {"web": "modified", "gone": "removed"})
SOURCE = IntentDiff(("compositions",), sources=("local",))
EVERYTHING = ["api", "core", "cron", "dash", "db", "report", "web", "worker"]


@pytest.mark.parametrize(
    ("difference", "impact", "selected", "confidence"),
    [
        (IntentDiff(), "watch", [], Confidence.EXACT),
        (ENV, "watch", ["cron"], Confidence.NARROW),
        (ENV, "all", EVERYTHING, Confidence.EXACT),
        (ENV, "none", [], Confidence.NARROW),
        (BOTH, "watch", ["cron", "web"], Confidence.NARROW),
        (BOTH, "none", ["web"], Confidence.NARROW),
        (IntentDiff(components={"web": "added"}), "none", ["web"], Confidence.EXACT),
        (IntentDiff(comparable=False), "watch", EVERYTHING, Confidence.BROAD),
        (IntentDiff(comparable=False), "none", [], Confidence.NARROW),
        (SOURCE, "watch", EVERYTHING, Confidence.EXACT),
        (SOURCE, "none", [], Confidence.NARROW),
    ],
)
def test_an_edit_of_the_intent(
    repo: Monorepo, difference: IntentDiff, impact: str, selected: list[str], confidence: Confidence
) -> None:
    found = ask(repo, "intent.yaml", intent=difference, impact=impact)
    assert (list(found.selection), found.confidence) == (selected, confidence)
    assert bool(found.notes) == (confidence is not Confidence.EXACT)
    assert found.outside == ()


def test_an_intent_that_is_new_or_was_broken_selects_everything(tmp_path: Path) -> None:
    repo = Monorepo.create(tmp_path, {name: text for name, text in FILES.items() if name != "intent.yaml"})
    repo.commit({"intent.yaml": "environments: [broken"})
    repo.commit({"intent.yaml": FILES["intent.yaml"]})
    for base in ("HEAD~1", "HEAD~2"):
        found = repo.detect(base=base, head="HEAD")
        assert list(found.selection) == EVERYTHING
        assert found.direct["db"] == (Reason(Cause.UNKNOWN, "intent.yaml"),)
        assert found.confidence is Confidence.BROAD
    assert list(repo.detect(files=("intent.yaml",)).selection) == EVERYTHING


def test_components_that_share_a_folder_change_together(tmp_path: Path) -> None:
    repo = Monorepo(tmp_path, tmp_path)
    items = "[{name: a, type: svc, path: s}, {name: b, type: svc, path: ./s/}, {name: c, type: svc}]"
    repo.write({**STACK_FILES, "intent.yaml": intent(items)})
    assert list(ask(repo, "s/x").direct) == ["a", "b"]


def test_a_path_with_variables_owns_every_folder_it_stands_for(tmp_path: Path) -> None:
    repo = Monorepo(tmp_path, tmp_path)
    items = "[{name: a, type: svc, path: 'env/{{ .environment }}/{{.component}}'}]"
    repo.write({**STACK_FILES, "intent.yaml": intent(items)})
    assert list(ask(repo, "env/prod/a/x").direct) == ["a"]
    assert ask(repo, "env/prod/b/x").outside == ("env/prod/b/x",)


def test_a_component_file_elsewhere_and_one_at_the_root(tmp_path: Path) -> None:
    repo = Monorepo(tmp_path, tmp_path)
    files = {"defs/x/component.yaml": component("x", more="path: src/x"), "component.yaml": component("top")}
    repo.write({**STACK_FILES, **files, "intent.yaml": intent()})
    assert list(ask(repo, "src/x/a").direct) == ["x"]
    assert list(ask(repo, "defs/x/component.yaml").direct) == ["x"]
    assert list(ask(repo, "Makefile").direct) == ["top"]
    assert ask(repo, "lib/Makefile").outside == ("lib/Makefile",)


def test_a_preset_counts_as_the_sections_it_contributes_to(tmp_path: Path) -> None:
    repo = Monorepo(tmp_path, tmp_path)
    preset = "kind: IntentPreset\nmetadata: {name: base}\nspec: {env: {A: b}}\n"
    stack = "kind: Stack\nmetadata: {name: st}\nspec:\n  intentPresets: [{name: base, path: presets/base.yaml}]\n"
    items = "[{name: a, type: svc, change: {watches: [env]}}, {name: b, type: svc}]"
    files = {"stack/stack.yaml": stack, "stack/presets/base.yaml": preset}
    repo.write({**STACK_FILES, **files, "intent.yaml": intent(items, "extends: [{source: local, preset: base}]\n")})
    found = ask(repo, "stack/presets/base.yaml")
    assert Reason(Cause.SECTION, "env") in found.direct["a"]
    assert found.direct["b"] == (Reason(Cause.COMPOSITION, "stack/presets/base.yaml"),)


def test_only_the_source_that_a_component_uses_counts(tmp_path: Path) -> None:
    repo = Monorepo(tmp_path, tmp_path)
    more = ", {name: more, kind: dir, path: ./more}"
    files = {
        "more/stack.yaml": "kind: Stack\nmetadata: {name: m}\n",
        "more/compositions/job/composition.yaml": composition("job"),
    }
    items = "[{name: a, type: svc}, {name: b, type: job}]"
    repo.write({**STACK_FILES, **files, "intent.yaml": intent(items, sources=more)})
    assert list(ask(repo, "more/stack.yaml").direct) == ["b"]
    assert list(ask(repo, "more/anything.yaml").direct) == ["b"]
    assert ask(repo, "more/README.md").outside == ("more/README.md",)
    assert ask(repo, ".orun/compositions.lock.yaml").direct == {}
    assert list(ask(repo, "intent.yaml", intent=IntentDiff(("compositions",), sources=("more",))).direct) == ["b"]


def test_a_composition_that_is_deleted_leaves_its_type_to_another_package(tmp_path: Path) -> None:
    items = "[{name: a, type: svc}, {name: b, type: site}]"
    sources = ", {name: more, kind: dir, path: ./more}"
    order = "resolution: {precedence: [more, local]}"
    text = intent(items, sources=sources).replace("]}\n", f"], {order}}}\n", 1)
    second = {
        "more/stack.yaml": "kind: Stack\nmetadata: {name: m}\n",
        "more/compositions/svc/composition.yaml": composition(),
        "more/compositions/job/composition.yaml": composition("job"),
    }
    repo = Monorepo.create(tmp_path, {**STACK_FILES, **second, "intent.yaml": text})
    assert repo.project().chosen["a"].source == "more"
    repo.commit({"more/compositions/svc/composition.yaml": None})
    assert "a" in repo.detect(base="HEAD~1", head="HEAD").direct
    repo.commit({"intent.yaml": intent(items)})
    assert list(repo.detect(base="HEAD~1", head="HEAD").direct) == ["a", "b"]


def test_a_cycle_of_inputs_ends(tmp_path: Path) -> None:
    items = [
        Component(name=name, depends_on=(DependsOn(component=other, input=True, include="always"),))
        for name, other in (("a", "b"), ("b", "c"), ("c", "a"))
    ]
    project = project_of(Components.of(Authored(item, Origin(f"{item.name}/component.yaml")) for item in items))
    change = ChangeSet((ChangedFile("b/x"),), "flags")
    found = affected(project, change, None, IntentImpact.WATCH, tmp_path)
    assert list(found.direct) == list(found.selection) == ["a", "b", "c"]


# --- cost


def project_of(components: Components) -> NormalizedProject:
    loaded = LoadedProject(Request(), Authored(Intent(), Origin("intent.yaml")), components, (), (), ())
    return NormalizedProject(loaded, Intent(), {}, components, {}, {}, None)  # type: ignore[arg-type]


class Counting(dict[str, Any]):
    """A mapping that counts how often it is asked."""

    def __init__(self, *values: Any) -> None:
        super().__init__(*values)
        self.asked: Counter[str] = Counter()

    def __contains__(self, key: object) -> bool:
        self.asked["in"] += 1
        return super().__contains__(key)

    def __iter__(self) -> Any:
        self.asked["scan"] += 1
        return super().__iter__()

    def items(self) -> Any:
        self.asked["scan"] += 1
        return super().items()


def test_a_file_costs_its_depth_however_many_components_there_are() -> None:
    folders = Counting({f"apps/group{n % 100}/c{n}": (f"c{n}",) for n in range(10_000)})
    owners = Ownership(folders, {})
    assert owners.of("apps/group7/c4207/src/deep/file.py") == ("c4207",)
    assert owners.of("apps/group7/none/file.py") == ()
    assert folders.asked == {"in": 4 + 4}


def test_ten_thousand_components_are_walked_once_each(tmp_path: Path) -> None:
    reads: Counter[str] = Counter()

    class Watched(ComponentSummary):
        def __getattribute__(self, name: str) -> Any:
            if name in ("depends_on", "inputs", "paths", "name"):
                reads[name] += 1
            return super().__getattribute__(name)

    def reads_of(count: int) -> Counter[str]:
        values = [
            (
                Component(name=f"c{n}", depends_on=(DependsOn(component=f"c{n - 1}", input=True),)),
                f"apps/c{n}/component.yaml",
            )
            for n in range(count)
        ]
        summaries = [Watched(*ComponentSummary.of(*value)) for value in values]
        project = project_of(Components(summaries, [].__getitem__))
        reads.clear()
        change = ChangeSet((ChangedFile("apps/c0/x"), ChangedFile(f"apps/c{count - 1}/x")), "flags")
        found = affected(project, change, None, IntentImpact.WATCH, tmp_path)
        assert len(found.selection) == count
        return reads.copy()

    small, large = reads_of(1_000), reads_of(10_000)
    assert large == {name: 10 * times for name, times in small.items()}
    assert all(10_000 <= times <= 5 * 10_000 for times in large.values())
    assert large.keys() == {"depends_on", "inputs", "paths", "name"}


def test_one_question_is_one_call_of_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Monorepo.create(tmp_path / "repo", FILES)
    repo.commit({"apps/db/schema.sql": "-- 2\n", "apps/api/main.py": "2\n", "README.md": "2\n"})
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))
    repo.detect(base="HEAD~1")
    calls = [
        line.split("built-in: git ")[1].split()[0] for line in trace.read_text().splitlines() if "built-in" in line
    ]
    assert calls == ["rev-parse", "rev-parse", "rev-parse", "merge-base", "diff", "ls-files"]
    monkeypatch.delenv("GIT_TRACE")
    assert git(repo.top, "status", "--porcelain") == ""
