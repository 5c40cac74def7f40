"""Policies at compile time: what each allows and denies, and the line that a denial points at."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from typing import Any

import pytest
from compiling import STACK, Project, composition
from marked import Marks
from orun_core.builtin.policies import POLICIES, policies
from orun_core.compiler import constraints
from orun_core.spec.errors import CompileError, Diagnostic, ExitCode, PolicyError
from orun_core.spec.plan import Obligation, Policy, Waiver

SVC = "stack/compositions/svc/composition.yaml"
PINNED = "sha256:" + "a" * 64
COMMIT = "b" * 40

USUAL = {"type:": "type: svc", "subscribe:": "subscribe: {environments: [dev]}"}


@dataclass(frozen=True)
class Case:
    """One policy over one component; `said` is the denial, empty when it is allowed. Marks show where it points."""

    policy: str
    component: str = ""
    said: str = ""
    template: str = ""
    """The whole composition, when it is not the usual one."""
    group: str = ""
    environment: str = ""
    layer: str = "intent"

    def intent(self) -> str:
        """The intent; a denial without a mark points at the component."""
        usual = [text for key, text in USUAL.items() if key not in self.component]
        marked = any("▶" in text for text in (self.component, self.environment, self.template))
        return (
            f"policies: {{{self.policy}}}\n"
            f"groups: {{payments: {{policies: {{{self.group}}}}}}}\n"
            f"environments: {{dev: {{{self.environment}}}}}\n"
            f"components:\n  - {'' if marked else '▶'}{{{', '.join(['name: api, domain: payments', *usual, self.component])}}}\n"
        )


def template(job: str, more: str = "") -> str:
    """A composition whose one job has these lines."""
    body = "".join(f"      {line}\n" for line in job.strip("\n").splitlines())
    return (
        "kind: Composition\nmetadata: {name: svc}\nspec:\n  type: svc\n  defaultJob: deploy\n"
        f"  parameterSchema: {{type: object}}\n{more}  jobs:\n    - name: deploy\n{body}"
    )


PROFILES = """\
  ▶defaultProfile: plain
  executionProfiles:
    plain: {jobs: {deploy: {stepsEnabled: [one]}}}
    fast: {jobs: {deploy: {stepsEnabled: [one], stepOverrides: {one: {▶run: curl evil}}}}}
"""
BY_PROFILE = template("timeout: 5m\nsteps:\n  - {name: one, ▷run: echo one}", PROFILES)
DEFAULT_PROFILE = BY_PROFILE.replace("{▶run: curl evil}", "{run: make}").replace("▷run", "run")
FAST = "subscribe: {environments: [{name: dev, profile: fast}]}"
USES = "steps:\n  - {name: one, ▶use: actions/checkout@%s}"

CASES = {
    # allowedTypes
    "type allowed": Case("allowedTypes: [svc, job]"),
    "type by prefix": Case('allowedTypes: ["s*"]'),
    "type denied": Case("allowedTypes: [job]", said='type "svc" is not allowed', component="▶type: svc"),
    "no type allowed": Case("allowedTypes: []", said='type "svc" is not allowed', component="▶type: svc"),
    # allowedProfiles
    "profile allowed": Case("allowedProfiles: [plain]", template=DEFAULT_PROFILE),
    "profile allowed in full": Case('allowedProfiles: ["svc.*"]', template=DEFAULT_PROFILE),
    "default profile denied": Case(
        "allowedProfiles: [fast]", said='profile "plain" is not allowed', template=DEFAULT_PROFILE
    ),
    "profile of another type denied": Case(
        "allowedProfiles: [job.plain]", said='profile "plain" is not allowed', template=DEFAULT_PROFILE
    ),
    "subscribed profile denied": Case(
        "allowedProfiles: [plain]",
        "subscribe: {environments: [{name: dev, ▶profile: fast}]}",
        said='profile "fast" is not allowed',
        template=DEFAULT_PROFILE.replace("▶", ""),
    ),
    # allowedEnvironments
    "environment allowed": Case("allowedEnvironments: [dev, stage]"),
    "environment denied": Case(
        "allowedEnvironments: [prod]",
        "subscribe: {environments: [▶dev]}",
        said='environment "dev" is not allowed',
    ),
    "environment denied by a pattern": Case(
        "allowedEnvironments: [prod]",
        'subscribe: {environments: [▶"d*"]}',
        said='environment "dev" is not allowed',
    ),
    # requiredLabels
    "label there": Case("requiredLabels: [tier]", "labels: {tier: gold}"),
    "label has an allowed value": Case("requiredLabels: {tier: [gold, silver]}", "labels: {tier: silver}"),
    "label of any value": Case("requiredLabels: {tier: null}", "labels: {tier: x}"),
    "label missing": Case("requiredLabels: [tier]", "▶labels: {team: x}", said='label "tier" is missing'),
    "no labels at all": Case("requiredLabels: [tier]", said='label "tier" is missing'),
    "label of another value": Case(
        "requiredLabels: {tier: gold}", "labels: {▶tier: bronze}", said='label "tier" is "bronze"'
    ),
    # requiredParameters
    "parameter set": Case("requiredParameters: [size]", "parameters: {size: 1}"),
    "parameter set by a layer": Case("requiredParameters: [size]", environment='parameterDefaults: {"*": {size: 1}}'),
    "parameter false is set": Case("requiredParameters: [on]", "parameters: {on: false}"),
    "parameter missing": Case("requiredParameters: [size]", said='parameter "size" is not set'),
    "parameter empty": Case(
        "requiredParameters: [size]", 'parameters: {▶size: ""}', said='parameter "size" is not set'
    ),
    "parameter emptied over a default": Case(
        "requiredParameters: [size]",
        "parameters: {▶size: null}",
        environment="parameterDefaults: {svc: {▷size: 3}}",
        said='parameter "size" is not set',
    ),
    # forbiddenParameters
    "parameter not set": Case("forbiddenParameters: [debug]", "parameters: {size: 1}"),
    "parameter forbidden": Case(
        "forbiddenParameters: [debug]", "parameters: {▶debug: 1}", said='parameter "debug" must not be set'
    ),
    "parameter forbidden by prefix": Case(
        'forbiddenParameters: ["raw*"]', "parameters: {▶rawArgs: 1}", said='parameter "rawArgs" must not be set'
    ),
    "forbidden parameter of an environment": Case(
        "forbiddenParameters: [debug]",
        environment='parameterDefaults: {"*": {▶debug: 1}}',
        said='parameter "debug" must not be set',
    ),
    # parameterBounds
    "bounds kept": Case("parameterBounds: {replicas: {min: 1, max: 3}}", "parameters: {replicas: 3}"),
    "bounds of what is not set": Case("parameterBounds: {replicas: {min: 1}}"),
    "too large": Case(
        "parameterBounds: {replicas: {max: 3}}",
        "parameters: {▶replicas: 7}",
        environment='parameterDefaults: {"*": {▷replicas: 2}}',
        said='parameter "replicas" is 7, more than 3',
    ),
    "too small": Case(
        "parameterBounds: {replicas: {min: 2}}",
        "parameters: {▶replicas: 1}",
        said='parameter "replicas" is 1, less than 2',
    ),
    "no number": Case(
        "parameterBounds: {replicas: {min: 2}}",
        "parameters: {▶replicas: many}",
        said="parameter \"replicas\" is 'many', not a number",
    ),
    "true is no number": Case(
        "parameterBounds: {replicas: {min: 0}}",
        "parameters: {▶replicas: true}",
        said='parameter "replicas" is True, not a number',
    ),
    "pattern kept": Case('parameterBounds: {region: {pattern: "eu-.*"}}', "parameters: {region: eu-1}"),
    "pattern broken": Case(
        'parameterBounds: {region: {pattern: "eu-.*"}}',
        "parameters: {▶region: us-1}",
        said="parameter \"region\" is 'us-1', which does not match eu-.*",
    ),
    "choice kept": Case("parameterBounds: {size: {enum: [s, m]}}", "parameters: {size: m}"),
    "choice broken": Case(
        "parameterBounds: {size: {enum: [s, m]}}",
        "parameters: {▶size: xl}",
        said="parameter \"size\" is 'xl', not one of s, m",
    ),
    # requireOwner
    "owner there": Case("requireOwner: true", "owner: ada"),
    "owner by label": Case("requireOwner: true", "labels: {team: shop}"),
    "owner not asked for": Case("requireOwner: false"),
    "owner as an old intent writes it": Case('requireOwner: "false"'),
    "owner missing": Case("requireOwner: true", said="nobody owns it"),
    "owner missing, in quotes": Case('requireOwner: "true"', said="nobody owns it"),
    # requirePinnedVersions
    "action pinned": Case("requirePinnedVersions: [actions]", template=template(USES.replace("▶", "") % COMMIT)),
    "action by tag": Case(
        "requirePinnedVersions: [actions]",
        template=template(USES % "v4"),
        said='action "actions/checkout@v4" is not pinned to a commit',
    ),
    "local action needs no pin": Case(
        "requirePinnedVersions: true", template=template("steps:\n  - {name: one, use: ./actions/x}")
    ),
    "action in an image by digest": Case(
        "requirePinnedVersions: true",
        template=template(f"steps:\n  - {{name: one, use: 'docker://alpine@{PINNED}'}}"),
    ),
    "action in an image by tag": Case(
        "requirePinnedVersions: true",
        template=template("steps:\n  - {name: one, ▶use: 'docker://alpine:3'}"),
        said='action "docker://alpine:3" is not pinned to a commit',
    ),
    "image by digest": Case(
        "requirePinnedVersions: [images]",
        template=template(f"runsOn: ghcr.io/x/y@{PINNED}\nsteps:\n  - {{name: one, run: x}}"),
    ),
    "runner label is no image": Case(
        'requirePinnedVersions: "true"', template=template("runsOn: ubuntu-22.04\nsteps:\n  - {name: one, run: x}")
    ),
    "image by tag": Case(
        "requirePinnedVersions: [images]",
        template=template("▶runsOn: alpine:3\nsteps:\n  - {name: one, run: x}"),
        said='image "alpine:3" is not pinned by digest',
    ),
    "service by tag": Case(
        "requirePinnedVersions: [images]",
        template=template("services:\n  db: {▶image: postgres:16}\nsteps:\n  - {name: one, run: x}"),
        said='image "postgres:16" is not pinned by digest',
    ),
    "tool exact": Case("requirePinnedVersions: [tools]", "parameters: {nodeVersion: 22.1.0}"),
    "tool loose": Case(
        "requirePinnedVersions: [tools]",
        "parameters: {▶nodeVersion: '22'}",
        said='parameter "nodeVersion" is "22", not an exact version',
    ),
    "tool of an action loose": Case(
        "requirePinnedVersions: [tools]",
        template=template("steps:\n  - {name: one, use: x/y@v1, with: {▶node-version: '22'}}"),
        said='node-version "22" is not an exact version',
    ),
    "pins not asked for": Case("requirePinnedVersions: false", "parameters: {nodeVersion: '22'}"),
    # requirePinnedTerraformVersion
    "terraform exact": Case('requirePinnedTerraformVersion: "true"', "parameters: {terraformVersion: 1.9.3}"),
    "terraform not asked for": Case("requirePinnedTerraformVersion: false"),
    "terraform loose": Case(
        "requirePinnedTerraformVersion: true",
        "parameters: {▶terraformVersion: ~> 1.9}",
        said='terraformVersion is "~> 1.9", not an exact version',
    ),
    "terraform missing": Case(
        "requirePinnedTerraformVersion: true", said='terraformVersion is "", not an exact version'
    ),
    # maxTimeout
    "timeout within": Case("maxTimeout: 10m"),
    "timeout missing": Case(
        "maxTimeout: 1h",
        template=template("steps:\n  - {name: one, run: x}").replace("- name: deploy", "- ▶name: deploy"),
        said="the job has no timeout",
    ),
    "timeout too long": Case(
        "maxTimeout: 90s",
        template=template("▶timeout: 2m\nsteps:\n  - {name: one, run: x}"),
        said="the job's timeout is 2m, more than 90s",
    ),
    "step's timeout too long": Case(
        "maxTimeout: 5m",
        template=template("timeout: 5m\nsteps:\n  - {name: one, run: x, ▶timeout: 6m}"),
        said='the timeout of step "one" is 6m, more than 5m',
    ),
    # forbiddenCommands
    "command allowed": Case('forbiddenCommands: ["curl .*"]'),
    "command forbidden": Case(
        'forbiddenCommands: ["echo \\\\w+"]',
        template=template("timeout: 5m\nsteps:\n  - name: one\n    ▶run: |\n      make\n      echo one"),
        said='step "one" runs "echo one"',
    ),
    "command of a profile": Case(
        'forbiddenCommands: ["^curl"]',
        FAST,
        template=BY_PROFILE.replace("▶defaultProfile", "defaultProfile"),
        said='step "one" runs "curl"',
    ),
    "command of a component's step": Case(
        'forbiddenCommands: ["^rm"]',
        "overrides: {steps: [{name: one, ▶run: rm -r x}]}",
        said='step "one" runs "rm"',
    ),
    # layers
    "group": Case("", group="requireOwner: true", said="nobody owns it", layer="group:payments"),
    "environment over group": Case("maxTimeout: 1m", group="maxTimeout: 2m", environment="policies: {maxTimeout: 1h}"),
    "environment stricter than group": Case(
        "",
        group="maxTimeout: 1h",
        environment="policies: {maxTimeout: 1m}",
        template=template("▶timeout: 2m\nsteps:\n  - {name: one, run: x}"),
        said="the job's timeout is 2m, more than 1m",
        layer="environment:dev",
    ),
    "profile": Case(
        "",
        template=DEFAULT_PROFILE.replace("▶", "").replace(
            "plain: {", "plain: {policies: {forbiddenParameters: [debug]}, "
        ),
        component="parameters: {▶debug: 1}",
        said='parameter "debug" must not be set',
        layer="profile:svc.plain",
    ),
}

DENIED = {name: case for name, case in CASES.items() if case.said}
ALLOWED = {name: case for name, case in CASES.items() if not case.said}


@pytest.fixture
def policed(project: Project) -> Project:
    """An empty workspace where core's policies hold."""
    project.policies = {entry.name: entry for entry in policies()}
    return project


def compiled(project: Project, case: Case, marks: Marks) -> Any:
    files = {SVC: marks.strip(SVC, case.template)} if case.template else {}
    return project.compile(marks.strip("intent.yaml", case.intent(), 2), files)


def denials(project: Project, intent: str, files: dict[str, str] | None = None, **request: Any) -> list[Diagnostic]:
    with pytest.raises(PolicyError) as caught:
        project.compile(intent, files, **request)
    assert caught.value.exit_code == ExitCode.POLICY == 4
    return [d for d in caught.value.diagnostics if d.code == "policy/violation"]


@pytest.mark.parametrize("name", ALLOWED)
def test_it_is_allowed(policed: Project, name: str) -> None:
    made = compiled(policed, CASES[name], Marks())
    assert [w for w in made.warnings if w.code.startswith("policy/")] == []
    assert [job.id for job in made.plan.jobs] == ["api.dev.deploy"]


@pytest.mark.parametrize("name", DENIED)
def test_it_is_denied_at_the_line_that_set_the_value(policed: Project, name: str) -> None:
    case, marks = CASES[name], Marks()
    with pytest.raises(PolicyError) as caught:
        compiled(policed, case, marks)
    [found] = caught.value.diagnostics
    policy = (case.policy or case.group).partition(":")[0]
    if case.layer not in ("intent", "group:payments"):
        policy = found.message.partition(" ")[0]
    assert found.message == f"{policy} ({case.layer}): api in dev: {case.said}"
    assert str(found.where) == marks.where
    *overridden, stands = found.related
    assert [str(other.where) for other in overridden] == marks.overridden
    assert stands.message == f"{policy} of {case.layer} stands here"
    assert f"{policy}: " in policed.root.joinpath(stands.where.file).read_text().splitlines()[stands.where.line - 1]


def test_every_policy_is_in_the_table_or_is_a_duty() -> None:
    told = {(case.policy or case.group or case.environment).partition(":")[0] for case in CASES.values()}
    assert {*POLICIES} - told == {"requireApproval", "requireCleanGitTree", "isolation"}
    assert len(POLICIES) == 15


# --- duties -------------------------------------------------------------------------------------------------------------

PLAIN = """
policies: {%s}
environments: {dev: {}}
components: [{name: api, type: svc, subscribe: {environments: [dev]}}]
"""


@pytest.mark.parametrize(
    ("written", "duty"),
    [
        ("requireApproval: true", Obligation("approval", "requireApproval", "intent")),
        ('requireApproval: "true"', Obligation("approval", "requireApproval", "intent")),
        (
            "requireApproval: {approvers: [ada]}",
            Obligation("approval", "requireApproval", "intent", {"approvers": ["ada"]}),
        ),
        ("requireCleanGitTree: true", Obligation("clean-git-tree", "requireCleanGitTree", "intent")),
        ("isolation: strict", Obligation("isolation", "isolation", "intent", "strict")),
        ("isolation: workspace", Obligation("isolation", "isolation", "intent", "workspace")),
    ],
)
def test_what_only_a_run_can_satisfy_is_an_obligation(policed: Project, written: str, duty: Obligation) -> None:
    [job] = policed.plan(PLAIN % written).jobs
    assert job.obligations == (duty,)
    assert [(policy.name, policy.layer) for policy in job.policies] == [(duty.policy, "intent")]


@pytest.mark.parametrize(
    "written",
    [
        *("requireApproval: false", "requireApproval: {required: false}", 'requireCleanGitTree: "False"'),
        *("isolation: none", "isolation: auto", 'isolation: ""'),
    ],
)
def test_what_is_not_asked_for_is_no_obligation(policed: Project, written: str) -> None:
    assert policed.plan(PLAIN % written).jobs[0].obligations == ()


def test_duties_of_all_layers_come_together(policed: Project) -> None:
    [job] = policed.jobs("""
        policies: {isolation: workspace}
        groups: {pay: {policies: {requireApproval: true}}}
        environments: {dev: {policies: {requireCleanGitTree: true, isolation: none}}}
        components: [{name: api, type: svc, domain: pay, subscribe: {environments: [dev]}}]
        """).values()
    assert [(duty.kind, duty.layer) for duty in job.obligations] == [
        ("approval", "group:pay"),
        ("clean-git-tree", "environment:dev"),
    ]
    assert Policy("isolation", "none", "environment:dev") in job.policies


# --- values that are wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("allowedTypes: svc", "12 expected a list, got 'svc'"),
        ("requireOwner: maybe", "12 expected true or false, got 'maybe'"),
        ("maxTimeout: soon", '12 "soon" is no duration; write 90s, 15m or 1h30m'),
        ("maxTimeout: {}", "12 expected a text, got {}"),
        ("parameterBounds: {x: {most: 3}}", "34 x.most: there is no such option"),
        ('parameterBounds: {x: {pattern: "("}}', "34 x.pattern: not a regular expression"),
        ("parameterBounds: {x: {pattern: 5}}", "34 x.pattern: expected a text, got 5"),
        ('forbiddenCommands: ["["]', "32 0: not a regular expression"),
        ("forbiddenCommands: [5]", "32 0: expected a text, got 5"),
        ("requirePinnedVersions: [wheels]", "36 0: Input should be 'images', 'actions' or 'tools'"),
        ("requireApproval: {approver: ada}", "30 approver: there is no such option"),
        ("requiredLabels: 7", "12 expected a mapping, got 7"),
    ],
)
def test_a_value_that_the_policy_does_not_take(policed: Project, written: str, said: str) -> None:
    with pytest.raises(CompileError) as caught:
        policed.compile(PLAIN % written)
    (found,) = caught.value.diagnostics
    name = written.partition(":")[0]
    column, _, said = said.partition(" ")
    assert (found.code, str(found.where)) == ("policy/bad-options", f"intent.yaml:3:{column}")
    assert found.message.startswith(f'policy "{name}": {said}')
    assert found.hint.startswith("write ")


@pytest.mark.parametrize(
    ("written", "duties"),
    [
        ('"true"', 1), ('"false"', 0), ("yes", 1), ("No", 0), ("on", 1), ("manual", 1), ("[ada, bob]", 1), ("{}", 1),
        ("{required: false}", 0), ("2", 1), ("0", 0),
    ],
)  # fmt: skip
def test_words_that_ask_for_an_approval(policed: Project, written: str, duties: int) -> None:
    (job,) = policed.plan(PLAIN % f"requireApproval: {written}").jobs
    assert len(job.obligations) == duties


def test_a_policy_without_a_value_asks_for_nothing_and_is_warned_about(policed: Project) -> None:
    made = policed.compile(PLAIN % "requireApproval: , maxTimeout: ~")
    assert [(w.code, str(w.where)) for w in made.warnings] == [
        ("policy/bad-options", "intent.yaml:3:12"),
        ("policy/bad-options", "intent.yaml:3:31"),
    ]
    assert made.plan.jobs[0].obligations == ()


def test_a_timeout_that_is_no_duration_breaks_the_limit(policed: Project) -> None:
    job = composition(steps="[{name: one, run: x, timeout: later}]").replace("timeout: 10m", "timeout: soon")
    with pytest.raises(PolicyError) as caught:
        policed.compile(PLAIN % "maxTimeout: 5m", {"stack/compositions/svc/composition.yaml": job})
    said = [d.message for d in caught.value.diagnostics if d.code == "policy/violation"]
    assert len(said) == 2
    assert all("is no duration" in message for message in said)


def test_an_unknown_policy_is_carried_and_warned_about(policed: Project) -> None:
    made = policed.compile(PLAIN % "maxTimeuot: 5m, secretSauce: [1]")
    assert [policy.name for policy in made.plan.jobs[0].policies] == ["maxTimeuot", "secretSauce"]
    warned = [w for w in made.warnings if w.code == "policy/unknown"]
    assert [str(w.where) for w in warned] == ["intent.yaml:3:12", "intent.yaml:3:28"]
    assert warned[0].hint == 'did you mean "maxTimeout"?'
    assert "`orun policy list`" in warned[1].hint


def test_all_violations_come_at_once(policed: Project) -> None:
    found = denials(
        policed,
        """
        policies: {requireOwner: true, forbiddenParameters: [debug], maxTimeout: 1m}
        environments: {dev: {}, prod: {}}
        components:
          - {name: api, type: svc, subscribe: {environments: [dev, prod]}, parameters: {debug: 1}}
          - {name: web, type: svc, owner: ada, subscribe: {environments: [dev]}}
        """,
    )
    assert [d.message.split(": ")[:2] for d in found] == [
        ["requireOwner (intent)", "api in dev"],
        ["requireOwner (intent)", "api in prod"],
        ["forbiddenParameters (intent)", "api in dev"],
        ["forbiddenParameters (intent)", "api in prod"],
        ["maxTimeout (intent)", "api in dev"],
        ["maxTimeout (intent)", "api in prod"],
        ["maxTimeout (intent)", "web in dev"],
    ]


def test_policies_look_at_what_is_planned_only(policed: Project) -> None:
    intent = """
        environments: {dev: {}, prod: {policies: {requireOwner: true}}}
        components: [{name: api, type: svc, subscribe: {environments: [dev, prod]}}]
        """
    assert list(policed.jobs(intent, environments=("dev",))) == ["api.dev.deploy"]
    assert len(denials(policed, intent)) == 1


def test_a_schema_default_is_denied_in_the_schema(policed: Project) -> None:
    schema = (
        "{type: object, properties: {parameters: {type: object, properties: {debug: {type: integer, default: 1}}}}}"
    )
    text = composition().replace("parameterSchema: {type: object}", f"parameterSchema: {schema}")
    intent = "compiler: {schemaDefaults: apply}" + PLAIN % "forbiddenParameters: [debug]"
    [found] = denials(policed, intent, {SVC: text})
    assert str(found.where) == f"{SVC}:6:{text.splitlines()[5].index('debug') + 1}"


# --- constraints --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """A constraint over the usual component; `said` is what a denial says."""

    rule: str
    said: str = ""
    more: str = ""
    """Further fields of the constraint."""
    where: str = "▶"


COMPONENT = """
environments: {dev: {env: {REGION: eu}}}
components:
  - name: api
    type: svc
    owner: ada
    labels: {tier: gold}
    parameters: {replicas: 7}
    env: {MODE: live}
    subscribe: {environments: [dev]}
"""
AT = {"parameters.replicas": 8, "env.MODE": 8}

RULES = {
    "holds": Rule("parameters.replicas < 10"),
    "value": Rule("parameters.replicas < 5", "parameters.replicas < 5 is false", where="replicas"),
    "value of env": Rule("env.MODE == 'test'", "env.MODE == 'test' is false", where="MODE"),
    "value of an environment": Rule("env.REGION == 'us'", "env.REGION == 'us' is false", where="REGION"),
    "label": Rule("labels.tier == 'silver'", "labels.tier == 'silver' is false", where="tier"),
    "owner": Rule("component.owner != 'ada'", "component.owner != 'ada' is false", where="owner"),
    "type": Rule("component.type == 'job'", "component.type == 'job' is false", where="type"),
    "environment": Rule("environment.name == 'prod'", "environment.name == 'prod' is false", where="dev]"),
    "two values": Rule(
        "parameters.replicas < 5 && env.MODE == 'x'", "parameters.replicas < 5 && env.MODE == 'x' is false"
    ),
    "when": Rule("false", more="when: environment.name == 'prod'"),
    "when it applies": Rule("false", "false is false", more="when: environment.name == 'dev'"),
    "text": Rule("false", "ask the platform team", more="message: ask the platform team"),
    "text with marks": Rule("false", "don't (see wiki).", more="message: don't (see wiki)."),
    "expression": Rule(
        "parameters.replicas < 5",
        "7 replicas of api",
        more="message: \"string(parameters.replicas) + ' replicas of ' + component.name\"",
        where="replicas",
    ),
    "field as a message": Rule("false", "api", more="message: component.name"),
    "named": Rule("false", "false is false", more="name: never"),
    "trigger": Rule("trigger.name == 'x'", "trigger.name == 'x' is false"),
    "job": Rule("job.timeout == '5m'", "job.timeout == '5m' is false", where="timeout"),
    "steps": Rule("steps.all(s, !s.run.contains('echo'))", "steps.all(s, !s.run.contains('echo')) is false"),
    "edges": Rule("size(edges) == 0"),
    "absent value": Rule("parameters.nothing == 1", "cannot be evaluated", where="name: api"),
    "absent value asked for": Rule("!has(parameters.nothing)"),
    "not a truth": Rule("parameters.replicas", "parameters.replicas is 7, neither true nor false", where="replicas"),
}


def place(text: str, word: str, file: str, after: str = "") -> str:
    """Where a word stands in a text, after another one."""
    begin = text.index(word, text.index(after))
    line = text.count("\n", 0, begin) + 1
    return f"{file}:{line}:{begin - (text.rfind(chr(10), 0, begin) + 1) + 1}"


@pytest.mark.parametrize("name", RULES)
def test_a_constraint(policed: Project, name: str) -> None:
    case = RULES[name]
    more = f"\n    {case.more}" if case.more else ""
    intent = (
        f"constraints:\n  - rule: {case.rule!r}{more}"
        if "'" not in case.rule
        else f'constraints:\n  - rule: "{case.rule}"{more}'
    )
    intent += COMPONENT
    if not case.said:
        policed.compile(intent)
        return
    [found] = denials(policed, intent)
    named = "never" if name == "named" else case.rule
    assert found.message.startswith(f"{named} (intent): api in dev: {case.said}")
    written = policed.root.joinpath("intent.yaml").read_text()
    expected = {
        "▶": lambda: place(written, "rule:", "intent.yaml"),
        "timeout": lambda: place(composition(), "timeout", SVC),
    }.get(case.where, lambda: place(written, case.where, "intent.yaml", after="environments:"))
    assert str(found.where) == expected()


@pytest.mark.parametrize(
    ("constraint", "said", "column"),
    [
        ('{rule: "parameters.replicas <"}', "not a CEL expression", 18),
        ('{rule: "paramters.replicas < 3"}', 'unknown variable "paramters"', 18),
        ('{rule: "sizes(edges) < 3"}', 'unknown function "sizes"', 18),
        ('{rule: "true", severity: fatal}', 'severity "fatal" is none of deny, warn, info', 32),
        ("{name: x}", "a constraint needs a rule", 17),
        ('{rule: "true", when: "envronment == 1"}', 'unknown variable "envronment"', 32),
        ('{rule: "' + "steps.all(s, " * 5 + "true" + ")" * 5 + '"}', "over its budget", 18),
    ],
)
def test_a_constraint_that_is_wrong(policed: Project, constraint: str, said: str, column: int) -> None:
    with pytest.raises(CompileError) as caught:
        policed.compile(f"constraints: [ {constraint}]" + COMPONENT)
    [found] = caught.value.diagnostics
    assert (found.code, str(found.where)) == ("policy/bad-constraint", f"intent.yaml:2:{column - 1}")
    assert said in found.message
    if "unknown" in said:
        assert found.hint.startswith('did you mean "')


def test_wrong_policies_and_wrong_constraints_come_together(policed: Project) -> None:
    intent = "constraints: [{rule: x}, {name: y}]\nwaivers: [{policy: x}]" + PLAIN % "maxTimeout: soon"
    assert [problem.split()[0] for problem in policed.problems(intent)] == [
        "policy/bad-constraint",
        "policy/bad-constraint",
        "policy/bad-waiver",
        "policy/bad-options",
    ]


@pytest.mark.parametrize(("severity", "level"), [("warn", "warning"), ("info", "note")])
def test_a_milder_constraint_warns(policed: Project, severity: str, level: str) -> None:
    made = policed.compile(f'constraints: [{{rule: "false", severity: {severity}}}]' + COMPONENT)
    [warned] = made.warnings
    assert (warned.code, warned.severity.value) == ("policy/violation", level)


def test_strict_refuses_warnings_and_lets_notes_pass(policed: Project) -> None:
    intent = 'constraints: [{rule: "false", severity: %s}]' + COMPONENT
    assert len(policed.compile(intent % "info", strict=True).warnings) == 1
    assert policed.problems(intent % "warn", strict=True) == ["policy/violation intent.yaml:2:15"]


def test_constraints_of_every_layer(policed: Project) -> None:
    preset = {
        "kind": "IntentPreset",
        "metadata": {"name": "base"},
        "spec": {"constraints": [{"name": "of-preset", "rule": "false"}], "policies": {"requireOwner": True}},
    }
    files = {
        "stack/stack.yaml": STACK + "spec: {intentPresets: [{name: base, path: presets/base.yaml}]}\n",
        "stack/presets/base.yaml": json.dumps(preset),
        SVC: composition(more='constraints: [{name: of-composition, rule: "false"}]'),
    }
    intent = """
        extends: [{source: local, preset: base}]
        constraints: [{name: of-intent, rule: "false"}]
        groups:
          pay: {constraints: [{name: of-group, rule: "false"}]}
          other: {constraints: [{name: of-other-group, rule: "false"}]}
        environments:
          dev: {constraints: [{name: of-environment, rule: "false"}]}
          prod: {constraints: [{name: of-prod, rule: "false"}]}
        components: [{name: api, type: svc, domain: pay, subscribe: {environments: [dev]}}]
        """
    found = denials(policed, intent, files)
    said = {d.message.partition(": ")[0]: d.where.file for d in found}
    assert said == {
        "of-intent (intent)": "intent.yaml",
        "of-preset (preset:local/base)": "stack/presets/base.yaml",
        "requireOwner (preset:local/base)": "intent.yaml",
        "of-group (group:pay)": "intent.yaml",
        "of-environment (environment:dev)": "intent.yaml",
        "of-composition (composition:svc)": SVC,
    }


def test_without_cel_orun_says_what_to_install(policed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = importlib.util.find_spec
    monkeypatch.setattr(constraints, "find_spec", lambda name: None if name == "cel" else absent(name))
    assert policed.problems('constraints: [{rule: "true"}, {rule: "true"}]' + COMPONENT) == [
        "policy/no-cel intent.yaml:2:15"
    ]


def test_an_unknown_engine(policed: Project) -> None:
    with pytest.raises(CompileError) as caught:
        policed.compile("constraints: [{rule: x, engine: ce1}]" + COMPONENT)
    [found] = caught.value.diagnostics
    assert (found.code, str(found.where)) == ("policy/unknown-engine", "intent.yaml:2:25")
    assert found.hint == 'did you mean "cel"?'


# --- waivers ------------------------------------------------------------------------------------------------------------

WAIVED = """
policies: {requireOwner: true}
waivers: [{%s}]
environments: {dev: {}, prod: {}}
components: [{name: api, type: svc, subscribe: {environments: [dev, prod]}}]
"""
ACCEPTED = "policy: requireOwner, owner: ada, reason: until the move, expires: 2030-06-30"


@pytest.mark.parametrize("day", ["2030-06-30", "2029-01-01"])
def test_a_waiver_that_holds_is_in_the_plan(policed: Project, day: str) -> None:
    plan = policed.plan(WAIVED % ACCEPTED, as_of=day)
    expected = (Waiver("requireOwner", "ada", "until the move", "2030-06-30"),)
    assert [job.waivers for job in plan.jobs] == [expected, expected]


def test_a_waiver_covers_what_it_names(policed: Project) -> None:
    [found] = denials(policed, WAIVED % f"{ACCEPTED}, environment: d*", as_of="2030-01-01")
    assert "api in prod" in found.message
    assert len(denials(policed, WAIVED % f"{ACCEPTED}, component: web", as_of="2030-01-01")) == 2


def test_a_constraint_is_waived_by_its_name(policed: Project) -> None:
    intent = 'constraints: [{name: never, rule: "false"}]\n' + (WAIVED % ACCEPTED).replace(
        "requireOwner,", "never,"
    ).replace("policies: {requireOwner: true}", "")
    assert [job.waivers[0].policy for job in policed.plan(intent, as_of="2030-01-01").jobs] == ["never", "never"]


def test_what_a_whole_component_is_waived_of_is_on_all_its_jobs(policed: Project) -> None:
    text = template("timeout: 5m\nsteps:\n  - {name: one, run: x}", "  defaultProfile: both\n").replace(
        "  jobs:\n", "  jobs:\n    - {name: check, steps: [{name: one, run: y}]}\n"
    )
    profile = "  executionProfiles: {both: {jobs: {deploy: {stepsEnabled: [one]}, check: {stepsEnabled: [one]}}}}\n"
    rules = '[{name: never, rule: "false"}, {name: timed, rule: "job.timeout != \'\'"}]'
    waivers = ", ".join(f"{{{ACCEPTED.replace('requireOwner', name)}}}" for name in ("never", "timed"))
    intent = f"constraints: {rules}\nwaivers: [{waivers}]" + PLAIN % ""
    jobs = policed.jobs(intent, {SVC: text + profile}, as_of="2030-01-01")
    assert {name: [waiver.policy for waiver in job.waivers] for name, job in jobs.items()} == {
        "api.dev.check": ["never", "timed"],
        "api.dev.deploy": ["never"],
    }


@pytest.mark.parametrize(
    ("waiver", "day", "warned", "said"),
    [
        (ACCEPTED, "2030-07-01", "policy/expired-waiver", "expired on 2030-06-30"),
        (ACCEPTED, "", "policy/undated-waiver", "not considered without a date"),
        (ACCEPTED.replace("requireOwner", "requireOwnr"), "2030-01-01", "policy/unknown", "no policy or constraint"),
    ],
)
def test_a_waiver_that_does_not_hold(policed: Project, waiver: str, day: str, warned: str, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        policed.compile(WAIVED % waiver, as_of=day)
    assert [d.code for d in caught.value.diagnostics].count("policy/violation") == 2
    [warning] = [d for d in caught.value.diagnostics if d.severity.value == "warning"]
    assert warning.code == warned
    assert said in warning.message


@pytest.mark.parametrize(
    ("waiver", "day", "said"),
    [
        ("policy: requireOwner", "", "a waiver needs owner, reason, expires"),
        (ACCEPTED.replace("2030-06-30", "30.6.2030"), "", 'expires "30.6.2030" is no date YYYY-MM-DD'),
        (ACCEPTED.replace("2030-06-30", "2030-02-30"), "", 'expires "2030-02-30" is no date YYYY-MM-DD'),
        (ACCEPTED, "tomorrow", '--as-of "tomorrow" is no date'),
    ],
)
def test_a_waiver_that_is_wrong(policed: Project, waiver: str, day: str, said: str) -> None:
    with pytest.raises(CompileError) as caught:
        policed.compile(WAIVED % waiver, as_of=day)
    [found] = [d for d in caught.value.diagnostics if d.code == "policy/bad-waiver"]
    assert found.message == said
