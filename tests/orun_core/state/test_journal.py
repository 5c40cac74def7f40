from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path

import pytest
from orun_core.spec.errors import RunError
from orun_core.spec.run import EVENT_TYPES, Event, JobFinished, JobQueued, Noted, Status
from orun_core.state.journal import JournalReader, JournalWriter, encode, scan
from recorded import events, planned, started, worked

AT = "2026-01-01T00:00:00.000Z"


def journal(path: Path, *lines: dict | bytes) -> Path:
    file = path / "events.ndjson"
    file.write_bytes(b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines))
    return file


def queued(seq: int, **more: object) -> dict:
    return {"seq": seq, "at": AT, "type": "job.queued", "job": "a", **more}


def test_an_event_is_a_line_of_camel_case_json() -> None:
    event = Event(7, AT, JobFinished("a.dev.b", 2, Status.TIMED_OUT, "too slow", outputs={"url": "x"}))
    assert encode(event) == (
        b'{"seq":7,"at":"2026-01-01T00:00:00.000Z","type":"job.finished","job":"a.dev.b","attempt":2,'
        b'"status":"timed_out","reason":"too slow","outputs":{"url":"x"}}\n'
    )


def test_every_event_comes_back_as_it_was() -> None:
    happened = events(
        started(planned("api")), JobQueued("api.dev.deploy"), *worked("api"), Noted("gate", "ü \n", data={"n": 1})
    )
    assert list(scan(b"".join(map(encode, happened)), "events.ndjson").events) == happened


def test_every_event_type_has_a_name() -> None:
    assert len(set(EVENT_TYPES.values())) == len(EVENT_TYPES) == 9


def test_sequence_numbers_have_no_gaps_over_writers(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    for _ in range(3):
        writer = JournalWriter(path)
        writer.append(JobQueued("a"))
        writer.append(JobQueued("b"))
        writer.close()
    assert [event.seq for event in JournalReader(path).read()] == [1, 2, 3, 4, 5, 6]


def test_events_that_happen_together_are_on_the_disk_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.ndjson"
    writer = JournalWriter(path)
    writer.append(JobQueued("a"))
    durable: list[int] = []
    sync = os.fdatasync

    def syncing(descriptor: int) -> None:
        sync(descriptor)
        durable.append(len(JournalReader(path).read()))

    monkeypatch.setattr(os, "fdatasync", syncing)
    together = writer.append_all([JobQueued("c"), JobQueued("b")])
    assert durable == [3]
    assert writer.append_all([]) == ()
    writer.close()
    assert [(event.seq, event.what) for event in together] == [(2, JobQueued("c")), (3, JobQueued("b"))]
    assert JournalReader(path).read()[1:] == together


def test_a_line_cut_at_any_byte_is_ignored_and_then_replaced(tmp_path: Path) -> None:
    first, second = encode(Event(1, AT, JobQueued("a"))), encode(Event(2, AT, JobQueued("böse")))
    for cut in range(len(second)):
        path = journal(tmp_path, first + second[:cut])
        assert [event.seq for event in JournalReader(path).read()] == [1]
        writer = JournalWriter(path)
        writer.append(JobQueued("c"))
        writer.close()
        assert [event.what for event in JournalReader(path).read()] == [JobQueued("a"), JobQueued("c")]


def test_garbage_in_the_last_line_is_torn_but_before_it_is_a_fault(tmp_path: Path) -> None:
    path = journal(tmp_path, queued(1), b"\0\0\0\n")
    assert len(JournalReader(path).read()) == 1
    path = journal(tmp_path, queued(1), b"\0\0\0\n", queued(2))
    with pytest.raises(RunError) as caught:
        JournalReader(path).read()
    assert caught.value.diagnostics[0].code == "state/journal"
    content = path.read_bytes()
    with pytest.raises(RunError):
        JournalWriter(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (queued(3), "its number is 3 and not 2"),
        (queued(1), "its number is 1 and not 2"),
        ({"seq": 2, "at": AT, "type": "job.queued"}, 'has no field "job"'),
        (queued(2, job=7), "/job: must be a string, not an integer"),
        ({"seq": 2}, "it has no seq, at and type"),
        ({**queued(2), "at": "yesterday"}, "its time is 'yesterday'"),
        ({**queued(2), "at": "2026-01-01T00:00:00"}, "its time is '2026-01-01T00:00:00'"),
        (b'{"seq":2,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "it is nested too deep"),
        ([1], "it is no object"),
    ],
)
def test_a_wrong_line_is_a_fault_even_in_the_last_place(tmp_path: Path, line: dict, text: str) -> None:
    with pytest.raises(RunError, match=r"after event 1 cannot be read") as caught:
        JournalReader(journal(tmp_path, queued(1), line)).read()
    assert text in str(caught.value)


def test_types_and_fields_of_a_newer_minor_version_are_ignored(tmp_path: Path) -> None:
    path = journal(tmp_path, queued(1, colour="red"), {"seq": 2, "at": AT, "type": "job.teleported"}, queued(3))
    assert [event.seq for event in JournalReader(path).read()] == [1, 3]
    writer = JournalWriter(path)
    assert writer.append(JobQueued("b")).seq == 4
    writer.close()


@pytest.mark.parametrize("version", ["orun.run/v2", "", "orun.run/v10"])
def test_another_major_version_is_refused(tmp_path: Path, version: str) -> None:
    path = journal(tmp_path, {"seq": 1, "at": AT, "type": "run.started", "schemaVersion": version})
    with pytest.raises(RunError) as caught:
        JournalReader(path).read()
    assert caught.value.diagnostics[0].code == "state/version"
    assert str(caught.value).startswith(f"{path}: ")


def test_threads_get_a_number_each_and_lines_stay_whole(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "events.ndjson")
    numbers: list[int] = []

    def work() -> None:
        numbers.extend(writer.append(JobQueued("x" * 200)).seq for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert sorted(numbers) == list(range(1, 401))
    assert [event.seq for event in JournalReader(tmp_path / "events.ndjson").read()] == list(range(1, 401))


@pytest.mark.parametrize("more", ["b", "bcd"])
def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str) -> None:
    path = tmp_path / "events.ndjson"
    writer = JournalWriter(path)
    writer.append(JobQueued("a"))
    write = os.write

    def full(descriptor: int, content: bytes) -> int:
        if len(content) < 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, content[:-5])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(RunError) as caught:
            writer.append_all([JobQueued(name) for name in more])
    assert caught.value.diagnostics[0].code == "state/unwritable"
    assert writer.append(JobQueued("c")).seq == 2
    writer.close()
    assert [event.what for event in JournalReader(path).read()] == [JobQueued("a"), JobQueued("c")]


def refused(writer: JournalWriter) -> tuple[str, str]:
    with pytest.raises(RunError) as caught:
        writer.append(JobQueued("b"))
    writer.close()
    return caught.value.diagnostics[0].code, str(caught.value)


def test_a_journal_that_is_removed_or_replaced_takes_no_more(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    for replace in (path.unlink, lambda: path.replace(tmp_path / "away"), lambda: path.with_name("new").replace(path)):
        path.with_name("new").touch()
        writer = JournalWriter(path)
        writer.append(JobQueued("a"))
        replace()
        assert refused(writer) == ("state/record-gone", f"{path} was removed while the run went on")
        path.unlink(missing_ok=True)


def test_a_journal_that_others_write_to_takes_no_more(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    for content in (b"", b"intruder\n"):
        writer = JournalWriter(path)
        writer.append(JobQueued("a"))
        path.write_bytes(content and path.read_bytes() + content)
        assert refused(writer) == ("state/journal", f"{path}: something else than the run wrote to it")
        path.unlink()


def test_a_journal_has_one_writer_even_without_a_lock_file(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "events.ndjson")
    with pytest.raises(RunError) as caught:
        JournalWriter(tmp_path / "events.ndjson")
    assert caught.value.diagnostics[0].code == "run/already-live"
    assert writer.append(JobQueued("a")).seq == 1
    writer.close()


def test_a_reader_follows_a_growing_journal(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    writer = JournalWriter(path)
    reader = JournalReader(path)
    seen = [len(reader.advance())]
    for name in "abc":
        writer.append(JobQueued(name))
        seen.append(len(reader.advance()))
    writer.close()
    assert (seen, len(reader.read())) == ([0, 1, 1, 1], 3)
