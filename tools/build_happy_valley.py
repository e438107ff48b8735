# ruff: noqa: E501 - prose with figures in it
"""Tell the story of Happy Valley with the program's own figures: docs/happy-valley.md.

python tools/build_happy_valley.py [ANSWER.json]     the answer of `motherlode base happy-valley-2003 --runs 400 --json`
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from motherlode import epochs
from motherlode.capture import retrieval, tow
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.economy.market import Market
from motherlode.ephemeris import almanac
from motherlode.settlement import programme, settings, stoppages
from motherlode.study import home
from motherlode.study.config import Study
from motherlode.units import DAY

PAGE = Path(__file__).parents[1] / "docs" / "happy-valley.md"
TARGET = "2014 HM187"
SPAN = ("2002-06-01", "2008-01-01")
RUNS = 400


def main() -> None:
    """Write the page."""
    asked = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    told = json.loads(asked.read_text()) if asked else home.base(Study.example("happy-valley-2003"), runs=RUNS)
    PAGE.write_text(page(told))


def page(told: dict[str, Any]) -> str:
    """The whole page from an answer."""
    return (
        "\n\n".join([opening(told), windows(told), people(told), prize(), autumn(told), bill(told), closing(told)])
        + "\n"
    )


def opening(told: dict[str, Any]) -> str:
    people_ = told["population"]
    return f"""# Happy Valley, 1995 to 2006

*A story told with the program's own figures. The windows, the asteroid, its dates and velocities are computed from real
orbits; the people, companies and nations are invented; the tension is a qualitative model, given as ranges, and no
forecast. This page is written by `tools/build_happy_valley.py` from `motherlode base happy-valley-2003`
({told["runs"]} runs, seed {told["seed"]}).*

In 1995 twelve people of two old rivals, the Northern Compact and the Eastern Union, share a dozen rooms in a valley on
Mars; the Free Ports pay for a fifth of it. What was a race is a partnership with three employers: Meridian Works, which
owns the yard, the Zarya Trust, which owns the ships, and the Joint Agency. The plan says {people_["arrived_planned"]}
people in eleven years. In the middle of all runs {people_["end"]["p50"]:.0f} live there in the end
({people_["end"]["p05"]:.0f} to {people_["end"]["p95"]:.0f} in nine of ten)."""


def windows(told: dict[str, Any]) -> str:
    rows = "\n".join(
        f"| {w['depart']} | {w['arrive']} | {w['c3_km2_s2']:.2f} | {w['people_before']} | {w['people']} | {w['landed_t']:.0f} "
        f"| {100 * w['spares_share']:.0f} % | {w['bottleneck']} |"
        for w in told["windows"]
    )
    per_person = [w["landed_t"] / w["people"] for w in told["windows"]]
    return f"""## Five windows, and one more

| leaves Earth | lands | C3, km²/s² | there | come | landed, t | spares in resupply | limited by |
|---|---|---|---|---|---|---|---|
{rows}

The late nineties are the cheap years of the energy cycle. What stops the valley from growing faster is nearly always
landed mass: {min(per_person):.0f} to {max(per_person):.0f} t for each newcomer, and two thirds of the resupply is spares.
Food comes next. Everybody has a way home after six and a half years, if the plants have made the methane for it."""


def people(told: dict[str, Any]) -> str:
    rows = "\n".join(
        f"| {s['employer']} | {s['expected']:.1f} | {_share(s['probability_of_any'])} |" for s in told["stoppages"]
    )
    lost = told["losses"]
    cut = _settings().crew.bargaining
    long = float(stoppages.outlasts(60.0 / (1 - cut)))
    total = sum(row["expected"] for row in lost.values())
    causes = "; ".join(
        f"{cause} {row['expected']:.2f} (any in {100 * row['probability_of_any']:.1f} % of the runs, at worst {row['worst']:.0f})"
        for cause, row in lost.items()
        if row["expected"]
    )
    return f"""## Those who live there

Meridian pays three quarters of the bonus that it promised and reads the mail first: news waits three days. The Eastern
Union, whose ships carry everything, gets three quarters of the share that it thinks fair.

| employer | stoppages in eleven years, mean | at least one, % of runs (range over the judgements) |
|---|---|---|
{rows}

Most stoppages are short; {100 * long:.0f} % outlast two months, talks included. Life support, repair and care go on in all of
them.

People die, and each is counted: {total:.1f} expected in eleven years. By cause: {causes}. The chance that all come
through is {100 * (1 - told["probability_of_any_loss"]):.0f} %."""


def prize() -> str:
    table, sky = snapshot.load(), almanac.load()
    body = orbits.of(table)[designations.find(TARGET, table)]
    span = (epochs.parse(SPAN[0]), epochs.parse(SPAN[1]))
    early = (span[0], epochs.parse("2004-12-31"))
    mars = retrieval.cheapest(body, sky, "mars-1sol", span=early)
    ways = {way.destination: way for way in retrieval.options(body, sky, "any", span=span)}
    earth = min(
        (ways[name] for name in ways if name.startswith(("sun-earth", "lunar", "high"))), key=lambda w: w.delta_v_km_s
    )
    tug = tow.find("sep-1mw")
    push = tow.heaviest(tug, mars.delta_v_km_s, 300 * DAY, solar_distance_au=1.5)
    market = Market.of(2004)
    price = {place: market.price_usd_kg("metal", place) for place in ("mars-surface", "earth", "eml1")}
    return f"""## The prize: {TARGET}

A body of some 180 m (H 21.4; nobody knows its class) that nobody can move. But a boulder of it can be moved: {mars.delta_v_km_s:.2f} km/s in all, pushed off
on {epochs.iso(mars.depart_tdb)} and braked into a one-sol orbit of Mars on {epochs.iso(mars.arrive_tdb)}. A 1 MW solar-electric tug brings
{float(push.mass_kg) / 1000:.0f} t that way in 300 days of thrust. (Unvalidated: no published counterpart for captures at Mars.)

Mars or Earth? The cheapest way of the same boulder to the Earth's neighbourhood asks {earth.delta_v_km_s:.2f} km/s ({earth.destination}).
A kilogram of its metal displaces {price["mars-surface"]:,.0f} USD of landed cargo on Mars at 2004 launch prices, {price["eml1"]:,.0f} USD at a lunar
depot, and sells for {price["earth"]:.2f} USD on Earth (raw metal counts as half a finished part). It goes to Mars."""


def autumn(told: dict[str, Any]) -> str:
    capture = told["capture"]
    delay, need = capture["delay_d"], capture["slack_needed_d"]
    return f"""## Autumn 2003

24,000 hours of work and 6 t of methane must be ready before {capture["burn"]}; a planet does not wait.

| | |
|---|---|
| flown on the day | {_share(capture["probability_on_time"])} % of the runs |
| ready by the day | {100 * capture["probability_ready"]:.0f} % |
| the team at work on the day | {100 * capture["probability_team_present"]:.0f} % |
| flown at all, with the later bodies | {100 * capture["probability_flown"]:.0f} % |
| mean delay of those flown | {capture["expected_delay_d"]:.0f} d; nine of ten within {_days(delay["p90"])} |
| slack that would have been enough, 9 of 10 | {_days(need["p90"])}; 19 of 20: {_days(need["p95"])} |
| value at risk, of {capture["value_usd"] / 1e9:.0f} G$ | {capture["value_at_risk_usd"] / 1e9:.2f} G$ |"""


def bill(told: dict[str, Any]) -> str:
    unrest, delivered = told["unrest"], told["deliveries"]
    rows = "\n".join(
        f"| {r['lever']} | {r['what']} | {100 * r['gain']:+.0f} ± {100 * r['gain_error']:.0f} "
        f"| {r['stoppage_days_saved']:+.0f} | {r['people_at_end_change']:+.0f} |"
        for r in told["levers"]
    )
    slack = ", ".join(f"{row['slack_d']:.0f} d: {100 * row['probability_on_time']:.0f} %" for row in told["slack"])
    return f"""## What it costs, and what would have helped

With people who never act, the same luck flies {100 * unrest["probability_on_time_without"]:.0f} % on the day: unrest takes
{100 * unrest["probability_lost"]:.0f} points, {100 * unrest["work_share_lost"]:.0f} % of the work that is not vital, and {unrest["value_lost_usd"] / 1e9:.2f} G$.

| lever, alone | what | points on time | days with a stoppage saved | people in the end |
|---|---|---|---|---|
{rows}

Levers closer than their errors are not told apart. More room and more spares are paid for in people who do not come: they
take the landed mass. Slack alone: {slack}; recommended: {told["recommended_slack_d"]:.0f} d.

The boulder's metal, where it comes, saves {sum(delivered["displaced_t"].values()):.0f} t of the cargo of 2006, worth {delivered["worth_usd"] / 1e9:.1f} G$ at
{delivered["price_usd_kg"]:,.0f} USD a kilogram; {told["windows"][-1]["people"]} people come that year instead of {_without_the_boulder()}. The valley could use
{told["demand_t_yr"]["metal"]:.0f} t of metal and {told["demand_t_yr"]["water"]:.0f} t of water a year: that, and not the price of iridium, is what the asteroid is for."""


def _settings() -> settings.Settings:
    study = Study.example("happy-valley-2003")
    return settings.read({"base": study.base, "crew": study.crew})


def _without_the_boulder() -> int:
    """People who would come in the last window if nothing were delivered."""
    told = _settings()
    return programme.planned(replace(told, base=replace(told.base, delivery=()))).shipments[-1].people


def closing(told: dict[str, Any]) -> str:
    ranked = ", ".join(f"{one['name'].replace('_', ' ')} ({one['effect']:.2f})" for one in told["judgements"][:4])
    left = "; ".join(told["leaves_out"])
    return f"""## How far to trust this

Mass, windows, velocities and spares stand on published figures and are tested. The tension does not: {told["labels"][0]}.
What moves it most are judgements: {ranked}, as the change in the share of people who act from one end of the interval to
the other. Left out: {left}."""


def _share(value: dict[str, float]) -> str:
    return f"{100 * value['mean']:.0f} ({100 * value['low']:.0f} … {100 * value['high']:.0f})"


def _days(value: float | None) -> str:
    return "more than the years told" if value is None else f"{value:.0f} d"


if __name__ == "__main__":
    main()
