"""Who gets a staged copy, and what is in it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from orun_core.runtime.isolation import Isolation, IsolationMode, staged_jobs
from orun_core.runtime.run_folders import run_folders
from orun_core.spec.errors import RunError
from orun_core.spec.plan import Obligation
from orun_core.testing.plans import job

AUTO = IsolationMode.AUTO


def git(folder, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def workspace(tmp_path):
    root = tmp_path / "workspace"
    (root / "app/build").mkdir(parents=True)
    (root / "app/build/tracked.txt").write_text("kept")
    (root / "app/run.sh").write_text("#!/bin/sh\n")
    (root / "app/run.sh").chmod(0o755)
    (root / "link").symlink_to("app/run.sh")
    (root / ".gitignore").write_text("secret.env\n*.log\n")
    git(root.parent, "init", "-q", "-b", "main", str(root))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    (root / "secret.env").write_text("ignored")
    (root / "new.txt").write_text("untracked")
    (root / "app/gone.txt").write_text("x")
    git(root, "add", "app/gone.txt")
    (root / "app/gone.txt").unlink()
    return root


def test_jobs_that_may_meet_in_a_folder_are_staged():
    dev, prod, web = job("api.dev.x", path="api"), job("api.prod.x", path="api"), job("web.dev.x", path="web")
    assert staged_jobs([dev, prod, web], AUTO, concurrent=True) == {"api.dev.x", "api.prod.x"}


def test_jobs_that_wait_for_each_other_share_the_folder():
    dev, prod = job("api.dev.x", path="api"), job("api.prod.x", path="api", depends_on=("mid.dev.x",))
    middle = job("mid.dev.x", path="other", depends_on=("api.dev.x",))
    assert staged_jobs([dev, middle, prod], AUTO, concurrent=True) == set()


def test_a_folder_above_or_below_is_the_same_place():
    above, below, aside = job("a.dev.x", path=""), job("b.dev.x", path="b/deep"), job("c.dev.x", path="b")
    assert staged_jobs([above, below], AUTO, concurrent=True) == {"a.dev.x", "b.dev.x"}
    assert staged_jobs([below, aside], AUTO, concurrent=True) == {"b.dev.x", "c.dev.x"}


def test_modes_and_obligations():
    one, two = job("a.dev.x"), job("b.dev.x", obligations=(Obligation("isolation", "isolated", "intent"),))
    assert staged_jobs([one, two], IsolationMode.WORKSPACE, concurrent=False) == {"a.dev.x", "b.dev.x"}
    assert staged_jobs([one, two], AUTO, concurrent=False) == {"b.dev.x"}
    assert staged_jobs([one, two], IsolationMode.NONE, concurrent=True) == {"b.dev.x"}


def test_a_copy_has_every_tracked_and_new_file_and_no_ignored_one(workspace, tmp_path):
    mine = job("api.dev.x", path="app")
    isolation = Isolation(workspace, tmp_path / "stages", frozenset({mine.id}))
    with isolation.workspace(mine) as place:
        found = sorted(str(file.relative_to(place.root)) for file in place.root.rglob("*") if ".git/" not in str(file))
        assert found == [
            ".git",
            ".gitignore",
            "app",
            "app/build",
            "app/build/tracked.txt",
            "app/run.sh",
            "link",
            "new.txt",
        ]
        assert (place.root / "link").readlink() == Path("app/run.sh")
        assert os.access(place.folder / "run.sh", os.X_OK)
        (place.folder / "build/tracked.txt").write_text("changed")
        assert (place.root / "app/run.sh").stat().st_nlink == 1
    assert (workspace / "app/build/tracked.txt").read_text() == "kept"
    assert not place.root.exists()
    assert (workspace / ".gitignore").read_text() == "secret.env\n*.log\n"


def test_git_works_in_a_copy_and_cannot_move_the_users_branch(workspace, tmp_path):
    mine = job("api.dev.x")
    isolation = Isolation(workspace, tmp_path / "stages", frozenset({mine.id}))
    before = (workspace / ".git/index").read_bytes()
    with isolation.workspace(mine) as place:
        log = subprocess.run(
            ["git", "-C", place.root, "log", "--format=%s"], capture_output=True, text=True, check=True
        )
        assert log.stdout == "first\n"
        top = subprocess.run(
            ["git", "-C", place.root, "rev-parse", "--show-toplevel"], capture_output=True, text=True, check=True
        )
        assert top.stdout.strip() == str(place.root)
        git(place.root, "add", "-A")
        git(place.root, "commit", "-qm", "in the copy")
    shown = subprocess.run(
        ["git", "-C", workspace, "log", "--format=%s", "main"], capture_output=True, text=True, check=True
    )
    assert shown.stdout == "first\n"
    assert (workspace / ".git/index").read_bytes() == before


@pytest.mark.parametrize("kind", ["work tree", "submodule"])
def test_git_works_in_a_copy_of_a_work_tree_whose_repository_is_elsewhere(workspace, tmp_path, kind):
    root = tmp_path / "elsewhere" / "tree"
    if kind == "work tree":
        git(workspace, "worktree", "add", "-q", str(root))
    else:
        git(tmp_path, "init", "-q", str(root.parent))
        git(root.parent, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(workspace), "tree")
    mine = job("api.dev.x")
    stages = root / ".orun" / "work"
    with Isolation(root, stages, frozenset({mine.id})).workspace(mine) as place:
        (place.root / "app/new.txt").write_text("new")
        git(place.root, "add", "-A")
        git(place.root, "commit", "-qm", "in the copy")
        top = ["git", "-C", place.root, "rev-parse", "--show-toplevel"]
        assert subprocess.run(top, capture_output=True, text=True, check=True).stdout.strip() == str(place.root)
    left = subprocess.run(["git", "-C", root, "log", "--format=%s"], capture_output=True, text=True, check=True).stdout
    changed = subprocess.run(["git", "-C", root, "diff", "--cached", "--name-only"], capture_output=True, check=True)
    assert (left, changed.stdout) == ("first\n", b"")


def test_declared_outputs_come_back_and_reach_later_copies(workspace, tmp_path):
    made = job("api.dev.x", path="app", outputs=("out.log", "dist"))
    later = job("web.dev.x")
    isolation = Isolation(workspace, tmp_path / "stages", frozenset({made.id, later.id}))
    with isolation.workspace(made) as place:
        (place.folder / "out.log").write_text("result")
        (place.folder / "dist/deep").mkdir(parents=True)
        (place.folder / "dist/deep/page").write_text("page")
        (place.folder / "other.txt").write_text("not declared")
        isolation.give_back(made, place)
    assert (workspace / "app/out.log").read_text() == "result"
    assert (workspace / "app/dist/deep/page").read_text() == "page"
    assert not (workspace / "app/other.txt").exists()
    with isolation.workspace(later) as place:
        assert (place.root / "app/out.log").read_text() == "result"


def test_an_output_may_not_leave_the_workspace(workspace, tmp_path):
    made = job("api.dev.x", outputs=("door",))
    isolation = Isolation(workspace, tmp_path / "stages", frozenset({made.id}))
    with isolation.workspace(made) as place:
        (place.root / "door").symlink_to(tmp_path)
        with pytest.raises(RunError, match="leaves the workspace"):
            isolation.give_back(made, place)


def test_a_workspace_without_git_is_copied_whole(tmp_path):
    root = tmp_path / "plain"
    (root / ".orun").mkdir(parents=True)
    (root / ".orun/state").touch()
    (root / "dist").mkdir()
    (root / "dist/file").touch()
    mine = job("api.dev.x")
    with Isolation(root, tmp_path / "stages", frozenset({mine.id})).workspace(mine) as place:
        assert sorted(str(file.relative_to(place.root)) for file in place.root.rglob("*")) == ["dist", "dist/file"]


def test_what_dead_runs_left_is_removed_and_what_lives_stays(tmp_path):
    dead = tmp_path / ".orun" / "work" / "dead"
    dead.mkdir(parents=True)
    (dead / ".owner").touch()
    with (
        run_folders(tmp_path, "living", staging=True) as living,
        run_folders(tmp_path, "second", staging=True) as second,
    ):
        assert not dead.exists()
        assert living.stages.exists()
        assert living.scratch.exists()
        assert second.scratch.stat().st_mode & 0o777 == 0o700
    assert not living.scratch.exists()
    assert not living.stages.exists()


def test_kept_copies_stay(tmp_path):
    with run_folders(tmp_path, "one", staging=True, keep=True) as folders:
        (folders.stages / "file").touch()
    with run_folders(tmp_path, "two", staging=True):
        assert (folders.stages / "file").exists()
