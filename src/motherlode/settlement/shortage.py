"""What ran out, when, how many it costs and what would have prevented it: said plainly."""

from typing import Final

import numpy as np

from motherlode import epochs
from motherlode.settlement import lifesupport, loops
from motherlode.settlement.base import CAUSES, TOLERANCE, Base
from motherlode.units import DAY

CURES: Final = {
    "food": "more food on the ship before (base.landed_t, base.cargo, base.stocks) or fewer people (base.seats)",
    "water": "more water (base.stocks.water, base.delivery of water), ground ice (base.ice) or better water_recovery",
    "oxygen": "more oxygen generators (base.machines) or water to feed them, more power, or fewer people",
    "air": "more CO2 removal, radiators and power (base.machines), or fewer people",
}
OF: Final = {"no oxygen": "oxygen", "bad air": "air", "thirst": "water", "hunger": "food"}


def told(base: Base, *, run: int = 0) -> str:
    """One line about the first shortage that kills in a run; empty where none does.

    base  after its last day
    """
    dead = {cause: int(base.lost[cause][run]) for cause in TOLERANCE if base.lost[cause][run] > 0}
    if not dead:
        return ""
    deaths = [
        (day, kind) for day, kind, _ in base.events.of(run) if kind.startswith("deaths: ") and kind[8:] in TOLERANCE
    ]
    day, kind = deaths[0]
    what = OF[kind[8:]]
    start = base.settings.span[0]
    began = base.first_short[what][run] if what in base.first_short else day
    began = day if np.isnan(began) else began
    ships = [one.day for one in base.plan.shipments if one.day > began]
    wait = f", {ships[0] - began:.0f} d before the next ship" if ships else ", with no ship to come"
    losses = ", ".join(f"{number} by {cause}" for cause, number in dead.items())
    verb = "becomes unfit to breathe" if what == "air" else "runs out"
    return (
        f"the base does not survive its own plan, even with no failure: {what} {verb} on "
        f"{epochs.iso(start + began * DAY)}{wait}; "
        f"people lost: {losses}; {_missing(base, what, run)}would prevent it: {CURES[what]}; "
        "or set base.losses_allowed = true to see it happen"
    )


def _missing(base: Base, what: str, run: int) -> str:
    if what == "food":
        # Those who are dead ate nothing: what those present at the shortage would have needed up to the next ship.
        began = base.first_short["food"][run]
        until = next((one.day for one in base.plan.shipments if one.day > began), float(base.plan.days))
        people = [n for day, n in base.plan.population if day <= began][-1]
        tonnes = people * lifesupport.human()["packaged_food"] * loops.RATION * (until - began) / 1000
        return f"{tonnes:.1f} t more food "
    if what in base.unmet_kg:
        return f"{max(base.unmet_kg[what][run], 1.0) / 1000:.2f} t more {what} "
    return "more capacity "


def losses(base: Base) -> dict[str, dict[str, float]]:
    """People lost by cause: expected number, chance of any, worst of the runs. Nobody is left out."""
    return {
        cause: {
            "expected": float(base.lost[cause].mean()),
            "probability_of_any": float((base.lost[cause] > 0).mean()),
            "worst": float(base.lost[cause].max()),
        }
        for cause in CAUSES
    }
