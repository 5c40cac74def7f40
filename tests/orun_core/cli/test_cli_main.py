from __future__ import annotations

import os
import pty
import subprocess
import sys

import click
import pytest
from orun_core.cli.main import discover, run
from orun_core.cli.report import Reporter
from orun_core.spec.errors import UsageError

NOISY = """
import click, json
from orun_core.spec.entries import SurfaceEntry
from orun_core.spec.errors import CompileError, Diagnostic, Location
from orun_core.spec.markers import hookimpl

def noisy():
    @click.command("noisy")
    @click.argument("what")
    @click.pass_obj
    def command(host, what):
        if what == "crash":
            raise KeyError("region")
        if what == "refuse":
            raise CompileError(Diagnostic("noisy/no", "not like this", Location("a.yaml", 3, 7), "do that"))
        if what == "disk":
            raise PermissionError(13, "Permission denied", "/somewhere")
        if what == "interrupt":
            raise KeyboardInterrupt
        if what == "status":
            return 42
        if what == "exit":
            click.get_current_context().exit(7)
        if what == "where":
            click.echo(f"{host.root} {host.intent} {host.config_dir}")
        if what == "json":
            host.reporter.format = "json"
            host.reporter.result = {"found": 1}
            host.report([Diagnostic("noisy/hm", "odd").warning()])
    return command

@hookimpl
def orun_surfaces():
    return (SurfaceEntry("noisy", "Makes noise.", load=noisy),)
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Install a plugin made of source text; its name and distribution can be chosen."""
    monkeypatch.setenv("ORUN_CACHE_DIR", str(tmp_path / "cache"))
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def put(source, name="noisy", distribution="orun_noisy"):
        (site / f"{distribution}_module.py").write_text(source)
        info = site / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "entry_points.txt").write_text(f"[orun.v1]\n{name} = {distribution}_module\n")

    yield put
    for module in [module for module in sys.modules if module.endswith("_module")]:
        del sys.modules[module]


@pytest.fixture
def orun(capfd):
    """Run a command line; its status, stdout and stderr."""

    def call(*arguments):
        status = run(list(arguments), Reporter())
        out, err = capfd.readouterr()
        return status, out, err

    return call


def test_a_misspelt_command_and_option_get_a_suggestion(orun, plugin):
    status, out, err = orun("pluggins")
    assert (status, out) == (2, "")
    assert err.startswith("✕ no command named 'pluggins'\n")
    assert err.endswith('  [usage/unknown-name]\n  hint: did you mean "plugins"?\n')
    assert orun("version", "--formt") == (
        2,
        "",
        "✕ No such option '--formt'\n  [usage/command-line]\n  hint: did you mean --format?\n",
    )
    assert orun("explain") == (
        2,
        "",
        "✕ Missing argument 'JOB'\n  [usage/command-line]\n  hint: see orun explain --help\n",
    )


def test_a_short_option_is_meant_by_the_word_that_it_begins(orun, plugin):
    assert orun("plan", "--environment", "dev")[2].endswith("  hint: did you mean --env?\n")
    assert orun("plan", "--zzz")[2].endswith("  hint: see orun plan --help\n")


def test_without_arguments_a_pipe_gets_the_help(orun, plugin):
    status, out, err = orun()
    assert (status, err) == (0, "")
    assert out.startswith("Usage: orun [OPTIONS] COMMAND [ARGS]...")
    assert orun("-c", "x") == (2, "", "✕ Missing command\n  [usage/command-line]\n  hint: see orun --help\n")


TUI = """
import click
from orun_core.spec.entries import SurfaceEntry
from orun_core.spec.markers import hookimpl

@hookimpl
def orun_surfaces():
    return (SurfaceEntry("tui", "Opens.", load=lambda: click.Command("tui", callback=lambda: click.echo("opened"))),)
"""


@pytest.mark.parametrize(
    ("environ", "first"),
    [({}, "opened"), ({"ORUN_NO_TUI": "1"}, "Usage: orun [OPTIONS]"), ({"TERM": "dumb"}, "Usage: orun [OPTIONS]")],
)
def test_without_arguments_a_terminal_gets_the_cockpit(plugin, tmp_path, environ, first):
    plugin(TUI, "cockpit", "orun_cockpit")
    keyboard, terminal = pty.openpty()
    environ = {**os.environ, "TERM": "xterm", "PYTHONPATH": str(tmp_path / "site"), **environ}
    command = [sys.executable, "-m", "orun_core.cli.main"]
    done = subprocess.run(command, stdin=terminal, stdout=terminal, env=environ, check=False)
    said = os.read(keyboard, 100).decode()
    os.close(keyboard)
    os.close(terminal)
    assert done.returncode == 0
    assert said.startswith(first)


def test_a_crash_of_a_command_carries_the_name_of_its_plugin(orun, plugin):
    plugin(NOISY)
    status, out, err = orun("noisy", "crash")
    assert (status, out) == (6, "")
    assert err == (
        "✕ plugin 'noisy' failed in command 'noisy': KeyError: 'region'\n"
        "  [plugin/failed]\n"
        "  hint: this is a bug of orun-noisy 1.0; --debug shows its traceback, `orun --no-plugin noisy …` goes on without it\n"
        "  plugin: noisy\n"
    )


@pytest.mark.parametrize("arguments", [("--debug", "noisy", "crash"), ("noisy", "crash", "--debug")])
def test_debug_shows_the_traceback(orun, plugin, arguments):
    plugin(NOISY)
    status, _, err = orun(*arguments)
    assert status == 6
    assert "Traceback (most recent call last)" in err
    assert "KeyError: 'region'" in err


def test_an_error_for_the_user_sets_the_status_of_its_kind(orun, plugin):
    plugin(NOISY)
    assert orun("noisy", "refuse") == (
        3,
        "",
        "✕ not like this\n  a.yaml:3:7  [noisy/no]\n  hint: do that\n",
    )


def test_the_ways_out_of_a_command(orun, plugin):
    plugin(NOISY)
    assert orun("noisy", "status") == (42, "", "")
    assert orun("noisy", "exit") == (7, "", "")
    assert orun("noisy", "nothing") == (0, "", "")
    assert orun("noisy", "disk") == (
        1,
        "",
        "✕ /somewhere: Permission denied\n  [usage/system]\n  hint: this machine refused it; --debug shows where\n",
    )
    assert orun("noisy", "interrupt") == (130, "", "\ninterrupted\n")


def test_a_json_report_holds_the_result_and_the_diagnostics(orun, plugin):
    plugin(NOISY)
    status, out, err = orun("noisy", "json")
    assert (status, err) == (0, "")
    assert out == (
        '{\n  "result": {\n    "found": 1\n  },\n  "diagnostics": [\n    {\n      "code": "noisy/hm",\n'
        '      "severity": "warning",\n      "message": "odd"\n    }\n  ]\n}\n'
    )


def test_global_options_stand_before_or_after_the_command(orun, plugin, tmp_path, monkeypatch):
    plugin(NOISY)
    monkeypatch.chdir(tmp_path)
    expected = (0, f"{tmp_path}/sub {tmp_path}/sub/my.yaml {tmp_path}/legacy\n", "")
    assert orun("-i", "sub/my.yaml", "-c", "legacy", "noisy", "where") == expected
    assert orun("noisy", "-i", "sub/my.yaml", "where", "--config-dir", "legacy") == expected
    monkeypatch.setenv("ORUN_CONFIG_DIR", "legacy")
    assert orun("noisy", "where", "--intent", "sub/my.yaml") == expected


def test_a_clash_stops_every_command_but_those_that_mend_it(orun, plugin):
    plugin(NOISY)
    plugin(NOISY, "other", "orun_other")
    status, out, err = orun("schema")
    assert (status, out) == (6, "")
    assert "✕ command 'noisy' is offered by orun-noisy 1.0 and orun-other 1.0" in err
    assert orun("version")[0] == 0
    status, out, err = orun("plugins")
    assert status == 0
    assert "other " in out
    assert "command 'noisy' is offered by" in err
    assert orun("--no-plugin", "other", "noisy", "status") == (42, "", "")


def test_a_clash_is_a_warning_to_commands_that_look_and_stop(orun, plugin, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plugin(NOISY)
    plugin(NOISY, "other", "orun_other")
    status, _, err = orun("stop", "nothing")
    assert status == 2
    assert "⚠ command 'noisy' is offered by orun-noisy 1.0 and orun-other 1.0" in err
    assert '✕ no run "nothing" is recorded here' in err
    plugin(NOISY.replace('"noisy"', '"stop"'), "third", "orun_third")
    status, _, err = orun("stop", "nothing")
    assert status == 6
    assert "✕ command 'stop' is offered by orun-core" in err


def test_a_command_that_is_none(orun, plugin):
    plugin(
        NOISY + "\n@hookimpl\ndef orun_surfaces():\n    return (SurfaceEntry('bare', 'Bare.', load=lambda: None),)\n"
    )
    status, _, err = orun("bare")
    assert (status, err.splitlines()[0]) == (
        6,
        "✕ plugin 'noisy' failed in command 'bare': expected a click command, got NoneType",
    )


def test_leaving_out_a_plugin_that_is_not_there_is_an_error(orun, plugin):
    plugin(NOISY)
    status, _, err = orun("--no-plugin", "nosiy", "version")
    assert (status, err) == (
        2,
        "✕ no plugin named 'nosiy'\n  [usage/unknown-name]\n  hint: did you mean \"noisy\"?\n",
    )


def test_core_cannot_be_left_out(orun, plugin):
    status, _, err = orun("--no-plugin", "core", "version")
    assert (status, err.splitlines()[0]) == (2, "✕ no plugin named 'core'")


def test_a_closed_pipe_ends_in_silence(tmp_path):
    environ = {**os.environ, "ORUN_CACHE_DIR": str(tmp_path)}
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "orun_core.cli.main", "schema", "Intent"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environ, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_core_alone(plugin):
    plugin(NOISY)
    alone = discover({"ORUN_DISABLE_PLUGIN_AUTOLOAD": "1"})
    assert [found.distribution for found in alone.plugins] == ["orun-core"]
    assert "orun-noisy" in [found.distribution for found in discover({"ORUN_DISABLE_PLUGIN_AUTOLOAD": "0"}).plugins]
    with pytest.raises(UsageError):
        discover({}, ["no-such-plugin"])


def test_a_broken_plugin_is_a_line_of_the_list_and_of_every_unknown_name(orun, plugin):
    plugin("import no_such_module_anywhere\n")
    status, out, _ = orun("plugins")
    assert status == 0
    why = "plugin 'noisy' failed in import: ModuleNotFoundError: No module named 'no_such_module_anywhere'"
    assert "noisy" in out
    assert why in out
    status, _, err = orun("noisy")
    assert status == 2
    assert err.startswith("✕ no command named 'noisy'\n")
    assert f"  orun-noisy 1.0: {why}\n" in err


def test_a_command_without_a_callback_is_left_alone():
    from orun_core.cli.options import everywhere

    group = click.Group("g", commands=[click.Command("below")])
    wide = everywhere(group)
    assert [option.name for option in wide.commands["below"].params] == ["intent", "config_dir", "debug"]
    assert group.commands["below"].params == []


def test_a_command_that_is_no_command_and_cannot_say_what_it_is(orun, plugin):
    plugin(
        NOISY.replace("load=noisy", "load=Odd") + "\n\nclass Odd:\n    def __repr__(self):\n        raise ValueError\n"
    )
    status, _, err = orun("noisy")
    assert status == 6
    assert "plugin 'noisy' failed in command 'noisy': expected a click command, got Odd" in err


def test_a_command_of_namesakes_is_not_called_missing(orun, plugin):
    pytest.importorskip("orun_cockpit")
    plugin(TUI, "cockpit", "orun_cockpit_fork")
    status, _, err = orun("status")
    assert (status, "plugin 'cockpit' is offered by" in err, "pip install" in err) == (6, True, False)


def test_the_name_of_a_plugin_cannot_write_to_the_terminal(orun, plugin):
    plugin("", "\u202evil\x1b[31m", "orun_evil")
    assert "\\u202evil\\x1b[31m  orun-evil 1.0" in orun("plugins")[1]
