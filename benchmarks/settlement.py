"""CPU time of the base and its people, as JSON.

python -m benchmarks.settlement
"""

import json

import numpy as np
from benchmarks.reach import best

from motherlode.settlement import crew, programme, sensitivity, settings, town


def main() -> None:
    told = settings.read({"base": {"start": "1995-08-01", "end": "2003-08-01"}})
    plan = programme.planned(told)
    result = {
        "windows_and_plan_ms": 1e3 * best(lambda: programme.planned(told), 1),
        "eight_years_100_runs_s": best(lambda: programme.run(told, 1, runs=100, plan=plan), 1),
        "eight_years_1000_runs_s": best(lambda: programme.run(told, 1, runs=1000, plan=plan), 1),
        "crew_of_100_8_years_1000_runs_s": best(lambda: people(1000, 100, 417), 1),
        "morris_19_judgements_s": best(lambda: sensitivity.effects(told.crew, np.random.default_rng(1)), 1),
        "grid_40_x_40_300_steps_ms": 1e3 * best(lambda: town.active_shares(0.82, 1), 1),
    }
    print(json.dumps(result))


def people(runs: int, number: int, weeks: int) -> None:
    told, rng = settings.read({}).crew, np.random.default_rng(1)
    crowd = crew.Crew(told, np.full(runs, number), number, crew.beliefs(told, runs, rng), rng)
    now = crew.Conditions.steady(runs)
    for _ in range(weeks):
        crowd.week(now)


if __name__ == "__main__":
    main()
