"""Diffs of real edits, read by someone who knows nothing of the change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest
from orun_core.cli.diff_forms import COMMENT_LIMIT, MARKER, diff_schema, markdown
from orun_core.plan.diff import diff
from orun_core.spec.plan import Step
from shop import SVC, Shop, shop  # noqa: F401


@dataclass(frozen=True)
class Edit:
    """An edit of one file. What is said of it is in `fixtures/diffs/NAME.txt`."""

    file: str
    old: str
    new: str


INTENT = "intent.yaml"
GOES = "gold}\n    dependsOn: [{component: db}]\n    subscribe: {environments: [%s]}"
SAID = Path(__file__).parents[2] / "fixtures/diffs"
EDITS = {
    "a parameter of an environment": Edit(INTENT, "replicas: 3", "replicas: 5"),
    "a variable": Edit(INTENT, "REGION: us", "REGION: uk"),
    "a variable that another layer takes over": Edit(INTENT, "    env: {REGION: us}\n", ""),
    "a component's own variable": Edit(INTENT, "labels: {tier: gold}", "labels: {tier: gold}\n    env: {DEBUG: '1'}"),
    "a component more": Edit(
        INTENT,
        "  - name: api\n",
        "  - {name: web, type: svc, dependsOn: [{component: db}], subscribe: {environments: [dev]}}\n  - name: api\n",
    ),
    "an environment less": Edit(INTENT, GOES % "dev, prod", GOES % "dev"),
    "a dependency less": Edit(INTENT, "    dependsOn: [{component: db}]\n", ""),
    "a label": Edit(INTENT, "tier: gold", "tier: silver"),
    "a profile": Edit(INTENT, GOES % "dev, prod", GOES % "{name: dev, profile: fast}, prod"),
    "a policy": Edit(INTENT, "env: {REGION: eu}\n", "env: {REGION: eu}\npolicies: {requireApproval: true}\n"),
    "how many at once": Edit(INTENT, "env: {REGION: eu}\n", "env: {REGION: eu}\nexecution: {concurrency: 9}\n"),
    "a command": Edit(SVC, "echo two", "echo three"),
    "a step more": Edit(
        SVC, "        - name: release\n", "        - name: test\n          run: make test\n        - name: release\n"
    ),
    "a variable of a step": Edit(
        SVC,
        "- name: build\n          run: echo build {{ .parameters.replicas }}",
        "- name: build\n          env: {A: b}\n          run: echo build {{ .parameters.replicas }}",
    ),
    "a timeout": Edit(SVC, "timeout: 10m", "timeout: 5m"),
    "an image": Edit(SVC, "runsOn: ubuntu-22.04", "runsOn: alpine:3"),
    "retries": Edit(SVC, "timeout: 10m", "timeout: 10m\n      retries: 2"),
    "what a profile changes": Edit(
        SVC,
        "plain: {jobs: {deploy: {stepsEnabled: [build, release]",
        "plain: {jobs: {deploy: {stepOverrides: {build: {run: make}}, stepsEnabled: [build, release]",
    ),
    "steps in another order": Edit(
        SVC,
        "        - name: release\n          run: |",
        "        - name: release\n          order: -1\n          run: |",
    ),
    "a service": Edit(SVC, "timeout: 10m", "timeout: 10m\n      services: {cache: {image: redis:7}}"),
    "a secret": Edit(
        INTENT, "labels: {tier: gold}", "labels: {tier: gold}\n    secretEnv: {TOKEN: secret://w/project:p/env:dev/T}"
    ),
    "a description": Edit(INTENT, "The shop.", "Our shop."),
    "a comment": Edit(INTENT, "environments:\n", "# two of them\nenvironments:\n"),
}


@pytest.fixture
def planned(shop: Shop) -> Shop:  # noqa: F811
    """The shop with its plan in a file."""
    assert shop.orun("plan", "-o", "old.json").code == 0
    return shop


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_told(planned: Shop, name: str) -> None:
    edit = EDITS[name]
    planned.edit(edit.file, edit.old, edit.new)
    ran = planned.orun("diff", "old.json")
    assert ran.code == 0
    assert ran.out == (SAID / f"{name}.txt").read_text()


def test_there_is_one_text_per_edit() -> None:
    assert {path.stem for path in SAID.iterdir()} == {*EDITS}
    assert len(EDITS) >= 20


def test_jobs_that_change_alike_name_every_authored_line(shop: Shop) -> None:  # noqa: F811
    """The same new value may stand on another line for each environment; none is said to come from a line that is not its own."""
    names = [f"e{number}" for number in range(5)]
    shop.edit(
        INTENT, "environments:\n", "environments:\n" + "".join(f"  {name}: {{env: {{LANE: dry}}}}\n" for name in names)
    )
    shop.edit(INTENT, GOES % "dev, prod", GOES % ", ".join(names))
    assert shop.orun("plan", "-o", "old.json").code == 0
    for name in names[:2]:
        shop.edit(INTENT, f"{name}: {{env: {{LANE: dry", f"{name}: {{env: {{LANE: wet")
    lines = shop.orun("diff", "old.json").out.splitlines()
    at = lines.index("    ~ variable LANE: dry → wet")
    assert lines[at + 1 : at + 3] == [
        "      ← intent.yaml:6:14  (environment:e0)",
        "      ← intent.yaml:7:14  (environment:e1)",
    ]
    for name in names[2:]:
        shop.edit(INTENT, f"{name}: {{env: {{LANE: dry", f"{name}: {{env: {{LANE: wet")
    lines = shop.orun("diff", "old.json").out.splitlines()
    at = lines.index("    ~ variable LANE: dry → wet")
    assert lines[at + 3 : at + 5] == [
        "      ← intent.yaml:8:14  (environment:e2)",
        "      ← and 2 more lines like it",
    ]


# --- other forms ------------------------------------------------------------------------------------------------------


def test_equal_plans(planned: Shop) -> None:
    ran = planned.orun("diff", "old.json", "--exit-code")
    assert (ran.code, ran.out) == (0, "old.json → the workspace\nThe plans are the same file.\n")


@pytest.mark.parametrize("name", EDITS)
def test_the_json_form_keeps_its_schema(planned: Shop, name: str) -> None:
    edit = EDITS[name]
    planned.edit(edit.file, edit.old, edit.new)
    ran = planned.orun("diff", "old.json", "--format", "json", "--exit-code")
    tree = ran.tree["result"]
    jsonschema.Draft202012Validator(diff_schema()).validate(tree)
    assert tree["schemaVersion"] == "orun.diff/v1"
    assert tree["runsTheSame"] is (name in ("a description", "a comment"))
    assert ran.code == (0 if tree["runsTheSame"] else 1)


def test_the_json_form_names_the_authored_line(planned: Shop) -> None:
    planned.edit("intent.yaml", "REGION: us", "REGION: uk")
    tree = planned.orun("diff", "old.json", "--format", "json").tree["result"]
    [job] = [job for job in tree["changed"] if job["job"] == "api.prod.deploy"]
    assert job["changes"] == [
        {
            "path": "env.REGION",
            "kind": "changed",
            "old": "us",
            "new": "uk",
            "cause": {
                "layer": "environment:prod",
                "file": "intent.yaml",
                "pointer": "/environments/prod/env/REGION",
                "line": 9,
                "column": 11,
            },
        }
    ]


def test_a_schema_is_shipped(shop: Shop) -> None:  # noqa: F811
    assert shop.orun("schema", "diff").tree == diff_schema()


def test_markdown_is_one_comment(planned: Shop) -> None:
    planned.edit(SVC, "echo two", "echo '```'")
    ran = planned.orun("diff", "old.json", "--format", "markdown")
    lines = ran.out.splitlines()
    assert lines[0] == MARKER
    assert lines[1:4] == ["### orun plan: `old.json` → `the workspace`", "", "**What runs changes: 4 jobs changed.**"]
    assert ran.out.count("<details>") == ran.out.count("</details>") == 2
    assert ran.out.count("```") == 4


def test_markdown_of_thousands_of_changes_keeps_the_limit(planned: Shop) -> None:
    from dataclasses import replace

    from orun_core.plan.reader import read_plan
    from orun_core.plan.seal import sealed

    plan = read_plan(planned.root / "old.json")
    first = plan.jobs[0]

    def many(word: str) -> object:
        jobs = (
            replace(first, id=f"c{n}.dev.deploy", component=f"c{n}", steps=(Step("s", "main", run=f"echo {word} {n}"),))
            for n in range(3000)
        )
        return sealed(replace(plan, jobs=tuple(jobs)))[0]

    found = diff(many("old"), many("new"))  # type: ignore[arg-type]
    assert len(found.changed) == 3000
    said = markdown(found, "a", "b")
    assert 60_000 < len(said) < COMMENT_LIMIT
    assert "more parts are left out here" in said.splitlines()[-1]
    gone = markdown(diff(many("old"), plan), "a", "b")  # type: ignore[arg-type]
    assert len(gone) < COMMENT_LIMIT
    assert "**What runs changes: 4 jobs added, 3000 jobs removed.**" in gone


# --- revisions --------------------------------------------------------------------------------------------------------


@pytest.fixture
def versioned(shop: Shop) -> Shop:  # noqa: F811
    """A repository: `main` is the shop, the branch `change` less a dependency and with another region."""
    shop.git("init", "-q")
    shop.git("add", ".")
    shop.git("commit", "-q", "-m", "one")
    shop.git("checkout", "-q", "-b", "change")
    shop.edit("intent.yaml", "    dependsOn: [{component: db}]\n", "")
    shop.edit("intent.yaml", "REGION: us", "REGION: uk")
    shop.git("commit", "-q", "-am", "two")
    return shop


@pytest.mark.parametrize("operands", [("main..change",), ("main", "change"), ("main",), ("main..",)])
def test_revisions_are_compiled(versioned: Shop, operands: tuple[str, ...]) -> None:
    ran = versioned.orun("diff", *operands)
    assert ran.code == 0, ran.err
    name = "change" if "change" in " ".join(operands) else "the workspace"
    assert ran.out.splitlines()[0] == f"main → {name}"
    assert (
        "    - no longer waits for db.dev.deploy (enforced; api dependsOn db)\n      ← intent.yaml:18:17  (component)"
        in ran.out
    )
    assert "    ~ variable REGION: us → uk\n      ← intent.yaml:9:11  (environment:prod)" in ran.out
    assert versioned.git("status", "--porcelain") == ""


def test_a_plan_file_against_a_revision(versioned: Shop) -> None:
    versioned.orun("plan", "-o", "new.json")
    assert "no longer waits" in versioned.orun("diff", "main", "new.json").out


def test_unknown_names(versioned: Shop) -> None:
    ran = versioned.orun("diff", "mian")
    assert (ran.code, ran.out) == (2, "")


def test_a_revision_without_its_files(versioned: Shop) -> None:
    blob = versioned.git("rev-parse", "main:intent.yaml")
    (versioned.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    ran = versioned.orun("diff", "main")
    assert (ran.code, "[usage/revision]" in ran.err) == (2, True)


def test_a_revision_before_the_intent(shop: Shop) -> None:  # noqa: F811
    shop.git("init", "-q")
    shop.git("commit", "-q", "--allow-empty", "-m", "nothing")
    shop.git("add", ".")
    shop.git("commit", "-q", "-m", "one")
    ran = shop.orun("diff", "HEAD~1")
    assert ran.code == 2
    assert "there is no intent.yaml in revision" in ran.err
    assert "this is about revision HEAD~1, not the workspace" in ran.err


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"[" * 100_000, b"\xff"], ids=["empty", "half", "list", "deep", "bytes"]
)
def test_a_damaged_provenance_tells_no_causes(planned: Shop, damage: bytes) -> None:
    planned.edit(INTENT, "replicas: 3", "replicas: 5")
    assert planned.orun("plan").code == 0
    for file in (planned.root / ".orun/plans").glob("*.provenance.json"):
        file.write_bytes(damage)
    ran = planned.orun("diff", "old.json", "latest")
    assert (ran.code, ran.err) == (0, "")
    assert "parameter replicas: 3 → 5" in ran.out
