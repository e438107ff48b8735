"""Stacks and crew consumables against the two SpaceNet quick starts (2.5 documentation)."""

import pytest

from motherlode.campaign import consumables, stacks
from motherlode.campaign.stacks import Element, Engine, Stack
from motherlode.errors import BadInput, NoSolution

CREW, CARGO, SAMPLES = 400.0, 500.0, 100.0


def orion():
    """First launch: solid first stage with escape tower, upper stage, service and crew module."""
    stack = Stack(
        (
            Element("first stage", 105_000, {"solid": 620_000}),
            Element("tower", 6_000, {}),
            Element("upper stage", 12_000, {"main": 125_000}),
            Element("service", 3_000, {"main": 10_000}),
            Element("capsule", 8_000, {"rcs": 175}, cargo_kg=CREW),
        )
    )
    up = stack.burn(
        9_500, Engine("first stage", "solid", 267, ("first stage", "tower")), Engine("upper stage", "main", 448)
    )
    return up


def lander():
    """Second launch: boosters, core with departure stage, descent and ascent modules."""
    stack = Stack(
        (
            Element("boosters", 210_000, {"solid": 1_375_000}),
            Element("core", 175_000, {"main": 1_587_000}),
            Element("departure", 26_000, {"main": 253_000}),
            Element("descent", 12_000, {"main": 24_900, "rcs": 425}, cargo_kg=CARGO),
            Element("ascent", 3_000, {"main": 3_000}),
        )
    )
    engines = Engine("boosters", "solid", 270, ("boosters",)), Engine("core", "main", 414, ("core",))
    return stack.burn(9_500, *engines, Engine("departure", "main", 448))


def flight():
    """The whole lunar mission; propellant in the descent module at each step and what is left elsewhere."""
    first, second = orion(), lander()
    left = {
        "upper stage": first["upper stage"].tanks["main"],
        "departure in orbit": second["departure"].tanks["main"],
    }
    both = (first.without("upper stage") + second).burn(3_150, Engine("departure", "main", 448))
    left["departure"] = both["departure"].tanks["main"]
    both = both.without("departure")
    left["descent 0"] = stacks.totals(both, ["descent"])["descent"]
    for _ in range(2):
        both = both.burn(2, Engine("descent", "rcs", 300))
    both = both.burn(950, Engine("descent", "main", 448))
    left["descent 1"] = stacks.totals(both, ["descent"])["descent"]
    down = both.only("descent", "ascent").loaded("ascent", CREW)
    down = down.burn(2_030, Engine("descent", "main", 448)).burn(11, Engine("descent", "rcs", 300))
    left["descent 2"] = stacks.totals(down, ["descent"])["descent"]
    up = down.only("ascent").loaded("ascent", SAMPLES)
    up = up.burn(1_875, Engine("ascent", "main", 320)).burn(31, Engine("ascent", "main", 300))
    left["ascent"] = up["ascent"].tanks["main"]
    home = both.only("service", "capsule").loaded("capsule", SAMPLES)
    for delta_v, isp in ((612.3, 328), (276.5, 328), (333.6, 328), (3.2, 301), (3.2, 301)):
        home = home.burn(delta_v, Engine("service", "main", isp))
    left["service"] = home["service"].tanks["main"]
    left["capsule"] = home.only("capsule").burn(5.0, Engine("capsule", "rcs", 301))["capsule"].tanks["rcs"]
    return left


SPACENET = {
    "upper stage": 3592.1,
    "departure in orbit": 115_333.9,
    "departure": 9_531.7,
    "descent 0": 25_325.0,
    "descent 1": 12_536.0,
    "descent 2": 830.4,
    "ascent": 38.8,
    "service": 3_115.1,
    "capsule": 160.3,
}


def test_spacenet_quick_start_1(claim):
    left = flight()
    worst = max(abs(left[name] - kg) for name, kg in SPACENET.items())
    claim(
        "lunar stack, propellant left in nine tanks",
        oracle="SpaceNet quick start 1",
        measured=worst,
        at_most=1,
        unit="kg",
    )


@pytest.mark.parametrize(
    ("days", "outside_h", "published"), [(7, 80, (113.46, 68.22, 176.30)), (14, 160, (226.93, 136.42, 352.60))]
)
def test_spacenet_quick_start_2(days, outside_h, published, claim):
    found = consumables.needed(4, days, outside_h)
    worst = max(abs(kg - want) for kg, want in zip(found.values(), published))
    oracle = "SpaceNet quick start 2"
    claim(f"water, food and gases of 4 crew for {days} d", oracle=oracle, measured=worst, at_most=0.02, unit="kg")


def test_too_little_propellant_says_how_much_is_missing():
    stack = Stack((Element("stage", 1_000, {"main": 1_000}),))
    with pytest.raises(NoSolution, match=r"stage main can give 2039\.\d of the 3000\.0 m/s; 960\.\d missing"):
        stack.burn(3_000, Engine("stage", "main", 300))


def test_a_burn_in_parts_is_the_burn():
    stack = Stack((Element("stage", 1_000, {"main": 1_000}),))
    engine = Engine("stage", "main", 300)
    assert stack.burn(700, engine).burn(300, engine).mass_kg == pytest.approx(stack.burn(1_000, engine).mass_kg)


def test_names_and_shares_are_checked():
    with pytest.raises(BadInput, match="no element 'sail' in the stack; it has: stage"):
        Stack((Element("stage", 1.0, {}),))["sail"]
    with pytest.raises(BadInput, match="share from 0 to 1; got 2"):
        consumables.Rates(water_recovery=2)
