"""CPU time of sampling deposits and of valuing them, as JSON.

python -m benchmarks.economics
"""

import json
import time
from collections.abc import Callable

import numpy as np

from motherlode.catalogue import snapshot
from motherlode.economy import sensitivity, value
from motherlode.economy.sensitivity import Question
from motherlode.prospect import deposit

FACTS = {"designation": "2099 XX", "h_mag": 22.0}
TRIP = value.Trip(4.2, 0.8, 2026.5, 300, 250, 250, 1.1)


def main() -> None:
    table = snapshot.load()
    rows = table.take(np.arange(0, len(table), 50))
    held = deposit.sample(FACTS, 1000, 1)
    fixed = value.Terms()
    question = Question(FACTS, TRIP, "water", "eml1")
    survey_s = cpu_s(lambda: deposit.survey(rows, 1000, 1), 1) * len(table) / len(rows)
    result = {
        "sample_10000_ms": 1e3 * cpu_s(lambda: deposit.sample(FACTS, 10_000, 1), 9),
        "sample_1000_ms": 1e3 * cpu_s(lambda: deposit.sample(FACTS, 1000, 1), 9),
        "catalogue_x_1000_one_core_s": survey_s,
        "value_fixed_design_ms": 1e3 * cpu_s(lambda: assess(held, fixed), 9),
        "value_best_design_ms": 1e3 * cpu_s(lambda: assess(held, None), 5),
        "sobol_2000_ms": 1e3 * cpu_s(lambda: sensitivity.sobol(question), 3),
        "tornado_ms": 1e3 * cpu_s(lambda: sensitivity.tornado(question), 3),
    }
    print(json.dumps(result))


def assess(held: deposit.Deposit, terms: value.Terms | None) -> value.Value:
    return value.assess(held, TRIP, product="water", place="eml1", terms=terms)


def cpu_s(work: Callable[[], object], repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


if __name__ == "__main__":
    main()
