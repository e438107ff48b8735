"""The campaign part of a study: from a plain table to frozen settings, every key checked, every assumption named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any, Final

from motherlode import epochs
from motherlode.campaign import eras, law
from motherlode.campaign.expeditions import Expedition
from motherlode.campaign.network import Launcher
from motherlode.campaign.options import Craft
from motherlode.campaign.parties import RULES as SHARING
from motherlode.campaign.parties import Party
from motherlode.campaign.risk import Hazards
from motherlode.campaign.rules import Delivery, Rules
from motherlode.campaign.supply import Base
from motherlode.errors import BadEpoch, BadInput, BadStudy, UnknownName
from motherlode.units import TONNE

RELATIONS: Final = ("partners", "rivals")
M_USD: Final = 1e6
OPEN: Final = (-float("inf"), float("inf"))


@dataclass(frozen=True)
class Asteroids:
    """Asteroids of the campaign by name, and what may be done with them."""

    names: tuple[str, ...] = ()
    businesses: tuple[tuple[str, str], ...] = (("water", "eml1"), ("pgm", "earth"))
    architectures: tuple[str, ...] = ("mine", "capture", "survey")
    destinations: tuple[str, ...] = ("sun-earth-l2", "mars-1sol")
    tug: str = "sep-150kw"
    windows: int = 3
    dates: int = 1
    shortlist: int = 0  # and so many of the best of the hunt of the same study
    foresight: bool = False  # may bodies be used that were found after the campaign begins
    prize_musd: float = 0.0  # what a captured body is worth to the parties beyond its sale; an assumption


@dataclass(frozen=True)
class RaceSettings:
    """A race of the parties for one prize: an expedition's target."""

    target: str = "mars"
    prize_usd: float = 0.0
    cost_usd: Mapping[str, float] = field(default_factory=dict)
    ready_tdb: Mapping[str, float] = field(default_factory=dict)
    mission_success: Mapping[str, float] = field(default_factory=dict)
    launch_success: Mapping[str, float] = field(default_factory=dict)
    attempts: int = 3


@dataclass(frozen=True)
class SupplySettings:
    """Supply of a base on Mars over the windows of some years, worked out as a network beside the plan."""

    first_tdb: float
    last_tdb: float
    base: Base
    objective: str = "imleo"


@dataclass(frozen=True)
class Settings:
    """Everything that decides a campaign.

    ``relation``     whether the parties fly together or against each other
    ``assumptions``  sentences that stand beside every result; ``legal_rule`` replaces the acts in force
    """

    first_tdb: float
    last_tdb: float
    rules: Rules
    launchers: tuple[Launcher, ...] = ()
    launch_success: Mapping[str, float] = field(default_factory=dict)
    crafts: tuple[Craft, ...] = ()
    parties: tuple[Party, ...] = ()
    expeditions: tuple[Expedition, ...] = ()
    asteroids: Asteroids = field(default_factory=Asteroids)
    hazards: Hazards = field(default_factory=Hazards)
    race: RaceSettings | None = None
    supply: SupplySettings | None = None
    relation: str = "partners"
    legal_rule: str | None = None
    sharing: str = "capital"  # the rule that the partners have agreed on: what the people of their base hear of
    home: str = "earth"
    port: str = "earth-400km"
    samples: int = 128
    futures: int = 2000
    gap: float = 0.005
    time_limit_s: float = 60.0
    exact_parties: int = 8  # up to so many every coalition is solved; beyond, and beyond twelve, shares are sampled
    discount: float = 0.10
    title: str = ""
    assumptions: tuple[str, ...] = ()
    sources: tuple[Mapping[str, str], ...] = ()


KEYS: Final = (
    "first", "last", "objective", "risk_level", "discount", "carry", "reinvest", "teams", "budget_musd_per_year",
    "caps_t", "required", "deliveries", "launchers", "crafts", "parties", "expeditions", "asteroids", "hazards",
    "race", "supply", "relation", "legal_rule", "home", "port", "samples", "futures", "gap", "time_limit_s",
    "assumptions", "pads", "exact_parties", "sharing",
)  # fmt: skip


def read(table: Mapping[str, Any]) -> Settings:
    """Settings of the ``[campaign]`` table of a study.

    raises  BadStudy in one line: which key, what came, what was expected
    """
    _known("campaign", table, KEYS)
    try:
        return _read(table)
    except (BadEpoch, UnknownName) as error:
        raise BadStudy(f"campaign: {error}") from None
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadStudy(f"campaign: a value has the wrong type ({error})") from None
    except BadStudy:
        raise
    except BadInput as error:
        raise BadStudy(f"campaign: {error}") from None


def _read(table: Mapping[str, Any]) -> Settings:
    first, last = (epochs.parse(str(_needed("campaign", table, key))) for key in ("first", "last"))
    if last <= first:
        raise BadStudy(f"campaign: last ({table['last']}) is not after first ({table['first']}); swap them")
    years = int(epochs.iso(first)[:4]), int(epochs.iso(last)[:4])
    parties = tuple(_party(f"campaign.parties[{i}]", row, years) for i, row in enumerate(table.get("parties", ())))
    launchers = [
        _launcher(f"campaign.launchers[{i}]", row, years) for i, row in enumerate(table.get("launchers", ()))
    ]
    expeditions = tuple(
        _expedition(f"campaign.expeditions[{i}]", r) for i, r in enumerate(table.get("expeditions", ()))
    )
    crafts = [_craft(f"campaign.crafts[{i}]", row) for i, row in enumerate(table.get("crafts", ()))]
    relation, rule = table.get("relation", "partners"), table.get("legal_rule")
    _choice("campaign.relation", relation, RELATIONS)
    _choice("campaign.sharing", table.get("sharing", "capital"), SHARING)
    if rule is not None:
        _choice("campaign.legal_rule", rule, law.RULES)
    return Settings(
        first,
        last,
        _rules(table, years, parties, expeditions),
        tuple(found for found, _, _ in launchers),
        {found.name: works for found, works, _ in launchers},
        tuple(found for found, _ in crafts),
        parties,
        expeditions,
        _asteroids(table.get("asteroids", {})),
        _filled("campaign.hazards", Hazards, table.get("hazards", {})),
        _race(table["race"], parties) if "race" in table else None,
        _supply(table["supply"], first, last) if "supply" in table else None,
        relation,
        rule,
        discount=float(table.get("discount", 0.10)),
        assumptions=tuple(map(str, table.get("assumptions", ()))),
        sources=(*(source for _, _, source in launchers), *(source for _, source in crafts if source)),
        **{
            key: table[key]
            for key in ("home", "port", "samples", "futures", "gap", "time_limit_s", "exact_parties", "sharing")
            if key in table
        },
    )


def _rules(
    table: Mapping[str, Any], years: tuple[int, int], parties: Sequence[Party], expeditions: Sequence[Expedition]
) -> Rules:
    from motherlode.campaign.parties import pooled

    money, pads = pooled(parties)
    if "budget_musd_per_year" in table:
        money = _money("campaign.budget_musd_per_year", table["budget_musd_per_year"], years)
    pads |= {str(k): float(v) for k, v in table.get("pads", {}).items()}
    choices = {
        key: table[key] for key in ("objective", "risk_level", "discount", "carry", "reinvest") if key in table
    }
    wants = [_delivery(f"campaign.deliveries[{i}]", row) for i, row in enumerate(table.get("deliveries", ()))]
    caps = {}
    for name, tonnes in table.get("caps_t", {}).items():
        product, _, place = str(name).partition(" to ")
        caps[product, place] = float(tonnes) * TONNE
    return Rules(
        years,
        budget_usd=money,
        pads=pads,
        teams=float(table.get("teams", float("inf"))),
        caps_kg=caps,
        required=tuple(table.get("required", ())),
        deliveries=tuple(wants),
        precedence=_order(expeditions),
        **choices,
    )


def _order(expeditions: Sequence[Expedition]) -> dict[str, str]:
    """Which project must have ended before which departs; the turns of a repeated one follow each other."""
    names, order = {e.name for e in expeditions}, dict[str, str]()
    for expedition in expeditions:
        if expedition.after and expedition.after not in names:
            raise BadStudy(
                f"campaign.expeditions: {expedition.name!r} comes after {expedition.after!r}, which is not there; "
                f"the study has: {', '.join(sorted(names))}"
            )
        turns = _turns(expedition)
        before = next((_turns(e)[0] for e in expeditions if e.name == expedition.after), "")
        order |= {turn: previous for turn, previous in zip(turns, (before, *turns)) if previous}
    return order


def _turns(expedition: Expedition) -> list[str]:
    if expedition.repeat == 1:
        return [expedition.name]
    return [f"{expedition.name} {turn + 1}" for turn in range(expedition.repeat)]


def _delivery(where: str, row: Mapping[str, Any]) -> Delivery:
    _known(where, row, ("product", "place", "tonnes", "by_year"))
    values = [_needed(where, row, key) for key in ("product", "place", "tonnes", "by_year")]
    return Delivery(str(values[0]), str(values[1]), float(values[2]) * TONNE, int(values[3]))


def _launcher(
    where: str, row: Mapping[str, Any], years: tuple[int, int]
) -> tuple[Launcher, float, Mapping[str, str]]:
    _known(where, row, ("name", "record", "owner", "price_musd", "success", "capacity_t", "first", "last", "pad"))
    name = str(_needed(where, row, "name"))
    record = eras.launcher(str(row.get("record", name)))
    capacity = float(row["capacity_t"]) * TONNE if "capacity_t" in row else record.leo_kg
    if capacity is None:
        raise BadStudy(f"{where}: nobody states what {record.name} lifts to low orbit; give capacity_t")
    first, last = row.get("first", record.first), row.get("last", record.last or years[1])
    if first is None:
        raise BadStudy(f"{where}: {record.name} never flew; give the year of its first flight as first")
    span = epochs.parse(f"{first}-01-01"), epochs.parse(f"{last}-12-31")
    changed = [key for key in ("capacity_t", "first", "last") if key in row]
    status = f"assumption: {', '.join(changed)} as the study says" if changed else record.status
    source = {"item": name, "source": record.source, "status": status}
    found = Launcher(name, capacity, float(row.get("price_musd", 0.0)) * M_USD, str(row.get("pad", "")), span)
    owned = Launcher(found.name, found.capacity_kg, found.price_usd, found.pad, span, str(row.get("owner", "")))
    return owned, float(row.get("success", 0.95)), source


def _craft(where: str, row: Mapping[str, Any]) -> tuple[Craft, Mapping[str, str] | None]:
    keys = ("name", "engine", "propulsion", "parking_t", "fleet", "price_musd", "first", "last", "owner")
    _known(where, row, keys)
    source, isp, base = None, None, row.get("propulsion")
    if "engine" in row:
        record = eras.engine(str(row["engine"]))
        base, isp = record.base, record.isp_s
        source = {
            "item": f"{_needed(where, row, 'name')} ({record.name})",
            "source": record.source,
            "status": record.status,
        }
        if record.first is None and "first" not in row:
            raise BadStudy(f"{where}: {record.name} never flew; give the year from which it could as first")
    if base is None:
        raise BadStudy(f"{where}: give an engine or a propulsion")
    first = row.get("first", eras.engine(str(row["engine"])).first if "engine" in row else None)
    span = (
        epochs.parse(f"{first}-01-01") if first else OPEN[0],
        epochs.parse(f"{row['last']}-12-31") if "last" in row else OPEN[1],
    )
    name, parking = str(_needed(where, row, "name")), float(row.get("parking_t", 60.0)) * TONNE
    fleet, price = float(row.get("fleet", float("inf"))), float(row.get("price_musd", 0.0)) * M_USD
    return Craft(name, str(base), parking, fleet, price, span, str(row.get("owner", "")), isp), source


def _party(where: str, row: Mapping[str, Any], years: tuple[int, int]) -> Party:
    keys = ("name", "budget_musd_per_year", "pads", "skills", "claims", "in_kind_musd", "home")
    _known(where, row, keys)
    home = str(row.get("home", "earth"))
    _choice(f"{where}.home", home, ("earth", "mars"))
    return Party(
        str(_needed(where, row, "name")),
        _money(f"{where}.budget_musd_per_year", row.get("budget_musd_per_year", 0.0), years),
        {str(k): float(v) for k, v in row.get("pads", {}).items()},
        tuple(row.get("skills", ())),
        tuple(row.get("claims", ())),
        {str(k): float(v) * M_USD for k, v in row.get("in_kind_musd", {}).items()},
        home,
    )


def _money(where: str, value: Any, years: tuple[int, int]) -> dict[int, float]:
    """Dollars by year: one number for all, or a table of "year" -> M$ that holds until the next year named."""
    span = range(years[0], years[1] + 1)
    if not isinstance(value, Mapping):
        return dict.fromkeys(span, float(value) * M_USD)
    steps = {int(year): float(musd) * M_USD for year, musd in value.items()}
    if not steps:
        raise BadStudy(f'{where}: give a number or a table such as {{ "1970" = 3000, "1975" = 5000 }}')
    return {year: steps[max((s for s in steps if s <= year), default=min(steps))] for year in span}


MOST_TURNS: Final = 100  # of one expedition that is flown again and again
_EXPEDITION_UNITS: Final = {"cost_musd": "cost_usd", "value_musd": "value_usd"}


def _expedition(where: str, row: Mapping[str, Any]) -> Expedition:
    renamed = {_EXPEDITION_UNITS.get(key, key): value for key, value in row.items()}
    for key in ("cost_usd", "value_usd"):
        if key in renamed:
            renamed[key] = float(renamed[key]) * M_USD
    for key in ("stay_d", "flight_d", "crafts", "needs"):
        if key in renamed:
            renamed[key] = tuple(renamed[key])
    allowed = {f.name for f in fields(Expedition)} - {"cost_usd", "value_usd"} | set(_EXPEDITION_UNITS)
    _known(where, row, sorted(allowed))
    for key in ("name", "target", "cost_musd"):
        _needed(where, row, key)
    found = Expedition(**renamed)
    if not (isinstance(found.repeat, int) and 1 <= found.repeat <= MOST_TURNS):
        raise BadStudy(f"{where}.repeat must be a whole number from 1 to {MOST_TURNS}; got {found.repeat!r}")
    return found


def _asteroids(row: Mapping[str, Any]) -> Asteroids:
    changed = dict(row)
    for key in ("names", "architectures", "destinations"):
        if key in changed:
            changed[key] = tuple(changed[key])
    if "businesses" in changed:
        changed["businesses"] = tuple((str(p), str(q)) for p, q in changed["businesses"])
    found: Asteroids = _filled("campaign.asteroids", Asteroids, changed)
    return found


def _race(row: Mapping[str, Any], parties: Sequence[Party]) -> RaceSettings:
    keys = ("target", "prize_musd", "cost_musd", "ready", "mission_success", "launch_success", "attempts")
    _known("campaign.race", row, keys)
    names = [p.name for p in parties]
    for key in ("cost_musd", "ready", "mission_success", "launch_success"):
        for name in row.get(key, {}):
            _choice(f"campaign.race.{key}", name, names)
    return RaceSettings(
        str(row.get("target", "mars")),
        float(row.get("prize_musd", 0.0)) * M_USD,
        {k: float(v) * M_USD for k, v in row.get("cost_musd", {}).items()},
        {k: epochs.parse(str(v)) for k, v in row.get("ready", {}).items()},
        {k: float(v) for k, v in row.get("mission_success", {}).items()},
        {k: float(v) for k, v in row.get("launch_success", {}).items()},
        int(row.get("attempts", 3)),
    )


def _supply(row: Mapping[str, Any], first: float, last: float) -> SupplySettings:
    keys = {f.name for f in fields(Base)} - {"cargo_kg", "cabin_kg"} | {"cargo_t", "cabin_t"}
    _known("campaign.supply", row, sorted(keys | {"first", "last", "objective"}))
    asked: dict[str, Any] = {
        k.replace("_t", "_kg"): float(v) * TONNE for k, v in row.items() if k in ("cargo_t", "cabin_t")
    }
    asked |= {k: v for k, v in row.items() if k in keys and k not in ("cargo_t", "cabin_t")}
    objective = str(row.get("objective", "imleo"))
    _choice("campaign.supply.objective", objective, ("imleo", "cost"))
    dates = [
        epochs.parse(str(row[key])) if key in row else other for key, other in (("first", first), ("last", last))
    ]
    return SupplySettings(dates[0], dates[1], Base(**asked), objective)


def _filled(where: str, kind: Any, row: Mapping[str, Any]) -> Any:
    _known(where, row, [f.name for f in fields(kind)])
    return kind(**row)


def _known(where: str, row: Any, keys: Sequence[str]) -> None:
    if not isinstance(row, Mapping):
        raise BadStudy(f"{where}: expected a table, got {type(row).__name__}")
    for key in row:
        if key not in keys:
            near = get_close_matches(key, keys, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"choose among: {', '.join(keys)}"
            raise BadStudy(f"{where}: unknown key {key!r}; {hint}")


def _needed(where: str, row: Mapping[str, Any], key: str) -> Any:
    if key not in row:
        raise BadStudy(f"{where}: the key {key!r} is missing")
    return row[key]


def _choice(where: str, value: Any, choices: Sequence[str]) -> None:
    if value not in choices:
        raise BadStudy(f"{where}: got {value!r}; choose one of: {', '.join(choices)}")
