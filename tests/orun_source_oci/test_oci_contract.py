"""The source `oci` keeps the contract of every source, with a real registry."""

from __future__ import annotations

import io
import os
import tarfile

import pytest
from orun_core.spec.source import SourceRequest
from orun_core.testing.source import SourceContract
from orun_source_oci.connect import connect
from orun_source_oci.source import OciSource


@pytest.mark.registry
class TestOciSource(SourceContract):
    @pytest.fixture
    def source(self):
        return OciSource(lambda reference: connect(reference, os.environ))

    @pytest.fixture
    def publish(self, registry, machine, tmp_path):
        author = machine("author")
        reference = f"{registry.host}/contract/{tmp_path.name.lower().replace('_', '-')}:stable"

        def publish(packed):
            folder = tmp_path / "published"
            with tarfile.open(fileobj=io.BytesIO(packed.archive)) as files:
                files.extractall(folder, filter="data")
            author.orun("publish", "--root", str(folder), "--ref", reference)
            return SourceRequest("house", "oci", ref=f"oci://{reference}")

        return publish
