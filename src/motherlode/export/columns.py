"""Tables for spreadsheets, for databases and for the Virtual Observatory: CSV (RFC 4180), Parquet, VOTable 1.4."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

from motherlode.export.samples import Samples, several
from motherlode.tables import Table

UNITS: Final = {  # endings of column names and how the Virtual Observatory writes them
    **{"km2_s2": "km**2/s**2", "km_s": "km/s", "m_s": "m/s", "km": "km", "au": "AU", "deg": "deg", "rad": "rad"},
    **{"kg": "kg", "g_cm3": "g/cm**3", "h": "h", "d": "d", "s": "s", "mag": "mag", "arcsec": "arcsec", "m": "m"},
    **{"tdb": "s", "usd": "USD"},
}
TYPES: Final = {"f": "double", "i": "long", "u": "long", "b": "boolean"}


def of(samples: Samples | Sequence[Samples]) -> Table:
    """States as a table: ``epoch_tdb`` in s past J2000, ``jd_tdb``, heliocentric ICRF position and velocity.

    Of several arcs, ``arc`` counts them from 0; a burn lies between two rows of one epoch.
    """
    from motherlode import epochs

    arcs = several(samples)
    names = ("x_km", "y_km", "z_km", "vx_km_s", "vy_km_s", "vz_km_s")
    t, states = np.concatenate([arc.epoch_tdb for arc in arcs]), np.concatenate([arc.states for arc in arcs])
    table = Table({"epoch_tdb": t, "jd_tdb": epochs.to_jd(t)} | {name: states[:, j] for j, name in enumerate(names)})
    counts = [len(arc.epoch_tdb) for arc in arcs]
    return table.with_columns(arc=np.repeat(np.arange(len(arcs)), counts)) if len(arcs) > 1 else table


def as_csv(table: Table) -> str:
    """The table as comma-separated values, floats to the last bit, nothing where a value is missing."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.names)
    writer.writerows([_text(value, missing="") for value in row.values()] for row in table.rows())
    return out.getvalue()


def as_parquet(table: Table) -> bytes:
    """The table as a Parquet file."""
    from motherlode.catalogue import parquet

    with TemporaryDirectory() as folder:
        path = Path(folder) / "states.parquet"
        parquet.write([table], path)
        return path.read_bytes()


def as_votable(table: Table, *, name: str, description: str = "", meanings: Mapping[str, str] | None = None) -> str:
    """The table as a VOTable document with units from the column names.

    meanings   what a column holds, by its name
    """
    fields = "\n".join(_field(key, table[key], (meanings or {}).get(key, "")) for key in table.names)
    rows = "\n".join(_row(row.values()) for row in table.rows())
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
<RESOURCE type="results">
<TABLE name={quoteattr(name)} nrows="{len(table)}">
<DESCRIPTION>{escape(description)}</DESCRIPTION>
{fields}
<DATA><TABLEDATA>
{rows}
</TABLEDATA></DATA>
</TABLE>
</RESOURCE>
</VOTABLE>
"""


def _field(key: str, column: NDArray[Any], meaning: str) -> str:
    kind = TYPES.get(column.dtype.kind)
    form = f'datatype="{kind}"' if kind else 'datatype="unicodeChar" arraysize="*"'
    ending = next((e for e in sorted(UNITS, key=len, reverse=True) if key == e or key.endswith("_" + e)), "")
    unit = f' unit="{UNITS[ending]}"' if ending and key != "jd_tdb" else ' unit="d"' if key == "jd_tdb" else ""
    told = f"<DESCRIPTION>{escape(meaning)}</DESCRIPTION>" if meaning else ""
    return f"<FIELD name={quoteattr(key)} {form}{unit}>{told}</FIELD>"


def _row(values: Iterable[Any]) -> str:
    return "<TR>" + "".join(f"<TD>{escape(_text(value, missing=''))}</TD>" for value in values) + "</TR>"


def _text(value: Any, *, missing: str) -> str:
    if value is None:
        return missing
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return repr(float(value)) if isinstance(value, float) else str(value)
