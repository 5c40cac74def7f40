"""A history of edits with known answers: every commit is asked about, in a full clone and in shallow ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiling import composition
from monorepo import FILES, Monorepo, component, git, intent
from orun_core.changes.affected import Affected

WEB = "{name: web, type: site, path: services/web}"
CRON = "{name: cron, type: svc, path: services/cron, change: {watches: [env]}, dependsOn: [{component: api}]}"
EVERYTHING = "api core cron dash db report web worker"

HISTORY: list[tuple[dict[str, str | None], str, str]] = [
    # edits of files: (files, directly changed, selected)
    ({"README.md": "two\n"}, "", ""),
    ({"apps/db/schema.sql": "-- two\n"}, "db", "db"),
    ({"apps/api/main.py": "print(2)\n"}, "api", "api db"),
    ({"apps/api/worker/run.sh": "false\n"}, "worker", "worker"),
    ({"apps/api/lib/deep/er/x.py": "1\n"}, "api", "api db"),
    ({"libs/core/core.py": "x = 2\n"}, "core dash report", "core dash report"),
    ({"apps/report/r.py": "1\n"}, "dash report", "dash report"),
    ({"apps/dash/d.html": "1\n"}, "dash", "dash"),
    ({"services/web/index.html": "two\n"}, "web", "web"),
    ({"services/cron/cron.sh": "false\n"}, "cron", "cron"),
    ({"services/other.txt": "1\n"}, "", ""),
    ({"apps/x.txt": "1\n", "x.txt": "1\n"}, "", ""),
    ({"apps/db/a b.txt": "1\n"}, "db", "db"),
    ({"apps/db/größe ☃.txt": "1\n"}, "db", "db"),
    ({"apps/db/new\nline\t.txt": "1\n"}, "db", "db"),
    ({'apps/db/"quoted".txt': "1\n"}, "db", "db"),
    ({"apps/db/-dash.txt": "1\n", "apps/web": "a file called like a component\n"}, "db", "db"),
    ({"apps/apix/main.py": "1\n"}, "", ""),
    ({"apps/db/vendor/lib.c": "1\n", "apps/db/build/out.txt": "1\n"}, "db", "db"),
    # deletions and renames count on both sides
    ({"apps/db/a b.txt": None}, "db", "db"),
    ({"apps/db/größe ☃.txt": None, "apps/db/new\nline\t.txt": None}, "db", "db"),
    ({"apps/api/main.py -> apps/db/main.py": ""}, "api db", "api db"),
    ({"apps/db/main.py -> apps/api/main.py": ""}, "api db", "api db"),
    ({"libs/core/core.py -> apps/api/worker/core.py": ""}, "core dash report worker", "core dash report worker"),
    ({"apps/api/worker/core.py -> libs/core/core.py": ""}, "core dash report worker", "core dash report worker"),
    ({"x.txt -> services/web/x.txt": ""}, "web", "web"),
    ({"services/web/x.txt -> x.txt": ""}, "web", "web"),
    ({"services/web/index.html": None}, "web", "web"),
    ({"services/web/index.html": "back\n"}, "web", "web"),
    ({"apps/api/lib/deep/er/x.py": None}, "api", "api db"),
    # component files
    ({"apps/db/component.yaml": component("db", more="parameters: {x: 1}")}, "db", "db"),
    ({"apps/new/component.yaml": component("new")}, "new", "new"),
    ({"apps/new/component.yaml -> apps/newer/component.yaml": ""}, "new", "new"),
    ({"apps/newer/component.yaml": None}, "", ""),
    ({"apps/api/worker/component.yaml": None}, "api", "api db"),
    ({"apps/api/worker/run.sh": "1\n"}, "api", "api db"),
    ({"apps/api/worker/component.yaml": component("worker")}, "worker", "worker"),
    ({"apps/api/worker/run.sh": "2\n"}, "worker", "worker"),
    # the intent: inline components and sections
    ({"intent.yaml": intent(f"[{WEB}, {CRON}]  # a comment")}, "", ""),
    ({"intent.yaml": intent(f"[{CRON}, {WEB}]")}, "", ""),
    ({"intent.yaml": intent(f"[{CRON}, {WEB[:-1]}, parameters: {{x: 1}}}}]")}, "web", "web"),
    ({"intent.yaml": intent(f"[{CRON}, {WEB[:-1]}, parameters: {{x: 1}}}}]", "env: {A: b}\n")}, "cron", "cron"),
    ({"intent.yaml": intent(f"[{CRON}, {WEB}]", "env: {A: c}\n")}, "cron web", "cron web"),
    ({"intent.yaml": intent(f"[{CRON}, {WEB}]", "env: {A: c}\ngroups: {g: {}}\n")}, "", ""),
    ({"intent.yaml": intent(f"[{WEB}]", "env: {A: c}\n")}, "", ""),
    ({"intent.yaml": intent(f"[{WEB}, {CRON}]", "env: {A: c}\n")}, "cron", "cron"),
    ({"intent.yaml": intent(f"[{WEB}, {CRON}]"), "apps/db/schema.sql": "-- 3\n"}, "cron db", "cron db"),
    ({"docs/intent.yaml": "kind: Intent\n"}, "", ""),
    ({"intent.yml": "not: read\n"}, "", ""),
    # compositions
    (
        {"stack/compositions/site/composition.yaml": composition("site", "[{name: one, run: two}]")},
        "dash web",
        "dash web",
    ),
    (
        {"stack/compositions/svc/composition.yaml": composition("svc", "[{name: one, run: two}]")},
        "api core cron dash db report worker",
        "api core cron dash db report worker",
    ),
    ({"stack/compositions/svc/README.md": "about\n"}, "", ""),
    ({"stack/stack.yaml": "kind: Stack\nmetadata: {name: renamed}\n"}, EVERYTHING, EVERYTHING),
    ({"stack/compositions/site/extra.yaml": "kind: JobTemplate\nmetadata: {name: x}\n"}, "dash web", "dash web"),
    ({"stack/compositions/site/extra.yaml": None}, "dash web", "dash web"),
    # several at once, and none
    ({"apps/db/schema.sql": "-- 4\n", "services/web/index.html": "4\n", "README.md": "4\n"}, "db web", "db web"),
    ({"apps/dash/d.html": "2\n", "apps/api/worker/run.sh": "3\n"}, "dash worker", "dash worker"),
    ({}, "", ""),
    ({".orun/plans/x.json": "{}\n", ".gitignore": "*.log\n"}, "", ""),
    ({"apps/report/component.yaml": component("report")}, "dash report", "dash report"),
    ({"libs/core/core.py": "x = 9\n"}, "core", "core"),
]


def answer(found: Affected) -> tuple[str, str]:
    return " ".join(found.direct), " ".join(found.selection)


def test_every_commit_of_a_history_has_its_known_answer(tmp_path: Path) -> None:
    assert len(HISTORY) >= 60
    repo = Monorepo.create(tmp_path, FILES)
    for number, (files, direct, selected) in enumerate(HISTORY, 1):
        repo.commit(files)
        found = repo.detect(base="HEAD~1", head="HEAD")
        assert answer(found) == (direct, selected), f"commit {number}: {files}"


@pytest.mark.parametrize("number", range(3, len(HISTORY), 8))
def test_a_shallow_clone_gives_the_same_answer(tmp_path: Path, number: int) -> None:
    repo = Monorepo.create(tmp_path / "full", FILES)
    for files, _, _ in HISTORY[: number - 1]:
        repo.commit(files)
    before = git(repo.top, "rev-parse", "HEAD")
    files, direct, selected = HISTORY[number - 1]
    repo.commit(files)
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repo.top}", "shallow")
    clone = Monorepo(tmp_path / "shallow", tmp_path / "shallow")
    assert answer(clone.detect(base=before, head="HEAD")) == (direct, selected)


def test_the_working_tree_gives_the_same_answer_as_the_commit(tmp_path: Path) -> None:
    repo = Monorepo.create(tmp_path, FILES)
    for number, (files, direct, selected) in enumerate(HISTORY[:20], 1):
        git(repo.top, "switch", "--quiet", "--create", f"b{number}")
        repo.write(files)
        assert answer(repo.detect(base="main")) == (direct, selected), f"edit {number}: {files}"
        repo.commit()
        git(repo.top, "branch", "--force", "main", "HEAD")
