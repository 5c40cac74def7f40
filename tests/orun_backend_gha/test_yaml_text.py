"""What the YAML writer writes is what a YAML reader reads."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st
from orun_backend_gha.yaml_text import Commented, yaml_text

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40) | st.text(
    "ab \n\t\"'\\#:-{}[]${|>&*!%@`,?~0yesnoN", max_size=24
)
SCALARS = TEXTS | st.integers(-(10**9), 10**9) | st.booleans()
TREES = st.dictionaries(
    TEXTS,
    st.recursive(
        SCALARS,
        lambda inner: st.dictionaries(TEXTS, inner, max_size=3) | st.lists(inner, max_size=3),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


@given(TREES)
def test_every_tree_survives(tree):
    assert yaml.load(yaml_text(tree), yaml.BaseLoader) == as_text(tree)


def as_text(tree):
    """The tree as a reader sees it that leaves every scalar a string."""
    if isinstance(tree, dict):
        return {key: as_text(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [as_text(item) for item in tree]
    return {True: "true", False: "false"}[tree] if isinstance(tree, bool) else str(tree)


def test_the_form_is_for_people():
    tree = {
        "on": {"push": {}},
        "run": 'echo "a"\nexit 1\n',
        "uses": Commented("acme/x@0123", "v1"),
        "needs": ["a", "b"],
        "steps": [{"run": "true", "env": {"A": "1"}}, {"if": "always()"}],
        "value": "${{ steps.a.outputs.b }}",
    }
    assert yaml_text(tree) == (
        "on:\n  push: {}\n"
        'run: |\n  echo "a"\n  exit 1\n'
        "uses: acme/x@0123 # v1\n"
        "needs: [a, b]\n"
        'steps:\n  - run: "true"\n    env:\n      A: "1"\n  - if: "always()"\n'
        "value: ${{ steps.a.outputs.b }}\n"
    )
