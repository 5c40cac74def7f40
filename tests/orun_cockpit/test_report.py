"""The page of a run: self-contained, escaped, and drawn by a browser as it should be."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner
from cockpit_samples import EMPTY, FAILED, MANY, NOW, RUNNING, Desk, MemoryStore, job, run, with_logs
from orun_cockpit.commands.report import command as report
from orun_cockpit.logs import Selection, log_view
from orun_cockpit.project import run_view
from orun_cockpit.report import page
from orun_cockpit.style import Theme
from orun_cockpit.svg import graph, timeline
from orun_core.spec.errors import UsageError
from orun_core.spec.run import Status
from parts import missing

QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--virtual-time-budget=5000",
]  # fmt: skip
EVIL = "<script>alert('x')</script>&\"'"


def page_of(state, store=None):
    store = store or with_logs(state)
    return page(log_view(store, run_view(state, NOW), Selection()), Theme())


class Page(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "action", "data", "srcset")]

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("state", [FAILED, RUNNING, EMPTY, MANY], ids=["failed", "running", "empty", "many"])
def test_a_page_refers_to_nothing_outside_itself(state):
    text = page_of(state)
    read = Page(text)

    assert read.addresses == []
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_a_page_holds_frame_graph_timeline_and_logs():
    text = Page(page_of(FAILED)).text

    assert "✗ prod/migrate failed 3m25s  step apply: exit code 3" in text
    assert "prod/migrate · 3m25s" in text
    assert "apply line 30" in text
    assert page_of(FAILED).count("<details open>") == 2
    assert page_of(FAILED).count("<svg") == 2


def test_nothing_that_a_run_says_becomes_markup():
    state = run(
        job(EVIL, EVIL, Status.FAILED, begin=0, end=3, reason=EVIL, steps=(EVIL,)),
        status=Status.FAILED,
        end=3,
        plan_name=EVIL,
        user=EVIL,
    )
    state = replace(state, jobs=(replace(state.jobs[0], links={EVIL: "javascript:alert(1)"}),))
    name = state.jobs[0].steps[0].logs[0]
    text = page_of(state, MemoryStore(state, logs={name: EVIL.encode() + b"\n"}))

    assert "<script" not in text
    assert EVIL in Page(text).text


def test_the_graph_marks_the_critical_path():
    picture = ET.fromstring(graph(run_view(RUNNING, NOW), Theme()))
    critical = [
        node.findtext("{*}title").split(" · ")[0]
        for node in picture.iter("{http://www.w3.org/2000/svg}g")
        if "critical" in node.get("class")
    ]
    edges = [path.get("class") for path in picture.iter("{http://www.w3.org/2000/svg}path")]

    assert critical == ["database.production.apply", "web-app.production.deploy"] or critical == [
        "database.production.apply"
    ]
    assert sorted(edges) == ["edge", "edge", "edge"]


def test_the_graph_leaves_out_edges_that_others_imply():
    state = run(
        job("a", "x", begin=0, end=1),
        job("b", "x", begin=1, end=2, needs=("a.production.x",)),
        job("c", "x", begin=2, end=3, needs=("a.production.x", "b.production.x")),
        job("d", "x", begin=2, end=3, needs=("a.production.x", "c.production.x", "elsewhere")),
        alive=True,
    )
    assert graph(run_view(state, NOW), Theme()).count("<path") == 3


def test_the_timeline_has_a_bar_per_job_that_began():
    picture = ET.fromstring(timeline(run_view(FAILED, NOW), Theme()))
    bars = [rect.get("class").split()[:2] for rect in picture.iter("{http://www.w3.org/2000/svg}rect")]

    assert bars == [["bar", "success"], ["bar", "error"], ["bar", "warning"], ["bar", "error"]]


def test_pictures_of_an_empty_run_are_empty():
    assert graph(run_view(EMPTY, NOW), Theme()) == ""
    assert timeline(run_view(EMPTY, NOW), Theme()) == ""


def test_the_command_writes_one_whole_file(tmp_path):
    target = tmp_path / "run.html"
    result = CliRunner().invoke(report, ["-o", str(target)], obj=Desk(with_logs(FAILED)))

    assert (result.exit_code, result.output) == (0, f"{target}\n")
    assert target.read_text().endswith("</html>\n")
    assert [path.name for path in tmp_path.iterdir()] == ["run.html"]
    assert target.stat().st_mode & 0o777 == 0o644


def test_a_dash_is_standard_output(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(report, ["-o", "-"], obj=Desk(with_logs(FAILED)))

    assert result.output.startswith("<!doctype html>")
    assert result.output.endswith("</html>\n")
    assert list(tmp_path.iterdir()) == []


def test_a_page_on_standard_output_needs_a_run():
    result = CliRunner().invoke(report, ["-o", "-"], obj=Desk(MemoryStore()))

    assert isinstance(result.exception, UsageError)
    assert result.output == ""


def browser():
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        missing("chromium", "the page is drawn by a real browser")
    return found


def test_a_browser_shows_the_page(tmp_path):
    file = tmp_path / "run.html"
    file.write_text(page_of(FAILED))
    picture = tmp_path / "run.png"
    command = [browser(), *QUIET, f"--user-data-dir={tmp_path / 'profile'}", file.as_uri()]

    dom = subprocess.run([*command[:-1], "--dump-dom", command[-1]], capture_output=True, text=True, check=True).stdout
    subprocess.run([*command[:-1], f"--screenshot={picture}", command[-1]], capture_output=True, check=True)

    assert re.search(r'<rect class="bar error', dom)
    assert "apply line 30" in dom
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000
