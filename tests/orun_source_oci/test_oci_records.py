"""Deployment records in a real registry: archived here, replayed on another machine, refused when they are something else."""

from __future__ import annotations

from oci_stack import write_intent


def test_a_record_is_archived_and_replayed_elsewhere(registry, machine, stack):
    author = machine("author")
    author.orun("publish", "--root", str(stack), "--ref", f"{registry.host}/acme/stack:1.0.0")
    here = write_intent(author.home / "shop", f"oci://{registry.host}/acme/stack:1.0.0")
    author.orun("plan", "-o", "plan.json", cwd=here)
    author.orun("run", "plan.json", "--exec-id", "first", cwd=here)
    record = f"oci://{registry.host}/acme/records:one"
    said = author.orun("archive", "plan.json", record, "--run", "first", cwd=here)
    assert "✓ Archived sha256-" in said
    assert "events.ndjson, plan.json, plan.provenance.json, run.json" in said

    other = machine("other")
    there = other.home / "empty"
    there.mkdir()
    other.orun("replay", record, "--exec-id", "again", cwd=there)
    assert other.orun("trace", "again", cwd=there) == author.orun("trace", "first", cwd=here)


def test_a_stack_is_no_record(registry, machine, stack):
    author = machine("author")
    author.orun("publish", "--root", str(stack), "--ref", f"{registry.host}/acme/plain:1.0.0")
    reference = f"oci://{registry.host}/acme/plain:1.0.0"
    assert "[source/bad-manifest]" in author.orun("replay", reference, cwd=author.home, status=3)


def test_other_sources_keep_no_records(registry, machine, stack):
    author = machine("author")
    author.orun("publish", "--root", str(stack), "--ref", f"{registry.host}/acme/none:1.0.0")
    here = write_intent(author.home / "shop", f"oci://{registry.host}/acme/none:1.0.0")
    author.orun("plan", "-o", "plan.json", cwd=here)
    assert "[record/no-shelf]" in author.orun("archive", "plan.json", "git://x/y", cwd=here, status=2)
