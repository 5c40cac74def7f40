"""Every document shown in the documentation is read without an error or a warning."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from orun_core.compiler.decode import decode
from orun_core.spec.documents import KINDS
from pages import PAGES, Block, blocks

DOCUMENTS = [
    block
    for page in PAGES
    for block in blocks(page)
    if block.language == "yaml" and block.text.startswith(("kind:", "apiVersion:"))
]


@pytest.mark.parametrize("block", DOCUMENTS, ids=str)
def test_a_document_is_what_its_kind_says(block: Block) -> None:
    kind = next(line.partition(":")[2].strip() for line in block.text.splitlines() if line.startswith("kind:"))
    document, warnings = decode(block.text.encode(), str(block), KINDS[kind])
    assert warnings == ()
    assert document.kind == kind


def test_documents_were_found() -> None:
    assert len(DOCUMENTS) >= 5
