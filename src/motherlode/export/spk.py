"""SPICE: an SPK file of type 13 (Hermite, unequal steps) that SPICE and the tools on top of it read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from motherlode.errors import BadInput, StoreError
from motherlode.export.samples import Samples, several

SUN: Final = 10
DEGREE: Final = 11
OWN_ID: Final = 2_900_000  # code for bodies without a number, clear of NAIF's


def naif_id(name: str) -> int:
    """NAIF code: 20 000 000 + number for a numbered asteroid, 2 900 000 for others."""
    number = name.split(" ")[0]
    return 20_000_000 + int(number) if number.isdigit() and name == number else OWN_ID


def write(samples: Samples | Sequence[Samples], path: Path, *, target: int | None = None) -> int:
    """Write samples, or those of several arcs of one body, as an SPK file and return the body's NAIF code.

    target   NAIF code; by default that of ``naif_id``
    raises   BadInput where spiceypy is not installed; StoreError where the file exists or cannot be written
    """
    try:
        import spiceypy
    except ImportError:
        raise BadInput("writing SPK files needs spiceypy; install the extra: motherlode[interop]") from None
    arcs = several(samples)
    name = arcs[0].name
    code = naif_id(name) if target is None else target
    if path.exists():
        raise StoreError(f"{path} exists; choose another name or remove it")
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        handle = spiceypy.spkopn(str(part), f"motherlode: {name}"[:60], 0)
    except spiceypy.exceptions.SpiceyError:
        raise StoreError(f"cannot write {path}; is the folder there and writable?") from None
    try:
        for arc in arcs:
            spiceypy.spkw13(
                handle, code, SUN, "J2000", *arc.span, f"{name}"[:40], DEGREE, len(arc.epoch_tdb), arc.states,
                arc.epoch_tdb,
            )  # fmt: skip
    finally:
        spiceypy.spkcls(handle)
    part.replace(path)
    return code
