"""Motion as modified divided differences: the records of JPL's integrator that Horizons writes, SPK types 1 and 21.

NAIF, SPK Required Reading, types 1 and 21; Krogh (1974), doi:10.1007/BFb0066582.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]


@njit(error_model="numpy", nogil=True, cache=True)
def states(ends: Any, records: Any, order: int, t: Any, out: Any) -> None:
    """States (n, 6) km, km/s at epochs t (n,), into ``out``.

    ends      (records,) last epoch that each record serves, ascending
    records   (records, 4 order + 11)
    order     largest number of differences that a record has room for
    """
    fc, wc, w = np.empty(order + 1), np.empty(order), np.empty(order + 3)
    for k in range(t.size):
        row = min(np.searchsorted(ends, t[k]), ends.size - 1)
        _state(records[row], order, t[k], fc, wc, w, out[k])


@njit(error_model="numpy", nogil=True, cache=True)
def _state(record: Any, order: int, t: float, fc: Any, wc: Any, w: Any, out: Any) -> None:
    """One record: reference epoch, steps G, reference states, differences DT (order, 3), orders in use."""
    delta = t - record[0]
    place, differences = 1 + order, 7 + order
    top = int(record[7 + 4 * order])  # KQMAX1
    reach = delta
    for j in range(1, top - 1):
        g = record[j]
        fc[j] = reach / g
        wc[j - 1] = delta / g
        reach = delta + g
    for j in range(1, top + 1):
        w[j - 1] = 1.0 / j
    jx, ks = 0, top - 1
    while ks >= 2:
        jx += 1
        for j in range(1, jx + 1):
            w[j + ks - 1] = fc[j] * w[j + ks - 2] - wc[j - 1] * w[j + ks - 1]
        ks -= 1
    for axis in range(3):
        used = int(record[8 + 4 * order + axis])
        total = 0.0
        for j in range(used, 0, -1):
            total += record[differences + axis * order + j - 1] * w[j + ks - 1]
        out[axis] = record[place + 2 * axis] + delta * (record[place + 2 * axis + 1] + delta * total)
    for j in range(1, jx + 1):
        w[j + ks - 1] = fc[j] * w[j + ks - 2] - wc[j - 1] * w[j + ks - 1]
    ks -= 1
    for axis in range(3):
        used = int(record[8 + 4 * order + axis])
        total = 0.0
        for j in range(used, 0, -1):
            total += record[differences + axis * order + j - 1] * w[j + ks - 1]
        out[axis + 3] = record[place + 2 * axis + 1] + delta * total
