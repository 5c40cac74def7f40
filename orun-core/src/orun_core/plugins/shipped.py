"""Names that the product's other distributions offer, for whoever installed only some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SHIPPED: Final[Mapping[tuple[str, str], str]] = {
    **dict.fromkeys(
        (("orun_surfaces", n) for n in ("status", "logs", "get", "describe", "report", "tui")), "orun-cockpit"
    ),
    **dict.fromkeys(
        (("orun_surfaces", n) for n in ("publish", "login", "logout", "fetch", "inspect")), "orun-source-oci"
    ),
    ("orun_surfaces", "github"): "orun-backend-gha",
    ("orun_composition_sources", "oci"): "orun-source-oci",
    ("orun_trigger_providers", "github"): "orun-backend-gha",
    **dict.fromkeys((("orun_backends", n) for n in ("local", "shell")), "orun-backend-shell"),
    ("orun_backends", "docker"): "orun-backend-docker",
    **dict.fromkeys((("orun_backends", n) for n in ("github", "github-actions", "gha", "act")), "orun-backend-gha"),
    **dict.fromkeys((("orun_exporters", n) for n in ("github-output", "github-workflow")), "orun-backend-gha"),
}
"""(hook, name) → distribution."""


def where_to_get(hook: str, name: str) -> str:
    """The command that installs a name, empty when no distribution of the product offers it."""
    distribution = SHIPPED.get((hook, name))
    return f"`pip install {distribution}`" if distribution else ""
