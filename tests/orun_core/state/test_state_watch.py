from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import missing
from orun_core.state import watch
from orun_core.state.watch import changes, fingerprint


@pytest.fixture(params=["looking", "woken"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With `watchfiles` and without."""
    if request.param == "looking":
        monkeypatch.setitem(sys.modules, "watchfiles", None)
    else:
        try:
            import watchfiles  # noqa: F401
        except ImportError:
            missing("watchfiles", "it is not installed")
    return request.param


def test_a_change_wakes_before_the_longest_wait(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LONGEST", 60.0)
    file = tmp_path / "events.ndjson"
    stop = threading.Event()

    def change() -> None:
        while not stop.wait(0.02):
            file.write_text(file.read_text() + "x" if file.exists() else "x")

    ticks = changes(tmp_path, deep=True)
    next(ticks)
    writer = threading.Thread(target=change)
    writer.start()
    started = time.monotonic()
    next(ticks)
    stop.set()
    writer.join()
    ticks.close()
    assert time.monotonic() - started < 60


def test_it_ticks_without_a_change_and_without_a_folder(tmp_path: Path, way: str) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        ticks = changes(folder, deep=False)
        for _ in range(3):
            next(ticks)
        ticks.close()


def test_a_fingerprint_changes_with_names_and_sizes(tmp_path: Path) -> None:
    seen = [fingerprint(tmp_path / "none"), fingerprint(tmp_path)]
    (tmp_path / "a").write_text("1")
    seen.append(fingerprint(tmp_path))
    (tmp_path / "a").write_text("12")
    seen.append(fingerprint(tmp_path))
    assert len(set(seen)) == 3
