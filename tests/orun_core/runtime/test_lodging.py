"""Rooms of a run while others look for those of dead runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from orun_core.runtime import lodging


def test_a_room_that_is_just_being_made_is_nobodys_to_remove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run looks at the worst moment: when the lock file is there and not locked yet."""
    monkeypatch.setattr(lodging.tempfile, "tempdir", str(tmp_path))
    take = lodging.take_lock

    def late(descriptor: int, how: int) -> bool | None:
        monkeypatch.setattr(lodging, "take_lock", take)
        with lodging.lodging(tmp_path / "other", "other", staging=False):
            return take(descriptor, how)

    monkeypatch.setattr(lodging, "take_lock", late)
    with lodging.lodging(tmp_path / "mine", "mine", staging=False) as rooms:
        assert rooms.scratch.is_dir()
    assert not rooms.scratch.exists()
