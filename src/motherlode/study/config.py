"""A study: every assumption of a hunt in one TOML file, checked before any work starts."""

import json
import re
import tomllib
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from motherlode import epochs
from motherlode.campaign import settings as campaigns
from motherlode.errors import BadEpoch, BadStudy
from motherlode.settlement import settings as settlement

LARGEST_FILE: Final = 1 << 20  # bytes; no honest study is longer
EXAMPLES: Final = (
    "first-light",
    "happy-valley-2003",
    "happy-valley-partners",
    "moon-race-1970s",
    "lunar-resources-1980s",
    "mars-race-1990s",
    "asteroid-programme-2003",
)

Product = Literal["water", "propellant", "metal", "pgm", "volatiles", "shielding"]
Place = Literal["earth", "leo", "geo", "eml1", "nrho", "lunar-surface", "mars-orbit", "mars-surface"]


class Section(BaseModel):
    """A part of a study: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(Section):
    """First and last departure, ISO dates (TDB)."""

    first: str = Field(default="2028-01-01", description="earliest departure from the home port")
    last: str = Field(default="2045-12-31", description="latest departure from the home port")

    @property
    def span(self) -> tuple[float, float]:
        """TDB seconds past J2000."""
        return epochs.parse(self.first), epochs.parse(self.last)

    @model_validator(mode="after")
    def _forward(self) -> Self:
        try:
            first, last = self.span
        except BadEpoch as error:
            raise ValueError(str(error)) from None
        if last < first:
            raise ValueError(f"the window ends ({self.last}) before it begins ({self.first}); swap them")
        return self


class Catalogue(Section):
    """Which asteroids are looked at."""

    asteroids: tuple[str, ...] = Field(
        default=(), description="only these, in any usual spelling; empty: the whole catalogue"
    )
    u_at_most: int = Field(
        default=9, ge=0, le=9, description="worst orbit uncertainty code; one that is missing counts as 9"
    )
    h_at_most: float = Field(default=99.0, description="faintest absolute magnitude H")
    arc_at_least_d: float = Field(default=0.0, ge=0.0, description="shortest observed arc, days")


class Access(Section):
    """There and back."""

    ports: tuple[str, ...] = Field(
        default=("earth-400km", "mars-phobos"), min_length=1, description="home ports; see `access.ports`"
    )
    window: Window = Window()
    shoemaker_helin_below_km_s: float = Field(
        default=7.0,
        gt=0.0,
        description="one-way bound from Earth orbit above which an asteroid is left out (Earth ports)",
    )
    hohmann_below_km_s: float = Field(
        default=6.0,
        gt=0.0,
        description="two-burn bound from the home planet's orbit above which one is left out (other ports)",
    )
    delta_v_below_km_s: float = Field(default=12.0, gt=0.0, description="round trip, all burns")
    duration_below_d: float = Field(default=450.0, gt=0.0, description="round trip, leaving to landing")
    stay_at_least_d: float = Field(default=8.0, ge=0.0, description="at the asteroid")
    screened: int = Field(
        default=60, ge=1, description="how many of each port, the cheapest of all, are searched and valued"
    )
    screened_large: int = Field(
        default=60,
        ge=0,
        description="how many more of each port, the cheapest of those that are large enough to mine",
    )
    large_m: float = Field(
        default=25.0, gt=0.0, description="diameter from which a rock is worth a plant, m (from H, albedo 0.14)"
    )


class Capture(Section):
    """Bringing the whole rock, or its haul, to where it is used."""

    destinations: tuple[str, ...] = Field(
        default=("sun-earth-l2", "high-lunar-orbit", "sun-mars-l1", "mars-1sol"),
        description="see `capture.destinations`",
    )
    tug: str = Field(default="sep-150kw", description="see `capture.tow`")
    tow_time_d: float = Field(default=1500.0, gt=0.0, description="time the tug may thrust, days")
    candidates: int = Field(
        default=12, ge=0, description="how many of each port, the best round trips, are looked at"
    )


class Economy(Section):
    """What it is worth where."""

    businesses: tuple[tuple[Product, Place], ...] = Field(
        default=(("water", "eml1"), ("water", "mars-orbit"), ("metal", "mars-orbit"), ("pgm", "earth")),
        min_length=1,
        description="product and place of sale",
    )
    vintage: int | None = Field(
        default=None, description="year of the price and launch tables; empty: that of the departure"
    )
    launch: Literal["low", "central", "high"] = Field(default="central", description="column of the launch prices")
    demand: Literal["elastic", "linear"] = Field(default="elastic", description="how a price answers to sales")
    discount: float = Field(default=0.10, ge=0.0, le=1.0, description="rate a year")
    sell_years: int = Field(default=10, ge=1, le=100, description="years in which the product is sold")
    fleet: int = Field(default=5, ge=1, description="missions that share the development")
    prices: Path | None = Field(default=None, description="CSV of prices instead of the packaged one")
    coefficients: dict[str, float] = Field(
        default={}, description="values instead of those in economy/coefficients.csv, by name"
    )
    caps_t: dict[str, float] = Field(
        default={},
        description="what a place buys in a year, t: by place, or as place/product such as mars-orbit/water",
    )

    @model_validator(mode="after")
    def _places_exist(self) -> Self:
        for name in self.caps_t:
            where, _, what = name.partition("/")
            if where not in get_args(Place) or (what and what not in get_args(Product)):
                raise ValueError(
                    f"caps_t has no place or place/product {name!r}; write mars-orbit or mars-orbit/water"
                )
        return self


class Report(Section):
    """What the report shows."""

    rows: int = Field(default=50, ge=1, le=500, description="asteroids in the ranked table of the report")
    porkchops: int = Field(default=4, ge=0, le=12, description="how many of the best get a porkchop")


class Study(Section):
    """Everything that decides the outcome of a hunt."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="names the folder of the run")
    title: str = Field(default="", max_length=200, description="what the study asks, in a line")
    seed: int = Field(default=2003, ge=0, description="of every random sample")
    samples: int = Field(default=1000, ge=50, le=100_000, description="Monte Carlo samples of an asteroid")
    verified_only: bool = Field(
        default=False, description="leave out compositions and methods that were only recalled"
    )
    catalogue: Catalogue = Catalogue()
    access: Access = Access()
    capture: Capture = Capture()
    economy: Economy = Economy()
    report: Report = Report()
    base: dict[str, Any] = Field(default={}, description="the base that runs it; see docs/base.md for its keys")
    crew: dict[str, Any] = Field(default={}, description="the people of the base; see docs/base.md for its keys")

    campaign: dict[str, Any] = Field(
        default={}, description="which missions, whose; see docs/campaign.md for its keys"
    )

    @model_validator(mode="after")
    def _planned(self) -> Self:
        if self.campaign:
            campaigns.read(self.campaign)  # raises BadStudy, in one line of its own
        return self

    @model_validator(mode="after")
    def _settled(self) -> Self:
        if self.base or self.crew:
            settlement.read({"base": self.base, "crew": self.crew})  # raises BadStudy, in one line of its own
        return self

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """A study from a TOML file, from the folder of a run, or by the name of an example.

        raises  BadStudy, in one line that says which key is wrong and what was expected
        """
        path = Path(path)
        if str(path) in EXAMPLES and not path.exists():
            return cls.example(str(path))
        return cls.parse(text_of(path / "study.toml" if path.is_dir() else path), origin=str(path))

    @classmethod
    def example(cls, name: str = "first-light") -> Self:
        """A study that comes with the program."""
        return cls.parse(example_text(name), origin=name)

    @classmethod
    def parse(cls, text: str, *, origin: str = "study") -> Self:
        """A study from TOML text.

        origin  what to call it in an error
        raises  BadStudy
        """
        try:
            return cls.model_validate(_table(text, origin))
        except RecursionError:
            raise BadStudy(f"{origin} is nested too deeply; see `motherlode study schema`") from None
        except ValidationError as error:
            raise BadStudy(f"{origin}: {_said(error, cls)}") from None


def _table(text: str, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # also of an integer of thousands of digits, which the TOML reader lets through
        reason = str(error).partition("; use sys.")[0]
        raise BadStudy(f"{origin} is not TOML: {reason}; see `motherlode study schema`") from None


def schema() -> dict[str, Any]:
    """JSON schema of a study file."""
    return Study.model_json_schema()


def example_text(name: str) -> str:
    """The TOML text of a study that comes with the program."""
    if name not in EXAMPLES:
        raise BadStudy(f"no example called {name!r}; choose one of: {', '.join(EXAMPLES)}")
    return (files("motherlode.study") / "examples" / f"{name}.toml").read_text("utf-8")


def text_named(study: str | Path) -> str:
    """The text of an example by its name, else of a file."""
    return example_text(str(study)) if study in EXAMPLES else text_of(Path(study))


def text_of(path: Path) -> str:
    """The text of a study file. Raises BadStudy where there is none that can be read."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadStudy(f"{path} is {path.stat().st_size} bytes long; a study is at most {LARGEST_FILE}")
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise BadStudy(f"no study file {path}; try one of the examples: {', '.join(EXAMPLES)}") from None
    except UnicodeDecodeError:
        raise BadStudy(f"{path} is not UTF-8 text; a study is a TOML file") from None
    except OSError as error:
        raise BadStudy(f"cannot read {path}: {error.strerror}") from None


def _said(error: ValidationError, model: type[BaseModel]) -> str:
    """The first complaint, in one line, with the nearest key where one is unknown."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    if first["type"] == "extra_forbidden":
        return _unknown(first["loc"], model) + more
    if first["type"] == "missing":
        return f"the key {where!r} is missing{more}"
    message = first["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    came = first["input"]
    got = f"; got {came!r}" if isinstance(came, str | int | float | bool) else ""
    return f"{where}: {message}{got}{more}"


def _unknown(place: tuple[int | str, ...], model: type[BaseModel]) -> str:
    *above, key = place
    for name in above:
        inner = model.model_fields[str(name)].annotation if str(name) in model.model_fields else None
        inner = next((a for a in (inner, *get_args(inner)) if isinstance(a, type) and issubclass(a, BaseModel)), None)
        model = inner or model
    choices = list(model.model_fields)
    nearest = get_close_matches(str(key), choices, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"the keys are: {', '.join(choices)}"
    return f"unknown key {'.'.join(map(str, place))!r}; {hint}"


def keys(model: type[BaseModel] = Study, above: str = "") -> list[dict[str, Any]]:
    """Every key of a study file: key, type, default, meaning."""
    rows: list[dict[str, Any]] = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            rows += keys(inner, f"{above}{name}.")
            continue
        default = "required" if field.is_required() else repr(field.get_default())
        rows.append({"key": above + name, "default": default, "meaning": field.description or ""})
    return rows


def to_toml(study: Study) -> str:
    """A study as the text of a TOML file."""
    return "\n".join(_lines(study.model_dump(exclude_none=True), ""))


def _lines(section: dict[str, Any], above: str) -> list[str]:
    plain = [f"{_key(key)} = {_toml(value)}" for key, value in section.items() if not isinstance(value, dict)]
    inner = [
        line
        for key, value in section.items()
        if isinstance(value, dict)
        for line in ("", f"[{above}{_key(key)}]", *_lines(value, f"{above}{_key(key)}."))
    ]
    return plain + inner


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_toml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    return json.dumps(value, default=str)  # strings, numbers and booleans are written alike in both
