from __future__ import annotations

import io
import json

from orun_core.cli.report import Reporter, text, to_json, to_sarif
from orun_core.spec.errors import Diagnostic, Location, Related, Severity

FULL = Diagnostic(
    "load/no",
    "not like this\nnor like that",
    Location("a/intent.yaml", 3, 7, "/x"),
    hint="do that",
    related=(Related("first defined here", Location("b.yaml", 1)),),
    plugin="acme",
)


def test_text_shows_everything_in_one_block():
    assert text(FULL) == (
        "✕ not like this\n  nor like that\n  a/intent.yaml:3:7  [load/no]\n  b.yaml:1: first defined here\n"
        "  hint: do that\n  plugin: acme"
    )
    assert text(Diagnostic("a/b", "odd").warning(), color=True) == "\x1b[33m⚠\x1b[0m odd\n  [a/b]"


def test_what_a_stranger_wrote_does_not_reach_the_terminal():
    evil = Diagnostic("a/b", "tag \x1b]0;pwned\x07 \x9b2J\r\n\u202etxt", Location("a\x1b[m.yaml"), hint="\x08\t\x00")
    assert text(evil, color=True) == (
        "\x1b[31m✕\x1b[0m tag \\x1b]0;pwned\\x07 \\x9b2J\\r\n  \\u202etxt\n  a\\x1b[m.yaml  [a/b]\n  hint: \\x08\t\\x00"
    )


def test_reports_come_in_the_order_of_files(capsys):
    at = [Diagnostic("a/b", f"m{line}", Location("f", line)) for line in (3, 1, 2)]
    Reporter()(at)
    assert [line for line in capsys.readouterr().err.splitlines() if "✕" in line] == ["✕ m1", "✕ m2", "✕ m3"]


def test_the_same_problem_in_many_places_is_said_once(capsys):
    same = [Diagnostic("a/b", "odd", Location("f", line), "do that").warning() for line in range(1, 8)]
    Reporter()([*same, Diagnostic("a/b", "other", Location("f", 2))])
    assert capsys.readouterr().err == (
        "⚠ odd\n  f:1  [a/b]\n  f:2\n  f:3\n  and 4 more places\n  hint: do that\n✕ other\n  f:2  [a/b]\n"
    )
    reporter = Reporter(beside=lambda problem: f"::{problem.where}")
    reporter(same[:4])
    assert capsys.readouterr().err.splitlines()[-4:] == ["::f:1", "::f:2", "::f:3", "::f:4"]
    assert list(reporter.kept) == same[:4]
    Reporter()(same[:3])
    assert capsys.readouterr().err == "".join(f"⚠ odd\n  f:{line}  [a/b]\n  hint: do that\n" for line in (1, 2, 3))


def test_json_leaves_out_what_is_empty():
    assert to_json([FULL, Diagnostic("a/b", "odd", severity=Severity.NOTE)]) == {
        "diagnostics": [
            {
                "code": "load/no",
                "severity": "error",
                "message": "not like this\nnor like that",
                "where": {"file": "a/intent.yaml", "line": 3, "column": 7, "pointer": "/x"},
                "hint": "do that",
                "related": [{"message": "first defined here", "where": {"file": "b.yaml", "line": 1}}],
                "plugin": "acme",
            },
            {"code": "a/b", "severity": "note", "message": "odd"},
        ]
    }


def test_sarif_has_a_rule_per_code_and_a_result_per_problem():
    [run] = to_sarif([FULL, FULL, Diagnostic("plugin/failed", "broke")])["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["load/no", "plugin/failed"]
    assert run["results"][0] == {
        "ruleId": "load/no",
        "level": "error",
        "message": {"text": "not like this\nnor like that\ndo that"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "a/intent.yaml"},
                    "region": {"startLine": 3, "startColumn": 7},
                }
            }
        ],
        "relatedLocations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "b.yaml"},
                    "region": {"startLine": 1, "startColumn": 1},
                },
                "message": {"text": "first defined here"},
            }
        ],
    }
    assert "locations" not in run["results"][2]


def test_machine_formats_say_nothing_until_the_end(capsys):
    reporter = Reporter(format="sarif")
    reporter([FULL])
    assert capsys.readouterr() == ("", "")
    reporter.finish()
    out, err = capsys.readouterr()
    assert (json.load(io.StringIO(out))["version"], err) == ("2.1.0", "")


def test_a_problem_is_said_once(capsys):
    reporter = Reporter()
    reporter([FULL, FULL])
    reporter([FULL])
    assert capsys.readouterr().err.count("not like this") == 1
    assert list(reporter.kept) == [FULL]
