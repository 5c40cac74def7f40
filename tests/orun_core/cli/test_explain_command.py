"""Where the values of a plan came from, on the command line and in the file beside the plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop import FILES, SVC, Shop, shop  # noqa: F401

PROFILED = FILES[SVC].replace(
    "fast: {jobs: {deploy: {stepsEnabled: [release]}}}",
    "fast: {policies: {isolation: strict}, secretBindings: {PIN: {asEnv: PIN}}, "
    "jobs: {deploy: {stepsEnabled: [release], stepOverrides: {release: {run: make}}}}}",
)
RICH = (
    FILES["intent.yaml"]
    .replace(
        "env: {REGION: eu}",
        "env: {REGION: eu}\nexecution: {state: {workspace: w, project: p}}\npolicies: {maxTimeout: 1h}",
    )
    .replace(
        "{component: db}]\n    subscribe: {environments: [dev, prod]}",
        "{component: db}]\n"
        "    parameters: {replicas: 7}\n"
        "    secretEnv: {TOKEN: secret://w/project:p/env:dev/T}\n"
        "    optionalSecretEnv: {EXTRA: secret://w/project:p/env:dev/E}\n"
        "    overrides: {steps: [{name: notify, run: echo done}]}\n"
        "    subscribe: {environments: [{name: dev, profile: fast, env: {REGION: own}}]}",
    )
)


@pytest.fixture
def rich(shop: Shop) -> Shop:  # noqa: F811
    shop.write({"intent.yaml": RICH, SVC: PROFILED})
    return shop


FIELDS = {
    "parameters.replicas": (
        "7", "the last layer that sets it", "intent.yaml:21:18  (component:api)",
        ['1 of intent.yaml:9:31  (environment:dev "*")'],
    ),
    "env.REGION": (
        "own", "the last layer that sets it", "intent.yaml:25:65  (subscription:api@dev)", ['"eu" of intent.yaml:4:7  (intent)']
    ),
    "secretRefs.TOKEN": (
        "secret://w/project:p/env:dev/T", "the last layer that sets it", "intent.yaml:22:17  (component:api)", []
    ),
    "secretRefs.EXTRA": (
        "secret://w/project:p/env:dev/E", "an optional secret of the component", "intent.yaml:23:25", []
    ),
    "secretRefs.PIN": ("secret://w/project:p/env:dev/PIN", "bound by the profile", f"{SVC}:10:43", []),
    "policies.maxTimeout": ("1h", "the last layer that sets it", "intent.yaml:6:12  (intent)", []),
    "policies.isolation": ("strict", "the last layer that sets it", f"{SVC}:10:23  (profile:svc.fast)", []),
    "steps.release": ("make", "the profile's stepOverrides", f"{SVC}:10:147  (profile)", [f"{SVC}:18:11  (composition)"]),
    "steps.release.run": ("make", "the profile's stepOverrides", f"{SVC}:10:147  (profile)", [f"{SVC}:19:11  (composition)"]),
    "steps.notify": ("echo done", "overrides.steps of the component", "intent.yaml:24:25  (component)", []),
    "profile": ("svc.fast", "the subscription's profile", "intent.yaml:25:44", []),
    "environment": ("dev", "the component goes there, by its subscription", "intent.yaml:25:32", []),
    "composition": ("svc", "the component's type", "intent.yaml:18:5", []),
    "dependsOn.db.dev.deploy": ("db.dev.deploy", "component, enforced", "intent.yaml:20:17  (component)", []),
    "dependencyMode": ("enforced", "default", "", []),
    "timeout": ("10m", "the job's template", f"{SVC}:14:7", []),
    "runsOn": ("ubuntu-22.04", "the job's template", f"{SVC}:13:7", []),
    "labels.tier": ("gold", "a label of the component", "intent.yaml:19:14", []),
    "path": ("./", "the file's folder, or ./", "intent.yaml:17:5", []),
}  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_explained(rich: Shop, field: str) -> None:
    value, rule, decided, overridden = FIELDS[field]
    ran = rich.orun("explain", "api@dev", field)
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[:2] == ["api.dev.deploy", f"  {field}: {value}"]
    assert lines[2].startswith(f"    · {rule}")
    assert lines[3:4] == ([f"    ← {decided}"] if decided else [])
    assert len(lines) == 4 + len(overridden) - (not decided)
    for line, said in zip(lines[4:], overridden, strict=True):
        assert line == f"    ⤷ overrides {said}"


def test_a_job_is_explained_whole(rich: Shop) -> None:
    ran = rich.orun("explain", "api.dev", "--format", "json")
    found = {entry["field"] for entry in ran.tree["result"]["fields"]}
    assert {*FIELDS} - found <= {"steps.release.run", "labels.tier"}
    assert ran.tree["result"]["job"] == "api.dev.deploy"


def test_json_names_the_place(rich: Shop) -> None:
    ran = rich.orun("explain", "api.dev", "env.REGION", "--format", "json")
    [found] = ran.tree["result"]["fields"]
    assert found["decided"] == {
        "layer": "subscription:api@dev",
        "file": "intent.yaml",
        "pointer": "/components/1/subscribe/environments/0/env/REGION",
        "line": 25,
        "column": 65,
        "value": "own",
    }
    assert [source["value"] for source in found["overridden"]] == ["eu"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("api.dev", "parameters.replica"), 'did you mean "parameters.replicas"'),
        (("api.dev", "steps.relase"), 'did you mean "steps.release"'),
        (("api.dev", "dependsOn.db.dev.deplo"), 'did you mean "dependsOn.db.dev.deploy"'),
        (("api.dev", "profil"), 'did you mean "profile"'),
        (("apl.dev",), 'did you mean "api.dev"'),
        (("db",), '"db" begins 2 jobs'),
    ],
)
def test_a_misspelt_name_is_mended(rich: Shop, arguments: tuple[str, ...], said: str) -> None:
    ran = rich.orun("explain", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_a_plan_without_provenance(rich: Shop, tmp_path: Path) -> None:
    assert rich.orun("plan", "-o", "plan.json").code == 0
    assert rich.orun("explain", "api.dev", "profile", "--plan", "plan.json").code == 0
    for path in (rich.root / ".orun").rglob("*.provenance.json"):
        path.unlink()
    ran = rich.orun("explain", "api.dev", "profile", "--plan", "plan.json")
    assert (ran.code, "plan/no-provenance" in ran.err) == (2, True)


def test_lines_are_those_of_the_file_that_was_compiled(rich: Shop) -> None:
    rich.orun("plan", "-o", "plan.json")
    rich.edit("intent.yaml", "metadata:", "# a line more\nmetadata:")
    ran = rich.orun("explain", "api.dev", "labels.tier", "--plan", "plan.json")
    assert "← intent.yaml#/components/1/labels/tier" in ran.out


def test_the_provenance_is_the_same_in_two_folders(rich: Shop, tmp_path: Path) -> None:
    there = rich.copy(tmp_path / "far/away")
    texts = []
    for place in (rich, there):
        assert place.orun("plan", "-o", "plan.json").code == 0
        [path] = place.root.glob(".orun/plans/**/*.provenance.json")
        texts.append((path.name, path.read_bytes(), (place.root / "plan.json").read_bytes()))
    assert texts[0] == texts[1]
    assert str(rich.root).encode() not in texts[0][1]


# --- plans of events, scopes and changes are verified as they were made -------------------------------------------------

TRIGGERED = RICH.replace(
    "environments:\n",
    "automation: {triggerBindings: {on-push: {on: {provider: github, event: push}}}}\nenvironments:\n",
    1,
).replace("  dev:\n", "  dev:\n    activation: {triggerRefs: [on-push]}\n")


@pytest.mark.parametrize(
    "scope",
    [
        ("--env", "dev"),
        ("--component", "db"),
        ("--env", "dev", "--component", "api"),
        ("--all-envs",),
        ("--trigger", "on-push"),
    ],
)
def test_a_scoped_plan_is_verified(rich: Shop, scope: tuple[str, ...]) -> None:
    rich.write({"intent.yaml": TRIGGERED})
    assert rich.orun("plan", *scope, "-o", "plan.json").code == 0
    ran = rich.orun("verify", "plan.json")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "✓ sources  (they compile to the same bytes)"), ran.err
    rich.edit("intent.yaml", "REGION: eu", "REGION: as")
    assert rich.orun("verify", "plan.json").code == 5


def test_a_plan_of_an_event_is_verified_without_the_event(rich: Shop) -> None:
    rich.write({"intent.yaml": TRIGGERED, "event.json": '{"ref": "refs/heads/main", "before": "1", "after": "2"}'})
    made = rich.orun("plan", "--from-ci", "github", "--event-file", "event.json", "-o", "plan.json")
    assert made.code == 0, made.err
    (rich.root / "event.json").unlink()
    assert rich.orun("verify", "plan.json").code == 0


def test_a_plan_of_changes_is_verified_without_the_history(rich: Shop) -> None:
    rich.git("init", "-q")
    rich.git("add", ".")
    rich.git("commit", "-q", "-m", "one")
    rich.edit("intent.yaml", "tier: gold", "tier: silver")
    made = rich.orun("plan", "--changed", "--base", "HEAD", "-o", "plan.json")
    assert made.code == 0, made.err
    ran = rich.orun("verify", "plan.json")
    assert ran.code == 0, ran.err
