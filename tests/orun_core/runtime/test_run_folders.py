"""Folders of a run while others look for those of dead runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from orun_core.runtime import run_folders


def test_a_folder_that_is_just_being_made_is_nobodys_to_remove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run looks at the worst moment: when the lock file is there and not locked yet."""
    monkeypatch.setattr(run_folders.tempfile, "tempdir", str(tmp_path))
    take = run_folders.take_lock

    def late(descriptor: int, how: int) -> bool | None:
        monkeypatch.setattr(run_folders, "take_lock", take)
        with run_folders.run_folders(tmp_path / "other", "other", staging=False):
            return take(descriptor, how)

    monkeypatch.setattr(run_folders, "take_lock", late)
    with run_folders.run_folders(tmp_path / "mine", "mine", staging=False) as folders:
        assert folders.scratch.is_dir()
    assert not folders.scratch.exists()
