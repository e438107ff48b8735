"""CCSDS Orbit Parameter Message, version 2.0: one state and the burns that follow; 502.0-B-3, section 3."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from motherlode import epochs
from motherlode.ephemeris.sampled import Burn


def text(name: str, epoch_tdb: float, state: ArrayLike, burns: Sequence[Burn] = (), *, created: str) -> str:
    """The message of one heliocentric ICRF state (6) km, km/s.

    created   ISO date and time in UTC, as the standard asks
    """
    numbers = np.asarray(state, dtype=float).tolist()
    keys = ("X", "Y", "Z", "X_DOT", "Y_DOT", "Z_DOT")
    lines = [
        "CCSDS_OPM_VERS = 2.0",
        f"CREATION_DATE = {created}",
        "ORIGINATOR = MOTHERLODE",
        f"OBJECT_NAME = {name}",
        f"OBJECT_ID = {name}",
        "CENTER_NAME = SUN",
        "REF_FRAME = ICRF",
        "TIME_SYSTEM = TDB",
        f"EPOCH = {epochs.iso(epoch_tdb, digits=6)}",
        *(f"{key} = {value:.12f} [{'km/s' if 'DOT' in key else 'km'}]" for key, value in zip(keys, numbers)),
    ]
    for burn in burns:
        lines += [
            f"COMMENT {burn.what}",
            f"MAN_EPOCH_IGNITION = {epochs.iso(burn.epoch_tdb, digits=6)}",
            "MAN_DURATION = 0.0 [s]",
            "MAN_DELTA_MASS = 0.0 [kg]",
            "MAN_REF_FRAME = ICRF",
            *(f"MAN_DV_{k} = {v:.12f} [km/s]" for k, v in zip((1, 2, 3), burn.change_km_s)),
        ]
    return "\n".join([*lines, ""])
