"""GMAT script: the body's state at one epoch, the forces, and the flight to the end of the span, burn by burn."""

import re
from collections.abc import Sequence
from typing import Final

from motherlode import epochs
from motherlode.ephemeris.sampled import Burn
from motherlode.export.samples import Samples, several
from motherlode.units import DAY

MODIFIED_JD: Final = 2_430_000.0  # GMAT's modified Julian date counts from here
PLANETS: Final = "Sun, Mercury, Venus, Earth, Luna, Mars, Jupiter, Saturn, Uranus, Neptune, Pluto"
SAME: Final = 1.0  # s within which a burn belongs to the epoch where two arcs meet


def text(samples: Samples | Sequence[Samples], *, forces: str = "", burns: Sequence[Burn] = ()) -> str:
    """A script that flies the first of some samples to the epoch of the last under Sun and planets.

    samples   or several arcs of one body; an arc that is marked as two-body is flown under the Sun alone
    burns     given where two arcs meet
    """
    arcs = several(samples)
    first, last = arcs[0], arcs[-1]
    body = identifier(first.name)
    models = {"Alone" if arc.two_body else "All" for arc in arcs}
    kicks = [burn for burn in burns if first.span[0] < burn.epoch_tdb < last.span[1]]
    end = " ".join(f"{part:.9f}" for part in last.states[-1].tolist())
    return f"""% {first.name}, heliocentric ICRF, {_iso(first.span[0])} to {_iso(last.span[1])} TDB
% {forces or "motion of motherlode"}
% state of motherlode at the end, km and km/s: {end}

Create CoordinateSystem SunICRF;
SunICRF.Origin = Sun;
SunICRF.Axes = ICRF;

{_spacecraft(body, first)}
{"".join(_model(name) for name in sorted(models))}{"".join(_kick(k, burn) for k, burn in enumerate(kicks))}
Create ReportFile Path;
Path.Filename = '{body}.txt';
Path.Add = {{{body}.TDBModJulian, {body}.SunICRF.X, {body}.SunICRF.Y, {body}.SunICRF.Z, \
{body}.SunICRF.VX, {body}.SunICRF.VY, {body}.SunICRF.VZ}};

BeginMissionSequence;
{"".join(_sequence(body, arcs, kicks))}"""


def identifier(name: str) -> str:
    """A name that GMAT accepts: letters, digits and underscores, a letter first."""
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    return plain if plain[:1].isalpha() else f"A{plain}"


def _iso(epoch: float) -> str:
    return epochs.iso(epoch, digits=3)


def _spacecraft(body: str, first: Samples) -> str:
    x, y, z, vx, vy, vz = first.states[0].tolist()
    return f"""Create Spacecraft {body};
{body}.DateFormat = TDBModJulian;
{body}.Epoch = '{epochs.to_jd(first.span[0]) - MODIFIED_JD:.12f}';
{body}.CoordinateSystem = SunICRF;
{body}.DisplayStateType = Cartesian;
{body}.X = {x:.9f};
{body}.Y = {y:.9f};
{body}.Z = {z:.9f};
{body}.VX = {vx:.15f};
{body}.VY = {vy:.15f};
{body}.VZ = {vz:.15f};
{body}.DryMass = 1000;
"""


def _model(name: str) -> str:
    """A force model and its propagator: under all, or under the Sun alone."""
    alone = name == "Alone"
    return f"""Create ForceModel Forces{name};
Forces{name}.CentralBody = Sun;
Forces{name}.PointMasses = {{{"Sun" if alone else PLANETS}}};
Forces{name}.RelativisticCorrection = {"Off" if alone else "On"};
Forces{name}.Drag = None;
Forces{name}.SRP = Off;
Forces{name}.ErrorControl = RSSStep;

Create Propagator Flight{name};
Flight{name}.FM = Forces{name};
Flight{name}.Type = PrinceDormand78;
Flight{name}.InitialStepSize = 3600;
Flight{name}.Accuracy = 1e-13;
Flight{name}.MinStep = 0;
Flight{name}.MaxStep = 864000;

"""


def _kick(k: int, burn: Burn) -> str:
    parts = "".join(f"Burn{k}.Element{j} = {v:.15f};\n" for j, v in zip((1, 2, 3), burn.change_km_s))
    return f"""% {_iso(burn.epoch_tdb)} TDB: {burn.what}
Create ImpulsiveBurn Burn{k};
Burn{k}.CoordinateSystem = SunICRF;
{parts}
"""


def _sequence(body: str, arcs: Sequence[Samples], kicks: Sequence[Burn]) -> list[str]:
    """One flight for each arc, and the burn at its end where there is one."""
    lines = []
    for arc in arcs:
        begin, end = arc.span
        name = "Alone" if arc.two_body else "All"
        lines.append(f"Propagate Flight{name}({body}) {{{body}.ElapsedDays = {(end - begin) / DAY:.12f}}};\n")
        lines += [f"Maneuver Burn{k}({body});\n" for k, kick in enumerate(kicks) if abs(kick.epoch_tdb - end) < SAME]
    return lines
