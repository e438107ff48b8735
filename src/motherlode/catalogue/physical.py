"""What has been measured of the catalogue's asteroids, each value with its source.

Several sources may speak of one value; the earliest in ``PREFERENCE`` wins and is named. The others stay in
``measurements``. Nothing is filled in: unknown stays NaN or "".
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.catalogue import parquet, snapshot
from motherlode.catalogue.measurement import QUANTITIES, Quantity
from motherlode.tables import Table

PACKAGED: Final = Path(__file__).parent / "data" / "measured.parquet"
# Beginning of a source's text, best first: a named paper through SBDB, SBDB's table, a survey of spectra.
PREFERENCE: Final = ("SBDB: ", "SBDB query", "SsODNet", "NEOWISE", "Mahlke et al. 2022")
TAXONOMY_PREFERENCE: Final = ("Mahlke et al. 2022", "SBDB: ", "SsODNet")  # one homogeneous system before many


def current(folder: Path | None = None) -> Path:
    """The table of measured values in use: the one that was fetched, else the packaged one."""
    fetched = (folder or snapshot.home()) / "measured.parquet"
    return fetched if fetched.is_file() else PACKAGED


def measurements(path: Path | None = None) -> Table:
    """Every measured value, one per row: number, provisional, quantity, value, sigma, text, source.

    path     a table of measured values; the one in use where none is given
    """
    chosen = current() if path is None else path
    return _measurements(chosen, parquet.age(chosen))


@lru_cache(maxsize=2)
def _measurements(path: Path, age: int) -> Table:
    return parquet.read(path, "table of measurements")


def known(table: Table, values: Table | None = None) -> Table:
    """Measured values of the rows of a catalogue, row by row.

    table    catalogue
    values   as ``measurements`` gives them; those in use where none are given
    returns  ``diameter_km``, ``albedo``, ``period_h``, ``mass_kg``, ``density_g_cm3``, ``taxonomy``, ... with NaN or
             "" where unknown; ``<quantity>_source`` names the source of each; errors as ``diameter_sigma_km``
    """
    values = measurements() if values is None else values
    rows = _rows(table, values)
    columns: dict[str, NDArray[Any]] = {}
    for quantity in QUANTITIES:
        columns |= _chosen(quantity, values, rows, len(table))
    return Table(columns)


def _rows(table: Table, values: Table) -> NDArray[np.int64]:
    """Row of the catalogue that each measurement speaks of, -1 where it has none."""
    row_of: dict[Any, int] = {}
    for row in np.flatnonzero(table["other_designations"] != "").tolist():
        row_of |= dict.fromkeys(table["other_designations"][row].split("; "), row)
    row_of |= {text: row for row, text in enumerate(table["provisional"].tolist())}
    row_of |= {n: row for row, n in enumerate(table["number"].tolist()) if n > 0}
    pairs = zip(values["number"].tolist(), values["provisional"].tolist())
    return np.array([row_of.get(n if n > 0 else text, -1) for n, text in pairs], dtype=np.int64)


def _chosen(quantity: Quantity, values: Table, rows: NDArray[np.int64], n: int) -> dict[str, NDArray[Any]]:
    """Columns of one quantity: the preferred value of each row, its error, its source."""
    preference = TAXONOMY_PREFERENCE if quantity.name == "taxonomy" else PREFERENCE
    mine = np.flatnonzero((values["quantity"] == quantity.name) & (rows >= 0))
    ranks = [_rank(source, preference) for source in values["source"][mine].tolist()]
    mine = mine[np.argsort(-np.array(ranks, dtype=int), kind="stable")]  # the best is written last and stays
    mine = mine[::-1][np.unique(rows[mine][::-1], return_index=True)[1]]
    is_text = not quantity.sigma_name
    chosen = np.full(n, "" if is_text else np.nan, dtype=object if is_text else float)
    source = np.full(n, "", dtype=object)
    chosen[rows[mine]] = values["text" if is_text else "value"][mine]
    source[rows[mine]] = values["source"][mine]
    columns = {quantity.name: chosen, f"{quantity.name}_source": source}
    if not is_text:
        sigma = np.full(n, np.nan)
        sigma[rows[mine]] = values["sigma"][mine]
        columns[quantity.sigma_name] = sigma
    return columns


def _rank(source: str, preference: tuple[str, ...]) -> int:
    return next((i for i, start in enumerate(preference) if source.startswith(start)), len(preference))
