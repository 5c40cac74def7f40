"""What was tampered with is refused by name: plans, locks, inputs, packages, signatures, records."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from orun_core.plan.canonical import to_json
from orun_core.plan.seal import seal
from shop import SVC, Shop, shop  # noqa: F401

Edit = Callable[[Any], None]


@pytest.fixture
def audited(shop: Shop) -> Shop:  # noqa: F811
    """The shop, locked, with a signed plan file and two keys."""
    for name in ("ada", "eve"):
        write_keys(shop.root / name, Ed25519PrivateKey.generate())
    assert shop.orun("compositions", "lock").code == 0
    assert shop.orun("plan", "-o", "plan.json").code == 0
    assert shop.orun("sign", "plan.json", "--key", "ada.key").code == 0
    return shop


def write_keys(path: Path, key: Any) -> None:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.with_suffix(".key").write_bytes(private)
    path.with_suffix(".pub").write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def change(shop: Shop, file: str, edit: Edit) -> None:  # noqa: F811
    """Edit a JSON file, written as orun writes plans."""
    path = shop.root / file
    tree = json.loads(path.read_text())
    edit(tree)
    path.write_text(to_json(tree))


def at(*path: Any, value: Any) -> Edit:
    """Set one value."""

    def edit(tree: Any) -> None:
        *parents, last = path
        for key in parents:
            tree = tree[key]
        tree[last] = value

    return edit


def resealed(edit: Edit) -> Edit:
    """An edit whose author makes the seal right again."""

    def twice(tree: Any) -> None:
        edit(tree)
        tree["metadata"]["seal"] = seal(tree)

    return twice


PLAN_EDITS: dict[str, tuple[Edit, str]] = {
    "a command": (at("jobs", 0, "steps", 0, "run", value="curl evil"), "what will run differs"),
    "a step more": (lambda t: t["jobs"][0]["steps"].append(t["jobs"][0]["steps"][0]), "what will run differs"),
    "a step less": (lambda t: t["jobs"][1]["steps"].pop(), "what will run differs"),
    "an env value": (at("jobs", 0, "env", "REGION", value="cn"), "what will run differs"),
    "a parameter": (at("jobs", 2, "parameters", "replicas", value=9), "what will run differs"),
    "an image": (at("jobs", 0, "runsOn", value="evil:latest"), "what will run differs"),
    "an edge": (lambda t: next(j for j in t["jobs"] if "dependsOn" in j).pop("dependsOn"), "what will run differs"),
    "a job less": (lambda t: t["jobs"].pop(), "what will run differs"),
    "a job twice": (lambda t: t["jobs"].append(t["jobs"][0]), "what will run differs"),
    "the order of jobs": (lambda t: t["jobs"].reverse(), "what will run differs"),
    "concurrency": (at("execution", "concurrency", value=99), "what will run differs"),
    "fail fast": (at("execution", "failFast", value=False), "what will run differs"),
    "a package digest": (
        at("spec", "compositionSources", 0, "resolvedDigest", value="sha256:" + "0" * 64),
        "what will run differs",
    ),
    "a job digest": (at("jobs", 0, "digest", value="sha256-0"), "differs from its digest"),
    "a uid": (at("jobs", 0, "uid", value="job_0000000_000000000000"), 'job "db.dev.deploy" has a uid of another plan'),
    "the checksum": (at("metadata", "checksum", value="sha256-" + "0" * 64), "what will run differs"),
    "the seal": (at("metadata", "seal", value="sha256-" + "0" * 64), "its description differs"),
    "the name": (at("metadata", "name", value="other"), "its description differs"),
    "an input digest": (
        at("metadata", "compiler", "inputs", 0, "digest", value="sha256:" + "0" * 64),
        "its description differs",
    ),
    "the compiler": (at("metadata", "compiler", "version", value="99"), "its description differs"),
    "the trigger": (at("metadata", "trigger", "name", value="release"), "its description differs"),
    "the selection": (at("metadata", "selection", "envs", value=["dev"]), "its description differs"),
    "a package path": (at("spec", "compositionSources", 0, "path", value="./evil"), "its description differs"),
    "a command, resealed": (resealed(at("jobs", 0, "steps", 0, "run", value="curl evil")), "what will run differs"),
    "a digest, resealed": (resealed(at("jobs", 0, "digest", value="sha256-0")), "differs from its digest"),
    "a field that plans do not have": (at("jobs", 0, "sudo", value=True), '/jobs/0 has an unknown field "sudo"'),
    "a value of another type": (at("jobs", 0, "steps", 0, "run", value=7), "/jobs/0/steps/0/run"),
    "a field less": (lambda t: t["jobs"][0].pop("uid"), "uid"),
    "another version": (at("apiVersion", value="orun.io/v9"), "apiVersion is 'orun.io/v9'"),
    "another kind": (at("kind", value="Intent"), "kind is 'Intent'"),
}


@pytest.mark.parametrize("name", PLAN_EDITS)
@pytest.mark.parametrize("command", [("verify", "--sealed-only"), ("run", "--dry-run")], ids=["verify", "run"])
def test_an_edited_plan_is_refused(audited: Shop, name: str, command: tuple[str, str]) -> None:
    edit, said = PLAN_EDITS[name]
    change(audited, "plan.json", edit)
    ran = audited.orun(command[0], "plan.json", command[1])
    assert ran.code == 5, ran.err
    assert said in ran.err


def test_an_untouched_plan_is_verified(audited: Shop) -> None:
    ran = audited.orun("verify", "plan.json", "--key", "ada.pub")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "✓ schema and seal",
        "✓ signature  (ada.pub)",
        "✓ lock",
        "✓ inputs",
        "✓ sources  (they compile to the same bytes)",
    ]


def test_half_a_plan_is_refused(audited: Shop) -> None:
    path = audited.root / "plan.json"
    path.write_bytes(path.read_bytes()[:-40])
    ran = audited.orun("verify", "plan.json")
    assert (ran.code, "plan/unreadable" in ran.err) == (5, True)


def test_a_consistent_forgery_differs_from_its_sources(audited: Shop) -> None:
    """Whoever computes checksum, digests and seal again is found by compiling the sources."""
    audited.edit("intent.yaml", 'parameterDefaults: {"*": {replicas: 3}}', 'parameterDefaults: {"*": {replicas: 30}}')
    audited.orun("plan", "-o", "forged.json")
    audited.edit("intent.yaml", "replicas: 30}}", "replicas: 3}}")
    ran = audited.orun("verify", "forged.json")
    assert ran.code == 5
    assert "intent.yaml is not what the plan was compiled from" in ran.err
    assert "the sources compile to another plan than forged.json" in ran.err
    assert "db.prod.deploy: parameter replicas: 30 → 3 ← intent.yaml:10:31" in ran.err


# --- lock, inputs, packages -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Around:
    """A change of a file beside the plan."""

    file: str
    old: str
    new: str
    said: tuple[str, ...]


AROUND = {
    "the intent": Around(
        "intent.yaml", "REGION: us", "REGION: cn", ("intent.yaml is not what", "variable REGION: us → cn")
    ),
    "a comment in the intent": Around(
        "intent.yaml", "metadata:", "# hi\nmetadata:", ("intent.yaml is not what", "file intent.yaml")
    ),
    "the intent, no longer valid": Around(
        "intent.yaml", "type: svc\n    labels", "type: svx\n    labels", ("do not compile any more", "svx")
    ),
    "a package": Around(SVC, "echo two", "echo three", ("the sources", 'step "release" runs', "echo three")),
    "a package's timeout": Around(SVC, "timeout: 10m", "timeout: 11m", ("timeout: 10m → 11m",)),
    "a comment in a package": Around(SVC, "kind:", "# hi\nkind:", ("content of package local",)),
    "the lock's digest": Around(".orun/compositions.lock.yaml", "sha256:", "sha256:0", ('package "local" is sha256:',)),
    "the lock's name": Around(
        ".orun/compositions.lock.yaml", "name: local", "name: other", ("absent in the lock", "[plan/lock]")
    ),
    "the lock's kind": Around(
        ".orun/compositions.lock.yaml", "kind: CompositionLock", "kind: Lock", ("the lock cannot be read",)
    ),
}


@pytest.mark.parametrize("name", AROUND)
def test_a_change_around_the_plan_is_named(audited: Shop, name: str) -> None:
    wanted = AROUND[name]
    audited.edit(wanted.file, wanted.old, wanted.new)
    ran = audited.orun("verify", "plan.json")
    assert ran.code == 5, ran.err
    for said in wanted.said:
        assert said in ran.err


def test_an_input_that_is_gone_is_named(audited: Shop) -> None:
    audited.write({"apps/web/component.yaml": "kind: Component\nmetadata: {name: web}\nspec: {type: svc}\n"})
    audited.edit("intent.yaml", "env: {REGION: eu}\n", "discovery: {roots: [apps]}\n")
    assert audited.orun("plan", "-o", "plan.json").code == 0
    (audited.root / "apps/web/component.yaml").unlink()
    ran = audited.orun("verify", "plan.json")
    assert ran.code == 5
    assert "apps/web/component.yaml is gone; the plan was compiled from it" in ran.err


def test_a_check_of_a_plan_names_the_first_cause(audited: Shop) -> None:
    assert audited.orun("plan", "--check", "plan.json").code == 0
    audited.edit("intent.yaml", "REGION: us", "REGION: cn")
    ran = audited.orun("plan", "--check", "plan.json")
    assert ran.code == 5
    assert "the sources compile to another plan than plan.json" in ran.err
    assert "variable REGION: us → cn ← intent.yaml:9:11  (environment:prod)" in ran.err


def test_the_verdict_as_json(audited: Shop) -> None:
    audited.edit("intent.yaml", "REGION: us", "REGION: cn")
    ran = audited.orun("verify", "plan.json", "--format", "json")
    assert ran.code == 5
    assert [(c["name"], c["ok"]) for c in ran.tree["result"]["checks"]] == [
        ("schema and seal", True),
        ("lock", True),
        ("inputs", False),
        ("sources", False),
    ]
    assert [d["code"] for d in ran.tree["diagnostics"]] == ["plan/drift", "plan/input"]


# --- signatures -------------------------------------------------------------------------------------------------------


def forged(edit: Edit, *, signed: str = "") -> Callable[[Shop], None]:
    """A change of the statement inside the envelope, signed again with a key when one is named."""

    def forge(audited: Shop) -> None:
        from orun_core.spec.attestation import _encoded, private_key

        path = audited.root / "plan.json.sig"
        envelope = json.loads(path.read_text())
        statement = json.loads(base64.b64decode(envelope["payload"]))
        edit(statement)
        payload = json.dumps(statement).encode()
        envelope["payload"] = base64.b64encode(payload).decode()
        if signed:
            signature = private_key(audited.root / signed).sign(_encoded(payload))
            envelope["signatures"][0]["sig"] = base64.b64encode(signature).decode()
        path.write_text(json.dumps(envelope))

    return forge


def enveloped(edit: Edit) -> Callable[[Shop], None]:
    """A change of the envelope."""
    return lambda audited: change(audited, "plan.json.sig", edit)


SIGNATURES: dict[str, tuple[Callable[[Shop], None], str, str]] = {
    "another key": (lambda _: None, "eve.pub", "no signature is by key"),
    "another plan": (lambda s: s.root.joinpath("plan.json").write_text(s.root.joinpath("plan.json").read_text() + "\n"),
                     "ada.pub", "the signature is about"),
    "no signature": (lambda s: s.root.joinpath("plan.json.sig").unlink(), "ada.pub", "cannot read plan.json.sig"),
    "no envelope": (lambda s: s.root.joinpath("plan.json.sig").write_text("{}"), "ada.pub", "no DSSE envelope"),
    "no JSON": (lambda s: s.root.joinpath("plan.json.sig").write_text("hello"), "ada.pub", "no DSSE envelope"),
    "JSON without an end": (
        lambda s: s.root.joinpath("plan.json.sig").write_text("[" * 100_000), "ada.pub", "no DSSE envelope"
    ),
    "another payload type": (enveloped(at("payloadType", value="text/plain")), "ada.pub", "holds text/plain"),
    "signatures taken away": (enveloped(at("signatures", value=[])), "ada.pub", "no signature is by key"),
    "signature bytes": (enveloped(at("signatures", 0, "sig", value="AAAA")), "ada.pub", "no signature is by key"),
    "signature of no base64": (enveloped(at("signatures", 0, "sig", value="%")), "ada.pub", "no DSSE envelope"),
    "a payload of no base64": (enveloped(at("payload", value="%")), "ada.pub", "no DSSE envelope"),
    "subject": (forged(at("subject", 0, "digest", "sha256", value="0" * 64)), "ada.pub", "no signature is by key"),
    "predicate": (forged(at("predicate", "name", value="x")), "ada.pub", "no signature is by key"),
    "subject, by the key's owner": (
        forged(at("subject", 0, "digest", "sha256", value="0" * 64), signed="ada.key"), "ada.pub", "is about 000"
    ),
    "kind of statement": (
        forged(at("predicateType", value="https://x/y"), signed="ada.key"), "ada.pub", "of kind https://x/y"
    ),
    "no statement": (forged(lambda t: t.clear(), signed="ada.key"), "ada.pub", "another shape than in-toto"),
    "no key file": (lambda _: None, "nobody.pub", "no ed25519 public key"),
    "a private key": (lambda _: None, "ada.key", "no ed25519 public key"),
    "a key of another kind": (lambda s: write_keys(s.root / "x", X25519PrivateKey.generate()), "x.pub", "another kind"),
}  # fmt: skip


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_that_does_not_vouch_for_the_plan(audited: Shop, name: str) -> None:
    tamper, key, said = SIGNATURES[name]
    tamper(audited)
    ran = audited.orun("verify", "plan.json", "--sealed-only", "--key", key)
    assert ran.code == 5, ran.err
    assert "plan/signature" in ran.err
    assert said in ran.err


def test_a_plan_is_signed_with_a_private_key_only(audited: Shop) -> None:
    ran = audited.orun("sign", "plan.json", "--key", "ada.pub")
    assert (ran.code, "no ed25519 private key" in ran.err) == (2, True)
    ran = audited.orun("sign", "nothing.json", "--key", "ada.key")
    assert (ran.code, "[usage/no-file]" in ran.err) == (2, True)


def test_without_cryptography_orun_says_what_to_install(audited: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    for command in (("sign", "plan.json", "--key", "ada.key"), ("verify", "plan.json", "--key", "ada.pub")):
        assert 'pip install "orun-core[sign]"' in audited.orun(*command).err
    assert audited.orun("verify", "plan.json").code == 0


# --- records ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def archived(audited: Shop) -> Shop:
    """A deployment record in `record`."""
    assert audited.orun("archive", "plan.json", "record").code == 0
    return audited


def write(file: str, text: str) -> Callable[[Shop], None]:
    return lambda shop: shop.write({file: text})  # noqa: F811


def relisted(file: str, text: str) -> Callable[[Shop], None]:
    """A file of the record replaced, and its digest in the manifest with it."""

    def forge(archived: Shop) -> None:
        from hashlib import sha256

        archived.write({f"record/{file}": text})
        change(archived, "record/record.json", at("files", file, value="sha256:" + sha256(text.encode()).hexdigest()))

    return forge


RECORDS: dict[str, tuple[Callable[[Shop], None], str]] = {
    "plan": (write("record/plan.json", "{}"), "plan.json is not what was archived"),
    "provenance": (write("record/plan.provenance.json", "{}"), "plan.provenance.json is not what was archived"),
    "signature": (write("record/plan.json.sig", "{}"), "plan.json.sig is not what was archived"),
    "plan gone": (lambda s: s.root.joinpath("record/plan.json").unlink(), "plan.json is missing from the record"),
    "signature gone": (
        lambda s: s.root.joinpath("record/plan.json.sig").unlink(), "plan.json.sig is missing from the record"
    ),
    "manifest gone": (lambda s: s.root.joinpath("record/record.json").unlink(), "is no deployment record"),
    "no manifest": (write("record/record.json", "[]"), "is no deployment record"),
    "another version": (
        lambda s: change(s, "record/record.json", at("schemaVersion", value="orun.record/v9")), "of version orun.record/v9"
    ),
    "plan not listed": (
        lambda s: change(s, "record/record.json", lambda t: t["files"].pop("plan.json")), "plan.json is not what was"
    ),
    "another file listed": (
        lambda s: change(s, "record/record.json", at("files", "../secret", value="sha256:0")), "is no file of a record"
    ),
    "signature of another plan": (relisted("plan.json.sig", "{}"), "plan.json.sig: the signature is no DSSE envelope"),
    "plan and digest": (relisted("plan.json", "{}"), "not about this plan"),
    "checksum": (
        lambda s: change(s, "record/record.json", at("checksum", value="sha256-" + "0" * 64)), "the record is of sha256-000"
    ),
}  # fmt: skip


OF_SIGNATURES = ("signature of another plan", "plan and digest")


@pytest.mark.parametrize("name", RECORDS)
def test_a_tampered_record_is_not_replayed(archived: Shop, name: str) -> None:
    tamper, said = RECORDS[name]
    tamper(archived)
    ran = archived.orun("replay", "record", "--dry-run")
    assert ran.code == 5, ran.err
    assert said in ran.err
    code = "record/unreadable" if said.startswith(("is no deployment", "of version")) else "record/changed"
    assert f"[{'plan/signature' if name in OF_SIGNATURES else code}]" in ran.err


def test_a_record_keeps_everything_and_is_replayed(archived: Shop) -> None:
    assert sorted(path.name for path in (archived.root / "record").iterdir()) == [
        "plan.json",
        "plan.json.sig",
        "plan.provenance.json",
        "record.json",
    ]
    assert archived.orun("verify", "record/plan.json", "--key", "ada.pub").code == 0
    ran = archived.orun("replay", "record", "--env", "dev")
    assert ran.code == 0, ran.err
    [exec_id] = [
        path.parent.name for path in (archived.root / ".orun/runs").glob("*/run.json") if not path.parent.is_symlink()
    ]
    archived.orun("plan", "--env", "prod", "-o", "prod.json")
    other = archived.orun("archive", "prod.json", "other", "--run", exec_id)
    assert (other.code, "[record/other-plan]" in other.err) == (2, True)
    assert archived.orun("archive", "plan.json", "second", "--run", exec_id).code == 0
    assert {"run.json", "events.ndjson"} < {path.name for path in (archived.root / "second").iterdir()}
    assert archived.orun("replay", "second", "--dry-run").code == 0


def test_a_signature_of_something_else_is_not_archived(audited: Shop) -> None:
    audited.orun("plan", "--env", "dev", "-o", "dev.json")
    ran = audited.orun("archive", "dev.json", "record", "--signature", "plan.json.sig")
    assert (ran.code, "not about this plan" in ran.err) == (5, True)
    assert not (audited.root / "record").exists()
    assert audited.orun("archive", "dev.json", "record", "--signature", "none.sig").code == 2


def test_a_record_is_never_overwritten(archived: Shop) -> None:
    ran = archived.orun("archive", "plan.json", "record")
    assert (ran.code, "record/exists" in ran.err) == (2, True)


def test_there_are_many_cases() -> None:
    assert len(PLAN_EDITS) + len(AROUND) + len(SIGNATURES) + len(RECORDS) >= 60
