"""Where the files of a job are inside its container."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.frozen import frozen

WORKSPACE = "/workspace"
SCRATCH = "/orun"
HOME = f"{SCRATCH}/home"


@frozen
class Mounts:
    """The two folders of a job: `workspace` and `scratch`, as the host knows them."""

    workspace: Path
    scratch: Path

    def locate(self, path: Path) -> str:
        """The path inside; raises `RunError` for one that is in neither folder."""
        for folder, inside in ((self.scratch, SCRATCH), (self.workspace, WORKSPACE)):
            for form in (path, path.resolve()):
                for base in (folder, folder.resolve()):
                    if form.is_relative_to(base):
                        return str(PurePosixPath(inside, form.relative_to(base).as_posix()))
        hint = "use a folder inside the workspace, or --runner local"
        message = f"{path} is outside the workspace {self.workspace}, which is all that a container sees"
        raise RunError(Diagnostic("docker/outside", message, hint=hint))

    def binds(self) -> list[dict[str, object]]:
        """The mounts of a container whose engine sees these files."""
        folders = [(self.workspace, WORKSPACE), (self.scratch, SCRATCH)]
        folders += [(folder, str(folder)) for folder in _git_folders(self.workspace)]
        return [{"Type": "bind", "Source": str(source.resolve()), "Target": target} for source, target in folders]


def volumes() -> list[dict[str, object]]:
    """The mounts of a container that gets copies."""
    return [{"Type": "volume", "Target": target} for target in (WORKSPACE, SCRATCH)]


def _git_folders(workspace: Path) -> list[Path]:
    """Repositories that the workspace refers to by an absolute path: of a staged copy, or of a git worktree."""
    git = workspace / ".git"
    found = []
    if git.is_file():
        own = Path(git.read_text().removeprefix("gitdir:").strip())
        git = own if own.is_absolute() else workspace / own
        found = [own] if own.is_absolute() and own.is_dir() else []
    common = git / "commondir"
    if common.is_file():
        shared = Path(common.read_text().strip())
        shared = shared if shared.is_absolute() else (git / shared).resolve()
        found = [shared, *(folder for folder in found if not folder.is_relative_to(shared))]
    return [folder for folder in found if folder.is_dir() and not folder.is_relative_to(workspace)]
