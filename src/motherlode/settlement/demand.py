"""What a base would buy from asteroids, and what their delivery saves: the demand side of the market at Mars.

A packaged cap of a market is a guess; a base states its own: ``value.Terms(caps_t=demand.caps_t(settings, plan))``.
"""

from collections.abc import Mapping
from typing import Any

from motherlode import epochs
from motherlode.economy.market import Market
from motherlode.settlement import equipment, growth, lifesupport
from motherlode.settlement.growth import Plan
from motherlode.settlement.settings import Settings

PLACE = "mars-surface"
PLACES = ("mars-orbit", PLACE)  # where the base's own demand replaces the packaged caps


def yearly_t(settings: Settings, plan: Plan) -> dict[str, float]:
    """Tonnes a year of each commodity that displaces cargo from Earth or ground ice.

    water: propellant of those who leave, and all that is lost where there is no ground ice; metal: the printable
    third of the spares and half of the habitats; nitrogen: leaks and the air of new rooms.
    """
    years = plan.days / lifesupport.YEAR_D
    shells = growth.METAL_IN_HABITAT * sum(
        equipment.mass_kg({"habitat": one.machines.get("habitat", 0)}) for one in plan.shipments
    )
    spares = growth.PRINTABLE * sum(_spares(one.cargo) for one in plan.shipments)
    saved = 1000 * sum(sum(one.displaced_t.values()) for one in plan.shipments)
    methane = equipment.METHANE_PER_PERSON_KG * sum(one.people for one in plan.departures)
    lost = 0.0 if settings.base.ice else sum(one.cargo.get("water", 0.0) for one in plan.shipments)
    nitrogen = sum(one.cargo.get("nitrogen", 0.0) for one in plan.shipments)
    totals = {"water": lost + 2.25 * methane, "metal": shells + spares + saved, "nitrogen": nitrogen}
    return {name: kg / 1000 / years for name, kg in totals.items()}


def caps_t(settings: Settings, plan: Plan) -> dict[str, float]:
    """The base's demand as yearly caps of the markets at Mars, t, by place and product: ``mars-orbit/water``."""
    need = yearly_t(settings, plan)
    return {f"{place}/{product}": tonnes for product, tonnes in need.items() for place in PLACES if tonnes > 0}


def savings(settings: Settings, plan: Plan) -> dict[str, Any]:
    """What the deliveries of a study displace, t, and its worth at the price of landed Earth cargo."""
    year = float(epochs.year(settings.span[0])) + plan.days / lifesupport.YEAR_D / 2
    price = Market.of(year).launch_to_usd_kg(PLACE)
    displaced: dict[str, float] = {}
    for shipment in plan.shipments:
        for name, tonnes in shipment.displaced_t.items():
            displaced[name] = displaced.get(name, 0.0) + tonnes
    total = sum(displaced.values())
    return {"displaced_t": displaced, "price_usd_kg": price, "worth_usd": 1000 * total * price}


def _spares(cargo: Mapping[str, float]) -> float:
    return sum(kg for name, kg in cargo.items() if name.startswith("spares"))
