"""Workers: the same outcome whoever does the work; one that dies costs one job one attempt."""

import os
import time
from pathlib import Path

import pytest

from motherlode.errors import BadInput
from motherlode.study import workers
from motherlode.study.workers import Cores, Here, Job

THIS = "tests.test_workers"


def square(number: int) -> int:
    return number * number


def die_once(folder: str, number: int) -> int:
    mark = Path(folder) / f"{number}"
    if not mark.exists():
        mark.touch()
        os._exit(9)
    return number


def always_dies() -> None:
    os._exit(9)


def fails(text: str) -> None:
    raise ValueError(text)


def refuses() -> None:
    raise BadInput("nothing can be done with this")


def slow(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@pytest.fixture(params=["here", "two cores"])
def executor(request: pytest.FixtureRequest) -> object:
    made: Here | Cores = Here() if request.param == "here" else Cores(2)
    yield made
    made.close()


def outcomes(executor: Here | Cores, jobs: list[Job]) -> dict[int, workers.Outcome]:
    return {outcome.number: outcome for outcome in executor.map(jobs)}


def test_every_job_is_done_once(executor: Here | Cores) -> None:
    found = outcomes(executor, [Job(k, f"{THIS}:square", (k,)) for k in range(25)])
    assert {number: outcome.value for number, outcome in found.items()} == {k: k * k for k in range(25)}
    assert executor.progress() == (25, 25)


def test_a_job_that_fails_is_given_up_after_three_attempts(executor: Here | Cores) -> None:
    found = outcomes(executor, [Job(0, f"{THIS}:fails", ("bad rock",)), Job(1, f"{THIS}:square", (3,))])
    assert found[1].value == 9
    assert found[0].attempt == 3
    assert "ValueError: bad rock (test_workers.py:" in found[0].failure


def test_bad_input_stops_the_run(executor: Here | Cores) -> None:
    with pytest.raises(BadInput, match="nothing can be done with this"):
        outcomes(executor, [Job(0, f"{THIS}:refuses")])


def test_a_killed_worker_costs_one_attempt(tmp_path: Path) -> None:
    executor = Cores(2)
    found = outcomes(executor, [Job(k, f"{THIS}:die_once", (str(tmp_path), k)) for k in range(4)])
    executor.close()
    assert {k: (one.value, one.attempt) for k, one in found.items()} == {k: (k, 2) for k in range(4)}


def test_a_job_that_kills_its_worker_is_quarantined_and_the_rest_is_done() -> None:
    executor = Cores(2)
    jobs = [Job(0, f"{THIS}:always_dies"), *(Job(k, f"{THIS}:square", (k,)) for k in range(1, 6))]
    found = outcomes(executor, jobs)
    executor.close()
    assert found[0].failure == "its worker died (exit code 9)"
    assert [found[k].value for k in range(1, 6)] == [1, 4, 9, 16, 25]


def test_cancel_hands_out_nothing_more() -> None:
    executor = Cores(2)
    seen = []
    for outcome in executor.map([Job(k, f"{THIS}:slow", (0.05,)) for k in range(50)]):
        seen.append(outcome.number)
        executor.cancel()
    assert 1 <= len(seen) <= 4


def test_one_worker_works_here() -> None:
    assert isinstance(workers.local(1), Here)
    assert isinstance(workers.local(2), Cores)
