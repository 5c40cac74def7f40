"""`orun component`: the secrets of a component, by variable and reference, in each environment."""

from __future__ import annotations

from shop import FILES, SVC, Shop, shop  # noqa: F401

INTENT = FILES["intent.yaml"].replace("env: {REGION: eu}", "execution: {state: {workspace: w}}\nenv: {REGION: eu}")
API = """\
    labels: {tier: gold}
    secretEnv: {DB_PASSWORD: "secret://env:{{ .environment }}/DB"}
    optionalSecretEnv: {TRACE_KEY: secret://TRACE}
"""


def secretive(shop: Shop) -> None:  # noqa: F811
    """Give `api` a secret, one that it can do without, and one that its profile binds."""
    shop.write(
        {
            "intent.yaml": INTENT.replace("    labels: {tier: gold}\n", API),
            SVC: FILES[SVC].replace("    plain: {", "    plain: {secretBindings: {PIN: {asEnv: API_PIN}}, "),
        }
    )


def test_secrets_are_names_and_references(shop: Shop, monkeypatch) -> None:  # noqa: F811
    secretive(shop)
    monkeypatch.setenv("ORUN_SECRET_DB", "canary-value")
    done = shop.orun("component", "api")
    assert (done.code, done.err) == (0, "")
    shown = [line.strip() for line in done.out.splitlines() if line.strip().startswith("secret ")]
    assert shown == [
        "secret API_PIN: secret://w/project:shop/env:dev/PIN",
        "secret DB_PASSWORD: secret://env:dev/DB",
        "secret TRACE_KEY: secret://TRACE (optional)",
        "secret API_PIN: secret://w/project:shop/env:prod/PIN",
        "secret DB_PASSWORD: secret://env:prod/DB",
        "secret TRACE_KEY: secret://TRACE (optional)",
    ]
    assert "canary-value" not in done.out


def test_secrets_for_machines(shop: Shop) -> None:  # noqa: F811
    secretive(shop)
    [api] = shop.orun("component", "api", "--format", "json").tree["result"]["components"]
    assert api["instances"][0]["secretRefs"] == [
        {"asEnv": "API_PIN", "ref": "secret://w/project:shop/env:dev/PIN", "optional": False},
        {"asEnv": "DB_PASSWORD", "ref": "secret://env:dev/DB", "optional": False},
        {"asEnv": "TRACE_KEY", "ref": "secret://TRACE", "optional": True},
    ]
