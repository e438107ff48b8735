"""Every column of the catalogue, declared once: name with unit, stored type, meaning, origin.

Elements are heliocentric, ecliptic and equinox J2000 (obliquity 84 381.448"), osculating at ``epoch_jd_tt``;
the epoch is in TT, as the Minor Planet Center gives it. Decimal types keep every published digit.
"""

from dataclasses import dataclass
from typing import Final, Literal

Missing = Literal["never", "nan", "empty", "zero"]


@dataclass(frozen=True)
class Column:
    """One column: what it is called here, how it is stored, what it means, which published key it came from.

    A missing value reads as NaN in a number, as "" in text and as 0 in a whole number or flag.
    """

    name: str
    type: str
    meaning: str
    unit: str = ""
    key: str = ""
    origin: str = "MPC"

    @property
    def decimals(self) -> int | None:
        """Digits kept after the point; None where the column is no decimal number."""
        return int(self.type.split(",")[1].rstrip(")")) if self.type.startswith("DECIMAL") else None


# Origin "MPC": Minor Planet Center extended files, the key is theirs. Origin "here": computed by this program.
PUBLISHED: Final = (
    Column("number", "INTEGER", "permanent number, 0 while there is none", key="Number"),
    Column("name", "VARCHAR", "name, empty while there is none", key="Name"),
    Column("provisional", "VARCHAR", "principal provisional designation", key="Principal_desig"),
    Column("other_designations", "VARCHAR", "further designations, joined by '; '", key="Other_desigs"),
    Column("h_mag", "DECIMAL(4,2)", "absolute magnitude H", "mag", key="H"),
    Column("g_slope", "DECIMAL(4,2)", "slope parameter G, nearly always the assumed 0.15", key="G"),
    Column("epoch_jd_tt", "DECIMAL(18,5)", "epoch of the elements, Julian date in TT", "d", key="Epoch"),
    Column("semi_major_axis_au", "DECIMAL(18,7)", "semi-major axis", "au", key="a"),
    Column("eccentricity", "DECIMAL(9,7)", "eccentricity", key="e"),
    Column("inclination_deg", "DECIMAL(9,5)", "inclination to the ecliptic J2000", "deg", key="i"),
    Column("node_deg", "DECIMAL(9,5)", "longitude of the ascending node", "deg", key="Node"),
    Column("perihelion_argument_deg", "DECIMAL(9,5)", "argument of perihelion", "deg", key="Peri"),
    Column("mean_anomaly_deg", "DECIMAL(9,5)", "mean anomaly at the epoch", "deg", key="M"),
    Column("mean_motion_deg_d", "DECIMAL(18,8)", "mean daily motion", "deg/d", key="n"),
    Column("perihelion_jd_tt", "DECIMAL(18,5)", "time of perihelion, Julian date in TT", "d", key="Tp"),
    Column("period_yr", "DECIMAL(18,7)", "orbital period", "Julian yr", key="Orbital_period"),
    Column("perihelion_au", "DECIMAL(18,7)", "perihelion distance", "au", key="Perihelion_dist"),
    Column("aphelion_au", "DECIMAL(18,7)", "aphelion distance", "au", key="Aphelion_dist"),
    Column("half_semilatus_au", "DECIMAL(18,7)", "half the semilatus rectum: the MPC key holds p/2", "au",
           key="Semilatus_rectum"),
    Column("synodic_period_yr", "DECIMAL(18,7)", "synodic period with the Earth", "Julian yr", key="Synodic_period"),
    Column("u_code", "VARCHAR", "uncertainty U: 0 (best) to 9, E = assumed eccentricity, empty = none", key="U"),
    Column("reference", "VARCHAR", "publication of the orbit", key="Ref"),
    Column("n_observations", "INTEGER", "observations used", key="Num_obs"),
    Column("n_oppositions", "INTEGER", "oppositions observed", key="Num_opps"),
    Column("arc_years", "VARCHAR", "first and last year observed, for several oppositions", key="Arc_years"),
    Column("arc_length_d", "INTEGER", "observed arc of a single opposition", "d", key="Arc_length"),
    Column("rms_arcsec", "DECIMAL(9,2)", "residual of the fit, root mean square", "arcsec", key="rms"),
    Column("perturbers", "VARCHAR", "perturbers, coarse code", key="Perturbers"),
    Column("perturbers_precise", "VARCHAR", "perturbers, precise code", key="Perturbers_2"),
    Column("computer", "VARCHAR", "who computed the orbit", key="Computer"),
    Column("hex_flags", "VARCHAR", "MPC flags, four hexadecimal digits", key="Hex_flags"),
    Column("last_observation", "DATE", "date of the last observation used, UTC", key="Last_obs"),
    Column("mpc_orbit_type", "VARCHAR", "class by the MPC's own rules; not the classes used here", key="Orbit_type"),
    Column("neo", "TINYINT", "near-Earth object by the MPC's flag", key="NEO_flag"),
    Column("one_km", "TINYINT", "near-Earth object of about 1 km or more", key="One_km_NEO_flag"),
    Column("pha", "TINYINT", "potentially hazardous", key="PHA_flag"),
    Column("one_opposition", "TINYINT", "seen at one opposition only", key="One_opposition_object_flag"),
)  # fmt: skip

DERIVED: Final = (
    Column("designation", "VARCHAR", "the number as text where there is one, else the provisional designation",
           origin="here"),
    Column("full_name", "VARCHAR", "number, name and provisional designation as usually written", origin="here"),
    Column("orbit_class", "VARCHAR", "class by the SBDB rules, from a and q", origin="here"),
    Column("arc_d", "DOUBLE", "observed arc; whole years times 365.25 where only the years are given", "d",
           origin="here"),
    Column("stale_epoch", "BOOLEAN", "elements at an older epoch than the catalogue's: a lost object", origin="here"),
)  # fmt: skip

COLUMNS: Final = (*DERIVED[:2], *PUBLISHED, *DERIVED[2:])
BY_NAME: Final = {column.name: column for column in COLUMNS}
