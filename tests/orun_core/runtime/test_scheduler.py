"""The scheduler decides by dependencies, limits and remaining path, and never loses a job."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from orun_core.runtime.scheduler import Limits, OnFailure, Scheduler, Skip
from orun_core.spec.plan import Concurrency
from orun_core.testing.plans import job


def jobs(**needs):
    return [job(f"{name}.dev.x", depends_on=tuple(f"{need}.dev.x" for need in after)) for name, after in needs.items()]


def names(ids):
    return [one.split(".")[0] for one in ids]


def test_a_job_starts_as_soon_as_its_dependencies_succeeded():
    scheduler = Scheduler(jobs(a="", b="", c="a"))
    assert names(scheduler.start()) == ["a", "b"]
    scheduler.finished("a.dev.x", succeeded=True)
    assert names(scheduler.start()) == ["c"]


def test_the_longest_remaining_path_goes_first_then_plan_order():
    scheduler = Scheduler(jobs(z="", a="", m="", y="m", x="y"), limits=Limits(jobs=1))
    order = []
    while not scheduler.done:
        (started,) = scheduler.start()
        order.append(started)
        scheduler.finished(started, succeeded=True)
    assert names(order) == ["m", "y", "z", "a", "x"]


def test_a_job_that_waits_for_a_slot_is_named_once():
    scheduler = Scheduler(jobs(a="", b="", c="", d="a", e="d"), limits=Limits(jobs=1))
    assert scheduler.start() == ("a.dev.x",)
    assert names(scheduler.queued()) == ["b", "c"]
    scheduler.finished("a.dev.x", succeeded=True)
    assert scheduler.start() == ("d.dev.x",)
    assert scheduler.queued() == ()
    scheduler.finished("d.dev.x", succeeded=True)
    scheduler.start()
    scheduler.finished("b.dev.x", succeeded=False)
    assert scheduler.queued() == ()


def test_advisory_edges_never_block():
    first, second = job("a.dev.x"), job("b.dev.x", advisory_depends_on=("a.dev.x",))
    assert names(Scheduler([first, second]).start()) == ["a", "b"]


def test_component_limit():
    plan = [job("a.dev.x"), job("a.prod.x"), job("b.dev.x")]
    scheduler = Scheduler(plan, limits=Limits(components=1))
    assert scheduler.start() == ("a.dev.x", "a.prod.x")
    scheduler.finished("a.dev.x", succeeded=True)
    assert scheduler.start() == ()
    scheduler.finished("a.prod.x", succeeded=True)
    assert scheduler.start() == ("b.dev.x",)


def test_pools_are_mutexes_or_hold_several():
    lock, pool = Concurrency("state"), Concurrency("api", 2)
    plan = [job(f"{name}.dev.x", concurrency=lock) for name in "ab"]
    plan += [job(f"{name}.dev.x", concurrency=pool) for name in "cde"]
    scheduler = Scheduler(plan)
    assert names(scheduler.start()) == ["a", "c", "d"]
    scheduler.finished("a.dev.x", succeeded=True)
    assert names(scheduler.start()) == ["b"]


def test_a_blocked_pool_lets_others_pass():
    scheduler = Scheduler(
        [
            job("a.dev.x", concurrency=Concurrency("one")),
            job("b.dev.x", concurrency=Concurrency("one")),
            job("c.dev.x"),
        ],
        limits=Limits(jobs=2),
    )
    assert names(scheduler.start()) == ["a", "c"]


def test_fail_fast_skips_everything_that_has_not_started():
    scheduler = Scheduler(jobs(a="", b="a", c=""), limits=Limits(jobs=1))
    scheduler.start()
    assert scheduler.finished("a.dev.x", succeeded=False) == (
        Skip("b.dev.x", "dependency failed: a.dev.x"),
        Skip("c.dev.x", "fail-fast: a.dev.x failed"),
    )
    assert scheduler.done


def test_keep_going_skips_only_what_depends_on_the_failure():
    scheduler = Scheduler(jobs(a="", b="a", c="b", d=""), limits=Limits(jobs=1), on_failure=OnFailure.KEEP_GOING)
    scheduler.start()
    skipped = scheduler.finished("a.dev.x", succeeded=False)
    assert names(skip.job for skip in skipped) == ["b", "c"]
    assert names(scheduler.start()) == ["d"]


def test_satisfied_dependencies_count_as_succeeded():
    scheduler = Scheduler(jobs(b="a"), satisfied={"a.dev.x"})
    assert names(scheduler.start()) == ["b"]


@st.composite
def graphs(draw):
    size = draw(st.integers(1, 12))
    needs = [draw(st.sets(st.integers(0, at - 1), max_size=3)) if at else set() for at in range(size)]
    pools = [draw(st.sampled_from([None, Concurrency("one"), Concurrency("two", 2)])) for _ in range(size)]
    return [
        job(f"c{at}.dev.x", depends_on=tuple(sorted(f"c{n}.dev.x" for n in needs[at])), concurrency=pools[at])
        for at in range(size)
    ]


@given(graphs(), st.integers(1, 4), st.integers(0, 2), st.sampled_from(OnFailure), st.randoms(use_true_random=False))
def test_every_job_leaves_exactly_once_and_no_limit_is_broken(plan, most, components, on_failure, luck):
    by_id = {one.id: one for one in plan}
    scheduler = Scheduler(plan, limits=Limits(most, components or None), on_failure=on_failure)
    running, succeeded, failed, skipped = set(), set(), set(), []
    while True:
        for started in scheduler.start():
            assert set(by_id[started].depends_on) <= succeeded
            assert not failed or on_failure is OnFailure.KEEP_GOING
            running.add(started)
        assert running == scheduler.running
        assert len(running) <= most
        assert not components or len({by_id[one].component for one in running}) <= components
        for pool in (Concurrency("one"), Concurrency("two", 2)):
            assert sum(by_id[one].concurrency == pool for one in running) <= pool.limit
        if scheduler.done:
            break
        assert running, "something is ready and nothing runs"
        ended = luck.choice(sorted(running))
        running.remove(ended)
        fine = luck.random() < 0.8
        (succeeded if fine else failed).add(ended)
        skipped += [skip.job for skip in scheduler.finished(ended, succeeded=fine)]
    assert sorted([*succeeded, *failed, *skipped]) == sorted(by_id)
