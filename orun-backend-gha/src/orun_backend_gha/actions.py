"""The actions that orun itself puts into workflows, pinned to commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_backend_gha.yaml_text import Commented

if TYPE_CHECKING:
    from orun_backend_gha.yaml_text import Tree

UPLOAD = Commented("actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02", "v4.6.2")
DOWNLOAD = Commented("actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093", "v4.3.0")
SETUP_PYTHON = Commented("actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065", "v5.6.0")

CHECKOUT: dict[str, Tree] = {
    "name": "Check out",
    "uses": Commented("actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683", "v4.2.2"),
    "with": {"persist-credentials": False},
}
