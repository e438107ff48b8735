"""State vectors from JPL Horizons, as text or inside its JSON answer.

The header says what the numbers are; nothing is assumed: units (KM-S or AU-D), plane (FRAME or ECLIPTIC), centre and
time scale are read from it. States come back in km, km/s, ICRF axes.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.catalogue import answers
from motherlode.errors import BadSource
from motherlode.mechanics import frames
from motherlode.units import AU, DAY

LENGTHS: Final = {"KM-S": (1.0, 1.0), "KM-D": (1.0, 1.0 / DAY), "AU-D": (AU, AU / DAY)}
_NUMBER: Final = r"[-+]?\d+\.?\d*(?:[EeDd][-+]?\d+)?"
_LABELLED = re.compile(rf"\b(X|Y|Z|VX|VY|VZ)\s*=\s*({_NUMBER})")


@dataclass(frozen=True)
class Vectors:
    """States of a body about a centre.

    epoch_tdb  (n,)    TDB s past J2000
    states     (n, 6)  km, km/s, ICRF axes
    """

    target: str
    center: str
    epoch_tdb: NDArray[np.float64]
    states: NDArray[np.float64]


def vectors(data: bytes) -> Vectors:
    """The vector table of an answer.

    data     text of a vector table, or the JSON answer that holds it under ``result``
    raises   BadSource, with the service's own words where it answered with an error
    """
    text = _text(data)
    if "$$SOE" not in text or "$$EOE" not in text:
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("API", "*"))]
        raise BadSource(f"Horizons gives no table; it says: {' '.join(lines)[:200] or 'nothing'}")
    header, body = text.split("$$SOE", 1)
    body = body.split("$$EOE", 1)[0]
    dates, states = _comma_separated(body) if "=" not in body else _labelled(body)
    _check_scale(header)
    return Vectors(
        target=_field(header, "Target body name"),
        center=_field(header, "Center body name"),
        epoch_tdb=np.asarray(epochs.from_jd(dates), dtype=np.float64),
        states=_to_ours(states, header),
    )


def _text(data: bytes) -> str:
    if data.lstrip()[:1] == b"{":
        return str(answers.document(data, "Horizons").get("result") or "")
    return data.decode("utf-8", "replace")


def _field(header: str, name: str) -> str:
    found = re.search(rf"^{name}\s*:\s*(.*?)(?:\s*\{{.*)?$", header, re.M)
    return found[1].strip() if found else ""


def _check_scale(header: str) -> None:
    start = _field(header, "Start time")
    if start and not start.endswith("TDB"):
        raise BadSource(f"Horizons: the table is not in TDB (it starts at {start}); ask with TIME_TYPE=TDB")


def _to_ours(states: NDArray[np.float64], header: str) -> NDArray[np.float64]:
    units, plane = _field(header, "Output units"), _field(header, "Reference frame")
    length, speed = LENGTHS.get(units.split()[0].rstrip(",") if units else "", (np.nan, np.nan))
    if np.isnan(length):
        raise BadSource(f"Horizons: unknown output units {units!r}; expected {', '.join(LENGTHS)}")
    scaled: NDArray[np.float64] = states * np.array([length] * 3 + [speed] * 3)
    if plane.lower().startswith("ecliptic"):
        return frames.to_icrf(scaled)
    if plane.upper().startswith("ICRF"):
        return scaled
    raise BadSource(f"Horizons: unknown reference frame {plane!r}; expected ICRF or Ecliptic of J2000.0")


def _labelled(body: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows of ``JD = A.D. ...`` followed by ``X = ... VX = ...``."""
    blocks = re.split(r"^\s*(?=\d{7}\.\d+\s*=)", body, flags=re.M)
    dates, states = [], []
    for block in filter(str.strip, blocks):
        values = dict(_LABELLED.findall(block))
        if len(values) != 6:
            raise BadSource(f"Horizons: a row has not six components: {block.strip()[:80]!r}")
        dates.append(answers.number(block.split("=", 1)[0]))
        states.append([_number(values[name]) for name in ("X", "Y", "Z", "VX", "VY", "VZ")])
    return _checked(dates, states)


def _comma_separated(body: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows of ``JD, calendar date, X, Y, Z, VX, VY, VZ, ...``."""
    rows = [[cell.strip() for cell in line.split(",")] for line in body.splitlines() if line.strip()]
    short = next((row for row in rows if len(row) < 8), None)
    if short is not None:
        raise BadSource(f"Horizons: a row has not a date and six components: {', '.join(short)[:80]!r}")
    return _checked([answers.number(row[0]) for row in rows], [[_number(cell) for cell in row[2:8]] for row in rows])


def _number(text: str) -> float:
    return answers.number(text.replace("D", "E").replace("d", "e"))


def _checked(dates: list[float], states: list[list[float]]) -> tuple[Any, Any]:
    epoch, table = np.array(dates, dtype=float), np.array(states, dtype=float).reshape(-1, 6)
    if not len(epoch) or np.isnan(epoch).any() or np.isnan(table).any():
        raise BadSource("Horizons: the table is empty or holds something that is no number")
    return epoch, table
