"""The environment in which git is asked about a folder: without what git tells its own hooks about another one, and trusting no
repository that is among the files of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

OF_THE_CALLER: Final = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""What git sets for its hooks: it names the repository of the hook, relative to another folder than ours."""


SAFE: Final = ("safe.bareRepository", "explicit")
"""A setting of git: files that a commit brings can make their folder a bare repository, whose settings name programs to run."""


def git_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without those names and with that setting.

    git takes no locks that it can do without, and never asks for a password.
    """
    kept = {name: value for name, value in environ.items() if name not in OF_THE_CALLER}
    given = environ.get("GIT_CONFIG_COUNT", "")
    number = int(given) if given.isdecimal() else 0
    setting = {f"GIT_CONFIG_KEY_{number}": SAFE[0], f"GIT_CONFIG_VALUE_{number}": SAFE[1]}
    return {
        **kept,
        **setting,
        "GIT_CONFIG_COUNT": f"{number + 1}",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
