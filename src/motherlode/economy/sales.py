"""Sales: how much of a stock to sell in each year when the price answers, and what that earns."""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.economy.market import PAYABLE, REFINING_CHARGE, Metal

Array = NDArray[np.float64]

SMALLEST = 1e-9  # of yearly supply: less than this does not move a price


def elastic_price(extra: ArrayLike, elasticity: float) -> Array:
    """Price over the price before, (...), when net supply grows by ``extra`` of itself; constant elasticity."""
    return np.asarray((1 + np.asarray(extra)) ** (1 / elasticity))


def linear_price(extra: ArrayLike, elasticity: float) -> Array:
    """The same on a straight demand curve through today's point; never below zero."""
    return np.maximum(1 + np.asarray(extra) / elasticity, 0.0)


def price(extra: ArrayLike, elasticity: float, model: str) -> Array:
    """Price over the price before, (...), by the model of demand: ``elastic`` or ``linear``."""
    return elastic_price(extra, elasticity) if model == "elastic" else linear_price(extra, elasticity)


@cache
def schedule(elasticity: float, years: int, rate: float, model: str = "elastic") -> tuple[Array, Array]:
    """Best sales of every stock: what to sell in each year so that discounted marginal revenue is equal in all.

    elasticity   of demand, negative
    years        of selling; what would lower the revenue stays unsold
    rate         discount per year
    returns      log stock (m,), and sales (m, years), both net of withdrawal in units of yearly supply
    """
    log_stock = np.linspace(np.log(SMALLEST), np.log(1e3), 260)
    stock = np.exp(log_stock)[:, None]
    weight = (1 + rate) ** -np.arange(years, dtype=float)
    x, marginal = _marginal(elasticity, model)
    low, high = np.zeros_like(stock), np.ones_like(stock)
    for _ in range(60):  # the shadow price of the stock
        middle = (low + high) / 2
        sold = np.interp(middle / weight, marginal[::-1], x[::-1]).sum(axis=1, keepdims=True)
        low, high = np.where(sold > stock, middle, low), np.where(sold > stock, high, middle)
    each = np.interp(high / weight, marginal[::-1], x[::-1])
    each *= np.minimum(stock / np.maximum(each.sum(axis=1, keepdims=True), 1e-300), 1.0)
    short = np.maximum(stock[:, 0] - each.sum(axis=1), 0.0)
    each[:, 0] += np.where(high[:, 0] >= 1 - 1e-9, short, 0.0)  # too little to move the price: sell it at once
    return log_stock, each


def _marginal(elasticity: float, model: str) -> tuple[Array, Array]:
    """Sales of one year and the marginal revenue at them, falling from one to zero."""
    b = -1 / elasticity
    if model == "linear":
        x = np.linspace(0, 1 / (2 * b), 2000)
        return x, 1 - 2 * b * x
    top = 1 / (b - 1) if b > 1.001 else 1e4
    x = np.concatenate([[0.0], np.geomspace(top * 1e-9, top, 4000)])
    return x, np.maximum((1 + x) ** (-b - 1) * (1 - (b - 1) * x), 0.0)


def metal(stock_kg: Array, market: Metal, *, years: int, rate: float, model: str = "elastic") -> tuple[Array, Array]:
    """Sales of a stock of one refined metal, stockpiled at will.

    stock_kg   (n,) held at the first year of sale
    returns    kg sold (years, n) and price paid over the price before (years, n)
    """
    sold, relative = np.zeros((2, years, len(stock_kg)))
    relative += 1.0
    if not market.sold:
        return sold, relative
    net = 1 - market.withdrawal
    if net <= 0:
        sold[0] = stock_kg
        return sold, relative
    log_stock, each = schedule(market.elasticity, years, rate, model)
    scale = market.supply_kg / net
    stock = stock_kg / scale
    place = np.log(np.maximum(stock, SMALLEST))
    small = stock <= SMALLEST
    for year in range(years):
        sold[year] = np.where(small, stock if year == 0 else 0.0, np.interp(place, log_stock, each[:, year]))
    sold *= np.minimum(
        stock / np.maximum(sold.sum(axis=0), 1e-300), 1.0
    )  # interpolation never sells what is not there
    return sold * scale, price(sold, market.elasticity, model)


def refined(usd_kg: float) -> float:
    """What a refiner pays for a kilogram of metal in a concentrate."""
    return usd_kg * PAYABLE * (1 - REFINING_CHARGE)


def in_space(kg: Array, cap_t: float, *, years: int) -> Array:
    """Kilograms sold in each year, (years, n), where only so much is bought in one."""
    cap = cap_t * 1000
    left = kg[None, :] - cap * np.arange(years)[:, None]
    return np.clip(left, 0.0, cap)
