"""Cash flow: what is paid and earned when, and the internal rate of return of the mean mission and each sample."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode.economy.mission import Outcome

Array = NDArray[np.float64]

RATE_RANGE: Final = (-0.9, 10.0)  # a year; rates outside say nothing


def of(outcome: Outcome) -> tuple[Array, Array]:
    """Times in years from departure and amounts in USD, (flows, n) each; payments are negative."""
    paid = outcome.cost.flows()
    years = np.arange(len(outcome.revenue_usd))[:, None]
    times = np.concatenate([[time for time, _ in paid], outcome.first_sale_yr + years])
    return times, np.concatenate([[-usd for _, usd in paid], outcome.revenue_usd])


def internal_rate(times: Array, amounts: Array) -> Array:
    """Rate at which a cash flow is worth nothing, (...), of flows (k, ...); NaN where it never earns back anything.

    Bisection on the logarithm of the rate; held to ``RATE_RANGE``.
    """
    since = times - times.min(axis=0)
    low, high = (np.full(since.shape[1:], np.log1p(end)) for end in RATE_RANGE)

    def worth(log_rate: Array) -> Array:
        return np.asarray(np.sum(amounts * np.exp(-log_rate * since), axis=0))

    hopeless = worth(low) <= 0
    for _ in range(50):
        middle = (low + high) / 2
        gains = worth(middle) > 0
        low, high = np.where(gains, middle, low), np.where(gains, high, middle)
    return np.where(hopeless, np.nan, np.expm1((low + high) / 2))


def mean_rate(outcome: Outcome) -> float:
    """Internal rate of the mean cash flow; NaN where it never earns back anything."""
    times, amounts = of(outcome)
    return float(internal_rate(times.mean(axis=1), amounts.mean(axis=1)))


def rates(outcome: Outcome) -> dict[str, float]:
    """Spread of the internal rate over the samples that earn anything, and the share that earns nothing."""
    each = internal_rate(*of(outcome))
    earning = each[np.isfinite(each)]
    labels = (5, 16, 50, 84, 95)
    found = np.percentile(earning, labels) if len(earning) else np.full(len(labels), np.nan)
    spread = {f"p{label:02d}": float(rate) for label, rate in zip(labels, found)}
    return {**spread, "share_without_return": float(1 - len(earning) / len(each))}
