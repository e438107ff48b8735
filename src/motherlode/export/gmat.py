"""GMAT script: the body's state at one epoch, the forces, and the flight to the end of the span."""

import re
from typing import Final

from motherlode import epochs
from motherlode.export.samples import Samples
from motherlode.units import DAY

MODIFIED_JD: Final = 2_430_000.0  # GMAT's modified Julian date counts from here
PLANETS: Final = "Sun, Mercury, Venus, Earth, Luna, Mars, Jupiter, Saturn, Uranus, Neptune, Pluto"


def text(samples: Samples, *, forces: str = "") -> str:
    """A script that flies the first of some samples to the epoch of the last under Sun and planets."""
    first, last = samples.span
    x, y, z, vx, vy, vz = samples.states[0].tolist()
    body = identifier(samples.name)
    epoch = f"{epochs.to_jd(first) - MODIFIED_JD:.12f}"
    end = " ".join(f"{part:.9f}" for part in samples.states[-1].tolist())
    return f"""% {samples.name}, heliocentric ICRF, {epochs.iso(first, digits=3)} to {epochs.iso(last, digits=3)} TDB
% {forces or "motion of motherlode"}
% state of motherlode at the end, km and km/s: {end}

Create CoordinateSystem SunICRF;
SunICRF.Origin = Sun;
SunICRF.Axes = ICRF;

Create Spacecraft {body};
{body}.DateFormat = TDBModJulian;
{body}.Epoch = '{epoch}';
{body}.CoordinateSystem = SunICRF;
{body}.DisplayStateType = Cartesian;
{body}.X = {x:.9f};
{body}.Y = {y:.9f};
{body}.Z = {z:.9f};
{body}.VX = {vx:.15f};
{body}.VY = {vy:.15f};
{body}.VZ = {vz:.15f};
{body}.DryMass = 1000;

Create ForceModel Forces;
Forces.CentralBody = Sun;
Forces.PointMasses = {{{PLANETS}}};
Forces.RelativisticCorrection = On;
Forces.Drag = None;
Forces.SRP = Off;
Forces.ErrorControl = RSSStep;

Create Propagator Flight;
Flight.FM = Forces;
Flight.Type = PrinceDormand78;
Flight.InitialStepSize = 3600;
Flight.Accuracy = 1e-13;
Flight.MinStep = 0;
Flight.MaxStep = 864000;

Create ReportFile Path;
Path.Filename = '{body}.txt';
Path.Add = {{{body}.TDBModJulian, {body}.SunICRF.X, {body}.SunICRF.Y, {body}.SunICRF.Z, \
{body}.SunICRF.VX, {body}.SunICRF.VY, {body}.SunICRF.VZ}};

BeginMissionSequence;
Propagate Flight({body}) {{{body}.ElapsedDays = {(last - first) / DAY:.12f}}};
"""


def identifier(name: str) -> str:
    """A name that GMAT accepts: letters, digits and underscores, a letter first."""
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    return plain if plain[:1].isalpha() else f"A{plain}"
