"""The grammar of the five files, byte for byte."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orun_core.runtime.file_commands import FileCommandError, assignments, create, read


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (b"A=1\n", {"A": "1"}),
        (b"A=1", {"A": "1"}),
        (b"A=\n", {"A": ""}),
        (b"A=b=c==\n", {"A": "b=c=="}),
        (b"A= spaced \t\n", {"A": " spaced \t"}),
        (b"A=1\nA=2\n", {"A": "2"}),
        (b"\n\nA=1\n\n", {"A": "1"}),
        (b"A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        (b"\xef\xbb\xbfA=1\n", {"A": "1"}),
        (b"A=x<<y\n", {"A": "x<<y"}),
        (b"A<<EOF\nEOF\n", {"A": ""}),
        (b"A<<EOF\none\n\n two=2\nEOF\nB=3\n", {"A": "one\n\n two=2", "B": "3"}),
        (b"A<<EOF\r\none\r\ntwo\r\nEOF\r\n", {"A": "one\r\ntwo"}),
        (b"A<<EOF\nEOF2\n EOF\nEOF", {"A": "EOF2\n EOF"}),
        (b"A<<=\nb\n=\n", {"A": "b"}),
        (b"A=\xff\n", {"A": "\udcff"}),
        (b"", {}),
    ],
)
def test_assignments(written, found):
    assert assignments(written, "ENV") == found


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (b"word\n", "ENV file has a line without = or <<: 'word'"),
        (b"=1\n", "ENV file has an invalid assignment: '=1'"),
        (b"A<<EOF\nx\n", "ENV file: matching delimiter 'EOF' not found"),
        (b"A<<\nx\n", "ENV file opens a value with << but names no delimiter"),
        (b"A=\x00\n", "ENV file has an invalid assignment: 'A=\\x00'"),
    ],
)
def test_broken_assignments(written, problem):
    with pytest.raises(FileCommandError) as raised:
        assignments(written, "ENV")
    assert str(raised.value) == problem


@given(st.text(alphabet=st.characters(exclude_characters="\r\0", exclude_categories=["Cs"])))
def test_any_value_survives_a_heredoc(value):
    if "END-OF-VALUE" not in value:
        assert assignments(f"A<<END-OF-VALUE\n{value}\nEND-OF-VALUE\n".encode(), "OUTPUT") == {"A": value}


def test_files_of_an_attempt(tmp_path):
    files = create(tmp_path / "attempt")
    files["PATH"].write_text("/one\n/two\n")
    files["OUTPUT"].unlink()
    files["STEP_SUMMARY"].write_text("# Hi\n")
    written = read(files)
    assert (written.path, written.outputs, written.summary, written.env) == (("/one", "/two"), {}, "# Hi\n", {})


def test_folders_of_the_path_may_have_any_name_but_one_with_a_nul(tmp_path):
    files = create(tmp_path / "attempt")
    files["PATH"].write_bytes("/a\u2028b\r\n\n/c\x0bd\xff".encode("utf-8"))
    assert read(files).path == ("/a\u2028b", "/c\x0bd\xff")
    files["PATH"].write_bytes(b"/a\0b\n")
    with pytest.raises(FileCommandError, match="PATH file has a NUL"):
        read(files)


def secret_file(tmp_path):
    """A file beside those of the attempt, as a host has some beside a container."""
    secret = tmp_path / "home/output"
    secret.parent.mkdir()
    secret.write_text("KEY=of the host\n")
    return secret


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path):
    files = create(tmp_path / "attempt")
    files["OUTPUT"].unlink()
    files["OUTPUT"].symlink_to(secret_file(tmp_path))
    with pytest.raises(FileCommandError, match="OUTPUT file was replaced by a link"):
        read(files)


def test_a_link_in_the_place_of_the_folder_is_not_followed(tmp_path):
    files = create(tmp_path / "attempt")
    (tmp_path / "attempt").rename(tmp_path / "away")
    (tmp_path / "attempt").symlink_to(secret_file(tmp_path).parent)
    assert read(files).outputs == {}


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_says_nothing(tmp_path, make):
    files = create(tmp_path / "attempt")
    files["ENV"].unlink()
    make(files["ENV"])
    assert read(files).env == {}
    shutil.rmtree(tmp_path / "attempt")
    assert read(files).env == {}
