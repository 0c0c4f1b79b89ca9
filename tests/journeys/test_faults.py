"""Killed workers and a wiped broker lose nothing."""

import time
from typing import Any

import pytest

from tests.journeys.service import Service, wait_until

WITHIN_S = 60  # of a worker being back
LEASE_AND_LOOK_S = 30  # a dead job is rescued


def strikes(site: Service, key: str) -> int:
    ((strikes,),) = site.query("SELECT strikes FROM stylize_job WHERE key = %s", key)
    return int(strikes)


def posts(site: Service, key: str) -> int:
    ((count,),) = site.query(
        "SELECT count(*) FROM feed_post JOIN stylize_job ON stylize_job.id = job_id WHERE key = %s", key
    )
    return int(count)


@pytest.mark.parametrize("victims", ["the child that paints", "the whole worker"])
def test_a_worker_killed_in_the_middle_loses_no_job(site: Service, victims: str) -> None:
    key = site.submit_long(200)
    site.wait_for(key, "running", 60)
    time.sleep(2)  # into the painting
    if victims == "the whole worker":
        assert site.kill("-Q", "paint") >= 2
    else:
        _main, *children = sorted(site.processes("-Q", "paint"), key=lambda process: process.create_time())
        assert children
        for child in children:
            child.kill()
    wait_until(lambda: strikes(site, key) == 1, LEASE_AND_LOOK_S, site.tail)
    site.wait_for(key, "done", WITHIN_S)
    assert strikes(site, key) == 1
    assert posts(site, key) == 1


def test_a_worker_killed_after_a_checkpoint_goes_on_from_it(site: Service) -> None:
    key = site.submit_long(1000)
    site.wait_for(key, "running", 60)

    def column(name: str) -> Any:
        ((value,),) = site.query(f"SELECT {name} FROM stylize_job WHERE key = %s", key)
        return value

    wait_until(lambda: column("checkpoint_at") > 0, 60, site.tail)
    assert site.kill("-Q", "paint") >= 2
    wait_until(lambda: column("fence") == 2 and column("resumed_at") != [], WITHIN_S + LEASE_AND_LOOK_S, site.tail)
    (resumed_at,) = column("resumed_at")
    assert resumed_at > 0
    assert strikes(site, key) == 0  # the run has brought the painting on
    site.shell(f"from stylize import runs; from stylize.models import Job; runs.want_end(Job.objects.get(key='{key}'))")
    site.wait_for(key, "done", WITHIN_S)
    assert column("iterations_done") > resumed_at
    assert posts(site, key) == 1


def test_a_wiped_broker_loses_no_job(site: Service) -> None:
    busy = site.submit_long(100)
    site.wait_for(busy, "running", 60)
    keys = [site.submit() for _job in range(2)]
    with site.broker() as broker:
        broker.flushall()
    for key in [busy, *keys]:
        site.wait_for(key, "done", WITHIN_S)
        assert posts(site, key) == 1
        assert strikes(site, key) == 0


def test_a_dead_job_is_rescued_while_a_long_painting_runs(site: Service) -> None:
    busy = site.submit_long(1000)
    site.wait_for(busy, "running", 60)
    dead = site.submit()
    claimed = site.shell("from stylize import jobs; print(jobs.claim_next('a worker that died at once').key)")
    assert claimed == dead
    took = wait_until(lambda: strikes(site, dead) == 1, LEASE_AND_LOOK_S, site.tail)
    assert took < LEASE_AND_LOOK_S
    assert site.status(busy) == "running"
    site.shell(f"from stylize import jobs; from stylize.models import Job; jobs.cancel(Job.objects.get(key='{busy}'))")
    site.wait_for(dead, "done", WITHIN_S)


def test_a_job_is_put_back_when_its_worker_is_asked_to_stop(site: Service) -> None:
    """What a deploy does: no strike, and the next worker paints it."""
    key = site.submit_long(200)
    site.wait_for(key, "running", 60)
    main, *_children = sorted(site.processes("-Q", "paint"), key=lambda process: process.create_time())
    main.terminate()
    wait_until(lambda: main not in site.processes("-Q", "paint"), 20, site.tail)
    site.wait_for(key, "done", WITHIN_S)
    assert strikes(site, key) == 0
