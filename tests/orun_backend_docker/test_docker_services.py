"""Services stand beside a job in a network of their own, and are gone with it."""

from __future__ import annotations

import pytest
from docker_engine import IMAGE, docker_backend, leftovers, present
from loopback import free_port
from orun_core.spec.plan import Service
from orun_core.spec.run import Noted, Status
from orun_core.testing.plans import job
from orun_core.testing.trial import Trial

pytestmark = pytest.mark.docker
SERVE = "sh -c 'sleep 0.3; mkdir -p /srv && echo $GREETING > /srv/index && httpd -f -p 8080 -h /srv'"
READY = "wget -q -O /dev/null http://127.0.0.1:8080/index"


@pytest.fixture
def backend():
    with docker_backend(ready=20) as backend:
        yield backend


@pytest.fixture
def trial(backend, tmp_path):
    return Trial(backend, tmp_path, IMAGE)


def test_a_job_reaches_its_healthy_service_by_name(trial):
    service = Service("web", IMAGE, env={"GREETING": "hello"}, health=READY, command=SERVE)
    ran = trial(job("a.dev.test", "wget -q -O - http://web:8080/index", services=(service,)))
    assert (ran.job.status, ran.log("step-1")) == (Status.SUCCEEDED, "hello\n")
    assert leftovers(trial) == []


def test_the_image_of_a_service_is_in_the_record(trial):
    trial.backend.engine.api.tag(IMAGE, "orun-test/service", "1")
    ran = trial(job("a.dev.test", "true", services=(Service("web", "orun-test/service:1", command="sleep 60"),)))
    assert {what.data["image"] for what in ran.record.of(Noted)} == {IMAGE, "orun-test/service:1"}


def test_the_services_of_two_jobs_do_not_meet(trial):
    service = Service("web", IMAGE, command="sleep 60")
    jobs = [job(f"{name}.dev.test", "nslookup web | grep -c Address", services=(service,)) for name in "ab"]
    assert trial(*jobs).outcome.exit_code == 0


def test_published_ports(trial):
    ports = (f"127.0.0.1:{free_port()}:80", f"[::1]:{free_port()}:81", f"{free_port()}:82/udp", "83")
    service = Service("web", IMAGE, ports=ports, command="sleep 60")
    seen = []

    def on_line(output):
        found = [what for what in present(trial) if what.get("Image") and "web" in what["Names"][0]]
        seen.append(trial.backend.engine.api.inspect_container(found[0]["Id"])["HostConfig"]["PortBindings"])

    ran = trial(job("a.dev.test", "echo begun", services=(service,)), on_line=on_line)
    assert ran.job.status is Status.SUCCEEDED
    given = {inside: (where["HostIp"], where["HostPort"]) for inside, (where,) in seen[0].items()}
    assert given == {
        "80/tcp": ("127.0.0.1", ports[0].split(":")[1]),
        "81/tcp": ("::1", ports[1].split(":")[-2]),
        "82/udp": ("", ports[2].split(":")[0]),
        "83/tcp": ("", ""),
    }


def test_a_port_that_is_taken_fails_the_job_and_leaves_nothing(trial):
    port = free_port()
    services = tuple(Service(name, IMAGE, ports=(f"{port}:80",), command="sleep 60") for name in ("one", "two"))
    ran = trial(job("a.dev.test", "true", services=services))
    assert ran.job.reason.startswith("cannot start service two: ")
    assert "port is already allocated" in ran.job.reason
    assert leftovers(trial) == []


def test_a_command_with_an_open_quote_fails_the_job(trial):
    ran = trial(job("a.dev.test", "true", services=(Service("db", IMAGE, command="sh -c 'echo"),)))
    assert ran.job.reason == "service db of job a.dev.test has a command that is none: No closing quotation"
    assert leftovers(trial) == []


def test_a_service_that_ends_fails_the_job_with_its_last_words(trial):
    service = Service("db", IMAGE, health="true", command="sh -c 'echo no disk; exit 3'")
    ran = trial(job("a.dev.test", "true", services=(service,)))
    assert ran.job.reason == "service db of job a.dev.test ended with code 3; it said:\nno disk"
    assert leftovers(trial) == []


def test_a_service_that_is_never_healthy_fails_the_job(tmp_path):
    with docker_backend(ready=1) as backend:
        trial = Trial(backend, tmp_path, IMAGE)
        service = Service("db", IMAGE, health="echo starting; false", command="sh -c 'echo booting; sleep 60'")
        ran = trial(job("a.dev.test", "true", services=(service,)))
        assert ran.job.reason == (
            "service db of job a.dev.test is not healthy after 1s; its health command said: starting; it said:\nbooting"
        )
        assert leftovers(trial) == []


def test_a_missing_image_of_a_service_leaves_nothing_behind(trial):
    service = Service("db", "orun-test/none:1")
    ran = trial(job("a.dev.test", "true", services=(service,)))
    assert ran.job.reason == "the engine has no image orun-test/none:1"
    assert leftovers(trial) == []
