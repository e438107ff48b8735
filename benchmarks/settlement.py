"""CPU time of the base and its people, as JSON.

python -m benchmarks.settlement
"""

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from motherlode.settlement import crew, programme, rebellion, sensitivity, settings


def main() -> None:
    told = settings.read({"base": {"start": "1995-08-01", "end": "2003-08-01"}})
    plan = programme.planned(told)
    result = {
        "windows_and_plan_ms": 1e3 * cpu_s(lambda: programme.planned(told)),
        "eight_years_100_runs_s": cpu_s(lambda: programme.run(told, 1, runs=100, plan=plan)),
        "eight_years_1000_runs_s": cpu_s(lambda: programme.run(told, 1, runs=1000, plan=plan)),
        "crew_of_100_8_years_1000_runs_s": cpu_s(lambda: people(1000, 100, 417)),
        "morris_19_judgements_s": cpu_s(lambda: sensitivity.effects(told.crew, np.random.default_rng(1))),
        "grid_40_x_40_300_steps_ms": 1e3 * cpu_s(lambda: rebellion.active_shares(0.82, np.random.default_rng(1))),
    }
    print(json.dumps(result))


def people(runs: int, number: int, weeks: int) -> None:
    told, rng = settings.read({}).crew, np.random.default_rng(1)
    crowd = crew.Crew(told, np.full(runs, number), number, crew.beliefs(told, runs, rng), rng)
    now = crew.Conditions.steady(runs)
    for _ in range(weeks):
        crowd.week(now)


def cpu_s(work: Callable[[], Any]) -> float:
    work()
    begin = time.process_time()
    work()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
