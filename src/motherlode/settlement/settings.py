# ruff: noqa: RUF009 - every default is a field with its meaning, made by `said`
"""What a study may say about a base and its people: every key, its default and its meaning.

Frozen dataclasses filled from the plain tables of a study file; an unknown key or name is refused with the nearest.
"""

import sys
import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from motherlode import epochs
from motherlode.errors import BadStudy, MotherlodeError
from motherlode.settlement import equipment

LARGEST: Final = sys.float_info.max
COMMODITIES: Final = ("water", "metal", "nitrogen", "carbon", "oxygen")
PERSONALITIES: Final = ("mixed", "agreeable", "social", "reactive", "neurotic")
STOCKS: Final = ("food", "water", "oxygen", "nitrogen", "fuel", "oxidiser", "metal", "spares")


def said(text: str, default: Any = MISSING, **more: Any) -> Any:
    """A field with its meaning."""
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata={"says": text, **more})
    return field(default=default, metadata={"says": text, **more})


@dataclass(frozen=True)
class Delivery:
    """What an asteroid brings to the base."""

    date: str = said("arrival at the base")
    commodity: str = said(f"one of {', '.join(COMMODITIES)}")
    kg: float = said("mass delivered to the surface", at_least=0.0)
    source: str = said("where it comes from; 'capture': only where the operation was flown", "asteroid")


@dataclass(frozen=True)
class Operation:
    """The capture that the base flies: work to be done before a burn that does not wait."""

    burn: str = said("date of the capture burn")
    name: str = said("what is captured", "the capture")
    mission: str = said("project of the campaign that it is: where the plan flies it, its end is the burn", "")
    retries: tuple[str, ...] = said("later dates on which the burn can be made", ())
    work_h: float = said("crew-hours of preparation", 8000.0, at_least=0.0)
    begins: str = said("first day of the preparation; empty: a year before the burn", "")
    slack_d: float = said("days by which the plan wants to be ready early", 30.0, at_least=0.0)
    fuel_kg: float = said("methane that the base makes for it; oxygen goes with it", 0.0, at_least=0.0)
    team: str = said("employer of the operations team; empty: the largest", "")
    value_usd: float = said("what a capture on the first date is worth", 0.0, at_least=0.0)
    late_share: float = said("share of that value left on a later date", 0.5, at_least=0.0, at_most=1.0)


@dataclass(frozen=True)
class Base:
    """The base: its start, its ships, its stocks and what may go wrong."""

    name: str = said("of the base", "Happy Valley")
    start: str = said("first day", "1995-09-01")
    end: str = said("last day", "2003-12-31")
    people: int = said("at the start", 12, at_least=1, at_most=2000)
    seats: int = said("for people in each window", 18, at_least=0, at_most=2000)
    seats_growth: float = said("factor on the seats from window to window", 1.25, at_least=0.1, at_most=10.0)
    landed_t: float = said("cargo landed in each window, t", 250.0, at_least=0.0)
    landed_growth: float = said("factor on the cargo from window to window", 1.25, at_least=0.1, at_most=10.0)
    tour_windows: int = said("windows that a person stays; 0: for good", 3, at_least=0, at_most=50)
    volume_m3_per_person: float = said(
        "pressurised volume planned for each person", 60.0, at_least=25.0, at_most=1000.0
    )
    ice: bool = said("ground ice is mined for water", True)
    reactors: bool = said("power from fission; otherwise from the Sun", True)
    water_recovery: float = said("share of water that the processors give back", 0.98, at_least=0.0, at_most=1.0)
    reserve_d: float = said("days of stocks beyond the next ship", 240.0, at_least=0.0, at_most=2000.0)
    spares_margin: float = said(
        "spares sent, as a multiple of those expected to be used", 1.5, at_least=0.0, at_most=20.0
    )
    failure_shape: float = said("of the gamma law of each machine's failure rate", 1.5, at_least=0.1, at_most=100.0)
    lander_t: float = said("landed by one lander, t", 25.0, at_least=0.1, at_most=500.0)
    lander_loss: float = said("chance that a cargo lander is lost; judgement", 0.03, at_least=0.0, at_most=1.0)
    ship_loss: float = said("chance that a ship with people is lost; judgement", 0.002, at_least=0.0, at_most=1.0)
    people_per_ship: int = said("in one ship", 12, at_least=1, at_most=500)
    storms_per_year: float = said(
        "global dust storms per Earth year; judgement: one in three Mars years", 0.177, at_least=0.0, at_most=5.0
    )
    storm_d: float = said("length of a global storm, days", 123.0, at_least=0.0, at_most=600.0)
    storm_light: float = said("share of solar power left in a storm; judgement", 0.2, at_least=0.0, at_most=1.0)
    crops_m2: float = said("area of crops; 0: all food is shipped", 0.0, at_least=0.0, at_most=1e6)
    utilisation: float = said(
        "share of the working time kept for science and trade", 0.085, at_least=0.0, at_most=0.9
    )
    machines: Mapping[str, int] = said("counts at the start; empty: what the people need", {})
    stocks: Mapping[str, float] = said("kg at the start by stock; what is not named lasts past the first ship", {})
    cargo: Mapping[str, float] = said("factor on what each window brings, by stock", {})
    delivery: tuple[Delivery, ...] = said("what asteroids bring", ())
    operation: Operation | None = said("the capture that the base flies", None)
    losses_allowed: bool = said("accept a plan that runs out of something even when nothing fails", False)


@dataclass(frozen=True)
class Group:
    """People of one nation and one employer."""

    nation: str = said("country")
    employer: str = said("who pays them")
    share: float = said("of all people", 1.0, at_least=0.0)
    pay: float = said("what is paid over what was promised", 1.0, at_least=0.0, at_most=5.0)
    fairness: float = said(
        "share of the proceeds over the fair one, of their partner", 1.0, at_least=0.0, at_most=2.0
    )


@dataclass(frozen=True)
class Crew:
    """The people: groups, how they are led, and the intervals of every judgement."""

    group: tuple[Group, ...] = said("groups by nation and employer", (Group("one", "one"),))
    autonomy: float = said("how much the base decides itself", 0.4, at_least=0.0, at_most=1.0)
    leadership: float = said("of the commander", 0.5, at_least=0.0, at_most=1.0)
    news_delay_d: float = said("until news from home is let through", 1.0, at_least=0.0, at_most=60.0)
    enforcement: float = said("share of people who may sanction others", 0.04, at_least=0.0, at_most=0.5)
    sanction_weeks: float = said("longest sanction", 4.0, at_least=0.0, at_most=104.0)
    bargaining: float = said("share of a stoppage that offers and talks cut off", 0.25, at_least=0.0, at_most=1.0)
    mixing: float = said("how much groups mix: 0 keep to themselves, 1 fully", 0.5, at_least=0.0, at_most=1.0)
    personality: str = said(f"a switch, not a prediction: one of {', '.join(PERSONALITIES)}", "mixed")
    third_quarter: float = said(
        "extra hardship in the third quarter of a stay; none was found", 0.0, at_least=0.0, at_most=1.0
    )
    beliefs: Mapping[str, tuple[float, float]] = said("low and high of each judgement of the model", {})


@dataclass(frozen=True)
class Settings:
    """A base and its people."""

    base: Base = field(default_factory=Base)
    crew: Crew = field(default_factory=Crew)

    @property
    def span(self) -> tuple[float, float]:
        """First and last day, TDB s past J2000."""
        return epochs.parse(self.base.start), epochs.parse(self.base.end)


def read(sections: Mapping[str, Any]) -> Settings:
    """Settings from the ``base`` and ``crew`` tables of a study.

    raises  BadStudy, in one line that says which key is wrong and what was expected
    """
    try:
        settings: Settings = _filled(
            Settings, {key: value for key, value in sections.items() if value is not None}, ""
        )
        _checked(settings)
    except BadStudy:
        raise
    except MotherlodeError as error:
        raise BadStudy(f"base: {error}") from None
    return settings


def keys(kind: type = Settings, above: str = "") -> list[dict[str, Any]]:
    """Every key of the two tables: key, default, meaning."""
    rows: list[dict[str, Any]] = []
    for one in fields(kind):
        inner = _inner(get_type_hints(kind)[one.name])
        if inner is not None:
            rows += keys(inner, f"{above}{one.name}.")
        else:
            default = "required" if one.default is MISSING and one.default_factory is MISSING else repr(_default(one))
            rows.append({"key": above + one.name, "default": default, "meaning": one.metadata["says"]})
    return rows


def _default(one: Any) -> Any:
    return one.default if one.default is not MISSING else one.default_factory()


def _inner(hint: Any) -> type | None:
    """The dataclass inside a type such as ``tuple[Delivery, ...]`` or ``Operation | None``."""
    parts = [hint, *get_args(hint)]
    return next((part for part in parts if isinstance(part, type) and is_dataclass(part)), None)


def _filled(kind: type, values: Any, where: str) -> Any:
    if not isinstance(values, Mapping):
        raise BadStudy(f"{where} must be a table of keys; got {values!r}")
    hints, known = get_type_hints(kind), {one.name: one for one in fields(kind)}
    for key in values:
        if key not in known:
            nearest = get_close_matches(str(key), known, n=1, cutoff=0.5)
            hint = f"did you mean {nearest[0]!r}?" if nearest else f"the keys are: {', '.join(known)}"
            raise BadStudy(f"unknown key {_join(where, key)!r}; {hint}")
    missing = [
        name
        for name, one in known.items()
        if one.default is MISSING and one.default_factory is MISSING and name not in values
    ]
    if missing:
        raise BadStudy(f"the key {_join(where, missing[0])!r} is missing: {known[missing[0]].metadata['says']}")
    return kind(
        **{key: _value(hints[key], value, known[key].metadata, _join(where, key)) for key, value in values.items()}
    )


def _join(where: str, key: Any) -> str:
    return f"{where}.{key}" if where else str(key)


def _value(hint: Any, value: Any, limits: Mapping[str, Any], where: str) -> Any:
    inner = _inner(hint)
    if get_origin(hint) is tuple and inner is not None:
        if not isinstance(value, list | tuple):
            raise BadStudy(f"{where} must be a list of tables; got {value!r}")
        return tuple(_filled(inner, item, f"{where}[{k}]") for k, item in enumerate(value))
    if inner is not None:
        return _filled(inner, value, where)
    return _plain(hint, value, limits, where)


def _plain(hint: Any, value: Any, limits: Mapping[str, Any], where: str) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        hint = get_args(hint)[0]
    if hint is float or hint is int:
        return _number(hint, value, limits, where)
    if hint is bool or hint is str:
        if not isinstance(value, hint):
            raise BadStudy(f"{where} must be {'true or false' if hint is bool else 'a text'}; got {value!r}")
        return value
    if get_origin(hint) is tuple:
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise BadStudy(f"{where} must be a list of texts; got {value!r}")
        return tuple(value)
    return _mapping(hint, value, where)


def _number(kind: type, value: Any, limits: Mapping[str, Any], where: str) -> Any:
    finite = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
    if not finite or (kind is int and value != int(value)):
        raise BadStudy(f"{where} must be a {'whole ' if kind is int else ''}number; got {repr(value)[:40]}")
    low, high = limits.get("at_least", -float("inf")), limits.get("at_most", float("inf"))
    if not low <= value <= high:
        raise BadStudy(f"{where} must be {_range(low, high)}; got {value:g}")
    return kind(value)


def _range(low: float, high: float) -> str:
    if high == float("inf"):
        return f"at least {low:g}"
    return f"from {low:g} to {high:g}"


def _mapping(hint: Any, value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise BadStudy(f"{where} must be a table of numbers; got {value!r}")
    if get_origin(get_args(hint)[1]) is tuple:
        return {key: _interval(item, f"{where}.{key}") for key, item in value.items()}
    kind = get_args(hint)[1]
    return {key: _number(kind, item, {"at_least": 0}, f"{where}.{key}") for key, item in value.items()}


def _interval(value: Any, where: str) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise BadStudy(f"{where} must be a low and a high number; got {value!r}")
    low, high = (_number(float, item, {}, where) for item in value)
    if high < low:
        raise BadStudy(f"{where} goes from {low:g} down to {high:g}; write the low number first")
    return low, high


def _checked(settings: Settings) -> None:
    """What single keys cannot say: dates in order, names that exist."""
    base, (first, last) = settings.base, settings.span
    if last <= first:
        raise BadStudy(f"base.end {base.end} is not after base.start {base.start}")
    for name in base.machines:
        equipment.find(name)
    _choices("base.stocks", base.stocks, STOCKS)
    _choices("base.cargo", base.cargo, STOCKS)
    _choices("base.delivery", [one.commodity for one in base.delivery], COMMODITIES)
    _choices("crew.personality", [settings.crew.personality], PERSONALITIES)
    dates = {f"base.delivery[{k}].date": one.date for k, one in enumerate(base.delivery)}
    if base.operation:
        dates |= {"base.operation.burn": base.operation.burn} | {
            f"base.operation.retries[{k}]": date for k, date in enumerate(base.operation.retries)
        }
    for where, date in dates.items():
        if not first <= epochs.parse(date) <= last:
            raise BadStudy(f"{where} {date} is outside {base.start} to {base.end}, the life of the base")
    _people(settings)


def _people(settings: Settings) -> None:
    groups, operation = settings.crew.group, settings.base.operation
    if not groups or sum(group.share for group in groups) <= 0:
        raise BadStudy("crew.group needs at least one group with a share above zero")
    employers = {group.employer for group in groups}
    if operation and operation.team and operation.team not in employers:
        raise BadStudy(
            f"base.operation.team {operation.team!r} employs nobody; choose one of: {', '.join(sorted(employers))}"
        )


def _choices(where: str, names: Any, choices: tuple[str, ...]) -> None:
    for name in names:
        if name not in choices:
            nearest = get_close_matches(str(name), choices, n=1, cutoff=0.5)
            hint = f"did you mean {nearest[0]!r}?" if nearest else f"choose one of: {', '.join(choices)}"
            raise BadStudy(f"{where}: unknown {name!r}; {hint}")
