from __future__ import annotations

import os
import sys

import pytest
from orun_core.plugins.discover import installed

pytest_plugins = ("plugin_shelf",)


def test_names_come_from_metadata_sorted_and_without_import(shelf):
    shelf.put("zeta", "raise RuntimeError('imported')")
    shelf.put("alpha", "raise RuntimeError('imported')")
    assert [(p.name, p.distribution, p.version, p.module) for p in shelf.installed()] == [
        ("alpha", "orun-alpha", "1.0", "shelf_alpha_x.plugin"),
        ("zeta", "orun-zeta", "1.0", "shelf_zeta_x.plugin"),
    ]
    assert not [name for name in sys.modules if name.startswith("shelf_")]


def test_another_major_of_the_api_is_listed_as_foreign(shelf):
    shelf.put("old", group="orun.v0")
    shelf.put("new", group="orun.v2")
    assert [(p.name, p.group, p.foreign) for p in shelf.installed()] == [
        ("new", "orun.v2", True),
        ("old", "orun.v0", True),
    ]


def test_other_groups_comments_and_extras_are_passed_over(tmp_path):
    info = tmp_path / "some.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text(
        "[console_scripts]\nx = y:z\n\n[orun.v1]\n# a comment = no\na = b.c [extra]\n[orun.vx]\nd = e\n"
    )
    assert [(p.name, p.module) for p in installed([str(tmp_path)])] == [("a", "b.c")]


def test_what_is_no_entry_point_is_passed_over(tmp_path):
    info = tmp_path / "some.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_bytes(b"[orun.v1\n[orun.v1]\n= nameless\nno target\na = \xff\xfe\nb = c\n")
    (tmp_path / "other.dist-info" / "entry_points.txt").mkdir(parents=True)
    assert [(p.name, p.module) for p in installed([str(tmp_path)])] == [("a", "\ufffd\ufffd"), ("b", "c")]


def test_the_first_copy_on_the_path_hides_the_second(tmp_path):
    for folder, version in (("first", "2.0"), ("second", "1.0")):
        info = tmp_path / folder / f"Orun_Acme-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "entry_points.txt").write_text("[orun.v1]\nacme = acme\n")
    path = [str(tmp_path / "first"), str(tmp_path / "second"), str(tmp_path / "missing")]
    assert [(p.distribution, p.version) for p in installed(path)] == [("orun-acme", "2.0")]


def test_the_order_of_the_path_changes_nothing_else(shelf, tmp_path):
    shelf.put("a")
    other = tmp_path / "other" / "orun_b-1.dist-info"
    other.mkdir(parents=True)
    (other / "entry_points.txt").write_text("[orun.v1]\nb = b.plugin\n")
    path = [str(shelf.folder), str(tmp_path / "other")]
    assert installed(path) == installed(path[::-1])


@pytest.mark.parametrize("change", ["edit", "add"])
def test_the_stamp_changes_with_the_files_beside_the_module(shelf, change):
    shelf.put("a")
    before = shelf.installed()[0].stamp
    file = shelf.folder / "shelf_a_x" / ("plugin.py" if change == "edit" else "more.py")
    file.write_text("")
    os.utime(file, ns=(10**18, 2 * 10**18))
    assert shelf.installed()[0].stamp != before


def test_the_stamp_of_a_module_without_a_package_is_its_own(tmp_path):
    info = tmp_path / "orun_a-1.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[orun.v1]\na = orun_a\n")
    (tmp_path / "orun_a.py").touch()
    (tmp_path / "other.py").touch()
    assert installed([str(tmp_path)])[0].stamp.startswith(f"{tmp_path}/orun_a.py:")
