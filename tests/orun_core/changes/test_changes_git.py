"""What is compared with what: refs, the working tree, clones that lack history, submodules, intents below the top."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from compiling import STACK, composition
from monorepo import FILES, STACK_FILES, Monorepo, component, git, intent
from orun_core.changes.git import ChangedFile, Repository
from orun_core.runtime.gates import Revision
from orun_core.spec.errors import CompileError, OrunError, UsageError
from orun_core.spec.trigger import ChangeRange


@pytest.fixture
def repo(tmp_path: Path) -> Monorepo:
    return Monorepo.create(tmp_path / "repo", FILES)


def refusal(repo: Monorepo, ci: ChangeRange | None = None, **options: object) -> tuple[type[OrunError], str, str]:
    with pytest.raises(OrunError) as caught:
        repo.detect(ci, **options)
    (found,) = caught.value.diagnostics
    return type(caught.value), found.code, f"{found.message} | {found.hint}"


def test_without_options_the_branch_the_working_tree_and_new_files_count(repo: Monorepo) -> None:
    git(repo.top, "switch", "--quiet", "--create", "topic")
    repo.commit({"apps/db/schema.sql": "-- committed\n"})
    repo.write({"apps/api/main.py": "print(2)\n"})
    git(repo.top, "add", "--all")
    repo.write({"services/web/index.html": "edited, not staged\n", "libs/core/new.py": "untracked\n"})
    found = repo.detect()
    assert (found.change.origin, found.change.base, found.change.head) == ("default", "main", "")
    assert list(found.direct) == ["api", "core", "dash", "db", "report", "web"]
    assert [f for f in found.change.files if f.path == "libs/core/new.py"] == [ChangedFile("libs/core/new.py", "?")]


def test_what_main_got_since_does_not_count(repo: Monorepo) -> None:
    git(repo.top, "switch", "--quiet", "--create", "topic")
    repo.commit({"apps/db/schema.sql": "-- topic\n"})
    git(repo.top, "switch", "--quiet", "main")
    repo.commit({"apps/api/main.py": "main moved\n", "intent.yaml": intent("[]", "env: {A: b}\n")})
    git(repo.top, "switch", "--quiet", "topic")
    assert list(repo.detect().direct) == ["db"]
    assert list(repo.detect(base="main", head="topic").direct) == ["db"]


def test_uncommitted_and_untracked_look_at_nothing_else(repo: Monorepo) -> None:
    repo.commit({"apps/db/schema.sql": "-- 2\n"})
    repo.write({"apps/api/main.py": "edited\n", "services/web/new.html": "new\n"})
    assert list(repo.detect(uncommitted=True).direct) == ["api"]
    assert list(repo.detect(untracked=True).direct) == ["web"]


def test_ignored_files_do_not_count(repo: Monorepo) -> None:
    repo.commit({".gitignore": "*.log\n"})
    repo.write({"apps/db/x.log": "noise\n"})
    assert repo.detect().direct == {}


def test_uncommitted_edits_of_the_intent_count(repo: Monorepo) -> None:
    repo.write({"intent.yaml": FILES["intent.yaml"].replace("components:", "env: {A: b}\ncomponents:")})
    found = repo.detect()
    assert found.intent is not None
    assert found.intent.sections == ("env",)
    assert list(found.selection) == ["cron"]


def test_files_need_no_git(tmp_path: Path) -> None:
    repo = Monorepo(tmp_path, tmp_path)
    repo.write(FILES)
    files = ("./apps/db/schema.sql", str(tmp_path / "services/web/gone.html"), "apps/api/worker/", "README.md")
    found = repo.detect(files=files)
    assert list(found.direct) == ["db", "web", "worker"]
    assert found.outside == ("README.md",)


def test_the_range_of_a_ci_run_is_used_unless_flags_say_otherwise(repo: Monorepo) -> None:
    first = repo.commit({"apps/db/schema.sql": "-- 2\n"})
    second = repo.commit({"apps/api/main.py": "2\n"})
    ci = ChangeRange("push", first, second)
    found = repo.detect(ci)
    assert (found.change.origin, found.change.start, found.change.end) == ("ci", first, second)
    assert list(found.direct) == ["api"]
    assert list(repo.detect(ci, base="HEAD~2", head="HEAD~1").direct) == ["db"]


def test_a_branch_that_is_only_on_the_remote_is_found(repo: Monorepo, tmp_path: Path) -> None:
    git(repo.top, "switch", "--quiet", "--create", "topic")
    repo.commit({"apps/db/schema.sql": "-- topic\n"})
    git(tmp_path, "clone", "--quiet", "--branch", "topic", f"file://{repo.top}", "clone")
    clone = Monorepo(tmp_path / "clone", tmp_path / "clone")
    assert list(clone.detect(ChangeRange("merge_request", "main", "topic")).direct) == ["db"]


def test_settings_of_the_user_change_nothing(repo: Monorepo) -> None:
    for setting in ("diff.renames=copies", "diff.relative=true", "diff.noprefix=true", "status.showUntrackedFiles=no"):
        git(repo.top, "config", *setting.split("="))
    repo.write({"apps/api/main.py -> apps/db/main.py": ""})
    git(repo.top, "add", "--all")
    assert list(repo.detect().direct) == ["api", "db"]


# --- clones that lack history


def test_a_shallow_clone_is_deepened_until_the_branches_meet(repo: Monorepo, tmp_path: Path) -> None:
    git(repo.top, "switch", "--quiet", "--create", "topic")
    for number in range(70):
        repo.commit({"apps/db/schema.sql": f"-- {number}\n"})
    git(repo.top, "switch", "--quiet", "main")
    repo.commit({"apps/api/main.py": "main moved\n"})
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--branch", "topic", f"file://{repo.top}", "shallow")
    clone = Monorepo(tmp_path / "shallow", tmp_path / "shallow")
    assert list(clone.detect(ChangeRange("pull_request", "main", "")).direct) == ["db"]


def test_a_shallow_clone_with_commits_of_its_own_is_deepened(repo: Monorepo, tmp_path: Path) -> None:
    repo.commit({"apps/db/schema.sql": "-- 2\n"})
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repo.top}", "shallow")
    clone = Monorepo(tmp_path / "shallow", tmp_path / "shallow")
    clone.commit({"services/web/index.html": "mine\n"})
    assert list(clone.detect(base="HEAD~2").direct) == ["db", "web"]


@pytest.mark.parametrize("remote", ["gone", "none", "forbidden"])
def test_a_shallow_clone_that_cannot_be_deepened_is_an_error_with_the_fix(
    repo: Monorepo, tmp_path: Path, remote: str
) -> None:
    before = git(repo.top, "rev-parse", "HEAD")
    repo.commit({"apps/db/schema.sql": "-- 2\n"})
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repo.top}", "shallow")
    clone = Monorepo(tmp_path / "shallow", tmp_path / "shallow")
    if remote == "gone":
        (tmp_path / "repo").rename(tmp_path / "moved")
    if remote == "none":
        git(clone.top, "remote", "remove", "origin")
    kind, code, text = refusal(clone, base=before, fetch=remote != "forbidden")
    assert (kind, code) == (CompileError, "changes/shallow")
    assert "git fetch --unshallow" in text
    assert "fetch-depth: 0" in text


def test_histories_without_a_common_commit_are_an_error(repo: Monorepo) -> None:
    git(repo.top, "switch", "--quiet", "--orphan", "other")
    repo.commit({**FILES, "README.md": "another beginning\n"})
    assert refusal(repo)[:2] == (CompileError, "changes/no-common-ancestor")


# --- git says no: always an error, never an empty list


def test_an_unknown_revision_is_an_error_that_says_how_to_get_it(repo: Monorepo, tmp_path: Path) -> None:
    kind, code, text = refusal(repo, base="v9")
    assert (kind, code) == (UsageError, "changes/unknown-revision")
    assert text == 'git does not know the revision "v9" | name another one with --base'
    git(repo.top, "remote", "add", "origin", str(tmp_path))
    assert "`git fetch origin v9`" in refusal(repo, base="v9")[2]
    assert "--head" in refusal(repo, base="main", head="v9")[2]


def test_a_repository_without_main_is_an_error(repo: Monorepo) -> None:
    git(repo.top, "branch", "--move", "main", "trunk")
    assert refusal(repo)[:2] == (UsageError, "changes/unknown-revision")
    assert repo.detect(base="trunk").direct == {}


def test_a_repository_without_commits_is_an_error(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    repo = Monorepo(tmp_path, tmp_path)
    repo.write(FILES)
    assert refusal(repo)[1:] == (
        "changes/unknown-revision",
        "the repository has no commit yet | commit first, or name the changed files with --files",
    )


def test_a_folder_without_git_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    repo = Monorepo(tmp_path, tmp_path)
    repo.write(FILES)
    assert refusal(repo)[:2] == (UsageError, "changes/not-a-repository")


def test_a_machine_without_git_is_an_error(repo: Monorepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert refusal(repo)[:2] == (UsageError, "changes/no-git")


def test_a_damaged_repository_is_an_error_in_the_words_of_git(repo: Monorepo) -> None:
    (repo.top / ".git/index").write_bytes(b"not an index")
    kind, code, text = refusal(repo)
    assert (kind, code) == (CompileError, "changes/git-failed")
    assert "index" in text


# --- submodules and intents below the top


def test_a_submodule_counts_for_what_is_in_it_and_around_it(tmp_path: Path) -> None:
    sub = Monorepo.create(tmp_path / "sub", {"tool/component.yaml": component("tool"), "tool/x": "1\n", "y": "1\n"})
    repo = Monorepo.create(tmp_path / "repo", {**FILES, "vendored/component.yaml": component("vendored")})
    git(repo.top, "submodule", "--quiet", "add", f"file://{sub.top}", "vendored/sub")
    repo.commit()
    assert repo.detect().direct == {}
    sub.commit({"y": "2\n"})
    git(repo.top / "vendored/sub", "pull", "--quiet", "origin", "main")
    assert list(repo.detect(uncommitted=True).direct) == ["tool", "vendored"]
    repo.commit()
    assert list(repo.detect(base="HEAD~1", head="HEAD").direct) == ["tool", "vendored"]
    (repo.top / "vendored/sub/tool/x").write_text("2\n", encoding="utf-8")
    found = repo.detect(uncommitted=True)
    assert found.change.files == (ChangedFile("vendored/sub", "M", opaque=True),)
    assert list(found.direct) == ["tool", "vendored"]


def nested_files() -> dict[str, str]:
    moved = {name.replace("stack/", "../shared/stack/"): text for name, text in STACK_FILES.items()}
    return {
        **{name: text for name, text in FILES.items() if not name.startswith("stack/")},
        **moved,
        "intent.yaml": FILES["intent.yaml"].replace("./stack", "../shared/stack"),
        "../other/intent.yaml": "kind: Intent\n",
        "../other/apps/db/x": "1\n",
    }


def test_an_intent_below_the_top_sees_its_own_paths(tmp_path: Path) -> None:
    repo = Monorepo.create(tmp_path, nested_files(), inside="platform/a")
    git(repo.top, "config", "diff.relative", "true")
    repo.commit({"apps/db/schema.sql": "-- 2\n"})
    assert list(repo.detect(base="HEAD~1", head="HEAD").direct) == ["db"]
    repo.commit({"../other/apps/db/x": "2\n", "../other/intent.yaml": "kind: Intent # 2\n"})
    found = repo.detect(base="HEAD~1", head="HEAD")
    assert (found.direct, found.intent, found.outside) == ({}, None, ())
    repo.commit({"../shared/stack/compositions/site/composition.yaml": composition("site", "[{name: one, run: 2}]")})
    assert list(repo.detect(base="HEAD~1", head="HEAD").direct) == ["dash", "web"]
    repo.commit({"intent.yaml": nested_files()["intent.yaml"].replace("components:", "env: {A: b}\ncomponents:")})
    assert list(repo.detect(base="HEAD~1", head="HEAD").direct) == ["cron"]
    repo.write({"apps/api/new": "untracked\n", "../shared/stack/stack.yaml": STACK + "# edited\n"})
    assert list(repo.detect(base="HEAD").direct) == ["api", "core", "cron", "dash", "db", "report", "web", "worker"]


def test_a_hook_of_git_gets_the_same_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Monorepo.create(tmp_path, nested_files(), inside="platform/a")
    repo.write({"apps/db/schema.sql": "-- 2\n"})
    for name, value in (("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index"), ("GIT_PREFIX", "")):
        monkeypatch.setenv(name, value)
    assert list(repo.detect(uncommitted=True).direct) == ["db"]


@pytest.mark.parametrize("given", [{}, {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b", "GIT_CONFIG_VALUE_0": "c"}])
def test_files_of_a_commit_that_make_a_folder_a_repository_run_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    outer = Monorepo.create(tmp_path / "repo", FILES)
    inner = Monorepo.create(outer.top / "platform", FILES)
    inner.write({"intent.yaml": FILES["intent.yaml"] + "# edited\n"})
    for path in (inner.top / ".git").iterdir():
        path.rename(inner.top / path.name)
    (inner.top / ".git").rmdir()
    settings = f"repositoryformatversion = 0\nbare = false\nworktree = .\nfsmonitor = touch {tmp_path}/ran; echo"
    (inner.top / "config").write_text(f"[core]\n{settings}\n")
    with pytest.raises(CompileError, match="bareRepository"):
        inner.detect(base="HEAD")
    assert Revision.of(inner.top).unknown
    assert not (tmp_path / "ran").exists()


def test_a_link_to_the_folder_is_the_folder(tmp_path: Path) -> None:
    repo = Monorepo.create(tmp_path / "repo", nested_files(), inside="platform/a")
    repo.commit({"apps/db/schema.sql": "-- 2\n"})
    (tmp_path / "link").symlink_to(repo.root)
    linked = Repository(tmp_path / "link")
    assert [file.path for file in linked.differences("HEAD~1", "HEAD")] == ["apps/db/schema.sql"]


@pytest.mark.skipif(os.name == "nt", reason="names of bytes")
def test_names_that_are_no_text_are_kept(repo: Monorepo) -> None:
    (repo.root / os.fsdecode(b"apps/db/\xff\xfe.txt")).write_text("x", encoding="utf-8")
    repo.commit()
    (file,) = repo.detect(base="HEAD~1", head="HEAD").change.files
    assert os.fsencode(file.path) == b"apps/db/\xff\xfe.txt"
