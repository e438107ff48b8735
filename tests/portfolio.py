"""Made-up campaigns of any size for the tests of plan, risk and parties: seeded, with gains and losses."""

import numpy as np

from motherlode import epochs
from motherlode.campaign import plan
from motherlode.campaign.network import Launcher
from motherlode.campaign.options import Craft, Option
from motherlode.chance import generator
from motherlode.units import YEAR

FIRST = 2030
SAMPLES = 64


def crafts(kinds=5):
    return [Craft(f"craft {k}", "hydrogen-oxygen", 20e3 + 20e3 * k, fleet=3 + k) for k in range(kinds)]


def launchers():
    return [
        Launcher("small", 22.8e3, 67e6, "east", owner="north"),
        Launcher("heavy", 63.8e3, 150e6, "west", owner="south"),
    ]


def options(projects=50, years=20, kinds=5, seed=1, owners=("",)):
    rng = generator(seed, "portfolio")
    made = []
    for k in range(projects):
        worth, period = rng.lognormal(np.log(700e6), 0.9), rng.uniform(1.4, 2.6)
        product, place = [("water", "eml1"), ("water", "mars-orbit"), ("metal", "mars-orbit")][k % 3]
        depart = FIRST + rng.uniform(0, period)
        window = 0
        while depart < FIRST + years:
            for craft in crafts(kinds):
                made.append(
                    _row(rng, k, window, depart, craft, worth, product, place, owners[k % len(owners)], years)
                )
            depart, window = depart + period, window + 1
    return made


def _row(rng, k, window, depart, craft, worth, product, place, owner, years):
    trip = rng.uniform(1.5, 4.0)
    kg = worth / 8000 * (craft.parking_kg / 60e3) ** 0.6 * np.exp(0.25 * rng.standard_normal())
    works = rng.random(SAMPLES) < 0.75
    delivered = np.where(works, kg * np.exp(0.4 * rng.standard_normal(SAMPLES)), 0.0)
    cost = (120e6 + 2200 * craft.parking_kg) * np.exp(0.25 * rng.standard_normal(SAMPLES))
    calendar = FIRST - 6 + np.arange(years + 6 + 16)
    spent, earned = np.zeros((2, SAMPLES, len(calendar)))
    at = int(depart) - calendar[0]
    spent[:, at - 3 : at + 1] = cost[:, None] / 4
    end = min(int(depart + trip) - calendar[0], len(calendar) - 11)
    earned[:, end : end + 10] = delivered[:, None] * 8000 / 10
    tdb = (depart - 2000.0) * YEAR
    return Option(
        name=f"body {k} window {window} {craft.name}",
        project=f"body {k}",
        architecture="mine",
        target=f"body {k}",
        product=product,
        place=place,
        craft=craft.name,
        window=window,
        depart_tdb=tdb,
        arrive_tdb=tdb + trip * YEAR / 3,
        end_tdb=tdb + trip * YEAR,
        delta_v_km_s=float(rng.uniform(4, 9)),
        lift_kg=craft.parking_kg,
        propellant_kg=0.6 * craft.parking_kg,
        gear=1.0,
        port="earth-400km",
        delivered_kg=delivered,
        income_usd=earned.astype(np.float32),
        outlay_usd=spent.astype(np.float32),
        first_year=int(calendar[0]),
        price_usd_kg=8000.0,
        owner=owner,
    )


def rules(years=20, **changed):
    settings = {
        "years": (FIRST, FIRST + years - 1),
        "budget_usd": dict.fromkeys(range(FIRST, FIRST + years), 900e6),
        "pads": {"east": 6, "west": 3},
        "teams": 8,
        "caps_kg": {("water", "eml1"): 60e3, ("water", "mars-orbit"): 40e3, ("metal", "mars-orbit"): 30e3},
    }
    return plan.Rules(**(settings | changed))


def problem(projects=50, years=20, kinds=5, seed=1, owners=("",), **changed):
    rows = options(projects, years, kinds, seed, owners)
    return plan.problem(rows, crafts(kinds), launchers(), rules(years, **changed))


def day(text):
    return epochs.parse(text)
