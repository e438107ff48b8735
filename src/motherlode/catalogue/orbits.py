"""Orbits of the catalogue's asteroids: published elements in, movers in km, s and rad out."""

from motherlode import epochs
from motherlode.ephemeris.orbit import Orbit
from motherlode.tables import Table
from motherlode.units import AU, DEG


def of(table: Table) -> Orbit:
    """Orbits of the rows of a catalogue, named by designation.

    table    with the element columns of the catalogue: au, deg, epoch in TT
    returns  Orbit of shape (rows,): heliocentric, ecliptic J2000, epoch in TDB s past J2000
    """
    return Orbit(
        name=table["designation"],
        epoch_tdb=epochs.from_jd_tt(table["epoch_jd_tt"]),
        semi_major_axis_km=table["semi_major_axis_au"] * AU,
        eccentricity=table["eccentricity"],
        inclination_rad=table["inclination_deg"] * DEG,
        node_rad=table["node_deg"] * DEG,
        perihelion_argument_rad=table["perihelion_argument_deg"] * DEG,
        mean_anomaly_rad=table["mean_anomaly_deg"] * DEG,
    )
