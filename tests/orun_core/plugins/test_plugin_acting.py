from __future__ import annotations

import pytest
from orun_core.plugins.acting import Acting
from orun_core.spec.errors import PluginError
from orun_core.spec.source import FetchedSource, SourceRequest

pytest_plugins = ("plugin_shelf",)

POLICY = """
from orun_core.spec.policy import Violation
def check(value, job, resolution):
    for word in value:
        yield Violation(word.upper())
@hookimpl
def orun_policies(): return (PolicyEntry('words', 'No words.', check),)
"""
SOURCE = """
from pathlib import Path
from orun_core.spec.source import FetchedSource
class Source:
    def fetch(self, request, context):
        return {'good': FetchedSource('sha256:1', Path('x')), 'bad': None}[request.ref]
@hookimpl
def orun_composition_sources(): return (SourceEntry('shelf', 'A shelf.', Source),)
"""


def roles(acting):
    return [(ref.name, ref.distribution, ref.version, ref.roles) for ref in acting.plugins()]


def test_nobody_acted_before_anything_is_asked(shelf):
    shelf.put("a", POLICY)
    acting = Acting(shelf.registry())
    assert list(acting.policies()) == ["words"]
    assert "sword" not in acting.policies()
    assert roles(acting) == []


def test_a_policy_acts_when_it_is_taken_and_its_generator_runs_inside_the_guard(shelf):
    shelf.put("a", POLICY)
    acting = Acting(shelf.registry())
    entry = acting.policies()["words"]
    assert [violation.message for violation in entry.check(["no"], None, None)] == ["NO"]
    assert roles(acting) == [("a", "orun-a", "1.0", ("policy:words",))]
    with pytest.raises(PluginError, match="plugin 'a' failed in policy 'words': AttributeError") as caught:
        entry.check([1], None, None)
    assert caught.value.diagnostics[0].plugin == "a"


def test_a_source_acts_when_it_fetches_and_its_result_is_checked(shelf):
    shelf.put("a", SOURCE)
    acting = Acting(shelf.registry())
    fetched = acting.fetch(SourceRequest("s", "shelf", ref="good"), None)
    assert isinstance(fetched, FetchedSource)
    assert roles(acting) == [("a", "orun-a", "1.0", ("source:shelf",))]
    with pytest.raises(PluginError, match="expected FetchedSource, got NoneType"):
        acting.fetch(SourceRequest("s", "shelf", ref="bad"), None)
    with pytest.raises(PluginError, match="plugin 'a' failed in source 'shelf': KeyError: 'ugly'"):
        acting.fetch(SourceRequest("s", "shelf", ref="ugly"), None)


def test_a_stage_takes_the_parameters_of_its_hook_and_returns_its_type(shelf):
    shelf.put("a", "@hookimpl\ndef orun_load(request): return request\n")
    run = Acting(shelf.registry()).stage("load", "a")
    with pytest.raises(PluginError, match="plugin 'a' failed in orun_load: expected LoadedProject, got str"):
        run("workspace", "request")
