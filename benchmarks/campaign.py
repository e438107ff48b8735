"""Speed of the campaign: published supply case, a large portfolio, futures, shares, windows.

python -m benchmarks.campaign
"""

import time
from collections.abc import Callable
from typing import Any

from tests import portfolio, test_network

from motherlode import epochs
from motherlode.campaign import careful, flow, games, plan, risk, windows
from motherlode.chance import generator
from motherlode.ephemeris import almanac


def timed(label: str, work: Callable[[], Any], says: Callable[[Any], str] = lambda _: "") -> Any:
    """Print processor and wall seconds of a piece of work."""
    cpu, wall = time.process_time(), time.monotonic()
    found = work()
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    print(f"{label:<52} {cpu:7.2f} s processor {wall:7.2f} s wall  {says(found)}")
    return found


def main() -> None:
    """Every line of the table."""
    planets = almanac.load()
    span = epochs.parse("1969-01-01"), epochs.parse("2050-01-01")
    way = planets["earth"], planets["mars"]
    timed(
        "Earth-Mars windows of 80 years", lambda: windows.outbound(*way, span, most=60), lambda w: f"{len(w)} windows"
    )
    lunar = lambda: flow.solve(test_network.lunar(), gap=1e-9)  # noqa: E731
    timed("published lunar supply, proved", lunar, lambda p: f"{p.imleo_kg:.4f} kg")
    problem = timed(
        "portfolio 50 x 20 years x 5 craft: programme", lambda: portfolio.problem(), lambda p: f"{len(p.rows)} rows"
    )
    best = timed("the same: plan within 1 %", lambda: plan.solve(problem, gap=0.01), lambda p: f"gap {p.gap:.2%}")
    timed(
        "the same at ten per cent risk, a minute",
        lambda: careful.solve(problem, best, time_limit_s=60),
        lambda p: f"worst tenth {p.objective:.0f} M$ of at most {p.bound:.0f}",
    )
    timed("its futures, 10 000", lambda: risk.run(best, n=10_000), lambda f: f"{f.npv_usd.mean() / 1e9:.2f} G$")
    weight = generator(3, "twelve").uniform(1, 5, 12)
    game = games.Game(tuple("abcdefghijkl"), (games.incidence(12) @ weight) ** 1.4)
    timed("Shapley of 12 parties", lambda: games.shapley(game))
    timed("nucleolus of 12 parties", lambda: games.nucleolus(game))


if __name__ == "__main__":
    main()
